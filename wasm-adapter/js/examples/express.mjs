// Receives Sinch's callbacks with Express: SINCH_SECRET=... node express.mjs
import { fileURLToPath } from "node:url";

import express from "express";
import { ReplayGuard, Verifier, answerHeader, contentKey, readCallback } from "sinch-callback";

/** What a report of a full SMS batch has room in. */
const maxBodyBytes = 2_097_152;
/** A day back: Sinch retries that long, and may send a retry as it was. */
const maxAgeSeconds = 86_400;

/**
 * An app that hands each authentic callback to `handOff`. A hand-off that fails logs why, and rejects.
 *
 * `handOff({ body, contentKey })` is durable once it returns, and knows a key again for a day: the guard
 * here forgets what is too much for it, and everything when the process ends.
 */
export function receiver({ secrets, handOff, now = Date.now }) {
  const verifier = new Verifier({ secrets, maxBodyBytes, maxAgeSeconds });
  // As long as a callback stays valid, its copies have to be known.
  const guard = new ReplayGuard({ capacity: 100_000, memorySeconds: verifier.memorySeconds });

  const app = express();
  app.disable("x-powered-by");

  app.post("/", async (request, response) => {
    // An edge in front knows by this header that the receiver itself has spoken.
    const answer = (status, code) =>
      response.status(status).set(answerHeader(), code).json({ code });
    retryWhatBreaks(request.socket.server);
    let body;
    try {
      // The signature covers the bytes as they came, so no middleware may parse or inflate them,
      // whatever their type. An `express.json()` before this would take them away.
      body = await readBody(request);
    } catch {
      return answer(503, "request_broken");
    }
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers: request.headers, body }, moment);
    if (!verdict.ok) {
      return answer(verdict.status, verdict.code);
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return answer(200, "duplicate");
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch comes back.
      response.set("retry-after", "1");
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

/** Once for each server that the app runs in. */
function retryWhatBreaks(server) {
  if (server !== undefined && !server.listeners("clientError").includes(answerBroken)) {
    server.on("clientError", answerBroken);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // In place of this: a write into a table whose key is unique.
  const handOff = async ({ body, contentKey }) => {
    const callback = readCallback(body);
    console.log(contentKey, callback.recognized ? callback.kind : callback.reason);
  };
  receiver({ secrets: [process.env.SINCH_SECRET], handOff }).listen(8080, "127.0.0.1");
}
