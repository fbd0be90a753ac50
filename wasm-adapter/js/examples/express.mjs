// Receives Sinch's callbacks with Express: SINCH_SECRET=... node express.mjs
import { fileURLToPath } from "node:url";

import express from "express";
import { answer, answerHeader } from "sinch-callback";

import { readBody, receiving, retryWhatBreaks, show } from "./receive.mjs";

/** An app that hands each authentic callback to `handOff`, as receive.mjs says. */
export function receiver(options) {
  const receive = receiving(options);
  const app = express();
  app.disable("x-powered-by");
  app.post("/", async (request, response) => {
    retryWhatBreaks(request.socket.server);
    // The signature covers the bytes as they came, so no middleware may parse or inflate them, whatever
    // their type. An `express.json()` before this would take them away.
    const body = await readBody(request).catch(() => undefined);
    /** @type {import("./receive.mjs").Answered} */
    const { status, code, headers } =
      body === undefined ? answer("REQUEST_BROKEN") : await receive(request.headers, body);
    // An edge in front knows by this header that the receiver itself has spoken.
    response
      .status(status)
      .set({ ...headers, [answerHeader()]: code })
      .json({ code });
  });
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  receiver({ secrets: [process.env.SINCH_SECRET], handOff: show }).listen(8080, "127.0.0.1");
}
