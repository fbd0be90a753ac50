// Receives Sinch's callbacks in Deno: SINCH_WEBHOOK_SECRET=... deno run -ENRW deno.mjs
import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

const receiver = createReceiver({
  secrets: [Deno.env.get("SINCH_WEBHOOK_SECRET")],
  keep: keepIn("."),
});
Deno.serve({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT") ?? 3000) }, (request) =>
  new URL(request.url).pathname === "/callbacks"
    ? receiver.fetch(request)
    : new Response(null, { status: 404 }),
);
