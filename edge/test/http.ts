import { once } from "node:events";
import {
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerResponse,
  createServer,
  request,
} from "node:http";
import { type AddressInfo, connect } from "node:net";

import type { Callback } from "./sinch.js";

const TIME_LIMIT_MS = 20_000;

/** An origin that keeps what it is sent, and answers as `respond` says. */
export interface Origin {
  readonly url: string;
  readonly taken: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[];
  respond: (outgoing: ServerResponse) => void;
  reset(): void;
  stop(): void;
}

/** An origin on a free port. */
export async function startOrigin(): Promise<Origin> {
  const server = createServer(async (incoming, outgoing) => {
    const body = Buffer.concat(await incoming.toArray());
    origin.taken.push({ headers: incoming.headers, body });
    origin.respond(outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin: Origin = {
    url: `http://127.0.0.1:${port}/origin`,
    taken: [],
    respond: stored,
    reset: () => {
      origin.taken.length = 0;
      origin.respond = stored;
    },
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return origin;
}

/** What a receiver answers, with its mark. */
export function stored(outgoing: ServerResponse): void {
  outgoing.writeHead(200, { "x-sinch-callback": "accepted" }).end("stored");
}

/** An answer of something that stands in front of the receiver, or in its place. */
export function unmarked(status: number, headers: OutgoingHttpHeaders = {}) {
  return (outgoing: ServerResponse): unknown => outgoing.writeHead(status, headers).end("<html>");
}

/** Sends a callback, and gives the answer's status and headers. */
export function sendForHead(
  url: string,
  { headers, body }: Callback,
): Promise<{ status: number | undefined; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: "POST",
      headers: { ...headers, "content-length": body.length },
      agent: false,
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    outgoing.on("response", (incoming) => {
      incoming.resume();
      resolve({ status: incoming.statusCode, headers: incoming.headers });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** The status of an answer, and its code, or its text where it is of another form. */
export type Told = [status: number | undefined, code: string];

/** Sends a callback, and gives the status and the code that it is answered with. */
export function send(
  url: string,
  { headers, body = new Uint8Array() }: Pick<Callback, "headers"> & Partial<Callback>,
  method = "POST",
): Promise<Told> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: method === "POST" ? { ...headers, "content-length": body.length } : headers,
      agent: false,
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    let answered = false;
    outgoing.on("response", async (incoming) => {
      answered = true;
      try {
        const text = Buffer.concat(await incoming.toArray()).toString();
        resolve([incoming.statusCode, text.startsWith("{") ? JSON.parse(text).code : text]);
      } catch (error) {
        reject(error);
      }
    });
    // A host that has answered may close before the rest of a large body is out.
    outgoing.on("error", (error) => answered || reject(error));
    outgoing.end(body);
  });
}

/** Sends the beginning of a callback and nothing more, and gives what it is answered. */
export async function halfSent(url: string, { headers, body }: Callback): Promise<string> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new Error("no answer")));
  const lines = Object.entries({ host: hostname, ...headers, "content-length": body.length + 10 });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`POST ${pathname} HTTP/1.1\r\n${head}\r\n`);
  socket.end(body);
  return Buffer.concat(await socket.toArray()).toString();
}

/** Sends the beginning of a callback, and breaks off. */
export async function breakOff(url: string, { headers, body }: Callback): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  const lines = Object.entries({ host: hostname, ...headers, "content-length": body.length + 10 });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  socket.write(`POST ${pathname} HTTP/1.1\r\n${head}\r\n`);
  socket.write(body);
  await new Promise((resolve) => setTimeout(resolve, 100));
  socket.destroy();
}
