// Receives Sinch's callbacks with Hono, here on Node.js: SINCH_SECRET=... node hono.mjs
import { fileURLToPath } from "node:url";

import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { answer, answerHeader } from "sinch-callback";

import { maxBodyBytes, receiving, retryWhatBreaks, show } from "./receive.mjs";

/** An app that hands each authentic callback to `handOff`, as receive.mjs says. */
export function receiver(options) {
  const receive = receiving(options);
  /** @type {Hono<{ Bindings: import("@hono/node-server").HttpBindings }>} */
  const app = new Hono();
  // An edge in front knows by this header that the receiver itself has spoken.
  const respond = (context, /** @type {import("./receive.mjs").Answered} */ answered) => {
    const { status, code, headers } = answered;
    return context.json({ code }, status, { ...headers, [answerHeader()]: code });
  };
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: (context) => respond(context, answer("BODY_TRUNCATED")),
  });
  app.use(async (context, next) => {
    // On other hosts than Node.js there is no such server.
    retryWhatBreaks(context.env?.incoming?.socket?.server);
    await next();
  });
  // A body that breaks off ends here too.
  app.onError((_error, context) => respond(context, answer("REQUEST_BROKEN")));
  app.post("/", limit, async (context) => {
    // The signature covers the bytes as they came, so they are neither decoded nor parsed.
    const body = new Uint8Array(await context.req.arrayBuffer());
    return respond(context, await receive(context.req.raw.headers, body));
  });
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { fetch } = receiver({ secrets: [process.env.SINCH_SECRET], handOff: show });
  serve({ fetch, hostname: "127.0.0.1", port: 8080 });
}
