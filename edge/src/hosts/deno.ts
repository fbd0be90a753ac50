// Deno: SINCH_WEBHOOK_SECRET=… ORIGIN_URL=https://… deno run --allow-env --allow-net deno.js
import { front } from "./front.js";
import { listenAt, listening } from "./listen.js";

const lookup = (name: string): string | undefined => Deno.env.get(name);
const { hostname, port } = listenAt(lookup);
Deno.serve(
  { hostname, port, onListen: (address) => listening(hostname, address.port) },
  front(lookup),
);
