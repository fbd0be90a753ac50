import { isDeepStrictEqual } from "node:util";

import { EdgeFailure } from "./edge-failure.mjs";

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-function-restrictions-all.html

const DISALLOWED = new Set([
  "connection",
  "expect",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "trailer",
  "upgrade",
  "x-accel-buffering",
  "x-accel-charset",
  "x-accel-limit-rate",
  "x-accel-redirect",
  "x-amzn-auth",
  "x-amzn-cf-billing",
  "x-amzn-cf-id",
  "x-amzn-cf-xff",
  "x-amzn-errortype",
  "x-amzn-fle-profile",
  "x-amzn-header-count",
  "x-amzn-header-order",
  "x-amzn-lambda-integration-tag",
  "x-amzn-requestid",
  "x-cache",
  "x-forwarded-proto",
  "x-real-ip",
]);
const DISALLOWED_PREFIXES = ["x-amz-cf-", "x-edge-"];

const READ_ONLY = {
  "viewer-request": ["content-length", "host", "transfer-encoding", "via"],
  "origin-request": [
    "accept-encoding",
    "cdn-loop",
    "content-length",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "transfer-encoding",
    "via",
  ],
  "origin-response": ["transfer-encoding", "via"],
};

/** Whether functions neither see this header nor may add it. */
export function isDisallowed(name) {
  return DISALLOWED.has(name) || DISALLOWED_PREFIXES.some((prefix) => name.startsWith(prefix));
}

/**
 * A value as functions see it. Node.js gives each byte of a header as one character. Bytes that are
 * UTF-8 are read as that; all others are taken for ISO-8859-1.
 */
export function textOf(bytes) {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(Buffer.from(bytes, "latin1"));
  } catch {
    return bytes;
  }
}

/** Header pairs as they came: `[name, bytes]`, where Node.js has both in one flat list. */
export function pairs(rawHeaders) {
  return rawHeaders.flatMap((name, n) => (n % 2 === 0 ? [[name, rawHeaders[n + 1]]] : []));
}

/** Headers in the form of Lambda@Edge: by lower-case name, the values in the order they came. */
export function lambdaHeaders(rawPairs) {
  const headers = {};
  for (const [key, bytes] of rawPairs) {
    const name = key.toLowerCase();
    if (!isDisallowed(name)) {
      (headers[name] ??= []).push({ key, value: textOf(bytes) });
    }
  }
  return headers;
}

/** The bytes of a value: those that came in where a function left it alone, otherwise UTF-8. */
export function bytesOf(name, value, rawPairs) {
  const untouched = rawPairs.find(
    ([key, bytes]) => key.toLowerCase() === name && textOf(bytes) === value,
  );
  return untouched ? untouched[1] : Buffer.from(value, "utf8").toString("latin1");
}

/** Refuses headers that a function may not return for this event. */
export function checkHeaders(runtime, eventType, before, after) {
  const fail = (cause) => {
    throw EdgeFailure.invalid(runtime, cause);
  };
  if (after === null || typeof after !== "object" || Array.isArray(after)) {
    fail("headers is not an object");
  }
  for (const [name, entries] of Object.entries(after)) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name)) {
      fail(`${JSON.stringify(name)} is not a header name in lower case`);
    }
    if (!Array.isArray(entries) || entries.length === 0) {
      fail(`header ${name} is not a list of values`);
    }
    for (const entry of entries) {
      if (typeof entry?.value !== "string" || /[\0\r\n]/.test(entry.value)) {
        fail(`header ${name} has a value that is no header value`);
      }
      if (entry.key !== undefined && String(entry.key).toLowerCase() !== name) {
        fail(`header ${name} has the key of another`);
      }
    }
    if (isDisallowed(name)) {
      fail(`header ${name} is disallowed`);
    }
  }
  for (const name of READ_ONLY[eventType]) {
    const values = (headers) => headers[name]?.map((entry) => entry.value);
    if (!isDeepStrictEqual(values(before), values(after))) {
      fail(`header ${name} is read-only in ${eventType} events`);
    }
  }
}
