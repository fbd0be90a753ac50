import { type Answer, answerHeader } from "sinch-callback/edge";

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
