// Vercel's edge runtime: put this file and schemes.wasm in api/, and set the variables of front.ts.
import { front } from "./front.js";

export const config = { runtime: "edge" };

let handler: ((request: Request) => Promise<Response>) | undefined;

/** Made at the first request, so that a wrong setting answers 500 with its cause in the log. */
export default async function (request: Request): Promise<Response> {
  handler ??= front((name) => process.env[name]);
  return handler(request);
}
