import { answerOf } from "./answer.js";
import type { Core } from "./core.js";
import type { RejectionClass, RejectionCode, RejectionStatus } from "./generated/names.js";
import { SCHEMES } from "./generated/names.js";
import { replayKey } from "./key.js";
import { type PromiseOf, type SchemeName, sentencesOf } from "./scheme.js";

/** What the verifier of a scheme decided about a callback. */
export type Verdict<S extends SchemeName = "conversation"> = AcceptedBy<S> | Rejected;

/** What an authentic callback of a scheme is: told apart by `promise`. */
export type AcceptedBy<S extends SchemeName> = {
  readonly timely: Accepted;
  readonly untimed: Untimed;
  readonly token_only: TokenOnly;
}[PromiseOf<S>];

interface Authentic {
  readonly ok: true;
  readonly code: "accepted";
  /** What to answer once the callback is handed off. */
  readonly status: 200;
  /** Which secret signed it: 0 is the current one. */
  readonly secretSlot: number;
}

/** The body is the sender's, and may have been recorded at any time: it has no age. */
export interface Untimed extends Authentic {
  readonly promise: "untimed";
  /** 32 hexadecimal digits that cover what is signed, for a guard that saves work. Forgetting it opens no
   * window that a time would close: only a log knows a recorded callback again. */
  readonly signatureKey: string;
  /** What is not covered, in a sentence. */
  readonly notCovered: string;
}

/** A token is the sender's, and the content is not: whoever has seen a callback can send another content
 * with its token. */
export interface TokenOnly extends Authentic {
  readonly promise: "token_only";
  /** 32 hexadecimal digits that know the token again. */
  readonly tokenKey: string;
  /** Seconds since the token was signed. */
  readonly tokenAgeSeconds: number;
  /** The body as it was received, whoever wrote it. */
  readonly received: Uint8Array;
  /** What is not covered, in a sentence. */
  readonly notCovered: string;
}

/** The callback is authentic and timely. */
export interface Accepted extends Authentic {
  readonly promise: "timely";
  /** Seconds since it was signed; 0 where the sender's clock is ahead. */
  readonly ageSeconds: number;
  /**
   * Is this the same delivery again? 32 hexadecimal digits that cover body, nonce and time. Safe to
   * log.
   */
  readonly replayKey: string;
}

/** The callback is refused. */
export interface Rejected {
  readonly ok: false;
  /** What is wrong. */
  readonly code: RejectionCode;
  /** What kind of refusal it is. */
  readonly class: RejectionClass;
  /**
   * What to answer. Sinch retries a 503 alone, which is the answer to what is ahead of this clock; a
   * retry of the others could not help.
   */
  readonly status: RejectionStatus;
  /** What is wrong, for the reply and for the log. Repeats nothing that the sender wrote. */
  readonly detail: string;
  /** The header at fault, where it is one. */
  readonly header?: string;
}

/**
 * Reads the record of an authentic callback, which lies in the buffer. Plain data, so that a copy
 * is as good as the original.
 * @internal
 */
export function accepted(core: Core): Accepted {
  const { bytes, view, start } = core;
  return {
    ok: true,
    code: "accepted",
    status: 200,
    promise: "timely",
    secretSlot: view.getUint8(start + 24),
    ageSeconds: view.getFloat64(start + 16, true),
    replayKey: replayKey(bytes, view, start),
  };
}

/** The same of a callback with this body, by any scheme. @internal */
export function acceptedBy<S extends SchemeName>(
  core: Core,
  scheme: S,
  received: Uint8Array,
): AcceptedBy<S> {
  const { replayKey: key, ageSeconds, ...authentic } = accepted(core);
  const { promise } = SCHEMES[scheme];
  const verdict = (): Accepted | Untimed | TokenOnly => {
    switch (promise) {
      case "timely":
        return { ...authentic, promise, ageSeconds, replayKey: key };
      case "untimed": {
        const { notCovered } = sentencesOf(core, scheme);
        return { ...authentic, promise, signatureKey: key, notCovered };
      }
      case "token_only": {
        const { notCovered } = sentencesOf(core, scheme);
        const token = { tokenKey: key, tokenAgeSeconds: ageSeconds };
        return { ...authentic, promise, ...token, received, notCovered };
      }
    }
  };
  return verdict() as AcceptedBy<S>;
}

/**
 * The key by which a guard knows an authentic callback again, whatever it is worth.
 *
 * @example
 * import { Signer, Verifier, guardKey } from "sinch-callback";
 *
 * const secret = "example-secret-not-real-1";
 * const body = new TextEncoder().encode("{}");
 * const signed = new Signer({ scheme: "numbers", secret }).sign({ body, nowMs: Date.now() });
 * const verifier = new Verifier({ scheme: "numbers", secrets: [secret] });
 * const verdict = verifier.verify(signed, { nowMs: Date.now() });
 * console.log(verdict.ok && guardKey(verdict) === verdict.signatureKey); // true
 */
export function guardKey(verdict: Accepted | Untimed | TokenOnly): string {
  switch (verdict.promise) {
    case "timely":
      return verdict.replayKey;
    case "untimed":
      return verdict.signatureKey;
    case "token_only":
      return verdict.tokenKey;
  }
}

/** The rejection that `verify` gave as this number. @internal */
export function rejected(core: Core, number: number): Rejected {
  const { code, class: kind, status, detail, header } = answerOf(core, number);
  return {
    ok: false,
    code: code as RejectionCode,
    class: kind as RejectionClass,
    status: status as RejectionStatus,
    detail,
    ...(header === undefined ? {} : { header }),
  };
}
