import { type Core } from "./core.js";
import { type Words, hex } from "./key.js";

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
  /** What to answer. None of these makes Sinch send again: a retry could not help. */
  readonly status: 400 | 401 | 413;
  /** What is wrong, for the reply and for the log. Repeats nothing that the sender wrote. */
  readonly detail: string;
  /** The header at fault, where it is one. */
  readonly header?: string;
}

export type RejectionCode =
  | "missing_header"
  | "repeated_header"
  | "malformed_header"
  | "unsupported_algorithm"
  | "body_too_large"
  | "body_truncated"
  | "signature_mismatch"
  | "stale"
  | "from_future";

export type RejectionClass = "malformed" | "too_large" | "unauthentic" | "untimely";

/** An `Accepted` that writes its key only when asked. */
export class AcceptedVerdict implements Accepted {
  readonly ok = true;
  readonly code = "accepted";
  readonly status = 200;
  readonly secretSlot: number;
  readonly ageSeconds: number;
  readonly #key: Words;

  /** Reads the record that lies in the buffer. */
  constructor(core: Core) {
    const { view, start } = core;
    this.#key = [
      view.getInt32(start, true),
      view.getInt32(start + 4, true),
      view.getInt32(start + 8, true),
      view.getInt32(start + 12, true),
    ];
    this.ageSeconds = view.getFloat64(start + 16, true);
    this.secretSlot = view.getUint8(start + 24);
  }

  get replayKey(): string {
    return hex(this.#key);
  }

  /** The key without the way over its text. */
  static key(verdict: AcceptedVerdict): Words {
    return verdict.#key;
  }

  toJSON(): Accepted {
    const { ok, code, status, secretSlot, ageSeconds, replayKey } = this;
    return { ok, code, status, secretSlot, ageSeconds, replayKey };
  }
}

/** Rejections whose texts have no numbers of their own, by number. */
const known = new WeakMap<Core, Map<number, Rejected>>();

/** The rejection that `verify` gave as this number. */
export function rejected(core: Core, number: number): Rejected {
  let texts = known.get(core);
  if (texts === undefined) {
    known.set(core, (texts = new Map()));
  }
  let rejection = texts.get(number);
  if (rejection === undefined) {
    rejection = read(core);
    if ((number & 0xff) !== 0) {
      texts.set(number, rejection);
    }
  }
  return rejection;
}

function read(core: Core): Rejected {
  const text = (which: number): string => core.text(core.exports.rejection_text(which));
  const header = text(3);
  return Object.freeze({
    ok: false,
    code: text(0) as RejectionCode,
    class: text(1) as RejectionClass,
    status: core.exports.rejection_status() as Rejected["status"],
    detail: text(2),
    ...(header === "" ? {} : { header }),
  });
}
