import http from "node:http";
import { once } from "node:events";

/** A server on a free port of 127.0.0.1. */
export async function listen(handle) {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    handle(request, response).catch((error) => {
      console.error(error);
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * The TCP port that a server listens on.
 * @param {import("node:net").Server} server
 */
export function portOf(server) {
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("the server listens on no port");
  }
  return address.port;
}

/** What answers on a port of its own, from start to stop. */
export class Served {
  /** @type {string} */
  url;
  /** @type {{ url: string, close(): Promise<void> } | undefined} */
  #server;

  /** Answers one request. */
  async answer(_request, _response) {
    throw new Error("it answers nothing");
  }

  async start() {
    this.#server = await listen((request, response) => this.answer(request, response));
    this.url = this.#server.url;
  }

  async stop() {
    await this.#server?.close();
  }
}

export async function bodyOf(stream) {
  const chunks = [];
  for await (const chunk of stream) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

/**
 * One exchange as a client. `headers` is a flat list or an object; gives status, raw header pairs and
 * body. Rejects with `code` ETIMEDOUT when nothing has come for `timeoutMs`.
 * @param {string} url
 * @param {{ method: any, path: any, headers: any, body: any, timeoutMs?: number }} request
 * @returns {Promise<{ status: number, rawHeaders: string[], body: Buffer }>}
 */
export function exchange(url, { method, path, headers, body, timeoutMs }) {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const request = http.request({ agent, hostname, port, method, path, headers, setHost: false });
    if (timeoutMs !== undefined) {
      request.setTimeout(timeoutMs, () => {
        request.destroy(
          Object.assign(new Error(`nothing came for ${timeoutMs} ms`), { code: "ETIMEDOUT" }),
        );
      });
    }
    request.on("error", reject);
    request.on("response", (response) => {
      bodyOf(response).then(
        (bytes) =>
          resolve({
            status: response.statusCode ?? 0,
            rawHeaders: response.rawHeaders,
            body: bytes,
          }),
        reject,
      );
    });
    request.end(body);
  });
}

/** Headers by lower-case name; repeated ones joined, as a Function URL joins them. */
export function joined(rawHeaders) {
  const headers = {};
  for (let n = 0; n < rawHeaders.length; n += 2) {
    const name = rawHeaders[n].toLowerCase();
    headers[name] = name in headers ? `${headers[name]},${rawHeaders[n + 1]}` : rawHeaders[n + 1];
  }
  return headers;
}

export function answerJson(response, status, value) {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}
