// Bun: SINCH_WEBHOOK_SECRET=… ORIGIN_URL=https://… bun run bun.js
import { front } from "./front.js";
import { listenAt, listening } from "./listen.js";

const lookup = (name: string): string | undefined => Bun.env[name];
const { hostname, port } = listenAt(lookup);
const server = Bun.serve({
  hostname,
  port,
  // The handler reads no further than its own limit, and says so in its own words.
  maxRequestBodySize: Number.MAX_SAFE_INTEGER,
  fetch: front(lookup),
});
listening(hostname, server.port);
