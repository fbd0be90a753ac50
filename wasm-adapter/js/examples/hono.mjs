// Receives Sinch's callbacks with Hono, here on Node.js: SINCH_WEBHOOK_SECRET=... node hono.mjs
import { fileURLToPath } from "node:url";

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

/** An app whose path `/callbacks` takes callbacks. */
export function appOf(options) {
  const receiver = createReceiver(options);
  const app = new Hono();
  // On Node.js `env` holds the connection: a body that breaks off on it is answered by the receiver.
  app.post("/callbacks", (context) => receiver.fetch(context.req.raw, context.env));
  app.post("/echo", async (context) => context.json(await context.req.json()));
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { SINCH_WEBHOOK_SECRET, PORT = 3000 } = process.env;
  const secrets = [SINCH_WEBHOOK_SECRET];
  const { fetch } = appOf({ secrets, keep: keepIn(".") });
  serve({ fetch, hostname: "127.0.0.1", port: Number(PORT) });
}
