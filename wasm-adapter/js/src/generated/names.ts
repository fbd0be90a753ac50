// Written by scripts/make-types, out of core.

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
  ANSWER_EXPECTED: 15,
} as const;

export type AnswerName = keyof typeof ANSWERS;

/** The stable code of an answer. */
export type AnswerCode =
  | "accepted"
  | "duplicate"
  | "missing_header"
  | "repeated_header"
  | "malformed_header"
  | "unsupported_algorithm"
  | "body_too_large"
  | "body_truncated"
  | "signature_mismatch"
  | "stale"
  | "from_future"
  | "unknown_key"
  | "empty_body"
  | "malformed_proof"
  | "method_not_allowed"
  | "unknown_path"
  | "answer_expected"
  | "secret_may_be_newer"
  | "secret_unavailable"
  | "handoff_unavailable"
  | "origin_refused"
  | "request_broken"
  | "request_timeout"
  | "overloaded";

/** What an answer counts as. */
export type AnswerKind =
  | "accepted"
  | "absorbed"
  | "refused"
  | "deferred"
  | "unavailable";

/** What is wrong with a callback. */
export type RejectionCode =
  | "missing_header"
  | "repeated_header"
  | "malformed_header"
  | "unsupported_algorithm"
  | "body_too_large"
  | "body_truncated"
  | "signature_mismatch"
  | "stale"
  | "from_future"
  | "unknown_key"
  | "empty_body"
  | "malformed_proof";

/** What kind of refusal it is. */
export type RejectionClass =
  | "malformed"
  | "too_large"
  | "unauthentic"
  | "untimely"
  | "early";

/** What a refused callback is answered. */
export type RejectionStatus =
  | 400
  | 413
  | 401
  | 503;

/** Why a body, or a part of it, is not understood. */
export type UnrecognizedReason =
  | "not_json"
  | "not_an_object"
  | "unknown_kind"
  | "incomplete_report"
  | "names_nobody"
  | "unreadable_share"
  | "unknown_status"
  | "not_covered"
  | "other_scheme";

/** What a delivery report is about. */
export type ReportSubject =
  | "message"
  | "event"
  | "sms_recipient";

/** What has happened to a message. */
export type DeliveryStatus =
  | "queued"
  | "unconfirmed"
  | "delivered"
  | "read"
  | "failed"
  | "switching"
  | "submitted"
  | "unknown";

/** Whether the same message would fail again. */
export type Permanence =
  | "permanent"
  | "temporary"
  | "unknown";

/** What a failure asks for. */
export type Remedy =
  | "retry_later"
  | "try_another_channel"
  | "fix_request"
  | "drop_recipient"
  | "check_configuration"
  | "nothing"
  | "unknown";

/** The schemes by which callbacks are signed: what an authentic one is worth, whether it names a
 * key, and whether method and path are signed. */
export const SCHEMES = {
  conversation: { promise: "timely", namesKey: false, signsPath: false },
  numbers: { promise: "untimed", namesKey: false, signsPath: false },
  application: { promise: "timely", namesKey: true, signsPath: true },
  service: { promise: "timely", namesKey: true, signsPath: true },
  mailgun: { promise: "token_only", namesKey: false, signsPath: false },
  "whatsapp-legacy": { promise: "untimed", namesKey: false, signsPath: false },
} as const;

/** The products that sign nothing. */
export const UNSIGNED: readonly string[] = ["fax"];

/** Why no scheme is named after them. */
export const UNSIGNED_REASON =
  "these callbacks are not signed: anybody can send them, and nothing about them can be verified. Keep the URL secret, have mutual TLS or a password in front, and ask Sinch about what matters";
