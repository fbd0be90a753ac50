// Node.js: SINCH_WEBHOOK_SECRET=… ORIGIN_URL=https://… node node.js
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { front } from "./front.js";
import { listenAt, listening } from "./listen.js";

const lookup = (name: string): string | undefined => process.env[name];
const { hostname, port } = listenAt(lookup);
const handler = front(lookup);
// A request that does not come to its end holds memory for no longer than that; Sinch retries it.
const limits = {
  headersTimeout: 30_000,
  requestTimeout: 40_000,
  connectionsCheckingInterval: 5_000,
};
const server = createServer(limits, (incoming, outgoing) => {
  answer(incoming, outgoing).catch((error: unknown) => {
    console.error(JSON.stringify({ level: "error", message: String(error) }));
    outgoing.headersSent ? outgoing.destroy() : outgoing.writeHead(503).end();
  });
});
// Node.js itself answers a request that breaks off with 400, and Sinch retries no 400.
server.on("clientError", (_error, socket) => {
  const answer =
    "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  socket.writable ? socket.end(answer, () => socket.destroy()) : socket.destroy();
});
server.listen(port, hostname, () => listening(hostname, (server.address() as AddressInfo).port));

async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const response = await handler(requestOf(incoming));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(new Uint8Array(await response.arrayBuffer()));
}

function requestOf(incoming: IncomingMessage): Request {
  const headers = new Headers();
  const { rawHeaders, method = "GET", url = "/" } = incoming;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? "", rawHeaders[at + 1] ?? "");
  }
  // Its path is for nobody; a Request has to have an address.
  const address = URL.canParse(url, "http://edge") ? new URL(url, "http://edge") : "http://edge/";
  const init = { method, headers, body: bodyOf(incoming), duplex: "half" };
  return new Request(address, method === "POST" ? init : { headers });
}

/** The body as a stream, of which nothing is read before somebody asks. Whoever cancels it leaves the connection alone, so that the answer gets out;
 * Node.js then throws the rest away. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming.iterator({ destroyOnReturn: false });
  const source = {
    async pull(controller: ReadableStreamDefaultController<Uint8Array>) {
      const { done, value } = await chunks.next();
      if (done === true) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}
