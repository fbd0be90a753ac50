// Receives Sinch's callbacks with Hono, here on Node.js: SINCH_SECRET=... node hono.mjs
import { fileURLToPath } from "node:url";

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
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

  /** @type {Hono<{ Bindings: import("@hono/node-server").HttpBindings }>} */
  const app = new Hono();
  // An edge in front knows by this header that the receiver itself has spoken.
  const answer = (context, status, code) =>
    context.json({ code }, status, { [answerHeader()]: code });
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (context) => answer(context, 413, "body_too_large"),
  });
  app.use(async (context, next) => {
    // On other hosts than Node.js there is no such server.
    retryWhatBreaks(context.env?.incoming?.socket?.server);
    await next();
  });
  // A body that breaks off ends here too.
  app.onError((_error, context) => answer(context, 503, "request_broken"));

  app.post("/", limit, async (context) => {
    // The signature covers the bytes as they came, so they are neither decoded nor parsed.
    const body = new Uint8Array(await context.req.arrayBuffer());
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers: context.req.raw.headers, body }, moment);
    if (!verdict.ok) {
      return answer(context, verdict.status, verdict.code);
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return answer(context, 200, "duplicate");
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch comes back.
      context.header("retry-after", "1");
      return answer(context, 429, "in_flight");
    }
    try {
      // Kept before it is read: it may be of a kind that Sinch has added since.
      await handOff({ body, contentKey: contentKey(body) });
    } catch {
      // The retry is the same callback again and must not pass for a duplicate.
      guard.release(claim.ticket);
      return answer(context, 503, "handoff_unavailable");
    }
    guard.confirm(verdict, moment);
    return answer(context, 200, "accepted");
  });
  return app;
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
  const { fetch } = receiver({ secrets: [process.env.SINCH_SECRET], handOff });
  serve({ fetch, hostname: "127.0.0.1", port: 8080 });
}
