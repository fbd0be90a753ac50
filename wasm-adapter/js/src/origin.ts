import { type Core, core } from "./core.js";

/** What an origin answered to a callback that was forwarded to it. */
export interface OriginAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** Whether the answer has the header `answerHeader()`, or the origin is known to be one without. */
  readonly marked: boolean;
}

/** What is answered in place of an origin's answer that does not go on. */
export interface OriginRefused {
  readonly status: 503;
  readonly code: "origin_refused";
  readonly detail: string;
}

/** What was known of a callback when it was forwarded: `undecided` is what no secret was there for. */
export type Forwarded = "authentic" | "undecided";

/**
 * The header in which a receiver's answer says its code, in lower case. By it an edge in front knows
 * that the receiver itself has spoken: put it on each answer to a callback.
 */
export function answerHeader(): string {
  const here = core();
  return (texts.get(here) ?? read(here)).header;
}

/**
 * What a callback is answered in place of what its origin said; nothing where the origin's answer
 * goes on. About an authentic callback a marked 2xx and 429 go on; about an undecided one marked
 * answers, 429 and 5xx. The rest is 503, so that Sinch comes again: an access layer's 403 would lose
 * the callback for good.
 */
export function originRefusal(
  { status, marked }: OriginAnswer,
  forwarded: Forwarded,
): OriginRefused | undefined {
  const here = core();
  const instead = here.exports.origin_refusal(
    status,
    marked ? 1 : 0,
    forwarded === "authentic" ? 1 : 0,
  );
  return instead === 0 ? undefined : (texts.get(here) ?? read(here)).refused;
}

/** The texts of each instance. */
const texts = new WeakMap<Core, { readonly header: string; readonly refused: OriginRefused }>();

function read(here: Core) {
  const text = (which: number): string => here.text(here.exports.origin_text(which));
  const found = {
    header: text(0),
    refused: Object.freeze({
      // Any status that does not pass gives it.
      status: here.exports.origin_refusal(0, 0, 1) as 503,
      code: text(1) as OriginRefused["code"],
      detail: text(2),
    }),
  };
  texts.set(here, found);
  return found;
}
