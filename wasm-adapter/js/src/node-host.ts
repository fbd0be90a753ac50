// What a receiver needs of Node.js's HTTP server, typed here, because users of `fetch` may not have its types.
import { type Answer, answer } from "./answer.js";
import type { HeaderRecord } from "./headers.js";
import { bytes, octets } from "./input.js";
import { Chunks, type ReadBody } from "./read-body.js";

/** The part of Node.js's `IncomingMessage` that a receiver needs. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: HeaderRecord;
  readonly socket?: unknown;
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
  resume(): unknown;
}

/** The part of Node.js's `ServerResponse` that a receiver needs. */
export interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  setHeader(name: string, value: string): unknown;
  end(body: string): unknown;
}

/** What Node.js's own class has as well, and what frameworks add. */
interface Extended extends NodeRequest {
  readonly headersDistinct?: HeaderRecord;
  readonly readableDidRead?: boolean;
  readonly readableEnded?: boolean;
  /** In Express, the target before a router removed its prefix. */
  readonly originalUrl?: string;
  readonly body?: unknown;
  /** Where Nest, Google's functions and `verify` of `express.json` put the raw body. */
  readonly rawBody?: unknown;
}

/** A request's head, as a reception takes it. @internal */
export function headOf(request: NodeRequest): {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderRecord;
} {
  const { method = "", url = "", headers, headersDistinct, originalUrl }: Extended = request;
  // With each value apart. In `headers`, Node.js joins several values or drops all but the first.
  return { method, url: originalUrl ?? url, headers: headersDistinct ?? headers };
}

/**
 * Reads the raw body, or uses the one that a middleware has put aside. Rejects where the body breaks off, and,
 * with what to change, where a middleware has parsed it.
 * @internal
 */
export async function readNodeBody(request: NodeRequest, most: number): Promise<ReadBody> {
  const { body, rawBody, readableDidRead, readableEnded }: Extended = request;
  const kept = octets(rawBody) ?? octets(body);
  if (kept !== undefined) {
    return { body: kept, truncated: false };
  }
  if (readableDidRead === true || readableEnded === true) {
    throw new TypeError(hasBeenRead(body));
  }
  const chunks = new Chunks(most);
  // Leaving this loop early must not close the connection, because the answer still has to go out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if (chunks.areTooMany) {
      // Node.js discards the rest.
      request.resume();
      break;
    }
  }
  return chunks.whole();
}

/** What a middleware has left of the body, and what to change. */
function hasBeenRead(body: unknown): string {
  let what = "the body is kept nowhere";
  try {
    bytes(body);
  } catch (error) {
    what = body === undefined ? what : (error as Error).message.replace(/: .*$/s, "");
  }
  return (
    `a middleware has read the request before the receiver could: ${what}. The signature covers the ` +
    "raw bytes: add the receiver's route before express.json() and the like, or have them keep the " +
    "bytes, as in express.json({ verify: (request, response, body) => { request.rawBody = body; } })"
  );
}

/** Writes an answer, where the connection still takes one. @internal */
export function write(response: NodeResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) {
    return;
  }
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, value);
  }
  response.end(body);
}

/** A connection, and the server that it belongs to. */
interface Socket {
  readonly writable: boolean;
  readonly server?: Server;
  end(text: string, sent: () => void): void;
  destroy(): void;
}

interface Server {
  listenerCount(event: "clientError"): number;
  prependListener(event: "clientError", listener: Listener): void;
}

type Listener = (this: Server, error: { readonly code?: string }, socket: Socket) => void;

/** How many callbacks are being received on a connection: senders may send the next before an answer. */
const receiving = new WeakMap<object, number>();
const listenedTo = new WeakSet<object>();

/**
 * Has a request that breaks off on this connection answered with 503, until the function is called that
 * this gives: Node.js itself says 400, and Sinch retries no 400. Does nothing on other hosts.
 * @internal
 */
export function retryWhatBreaks(request: Partial<NodeRequest> | undefined): () => void {
  const socket = request?.socket as Socket | undefined;
  const server = socket?.server;
  if (socket === undefined || typeof server?.prependListener !== "function") {
    return () => undefined;
  }
  if (!listenedTo.has(server)) {
    listenedTo.add(server);
    server.prependListener("clientError", answerBroken);
  }
  const count = (by: number): void => void receiving.set(socket, (receiving.get(socket) ?? 0) + by);
  count(1);
  return () => count(-1);
}

/** What Node.js says where nobody listens; 400 for all else. */
const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

function answerBroken(
  this: Server,
  { code = "" }: { readonly code?: string },
  socket: Socket,
): void {
  if ((receiving.get(socket) ?? 0) > 0) {
    end(socket, answer(STATUS[code] === 408 ? "REQUEST_TIMEOUT" : "REQUEST_BROKEN"));
  } else if (this.listenerCount("clientError") === 1) {
    // To listen is to answer all of them.
    end(socket, { status: STATUS[code] ?? 400, headers: {}, body: "" });
  }
}

function end(
  socket: Socket,
  { status, headers, body }: Pick<Answer, "status" | "headers" | "body">,
) {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const length = new TextEncoder().encode(body).length;
  const all = { ...headers, connection: "close", "content-length": String(length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} \r\n${lines.join("")}\r\n${body}`, () => socket.destroy());
}
