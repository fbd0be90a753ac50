import {
  type Accepted,
  type HeadersLike,
  type Verdict,
  type Verifier,
  headerNames,
} from "sinch-callback/edge";

import { type Answer, BODY_TRUNCATED, SECRET_MAY_BE_NEWER, refusal } from "./answer.js";
import type { Refresh } from "./secrets.js";

/** Where verifiers come from whose secrets change while the process runs. */
export interface VerifierSource {
  /** A verifier with the secrets at hand. Throws where there are none. */
  current(nowMs: number): Promise<Verifier>;
  /** One with other secrets than `judged` has, under which a signature matched none, or why there is
   * none. Throws where they cannot be read. */
  refresh(judged: Verifier, nowMs: number): Promise<Refresh<Verifier>>;
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
  | { readonly is: "deferred"; readonly answer: Answer }
  | { readonly is: "undecided"; readonly error: unknown };

/** How often one callback may ask for newer secrets, and how long before they were read it must have
 * been signed for a mismatch to be final in the pause between reads. Both are core's, in
 * `refresh.rs`. */
const MAX_REFRESHES = 2;
const MARGIN_SECONDS = 60;

const DEFERRED: Judgement = { is: "deferred", answer: SECRET_MAY_BE_NEWER };

/**
 * Decides about a callback, as the receivers do: form, then size, then signature under every secret,
 * then time. A mismatch is judged again with newer secrets, and is final only where there are none;
 * deferred is what may be signed with one that has not been read yet. Undecided is what is
 * well-formed while there is no secret, and what matches none while they cannot be read.
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
  for (let refreshes = 0; ; refreshes++) {
    const verdict = verifier.verify(arrival, { nowMs });
    if (verdict.ok) {
      return { is: "accepted", verdict };
    }
    const answer = refusal(verdict);
    if (!isMismatch(verdict)) {
      return { is: "refused", answer };
    }
    if (refreshes === MAX_REFRESHES) {
      return DEFERRED;
    }
    let refresh: Refresh<Verifier>;
    try {
      refresh = await source.refresh(verifier, nowMs);
    } catch (error) {
      return { is: "undecided", error };
    }
    if (refresh.is === "newer") {
      verifier = refresh.ring;
      continue;
    }
    const isFinal =
      refresh.is === "unchanged" ||
      (refresh.is === "recent" &&
        refresh.readAtSeconds - signedAtSeconds(arrival) > MARGIN_SECONDS);
    return isFinal ? { is: "refused", answer: { ...answer, status: onMismatch } } : DEFERRED;
  }
}

/** When a well-formed callback says that it was signed. */
function signedAtSeconds({ headers }: Arrival): number {
  const name = headerNames()[1] ?? "";
  const pairs = Symbol.iterator in headers ? headers : Object.entries(headers);
  for (const [found, value] of pairs) {
    if (found.toLowerCase() === name) {
      return Number(value);
    }
  }
  return NaN;
}

const NOTHING = new Uint8Array();

/** What is wrong with the form of a callback's headers, whatever its body: one is not worth reading. */
export function formOfHeaders(
  source: VerifierSource,
  headers: HeadersLike,
  nowMs: number,
): Answer | undefined {
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
