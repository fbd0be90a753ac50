import { isDeepStrictEqual } from "node:util";

import { EdgeFailure } from "./edge-failure.mjs";
import { checkHeaders } from "./headers.mjs";

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-generating-http-responses-in-requests.html

export const MEBIBYTE = 1024 * 1024;

const fail = (cause) => {
  throw EdgeFailure.invalid("Lambda", cause);
};

/** The `config` of every Lambda@Edge event. */
export function eventConfig(distribution, eventType, requestId) {
  return {
    distributionDomainName: distribution.domainName,
    distributionId: distribution.id,
    eventType,
    requestId,
  };
}

/** The event of an origin request, of a function that has the body included. */
export function originRequestEvent({ distribution, requestId, request, body }) {
  return {
    Records: [
      {
        cf: {
          config: eventConfig(distribution, "origin-request", requestId),
          request: {
            ...request,
            body: {
              inputTruncated: body.length > MEBIBYTE,
              action: "read-only",
              encoding: "base64",
              data: body.subarray(0, MEBIBYTE).toString("base64"),
            },
          },
        },
      },
    ],
  };
}

/** What the function decided: `{ response }`, or `{ request, body }` with what goes to the origin. */
export function originRequestOutcome(event, result, body) {
  if (result === null || typeof result !== "object") {
    fail("the function returned neither a request nor a response");
  }
  if (result.status !== undefined) {
    return { response: generated(result) };
  }
  const before = event.Records[0].cf.request;
  for (const field of ["method", "clientIp"]) {
    if (result[field] !== before[field]) {
      fail(`${field} is read-only`);
    }
  }
  if (typeof result.uri !== "string" || !result.uri.startsWith("/")) {
    fail("uri does not begin with a slash");
  }
  if (typeof result.querystring !== "string" || /[\s#]/.test(result.querystring)) {
    fail("querystring is not a query string");
  }
  checkHeaders("Lambda", "origin-request", before.headers, result.headers);
  const custom = result.origin?.custom;
  if (!custom) {
    fail("the request has no origin");
  }
  const { customHeaders, ...rest } = custom;
  const { customHeaders: _, ...restBefore } = before.origin.custom;
  if (!isDeepStrictEqual(rest, restBefore)) {
    throw EdgeFailure.notModelled("a function that changes the origin");
  }
  checkHeaders("Lambda", "origin-request", {}, customHeaders);
  const twice = Object.keys(result.headers).find((name) => name in customHeaders);
  if (twice) {
    fail(`header ${twice} is in the request and in the origin's custom headers`);
  }
  const { body: _body, ...request } = result;
  return { request, body: sentBody(result.body, body) };
}

/** The full body as the viewer sent it, unless the function replaces it. */
function sentBody(returned, body) {
  if (returned === undefined || returned.action === undefined || returned.action === "read-only") {
    return body;
  }
  const { action, encoding, data } = returned;
  if (
    action !== "replace" ||
    typeof data !== "string" ||
    (encoding !== "text" && encoding !== "base64")
  ) {
    fail("body is neither left alone nor replaced");
  }
  const bytes = Buffer.from(data, encoding === "text" ? "utf8" : "base64");
  if (encoding === "base64" && bytes.toString("base64") !== data) {
    fail("body is not the base64 that it is said to be");
  }
  if (bytes.length > MEBIBYTE) {
    fail(`a body of ${bytes.length} bytes; at most ${MEBIBYTE}`);
  }
  return bytes;
}

function generated(result) {
  const response = returnedResponse("origin-request", {}, result);
  const size = response.body.length + JSON.stringify(response.headers).length;
  if (size > MEBIBYTE) {
    fail(`a response of ${size} bytes; at most ${MEBIBYTE}`);
  }
  return response;
}

/** A response as a Lambda@Edge function may return it. */
export function returnedResponse(eventType, headersBefore, result) {
  const { status, statusDescription = "", headers = {}, body, bodyEncoding = "text" } = result;
  const code = Number(status);
  if (!/^\d{3}$/.test(String(status)) || code < 200 || code > 599) {
    fail("status is not from 200 to 599");
  }
  if (typeof statusDescription !== "string") {
    fail("statusDescription is not text");
  }
  checkHeaders("Lambda", eventType, headersBefore, headers);
  if (body !== undefined && typeof body !== "string") {
    fail("body is not text");
  }
  if (bodyEncoding !== "text" && bodyEncoding !== "base64") {
    fail("bodyEncoding is neither text nor base64");
  }
  const bytes = Buffer.from(body ?? "", bodyEncoding === "text" ? "utf8" : "base64");
  if (bodyEncoding === "base64" && bytes.toString("base64") !== body) {
    fail("body is not the base64 that it is said to be");
  }
  if (code === 204 && body !== undefined) {
    fail("a 204 with a body");
  }
  return { status: code, statusDescription, headers, body: bytes, hasBody: body !== undefined };
}
