// Sinch's side, by Node's own HMAC: nothing here is of the code under test.
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";

import { plant } from "./kept-logs.mjs";

export const SECRET = "made-up-secret-1";
export const NEXT_SECRET = "made-up-secret-2";
plant(SECRET, NEXT_SECRET);
/** A moment, in Unix seconds. */
export const NOW = 1_700_000_000;
export const NAME = "x-sinch-webhook-signature";

/** Headers and bytes of a signed callback. */
export function signed(body = "{}", { secret = SECRET, nonce = "01MADEUPNONCE", at = NOW } = {}) {
  const bytes = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
  const text = Buffer.concat([bytes, Buffer.from(`.${nonce}.${at}`)]);
  const signature = createHmac("sha256", secret).update(text).digest("base64");
  plant(nonce, signature);
  return {
    body: new Uint8Array(bytes),
    headers: {
      [NAME]: signature,
      [`${NAME}-timestamp`]: String(at),
      [`${NAME}-nonce`]: nonce,
      [`${NAME}-algorithm`]: "HmacSHA256",
    },
  };
}

/** All vectors of the repository. */
export function vectors() {
  return ["published", "made"].flatMap((name) =>
    JSON.parse(readFileSync(new URL(`../../tests/vectors/${name}.json`, import.meta.url), "utf8")),
  );
}

export function unhex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

export function bodyOf({ text, base64, repeat, count }) {
  return new Uint8Array(
    base64 === undefined
      ? Buffer.from(text ?? repeat.repeat(count))
      : Buffer.from(base64, "base64"),
  );
}

/** Name and value of each header, one character for each byte. */
export function pairsOf({ headers }) {
  return headers.map(([name, value]) => [
    name,
    typeof value === "string" ? value : String.fromCharCode(...unhex(value.hex)),
  ]);
}

/** A vector's options, as the package takes them. */
export function optionsOf({ secrets, verbatim = false, options = {} }) {
  const { max_age_secs, max_ahead_secs, max_body_bytes, algorithm_header } = options;
  const seconds = (text) => (text === "unlimited" ? Infinity : BigInt(text));
  return {
    secrets: secrets.map((secret) => (typeof secret === "string" ? secret : unhex(secret.hex))),
    verbatimSecrets: verbatim,
    ...(max_age_secs === undefined ? {} : { maxAgeSeconds: seconds(max_age_secs) }),
    ...(max_ahead_secs === undefined ? {} : { maxAheadSeconds: seconds(max_ahead_secs) }),
    ...(max_body_bytes === undefined ? {} : { maxBodyBytes: max_body_bytes }),
    ...(algorithm_header === undefined ? {} : { algorithmHeader: algorithm_header }),
  };
}

/** Whether a host's clock may tell this second: in milliseconds it is exact, and not taken for
 * seconds. */
export const isOfAClock = (second) =>
  BigInt(second) >= 100_000_000n && BigInt(second) <= 8_000_000_000_000n;
