// Receives Sinch's callbacks with Express, beside routes that read JSON:
// SINCH_WEBHOOK_SECRET=... node express.mjs
import { fileURLToPath } from "node:url";

import express from "express";
import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

/** An app whose path `/callbacks` takes callbacks. */
export function appOf(options) {
  const app = express();
  // The signature covers the raw bytes, so this route comes before whatever parses bodies.
  app.post("/callbacks", createReceiver(options).node);
  app.use(express.json());
  app.post("/echo", (request, response) => response.json(request.body));
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { SINCH_WEBHOOK_SECRET, PORT = 3000 } = process.env;
  const secrets = [SINCH_WEBHOOK_SECRET];
  appOf({ secrets, keep: keepIn(".") }).listen(Number(PORT), "127.0.0.1");
}
