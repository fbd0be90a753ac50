// Written by tools/generate.mjs, out of core.

/** The numbers of the answers that are always in the same words. */
export const ANSWERS = {
  ACCEPTED: 1,
  DUPLICATE: 2,
  SIGNATURE_MISMATCH: 3,
  SIGNATURE_MISMATCH_503: 4,
  SECRET_MAY_BE_NEWER: 5,
  SECRET_UNAVAILABLE: 6,
  HANDOFF_UNAVAILABLE: 7,
  ORIGIN_REFUSED: 8,
  BODY_TRUNCATED: 9,
  REQUEST_BROKEN: 10,
  REQUEST_TIMEOUT: 11,
  OVERLOADED: 12,
  METHOD_NOT_ALLOWED: 13,
  UNKNOWN_PATH: 14,
} as const;

export type AnswerName = keyof typeof ANSWERS;

/** What an answer counts as. */
export type AnswerKind =
  | "accepted"
  | "absorbed"
  | "refused"
  | "deferred"
  | "unavailable";
