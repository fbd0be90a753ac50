// Receives Sinch's callbacks in Bun: SINCH_WEBHOOK_SECRET=... bun bun.mjs
import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

const receiver = createReceiver({
  secrets: [Bun.env.SINCH_WEBHOOK_SECRET],
  keep: keepIn("."),
});
Bun.serve({
  hostname: "127.0.0.1",
  port: Number(Bun.env.PORT ?? 3000),
  routes: { "/callbacks": receiver.fetch },
  fetch: () => new Response(null, { status: 404 }),
});
