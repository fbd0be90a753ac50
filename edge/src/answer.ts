import { type Rejected, answerHeader } from "sinch-callback/edge";

/** What a callback is answered, in the form of the receivers: their codes, their statuses. */
export interface Answer {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
}

export const METHOD_NOT_ALLOWED: Answer = {
  status: 405,
  code: "method_not_allowed",
  detail: "callbacks come by POST",
};

/** An earlier copy has been handed off. Not 4xx: the likely cause is a lost reply. */
export const DUPLICATE: Answer = { status: 200, code: "duplicate", detail: "already stored" };

/** Core's code and words for a body that no verifier can judge. */
export const BODY_TRUNCATED: Answer = {
  status: 413,
  code: "body_truncated",
  detail: "only a part of the body reached the verifier",
};

export const REQUEST_BROKEN: Answer = {
  status: 503,
  code: "request_broken",
  detail: "the body cannot be read",
};

export const SECRET_UNAVAILABLE: Answer = {
  status: 503,
  code: "secret_unavailable",
  detail: "the webhook secret cannot be read at present",
};

/** Nothing has failed: whoever forges is answered so too. */
export const SECRET_MAY_BE_NEWER: Answer = {
  status: 503,
  code: "secret_may_be_newer",
  detail: "the signature matches no secret that has been read so far, and may be of a newer one",
};

export const HANDOFF_UNAVAILABLE: Answer = {
  status: 503,
  code: "handoff_unavailable",
  detail: "the callback cannot be stored at present",
};

/** A verifier's refusal as it is answered. */
export function refusal({ status, code, detail }: Rejected): Answer {
  return { status, code, detail };
}

/** The body of an answer. */
export function text({ code, detail }: Answer): string {
  return JSON.stringify({ code, detail });
}

/** The headers of an answer, the mark of a receiver among them: another edge may stand in front. */
export function headersOf({ code }: Answer): ReadonlyMap<string, string> {
  return new Map([
    ["content-type", "application/json"],
    [answerHeader(), code],
  ]);
}
