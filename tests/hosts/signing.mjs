import { createHmac } from "node:crypto";

export const SECRET = "example-secret-not-real-1";
export const NOW_MS = 1_634_579_356_000;
export const MOMENT = { nowMs: NOW_MS };

/** The name of the signature's header, and the beginning of the others' names. */
export const NAME = "x-sinch-webhook-signature";

/** The headers of a body that was signed three seconds ago as Sinch does, by Node.js. */
export const signed = (body, nonce) => signedAt(NOW_MS / 1000 - 3, body, nonce);

/** The same of another moment, in Unix seconds. */
export function signedAt(seconds, body, nonce) {
  const timestamp = String(seconds);
  const mac = createHmac("sha256", SECRET).update(body).update(`.${nonce}.${timestamp}`);
  return {
    [NAME]: mac.digest("base64"),
    [`${NAME}-timestamp`]: timestamp,
    [`${NAME}-nonce`]: nonce,
    [`${NAME}-algorithm`]: "HmacSHA256",
  };
}
