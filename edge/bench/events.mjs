// Signed callbacks of 527 bytes, as CloudFront hands them to a function on origin-request
// (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html).
import { createHmac } from "node:crypto";

export const SECRET = "example-secret-not-real-1";
const BODY_BYTES = 527;

const shell = JSON.stringify({
  app_id: "01EXAMPLEAPP0000000000000",
  accepted_time: "2021-10-18T17:49:10.25Z",
  project_id: "00000000-0000-0000-0000-000000000000",
  message_delivery_report: {
    message_id: "01FJA8EXAMPLE1001",
    conversation_id: "01FJA8EXAMPLE2002",
    status: "DELIVERED",
    channel_identity: { channel: "SMS", identity: "4700000000", app_id: "" },
    contact_id: "01FJA8EXAMPLE3003",
    metadata: "",
    processing_mode: "CONVERSATION",
  },
  message_metadata: "",
});
const filling = "x".repeat(BODY_BYTES - shell.length);
const body = Buffer.from(shell.replace('"metadata":""', `"metadata":"${filling}"`));
if (body.length !== BODY_BYTES) {
  throw new Error(`the body has ${body.length} bytes, expected ${BODY_BYTES}`);
}
const data = body.toString("base64");

const origin = {
  custom: {
    customHeaders: entries({
      "x-callback-secret-parameters": "/example/sinch/secret",
      "x-callback-secret-region": "eu-central-1",
    }),
    domainName: "example.lambda-url.eu-central-1.on.aws",
    keepaliveTimeout: 5,
    path: "",
    port: 443,
    protocol: "https",
    readTimeout: 30,
    sslProtocols: ["TLSv1.2"],
  },
};

let count = 0;

/** The next callback: no two have the same nonce. */
export function nextCallback() {
  const nonce = `01FJA8EXAMPLENONCE${String((count += 1)).padStart(8, "0")}`;
  const timestamp = String(Math.floor(Date.now() / 1000));
  const text = createHmac("sha256", SECRET).update(body).update(`.${nonce}.${timestamp}`);
  const headers = {
    "x-sinch-webhook-signature-timestamp": timestamp,
    "x-sinch-webhook-signature-nonce": nonce,
    "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    "x-sinch-webhook-signature": text.digest("base64"),
  };
  return { headers, body };
}

/** The event of a callback, as the JSON that Lambda's runtime parses. */
export function eventOf({ headers }) {
  const request = {
    clientIp: "192.0.2.1",
    headers: entries({
      host: origin.custom.domainName,
      "user-agent": "Amazon CloudFront",
      "content-length": String(BODY_BYTES),
      "content-type": "application/json",
      accept: "*/*",
      via: "1.1 example.cloudfront.net (CloudFront)",
      "x-forwarded-for": "192.0.2.1",
      ...headers,
    }),
    method: "POST",
    origin,
    querystring: "",
    uri: "/callbacks",
    body: { action: "read-only", data, encoding: "base64", inputTruncated: false },
  };
  const config = {
    distributionDomainName: "example.cloudfront.net",
    distributionId: "EXAMPLE",
    eventType: "origin-request",
    requestId: `example-${headers["x-sinch-webhook-signature-nonce"]}==`,
  };
  return JSON.stringify({ Records: [{ cf: { config, request } }] });
}

/** Throws where a callback was not accepted for the first time. */
export function expectAccepted(who, answer) {
  const mark = answer.headers["x-callback-edge"]?.[0]?.value ?? `${answer.status} ${answer.body}`;
  if (!mark.startsWith("accepted; slot=0; claim=first; ")) {
    throw new Error(`${who}: ${mark}, expected a callback that is accepted and claimed first`);
  }
}

function entries(values) {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, [{ key, value }]]));
}
