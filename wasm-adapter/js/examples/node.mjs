// Receives Sinch's callbacks with Node.js's own server: SINCH_WEBHOOK_SECRET=... node node.mjs
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

/** A server whose path `/callbacks` takes callbacks. */
export function serverOf(options) {
  const receiver = createReceiver(options);
  return createServer((request, response) => {
    if (request.url === "/callbacks") {
      return receiver.node(request, response);
    }
    response.writeHead(404).end();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { SINCH_WEBHOOK_SECRET, PORT = 3000 } = process.env;
  const secrets = [SINCH_WEBHOOK_SECRET];
  serverOf({ secrets, keep: keepIn(".") }).listen(Number(PORT), "127.0.0.1");
}
