/** What belongs to one connection, or is made anew for the next. */
const OF_THE_CONNECTION = [
  "accept-encoding",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

/** How long an origin may take: less than the 15 seconds after which senders tend to give up. Our own
 * choice. */
const DEFAULT_TIME_MS = 10_000;

/** Hands callbacks on to one address, whatever path they came to. */
export function forwardTo(
  address: string,
  timeMs = DEFAULT_TIME_MS,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const headers = without(request.headers, OF_THE_CONNECTION);
    // An encoded answer would be decoded on its way through.
    headers.set("accept-encoding", "identity");
    const answer = await fetch(address, {
      method: request.method,
      headers,
      body: await request.arrayBuffer(),
      // A redirect is no 2xx, and nothing that a callback should follow.
      redirect: "manual",
      signal: AbortSignal.timeout(timeMs),
    });
    return new Response(answer.body, {
      status: answer.status,
      statusText: answer.statusText,
      headers: without(answer.headers, [...OF_THE_CONNECTION, "content-encoding"]),
    });
  };
}

function without(headers: Headers, names: readonly string[]): Headers {
  const rest = new Headers(headers);
  for (const name of names) {
    rest.delete(name);
  }
  return rest;
}
