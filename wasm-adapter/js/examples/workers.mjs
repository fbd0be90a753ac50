// Receives Sinch's callbacks in Cloudflare Workers, and keeps them in the namespace that `CALLBACKS` is bound
// to. `wrangler secret put SINCH_WEBHOOK_SECRET` sets the secret.
import { env } from "cloudflare:workers";
import { createReceiver } from "sinch-callback";

const receiver = createReceiver({
  secrets: [env.SINCH_WEBHOOK_SECRET],
  keep: ({ contentKey, body }) => env.CALLBACKS.put(contentKey, body),
});

export default {
  fetch(request) {
    const { pathname } = new URL(request.url);
    return pathname === "/callbacks"
      ? receiver.fetch(request)
      : new Response(null, { status: 404 });
  },
};
