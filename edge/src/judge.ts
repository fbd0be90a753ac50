import type { Accepted, HeadersLike, Verdict, Verifier } from "sinch-callback/edge";

import { type Answer, BODY_TRUNCATED, refusal } from "./answer.js";

/** Where verifiers come from whose secrets change while the process runs. */
export interface VerifierSource {
  /** A verifier with the secrets at hand. Throws where there are none. */
  current(nowMs: number): Promise<Verifier>;
  /** One with secrets that were read just now, after a mismatch; nothing where that was a moment ago.
   * Throws where they cannot be read. */
  reread(nowMs: number): Promise<Verifier | undefined>;
  /** One that judges form and size as the others do, and knows no secret of anybody's. */
  readonly form: Verifier;
}

/** A callback as it arrived. */
export interface Arrival {
  readonly headers: HeadersLike;
  readonly body: Uint8Array;
  /** Whether `body` is only the beginning of what was sent. */
  readonly truncated: boolean;
}

/** What a callback is answered whose signature matches no secret: refused for good, or sent again. */
export type OnMismatch = 401 | 503;

export type Judgement =
  | { readonly is: "accepted"; readonly verdict: Accepted }
  | { readonly is: "refused"; readonly answer: Answer }
  | { readonly is: "undecided"; readonly error: unknown };

/**
 * Decides about a callback, as the receivers do: form, then size, then signature under every secret,
 * then time. Undecided is what is well-formed while there is no secret, and what matches none while
 * they cannot be read again: it may be signed with a newer one.
 */
export async function judge(
  source: VerifierSource,
  arrival: Arrival,
  nowMs: number,
  onMismatch: OnMismatch,
): Promise<Judgement> {
  let verifier: Verifier;
  try {
    verifier = await source.current(nowMs);
  } catch (error) {
    const answer = formOf(source.form, arrival, nowMs);
    return answer === undefined ? { is: "undecided", error } : { is: "refused", answer };
  }
  if (arrival.truncated) {
    // What the receiver would say of the whole, where that can be known.
    return { is: "refused", answer: formOf(verifier, arrival, nowMs) ?? BODY_TRUNCATED };
  }
  let verdict = verifier.verify(arrival, { nowMs });
  if (isMismatch(verdict)) {
    try {
      const renewed = await source.reread(nowMs);
      if (renewed !== undefined) {
        verdict = renewed.verify(arrival, { nowMs });
      }
    } catch (error) {
      return { is: "undecided", error };
    }
  }
  if (verdict.ok) {
    return { is: "accepted", verdict };
  }
  const answer = refusal(verdict);
  return isMismatch(verdict)
    ? { is: "refused", answer: { ...answer, status: onMismatch } }
    : { is: "refused", answer };
}

const NOTHING = new Uint8Array();

/** What is wrong with the form of a callback's headers, whatever its body: one is not worth reading. */
export function formOfHeaders(source: VerifierSource, headers: HeadersLike, nowMs: number): Answer | undefined {
  const verdict = source.form.verify({ headers, body: NOTHING }, { nowMs });
  return !verdict.ok && verdict.class === "malformed" ? refusal(verdict) : undefined;
}

/** What is wrong with a callback's form or size, whoever signed it. */
function formOf(verifier: Verifier, arrival: Arrival, nowMs: number): Answer | undefined {
  const verdict = verifier.verify(arrival, { nowMs });
  if (!verdict.ok && (verdict.class === "malformed" || verdict.class === "too_large")) {
    return refusal(verdict);
  }
  return arrival.truncated ? BODY_TRUNCATED : undefined;
}

function isMismatch(verdict: Verdict): boolean {
  return !verdict.ok && verdict.code === "signature_mismatch";
}
