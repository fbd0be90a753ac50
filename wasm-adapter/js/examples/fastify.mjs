// Receives Sinch's callbacks with Fastify, beside routes that read JSON:
// SINCH_WEBHOOK_SECRET=... node fastify.mjs
import { fileURLToPath } from "node:url";

import fastify from "fastify";
import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

/** A server whose path `/callbacks` takes callbacks. */
export function appOf(options) {
  const receiver = createReceiver(options);
  const app = fastify();
  // The signature covers the raw bytes. This hook comes before whatever parses or bounds bodies, and the
  // receiver answers in the route's place.
  const onRequest = (request, reply) => receiver.node(request.raw, reply.hijack().raw);
  app.post("/callbacks", { onRequest }, () => {});
  app.post("/echo", async (request) => request.body);
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { SINCH_WEBHOOK_SECRET, PORT = 3000 } = process.env;
  const secrets = [SINCH_WEBHOOK_SECRET];
  await appOf({ secrets, keep: keepIn(".") }).listen({ host: "127.0.0.1", port: Number(PORT) });
}
