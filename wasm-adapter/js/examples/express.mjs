// Receives Sinch's callbacks with Express: SINCH_SECRET=... node express.mjs
import { fileURLToPath } from "node:url";

import express from "express";
import { ReplayGuard, Verifier, contentKey, readCallback } from "sinch-callback";

/** What Express reads and what the verifier accepts; Express answers 413 beyond it. */
const maxBodyBytes = 524_288;

/**
 * An app that hands each authentic callback to `handOff` once. A hand-off that fails logs why, and
 * rejects.
 */
export function receiver({ secrets, handOff, now = Date.now }) {
  const verifier = new Verifier({ secrets, maxBodyBytes });
  // As long as a callback stays valid, its copies have to be known.
  const guard = new ReplayGuard({ memorySeconds: verifier.memorySeconds });

  const app = express();
  app.disable("x-powered-by");
  // The signature covers the bytes as they came, so nothing may parse or inflate them, whatever the
  // content type says. An `express.json()` before this one would take them away.
  const raw = express.raw({ type: () => true, limit: maxBodyBytes, inflate: false });

  app.post("/", raw, async ({ headers, body = new Uint8Array() }, response) => {
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers, body }, moment);
    if (!verdict.ok) {
      const { status, code, detail } = verdict;
      return response.status(status).json({ code, detail });
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return response.json({ code: "duplicate" });
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch comes back.
      return response.status(429).set("retry-after", "1").json({ code: "in_flight" });
    }
    try {
      await handOff({ body, contentKey: contentKey(body) });
    } catch {
      // The retry is the same callback again and must not pass for a duplicate.
      guard.release(verdict);
      return response.status(503).json({ code: "handoff_unavailable" });
    }
    guard.confirm(verdict);
    return response.json({ code: "accepted" });
  });

  // Express knows an error handler by its four parameters.
  app.use((error, _request, response, _next) => {
    if (error.status === undefined) {
      console.error(error);
    }
    response.status(error.status ?? 500).json({ code: error.type ?? "internal_error" });
  });
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // In place of this: a write that is durable once it returns. The same event may come again under
  // another signature; `contentKey` tells that.
  const handOff = async ({ body, contentKey }) => console.log(contentKey, readCallback(body).kind);
  receiver({ secrets: [process.env.SINCH_SECRET], handOff }).listen(8080, "127.0.0.1");
}
