// What a careful user would write today for origin-request: the same decision with Sinch's own SDK.
import { hash } from "node:crypto";

const SECRET_SECONDS = 300;

const { env } = process;
const credentials = () => ({
  accessKeyId: env.AWS_ACCESS_KEY_ID,
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
  sessionToken: env.AWS_SESSION_TOKEN,
});

let front;
/** The secret, read again once it is older than that. */
let cached = { secret: undefined, until: 0 };
/** When each nonce was seen, oldest first. */
const seen = new Map();

async function webhookSecret(now, read) {
  if (now >= cached.until) {
    const { secretRegion, secretParameters } = front;
    const secret = await read(secretRegion, secretParameters[0], credentials());
    cached = { secret, until: now + SECRET_SECONDS };
  }
  return cached.secret;
}

/** The settings, which are the origin's custom headers. */
function settings({ origin: { custom } }) {
  const text = (name, otherwise) => custom.customHeaders[name]?.[0].value ?? otherwise;
  return {
    secretParameters: text("x-callback-secret-parameters").split(","),
    secretRegion: text("x-callback-secret-region"),
    maxAgeSeconds: Number(text("x-callback-max-age-seconds", "86400")),
    maxBodyBytes: Number(text("x-callback-max-body-bytes", "1000000")),
    guardCapacity: Number(text("x-callback-guard-capacity", "100000")),
  };
}

const refuse = (status, code, detail) => ({
  status,
  headers: { "content-type": [{ key: "Content-Type", value: "application/json" }] },
  body: JSON.stringify({ code, detail }),
  bodyEncoding: "text",
});

/**
 * Makes the handler. `validate(secret, headers, body)` is the SDK's; `read(region, name, credentials)`
 * gives a parameter of SSM.
 */
export const handlerWith = (validate, read) => async (event) => {
  const { request } = event.Records[0].cf;
  front ??= settings(request);
  const now = Date.now() / 1000;
  const bytes = Buffer.from(request.body.data, "base64");
  if (request.body.inputTruncated || bytes.length > front.maxBodyBytes) {
    return refuse("413", "body_too_large", "the body is too large");
  }
  const headers = {};
  for (const [name, [{ value }]] of Object.entries(request.headers)) {
    headers[name] = value;
  }

  let secret;
  try {
    secret = await webhookSecret(now, read);
  } catch (error) {
    console.error(error);
    return refuse("503", "secret_unavailable", "the secret cannot be read");
  }
  if (!validate(secret, headers, bytes.toString())) {
    return refuse("401", "signature_mismatch", "the signature does not match");
  }
  const signedAt = Number(headers["x-sinch-webhook-signature-timestamp"]);
  if (!(Math.abs(now - signedAt) <= front.maxAgeSeconds)) {
    return refuse("401", "stale", "the signed time is outside the window");
  }

  const nonce = headers["x-sinch-webhook-signature-nonce"];
  const claim = seen.has(nonce) ? "in_flight" : "first";
  if (claim === "first") {
    if (seen.size >= front.guardCapacity) {
      seen.delete(seen.keys().next().value);
    }
    seen.set(nonce, now);
  }
  const set = (key, value) => (request.headers[key] = [{ key, value }]);
  set("x-amz-content-sha256", hash("sha256", bytes, "hex"));
  set("x-callback-edge", `accepted; slot=0; claim=${claim}; key=${nonce}`);
  return request;
};
