// Receives Sinch's callbacks with Hono, here on Node.js: SINCH_SECRET=... node hono.mjs
import { fileURLToPath } from "node:url";

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { ReplayGuard, Verifier, contentKey, readCallback } from "sinch-callback";

/** What Hono reads and what the verifier accepts. */
const maxBodyBytes = 524_288;

/**
 * An app that hands each authentic callback to `handOff` once. A hand-off that fails logs why, and
 * rejects.
 */
export function receiver({ secrets, handOff, now = Date.now }) {
  const verifier = new Verifier({ secrets, maxBodyBytes });
  // As long as a callback stays valid, its copies have to be known.
  const guard = new ReplayGuard({ memorySeconds: verifier.memorySeconds });

  const app = new Hono();
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (context) => context.json({ code: "body_too_large" }, 413),
  });

  app.post("/", limit, async (context) => {
    // The signature covers the bytes as they came, so they are neither decoded nor parsed.
    const body = new Uint8Array(await context.req.arrayBuffer());
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers: context.req.raw.headers, body }, moment);
    if (!verdict.ok) {
      const { status, code, detail } = verdict;
      return context.json({ code, detail }, status);
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return context.json({ code: "duplicate" });
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch comes back.
      return context.json({ code: "in_flight" }, 429, { "retry-after": "1" });
    }
    try {
      await handOff({ body, contentKey: contentKey(body) });
    } catch {
      // The retry is the same callback again and must not pass for a duplicate.
      guard.release(verdict);
      return context.json({ code: "handoff_unavailable" }, 503);
    }
    guard.confirm(verdict);
    return context.json({ code: "accepted" });
  });
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // In place of this: a write that is durable once it returns. The same event may come again under
  // another signature; `contentKey` tells that.
  const handOff = async ({ body, contentKey }) => console.log(contentKey, readCallback(body).kind);
  const { fetch } = receiver({ secrets: [process.env.SINCH_SECRET], handOff });
  serve({ fetch, hostname: "127.0.0.1", port: 8080 });
}
