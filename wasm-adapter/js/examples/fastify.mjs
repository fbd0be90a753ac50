// Receives Sinch's callbacks with Fastify: SINCH_SECRET=... node fastify.mjs
import { fileURLToPath } from "node:url";

import fastify from "fastify";
import { ReplayGuard, Verifier, answerHeader, contentKey, readCallback } from "sinch-callback";

/** What a report of a full SMS batch has room in. */
const maxBodyBytes = 2_097_152;
/** A day back: Sinch retries that long, and may send a retry as it was. */
const maxAgeSeconds = 86_400;

/**
 * A server that hands each authentic callback to `handOff`. A hand-off that fails logs why, and rejects.
 *
 * `handOff({ body, contentKey })` is durable once it returns, and knows a key again for a day: the guard
 * here forgets what is too much for it, and everything when the process ends.
 */
export function receiver({ secrets, handOff, now = Date.now }) {
  const verifier = new Verifier({ secrets, maxBodyBytes, maxAgeSeconds });
  // As long as a callback stays valid, its copies have to be known.
  const guard = new ReplayGuard({ capacity: 100_000, memorySeconds: verifier.memorySeconds });

  // The verifier tells what is too large, in its own order.
  const app = fastify({ bodyLimit: Number.MAX_SAFE_INTEGER, clientErrorHandler: answerBroken });
  // The signature covers the bytes as they came, so nothing may parse them, whatever the content
  // type says. In a server with other routes, put this and the route into a plugin of their own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  app.post("/", async ({ headers, raw }, reply) => {
    // An edge in front knows by this header that the receiver itself has spoken.
    const answer = (status, code) => reply.code(status).header(answerHeader(), code).send({ code });
    let body;
    try {
      body = await readBody(raw);
    } catch {
      return answer(503, "request_broken");
    }
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers, body }, moment);
    if (!verdict.ok) {
      return answer(verdict.status, verdict.code);
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return answer(200, "duplicate");
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch comes back.
      reply.header("retry-after", "1");
      return answer(429, "in_flight");
    }
    try {
      // Kept before it is read: it may be of a kind that Sinch has added since.
      await handOff({ body, contentKey: contentKey(body) });
    } catch {
      // The retry is the same callback again and must not pass for a duplicate.
      guard.release(claim.ticket);
      return answer(503, "handoff_unavailable");
    }
    guard.confirm(verdict, moment);
    return answer(200, "accepted");
  });
  return app;
}

/** The raw body, and of one that is too large no more than tells it; throws where it breaks off. */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  // Whoever leaves this loop early leaves the connection alone, so that the answer gets out.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    if ((length += chunk.length) > maxBodyBytes) {
      request.resume();
      break;
    }
  }
  return new Uint8Array(Buffer.concat(chunks)).subarray(0, maxBodyBytes + 1);
}

/** Node.js itself answers a request that breaks off with 400, and Sinch retries no 400. */
function answerBroken(_error, socket) {
  const answer =
    "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
  socket.writable ? socket.end(answer, () => socket.destroy()) : socket.destroy();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // In place of this: a write into a table whose key is unique.
  const handOff = async ({ body, contentKey }) => {
    const callback = readCallback(body);
    console.log(contentKey, callback.recognized ? callback.kind : callback.reason);
  };
  const app = receiver({ secrets: [process.env.SINCH_SECRET], handOff });
  await app.listen({ host: "127.0.0.1", port: 8080 });
}
