// Receives Sinch's callbacks with Fastify: SINCH_SECRET=... node fastify.mjs
import { fileURLToPath } from "node:url";

import fastify from "fastify";
import { answer, answerHeader } from "sinch-callback";

import { answerBroken, readBody, receiving, show } from "./receive.mjs";

/** A server that hands each authentic callback to `handOff`, as receive.mjs says. */
export function receiver(options) {
  const receive = receiving(options);
  // The verifier tells what is too large, in its own order.
  const app = fastify({ bodyLimit: Number.MAX_SAFE_INTEGER, clientErrorHandler: answerBroken });
  // The signature covers the bytes as they came, so nothing may parse them, whatever the content type
  // says. In a server with other routes, put this and the route into a plugin of their own.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  app.post("/", async (request, reply) => {
    const body = await readBody(request.raw).catch(() => undefined);
    /** @type {import("./receive.mjs").Answered} */
    const { status, code, headers } =
      body === undefined ? answer("REQUEST_BROKEN") : await receive(request.headers, body);
    // An edge in front knows by this header that the receiver itself has spoken.
    return reply
      .code(status)
      .headers({ ...headers, [answerHeader()]: code })
      .send({ code });
  });
  return app;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const app = receiver({ secrets: [process.env.SINCH_SECRET], handOff: show });
  await app.listen({ host: "127.0.0.1", port: 8080 });
}
