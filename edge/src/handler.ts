import {
  type AcceptedBy,
  type Answer,
  type Given,
  type Guard,
  type ReadBody,
  type Reception,
  type SchemeName,
  type Verifier,
  type VerifierSource,
  answer,
  answerHeader,
  guardKey,
  readBody,
  settle,
} from "sinch-callback/edge/schemes";

import { MARK, accepted } from "./mark.js";

export interface HandlerOptions<S extends SchemeName = "conversation"> {
  /** A verifier, or where verifiers come from whose secrets change. Its secrets count, not its limits. */
  readonly verifier: Verifier<S> | VerifierSource<S>;
  /** What decides, with its limits. */
  readonly reception: Reception<S>;
  /** The path as Sinch calls it, which some schemes sign; that of the request by default. */
  readonly publicPath?: string;
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
export function createHandler<S extends SchemeName = "conversation">(
  options: HandlerOptions<S>,
): (request: Request) => Promise<Response> {
  const { reception, verifier, guard, origin, now, publicPath } = options;
  const { foreignOrigin = false, warn = warnOnConsole } = options;

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
    verdict: AcceptedBy<S>,
    claim: Given | undefined,
  ): Promise<Response> => {
    const headers = new Headers(given);
    headers.set(MARK, accepted(verdict, claim));
    const request = new Request(url, { method: "POST", headers, body: body as BodyInit });
    // An error's status is 0.
    const response =
      (await attempt("the origin cannot be reached", () => origin(request))) ?? Response.error();
    const { status } = response;
    const marked = foreignOrigin || response.headers.has(answerHeader());
    const callback = { replayKey: guardKey(verdict), ticket: claim?.ticket };
    const { answer: instead, tell } = settle({ status, marked, callback });
    await attempt("the guard cannot be told", () => tell(guard, { nowMs: now() }));
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
    // What cannot be a callback is refused by its headers, before anything is held of it.
    const { method, url, headers } = request;
    const refused = reception.begin({ method, url, publicPath, headers });
    if (refused !== undefined) {
      request.body?.cancel().catch(() => undefined);
      return respond(refused);
    }
    const read = await attempt("the body cannot be read", () =>
      readBody(request, reception.maxBodyBytes),
    );
    if (read === undefined) {
      return respond(answer("REQUEST_BROKEN"));
    }
    if (read.truncated) {
      // Nobody waits for the rest.
      request.body?.cancel().catch(() => undefined);
    }
    const arrival = { url, publicPath, headers, ...read };
    const received = await reception.receive(arrival, { nowMs: now(), verifier, guard, warn });
    switch (received.is) {
      case "answer":
        return respond(received.answer);
      case "hand_off":
        return handOff(request, read.body, received.verdict, received.claim);
      case "undecided":
        warn(`answered ${received.answer.status}: ${String(received.reason)}`);
        return respond(received.answer);
    }
  };
}

/** An answer as a response. */
export function respond(answer: Answer): Response {
  return new Response(answer.body, answer);
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
