import {
  type Accepted,
  type Answer,
  type Reception,
  type Verifier,
  absorbed,
  answer,
  answerHeader,
  settle,
} from "sinch-callback/edge";

import { headersOf, text } from "./answer.js";
import { type ReadBody, readBody } from "./body.js";
import type { Guard } from "./guard.js";
import { type VerifierSource, judge } from "./judge.js";
import { MARK, accepted } from "./mark.js";

export interface HandlerOptions {
  /** A verifier, or where verifiers come from whose secrets change. Its secrets count, not its limits. */
  readonly verifier: Verifier | VerifierSource;
  /** What decides, with its limits. */
  readonly reception: Reception;
  readonly guard: Guard;
  /**
   * Hands a callback on. A 2xx that bears the header `x-sinch-callback`, as every answer of a receiver
   * does, says that the callback is safe; it and 429 go on to Sinch. Anything else is answered 503
   * `origin_refused`, so that Sinch retries.
   */
  readonly origin: (request: Request) => Promise<Response>;
  /**
   * The origin is a receiver of another make, which does not mark its answers: its 2xx counts without
   * the mark. Then a catch-all in its place would count too, so leave it off where you can.
   */
  readonly foreignOrigin?: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Told what went wrong inside; `console.error` by default. */
  readonly warn?: (message: string) => void;
}

/**
 * Makes what stands in front of an origin: refuses what is forged, absorbs what has been handed off,
 * and hands on the rest byte for byte.
 */
export function createHandler(options: HandlerOptions): (request: Request) => Promise<Response> {
  const { reception, guard, origin, now, foreignOrigin = false, warn = warnOnConsole } = options;
  const source = sourceOf(options.verifier);

  /** A guard or an origin that fails stops nothing. */
  const attempt = async <Value>(fault: string, act: () => Value | Promise<Value>) => {
    try {
      return await act();
    } catch (error) {
      warn(`${fault}: ${String(error)}`);
      return undefined;
    }
  };

  const handOff = async (
    { url, headers: given }: Request,
    body: ReadBody["body"],
    verdict: Accepted,
    nowMs: number,
  ): Promise<Response> => {
    const claim = await attempt("the guard cannot claim", () => guard.claim(verdict, { nowMs }));
    const duplicate = absorbed(claim);
    if (duplicate !== undefined) {
      return respond(duplicate);
    }
    const headers = new Headers(given);
    headers.set(MARK, accepted(verdict, claim));
    const request = new Request(url, { method: "POST", headers, body });
    // An error's status is 0.
    const response =
      (await attempt("the origin cannot be reached", () => origin(request))) ?? Response.error();
    const { status } = response;
    const marked = foreignOrigin || response.headers.has(answerHeader());
    const ticket = claim?.ticket;
    const settled = settle({ status, marked, authentic: true, ticket });
    if (settled.guard === "confirm") {
      await attempt("the guard cannot confirm", () => guard.confirm(verdict, { nowMs: now() }));
    } else if (settled.guard === "release" && ticket !== undefined) {
      await attempt("the guard cannot release", () => guard.release(ticket));
    }
    const instead = settled.answer;
    if (instead === undefined) {
      return withoutLocation(response);
    }
    if (status !== 0) {
      const mark = marked ? "" : ` without ${answerHeader()}`;
      const told = `${instead.status} ${instead.code}`;
      warn(`the origin answered ${status}${mark}, which is answered ${told}`);
      // Nobody waits for the rest.
      response.body?.cancel().catch(() => undefined);
    }
    return respond(instead);
  };

  return async (request) => {
    if (request.method !== "POST") {
      return respond(answer("METHOD_NOT_ALLOWED"));
    }
    // What cannot be a callback is refused by its headers, before anything is held of it.
    const malformed = reception.begin(request.headers);
    if (malformed !== undefined) {
      request.body?.cancel().catch(() => undefined);
      return respond(malformed);
    }
    const read = await attempt("the body cannot be read", () =>
      readBody(request, reception.maxBodyBytes),
    );
    if (read === undefined) {
      return respond(answer("REQUEST_BROKEN"));
    }
    const nowMs = now();
    const arrival = { headers: request.headers, ...read };
    let fault: unknown;
    const next = await judge(reception, source, arrival, { nowMs }, (error) => (fault = error));
    switch (next.is) {
      case "answer":
        return respond(next.answer);
      case "hand_off":
        return handOff(request, read.body, next.verdict, nowMs);
      case "undecided": {
        const unavailable = answer("SECRET_UNAVAILABLE");
        warn(`answered ${unavailable.status}: ${String(fault)}`);
        return respond(unavailable);
      }
    }
  };
}

function sourceOf(verifier: Verifier | VerifierSource): VerifierSource {
  return "current" in verifier
    ? verifier
    : { current: () => verifier, refresh: async () => ({ is: "unchanged" }) };
}

function respond(answer: Answer): Response {
  return new Response(text(answer), { status: answer.status, headers: [...headersOf(answer)] });
}

/** An answer to a callback leads nowhere else. */
function withoutLocation(response: Response): Response {
  if (!response.headers.has("location")) {
    return response;
  }
  const { status, statusText } = response;
  const headers = new Headers(response.headers);
  headers.delete("location");
  return new Response(response.body, { status, statusText, headers });
}

function warnOnConsole(message: string): void {
  console.error(JSON.stringify({ level: "error", message }));
}
