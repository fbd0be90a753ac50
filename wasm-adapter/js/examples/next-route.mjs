// Receives Sinch's callbacks in Next.js: this is app/callbacks/route.js.
import { createReceiver } from "sinch-callback";

import { keepIn } from "./keep.mjs";

const receiver = createReceiver({
  // A function, because a build has no secrets.
  secrets: () => [process.env.SINCH_WEBHOOK_SECRET],
  keep: keepIn("."),
});

export const POST = receiver.fetch;
