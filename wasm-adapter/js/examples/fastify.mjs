// Receives Sinch's callbacks with Fastify: SINCH_SECRET=... node fastify.mjs
import { fileURLToPath } from "node:url";

import fastify from "fastify";
import { ReplayGuard, Verifier, contentKey, readCallback } from "sinch-callback";

/** What Fastify reads and what the verifier accepts; Fastify answers 413 beyond it. */
const maxBodyBytes = 524_288;

/**
 * A server that hands each authentic callback to `handOff` once. A hand-off that fails logs why, and
 * rejects.
 */
export function receiver({ secrets, handOff, now = Date.now }) {
  const verifier = new Verifier({ secrets, maxBodyBytes });
  // As long as a callback stays valid, its copies have to be known.
  const guard = new ReplayGuard({ memorySeconds: verifier.memorySeconds });

  const app = fastify({ bodyLimit: maxBodyBytes });
  // The signature covers the bytes as they came, so nothing may parse them, whatever the content
  // type says. In a server with other routes, put this and the route into a plugin of their own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));

  app.post("/", async ({ headers, body }, reply) => {
    const bytes = body ?? new Uint8Array();
    const moment = { nowMs: now() };
    const verdict = verifier.verify({ headers, body: bytes }, moment);
    if (!verdict.ok) {
      const { status, code, detail } = verdict;
      return reply.code(status).send({ code, detail });
    }
    const claim = guard.claim(verdict, moment);
    if (claim.state === "done") {
      return { code: "duplicate" };
    }
    if (claim.state === "in_flight") {
      // Its hand-off may still fail, so it must not be acknowledged: Sinch comes back.
      return reply.code(429).header("retry-after", "1").send({ code: "in_flight" });
    }
    try {
      await handOff({ body: bytes, contentKey: contentKey(bytes) });
    } catch {
      // The retry is the same callback again and must not pass for a duplicate.
      guard.release(verdict);
      return reply.code(503).send({ code: "handoff_unavailable" });
    }
    guard.confirm(verdict);
    return { code: "accepted" };
  });
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // In place of this: a write that is durable once it returns. The same event may come again under
  // another signature; `contentKey` tells that.
  const handOff = async ({ body, contentKey }) => console.log(contentKey, readCallback(body).kind);
  const app = receiver({ secrets: [process.env.SINCH_SECRET], handOff });
  await app.listen({ host: "127.0.0.1", port: 8080 });
}
