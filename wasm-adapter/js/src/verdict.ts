import { answerOf } from "./answer.js";
import type { Core } from "./core.js";
import type { RejectionClass, RejectionCode, RejectionStatus } from "./generated/names.js";
import { replayKey } from "./key.js";

/** What the verifier decided about a callback. */
export type Verdict = Accepted | Rejected;

/** The callback is authentic and timely. */
export interface Accepted {
  readonly ok: true;
  readonly code: "accepted";
  /** What to answer once the callback is handed off. */
  readonly status: 200;
  /** Which secret signed it: 0 is the current one. */
  readonly secretSlot: number;
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
    secretSlot: view.getUint8(start + 24),
    ageSeconds: view.getFloat64(start + 16, true),
    replayKey: replayKey(bytes, view, start),
  };
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
