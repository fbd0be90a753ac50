import { type Core, core } from "./core.js";
import {
  ANSWERS,
  type AnswerCode,
  type AnswerKind,
  type AnswerName,
  type RejectionClass,
} from "./generated/names.js";

/**
 * What a callback is answered.
 *
 * @example
 * import { type Answer, Reception } from "sinch-callback";
 *
 * const reception = new Reception();
 * const request = new Request("https://example.com/", { method: "POST" });
 * const refused: Answer | undefined = reception.begin(request);
 * console.log(refused?.status, refused?.code); // 400 missing_header
 * if (refused !== undefined) new Response(refused.body, refused); // what to answer
 */
export interface Answer {
  readonly status: number;
  /** Its stable name, which also stands in the header `answerHeader()`. */
  readonly code: AnswerCode;
  /** What it counts as. */
  readonly kind: AnswerKind;
  /** What is wrong, for the reply and for the log. Repeats nothing that the sender wrote. */
  readonly detail: string;
  /** The header at fault, where it is one. */
  readonly header?: string;
  /** What kind of refusal it is, where the callback itself is refused. */
  readonly class?: RejectionClass;
  /** The headers of the reply, names in lower case: the mark of a receiver among them, since an edge may
   * stand in front. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the reply, as JSON. */
  readonly body: string;
}

/**
 * One of the answers that are always in the same words.
 *
 * @example
 * import { answer } from "sinch-callback";
 *
 * const { status, code } = answer("HANDOFF_UNAVAILABLE");
 * console.log(status, code); // 503 handoff_unavailable
 */
export function answer(name: AnswerName): Answer {
  return answerOf(core(), ANSWERS[name]);
}

/**
 * The header in which a receiver's answer says its code, in lower case. By it an edge in front knows
 * that the receiver itself has spoken: put it on each answer to a callback.
 *
 * @example
 * import { answerHeader } from "sinch-callback";
 *
 * console.log(answerHeader()); // x-sinch-callback
 */
export function answerHeader(): string {
  return core().answerHeader;
}

/** The answer of this number, of which the last call told. @internal */
export function answerOf(here: Core, number: number): Answer {
  let found = here.answers.get(number);
  if (found === undefined) {
    found = read(here, number);
    // Those of others have seconds or bytes of their own in their words.
    if ((number & 0xff) !== 0) {
      here.answers.set(number, found);
    }
  }
  return found;
}

function read(here: Core, number: number): Answer {
  const text = (which: number): string => here.text(here.exports.answer_text(number, which));
  const [code, detail, header, kind] = [text(0), text(2), text(3), text(4)];
  return Object.freeze({
    status: here.exports.answer_status(number),
    code: code as AnswerCode,
    kind: text(1) as AnswerKind,
    detail,
    ...(header === "" ? {} : { header }),
    ...(kind === "" ? {} : { class: kind as RejectionClass }),
    headers: Object.freeze({ "content-type": "application/json", [here.answerHeader]: code }),
    body: JSON.stringify({ code, detail }),
  });
}
