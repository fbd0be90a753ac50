import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { sha256 } from "./sigv4.mjs";
import { endsHere, world } from "./setup.mjs";

const MEBIBYTE = 1024 * 1024;

describe("Lambda@Edge at the origin's request", () => {
  const at = world();
  const answered = (act, status, cache, cause, how) =>
    endsHere(at, act, { status, cache, cause }, how);
  const invalid = (act, cause, how) => answered(act, 502, "LambdaValidationError", cause, how);
  const passes = async (act, how) => {
    const answer = await at.send(act, how);
    assert.deepEqual(
      [answer.status, answer.headers["x-cache"]],
      [200, "Miss from cloudfront"],
      answer.cause,
    );
    return at.receiver.received.at(-1);
  };
  const shown = async (act, how) =>
    JSON.parse((await answered(act, 200, "LambdaGeneratedResponse", null, how)).text);

  test("gets the documented event", async () => {
    const headers = [
      "X-Twice",
      "a",
      "X-Twice",
      "b",
      "Connection",
      "close",
      "X-Real-IP",
      "1",
      "X-Setting",
      "the viewer's",
    ];
    const event = await shown("show event", { path: "/callbacks?x=1", headers });
    const { config, request } = event.Records[0].cf;
    assert.deepEqual(
      [config.eventType, config.distributionId, config.distributionDomainName],
      ["origin-request", "EDFDVBD6EXAMPLE", "d111111abcdef8.cloudfront.net"],
    );
    assert.deepEqual(
      [request.clientIp, request.method, request.uri, request.querystring],
      ["127.0.0.1", "POST", "/callbacks", "x=1"],
    );
    assert.deepEqual(request.headers["x-twice"], [
      { key: "X-Twice", value: "a" },
      { key: "X-Twice", value: "b" },
    ]);
    assert.deepEqual(request.headers.host, [
      { key: "Host", value: "madeup.lambda-url.us-east-1.on.aws" },
    ]);
    assert.deepEqual(request.headers["x-forwarded-for"], [
      { key: "X-Forwarded-For", value: "127.0.0.1" },
    ]);
    for (const hidden of ["connection", "x-real-ip", "x-setting"]) {
      assert.equal(hidden in request.headers, false, hidden);
    }
    assert.deepEqual(request.body, {
      inputTruncated: false,
      action: "read-only",
      encoding: "base64",
      data: "e30=",
    });
    assert.deepEqual(request.origin, {
      custom: {
        customHeaders: { "x-setting": [{ key: "X-Setting", value: "made-up" }] },
        domainName: "madeup.lambda-url.us-east-1.on.aws",
        keepaliveTimeout: 5,
        path: "",
        port: 443,
        protocol: "https",
        readTimeout: 30,
        sslProtocols: ["TLSv1.2"],
      },
    });
  });

  test("sees a mebibyte of the body, and is told of what was cut off", async () => {
    assert.deepEqual(await shown("show body", { body: Buffer.alloc(MEBIBYTE, 255) }), {
      inputTruncated: false,
      action: "read-only",
      encoding: "base64",
      data: MEBIBYTE,
    });
    assert.deepEqual(await shown("show body", { body: Buffer.alloc(MEBIBYTE + 1, 255) }), {
      inputTruncated: true,
      action: "read-only",
      encoding: "base64",
      data: MEBIBYTE,
    });
  });

  test("passes on the very bytes", async () => {
    const body = Buffer.from([0xff, 0xfe, 0, 1, 0x80, 0x7b]);
    assert.deepEqual((await passes("pass", { body })).body, body);
  });

  test("the whole of a body goes on of which it saw a part", async () => {
    const body = Buffer.alloc(MEBIBYTE + 7, 255);
    // Of which no hash can be made.
    const answer = await at.send("pass", { body });
    assert.deepEqual([answer.status, answer.cause], [403, "a payload with another hash"]);
    const headers = ["X-Amz-Content-Sha256", sha256(body)];
    assert.deepEqual((await passes("pass without hash", { body, headers })).body, body);
  });

  test("may add a header of its own, and replace the body", async () => {
    const received = await passes("add verdict");
    assert.equal(received.headers["x-callback-edge"], "accepted");
    assert.equal(received.headers["x-setting"], "made-up");
    assert.equal(String((await passes("replace body")).body), "replaced");
  });

  test("a header that it leaves alone goes on as it came; one that it changes goes on as UTF-8", async () => {
    const headers = ["X-Seen", "\xe9\xff"];
    assert.equal((await passes("pass", { headers })).headers["x-seen"], "\xe9\xff");
    const changed = (await passes("change seen", { headers })).headers["x-seen"];
    assert.equal(Buffer.from(changed, "latin1").toString("utf8"), "éÿ!");
  });

  test("may not add a disallowed header", async () => {
    await invalid("add hidden", "header x-edge-made-up is disallowed");
    await invalid("add connection", "header connection is disallowed");
    await invalid("answer with x-cache", "header x-cache is disallowed");
  });

  test("may not add, change, or delete a read-only header", async () => {
    await invalid("change via", "header via is read-only in origin-request events");
    await invalid("delete via", "header via is read-only in origin-request events");
    await invalid(
      "change accept-encoding",
      "header accept-encoding is read-only in origin-request events",
    );
    await invalid("change length", "header content-length is read-only in origin-request events");
    await invalid(
      "answer with length",
      "header content-length is read-only in origin-request events",
    );
  });

  test("names headers in lower case, and leaves the origin's own alone", async () => {
    await invalid("add upper case", '"X-Upper" is not a header name in lower case');
    await invalid(
      "add setting",
      "header x-setting is in the request and in the origin's custom headers",
    );
  });

  test("may not change the method", () => invalid("change method", "method is read-only"));
  test("returns something", () =>
    invalid("return nothing", "the function returned neither a request nor a response"));

  test("answers in the origin's place", async () => {
    const answer = await answered("refuse", 401, "LambdaGeneratedResponse", null);
    assert.deepEqual([answer.text, answer.headers["x-why"]], ["no", "made-up"]);
    assert.equal((await answered("204", 204, "LambdaGeneratedResponse", null)).text, "");
  });
  test("may not answer 204 with a body", () => invalid("204 with body", "a 204 with a body"));
  test("has a status from 200 to 599", () => invalid("status 99", "status is not from 200 to 599"));
  test("has base64 that is some", () =>
    invalid("bad base64", "body is not the base64 that it is said to be"));
  test("answers a mebibyte at most", async () => {
    assert.equal(
      (await answered("answer of a mebibyte", 200, "LambdaGeneratedResponse", null)).body.length,
      MEBIBYTE - 2,
    );
    await invalid("answer past a mebibyte", "a response of 1048578 bytes; at most 1048576");
  });
});
