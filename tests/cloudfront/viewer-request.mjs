import { isDeepStrictEqual } from "node:util";

import { EdgeFailure } from "./edge-failure.mjs";
import { checkHeaders, isDisallowed, lambdaHeaders } from "./headers.mjs";

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html

// Our own reading: the limit that AWS states for what Lambda@Edge generates at a viewer request.
const GENERATED_BYTES = 40 * 1024;

const fail = (cause) => {
  throw EdgeFailure.invalid("Function", cause);
};

/** The event of a viewer request, as a CloudFront Function gets it. */
export function viewerRequestEvent({ distribution, requestId, clientIp, request, rawPairs }) {
  const visible = rawPairs.filter(
    ([name]) => name.toLowerCase() !== "cookie" && !isDisallowed(name.toLowerCase()),
  );
  const cookies = rawPairs
    .filter(([name]) => name.toLowerCase() === "cookie")
    .flatMap(([, value]) => value.split(/; */))
    .map((pair) => pair.split(/=(.*)/s));
  return {
    version: "1.0",
    context: {
      distributionDomainName: distribution.domainName,
      distributionId: distribution.id,
      eventType: "viewer-request",
      requestId,
    },
    viewer: { ip: clientIp },
    request: {
      method: request.method,
      uri: request.uri,
      querystring: gathered(
        request.querystring
          .split("&")
          .filter(Boolean)
          .map((pair) => pair.split(/=(.*)/s)),
      ),
      headers: gathered(
        Object.entries(lambdaHeaders(visible)).flatMap(([name, all]) =>
          all.map(({ value }) => [name, value]),
        ),
      ),
      cookies: gathered(cookies),
    },
  };
}

/** Repeated names have all their values in `multiValue`, and the first in `value` as well. */
function gathered(namesAndValues) {
  const fields = {};
  for (const [name, value = ""] of namesAndValues) {
    if (!Object.hasOwn(fields, name)) {
      fields[name] = { value };
      continue;
    }
    const field = fields[name];
    field.multiValue ??= [{ value: field.value }];
    field.multiValue.push({ value });
  }
  return fields;
}

/** What the function decided: `{ response }`, or `{ request }` with what goes on. */
export function viewerRequestOutcome(event, result, request) {
  if (result === null || typeof result !== "object") {
    fail("the function returned neither a request nor a response");
  }
  return result.statusCode === undefined
    ? { request: goingOn(event.request, result, request) }
    : { response: generated(result) };
}

function goingOn(before, after, request) {
  if (after.method !== before.method) {
    fail("method is read-only");
  }
  if (typeof after.uri !== "string" || !after.uri.startsWith("/")) {
    fail("uri does not begin with a slash");
  }
  for (const part of ["querystring", "cookies"]) {
    if (!isDeepStrictEqual(after[part], before[part])) {
      throw EdgeFailure.notModelled(`a viewer function that changes ${part}`);
    }
  }
  const headers = listed(after.headers, before.headers);
  checkHeaders("Function", "viewer-request", listed(before.headers, before.headers), headers);
  for (const [name, entries] of Object.entries(headers)) {
    entries.forEach((entry, n) => (entry.key = request.headers[name]?.[n]?.key ?? entry.key));
  }
  const { cookie } = request.headers;
  return { ...request, uri: after.uri, headers: cookie ? { ...headers, cookie } : headers };
}

function generated(result) {
  const { statusCode, statusDescription = "", headers = {}, body } = result;
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599) {
    fail("statusCode is not a whole number from 100 to 599");
  }
  if (typeof statusDescription !== "string") {
    fail("statusDescription is not text");
  }
  if (result.cookies !== undefined && Object.keys(result.cookies).length > 0) {
    throw EdgeFailure.notModelled("a viewer function that sets cookies");
  }
  const asLambda = listed(headers, {});
  checkHeaders("Function", "viewer-request", {}, asLambda);
  const bytes = bodyBytes(body);
  const size = bytes.length + JSON.stringify(headers).length;
  if (size > GENERATED_BYTES) {
    fail(`a response of ${size} bytes; at most ${GENERATED_BYTES}`);
  }
  return { status: statusCode, statusDescription, headers: asLambda, body: bytes };
}

function bodyBytes(body) {
  if (body === undefined || typeof body === "string") {
    return Buffer.from(body ?? "");
  }
  const { encoding, data } = body;
  if (typeof data !== "string" || (encoding !== "text" && encoding !== "base64")) {
    fail("body is neither text nor data with its encoding");
  }
  const bytes = Buffer.from(data, encoding === "text" ? "utf8" : "base64");
  if (encoding === "base64" && bytes.toString("base64") !== data) {
    fail("body is not the base64 that it is said to be");
  }
  return bytes;
}

/** Headers in Lambda@Edge's form. A changed `multiValue` counts; else a changed `value`, as the first. */
function listed(headers, before) {
  if (headers === null || typeof headers !== "object") {
    fail("headers is not an object");
  }
  return Object.fromEntries(
    Object.entries(headers).map(([name, field]) => {
      const values = (field?.multiValue ?? [{ value: field?.value }]).map((one) => one?.value);
      const former = before[name];
      if (former?.multiValue && isDeepStrictEqual(field.multiValue, former.multiValue)) {
        values[0] = field.value;
      }
      return [name, values.map((value) => ({ key: capitalized(name), value }))];
    }),
  );
}

function capitalized(name) {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}
