import { type Accepted, type Verifier, answerHeader, originRefusal } from "sinch-callback/edge";

import {
  type Answer,
  DUPLICATE,
  HANDOFF_UNAVAILABLE,
  METHOD_NOT_ALLOWED,
  REQUEST_BROKEN,
  SECRET_UNAVAILABLE,
  headersOf,
  text,
} from "./answer.js";
import { type ReadBody, readBody } from "./body.js";
import type { Guard } from "./guard.js";
import { type OnMismatch, type VerifierSource, formOfHeaders, judge } from "./judge.js";
import { MARK, accepted } from "./mark.js";

export interface HandlerOptions {
  /** A verifier, or where verifiers come from whose secrets change. */
  readonly verifier: Verifier | VerifierSource;
  readonly guard: Guard;
  /**
   * Hands a callback on. A 2xx that bears the header `x-sinch-callback`, as every answer of a receiver
   * does, says that the callback is safe; it and 429 go on to Sinch. Anything else is answered 503
   * `origin_refused`, so that Sinch comes again.
   */
  readonly origin: (request: Request) => Promise<Response>;
  /**
   * The origin is a receiver of another make, which does not mark its answers: its 2xx counts without
   * the mark. Then a catch-all in its place would count too, so leave it off where you can.
   */
  readonly foreignOrigin?: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How much of a body is read, in bytes; 2,097,152 by default. At least the verifier's limit. */
  readonly maxBodyBytes?: number;
  /** What a signature that matches no secret is answered; 401 by default. */
  readonly onMismatch?: OnMismatch;
  /** Told what went wrong inside; `console.error` by default. */
  readonly warn?: (message: string) => void;
}

const DEFAULT_MAX_BODY_BYTES = 2_097_152;

/**
 * Makes what stands in front of an origin: refuses what is forged, absorbs what has been handed off,
 * and hands on the rest byte for byte.
 */
export function createHandler(options: HandlerOptions): (request: Request) => Promise<Response> {
  const { guard, origin, now, onMismatch = 401, warn = warnOnConsole } = options;
  const { maxBodyBytes = DEFAULT_MAX_BODY_BYTES, foreignOrigin = false } = options;
  const source = sourceOf(options.verifier);

  /** A guard that fails saves no work, and stops none. */
  const attempt = async <Value>(what: string, act: () => Value | Promise<Value>) => {
    try {
      return await act();
    } catch (error) {
      warn(`the guard cannot ${what}: ${String(error)}`);
      return undefined;
    }
  };

  const handOff = async (
    request: Request,
    body: ReadBody["body"],
    verdict: Accepted,
    nowMs: number,
  ) => {
    const claim = await attempt("claim", () => guard.claim(verdict, { nowMs }));
    // Where the guard does not know, the callback is handed on: the origin counts it once.
    const state = claim?.state ?? "unknown";
    if (state === "done") {
      return respond(DUPLICATE);
    }
    const headers = new Headers(request.headers);
    headers.set(MARK, accepted(verdict.secretSlot, state, verdict.replayKey, claim?.ticket));
    const response = await ask(new Request(request.url, { method: "POST", headers, body }));
    if (response.ok) {
      await attempt("confirm", () => guard.confirm(verdict, { nowMs }));
    } else {
      await attempt("release", () => guard.release(claim?.ticket));
    }
    return response;
  };

  /** What an authentic callback is answered once it has been handed on. */
  const ask = async (request: Request): Promise<Response> => {
    let response: Response;
    try {
      response = await origin(request);
    } catch (error) {
      warn(`the origin cannot be reached: ${String(error)}`);
      return respond(HANDOFF_UNAVAILABLE);
    }
    const { status } = response;
    const marked = foreignOrigin || response.headers.has(answerHeader());
    const refused = originRefusal({ status, marked }, "authentic");
    if (refused === undefined) {
      return withoutLocation(response);
    }
    const mark = marked ? "" : ` without ${answerHeader()}`;
    warn(
      `the origin answered ${status}${mark}, which is answered ${refused.status} ${refused.code}`,
    );
    // Nobody waits for the rest.
    response.body?.cancel().catch(() => undefined);
    return respond(refused);
  };

  return async (request) => {
    if (request.method !== "POST") {
      return respond(METHOD_NOT_ALLOWED);
    }
    // What cannot be a callback is refused by its headers, before anything is held of it.
    const malformed = formOfHeaders(source, request.headers, now());
    if (malformed !== undefined) {
      request.body?.cancel().catch(() => undefined);
      return respond(malformed);
    }
    let read: ReadBody;
    try {
      read = await readBody(request, maxBodyBytes);
    } catch (error) {
      warn(`the body cannot be read: ${String(error)}`);
      return respond(REQUEST_BROKEN);
    }
    const nowMs = now();
    const judgement = await judge(source, { headers: request.headers, ...read }, nowMs, onMismatch);
    switch (judgement.is) {
      case "refused":
      case "deferred":
        return respond(judgement.answer);
      case "undecided":
        warn(`answered ${SECRET_UNAVAILABLE.status}: ${String(judgement.error)}`);
        return respond(SECRET_UNAVAILABLE);
      case "accepted":
        return handOff(request, read.body, judgement.verdict, nowMs);
    }
  };
}

function sourceOf(verifier: Verifier | VerifierSource): VerifierSource {
  return "current" in verifier
    ? verifier
    : { current: async () => verifier, refresh: async () => ({ is: "unchanged" }), form: verifier };
}

function respond(answer: Answer): Response {
  return new Response(text(answer), {
    status: answer.status,
    headers: [...headersOf(answer)],
  });
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
