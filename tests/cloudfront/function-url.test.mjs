import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { exchange } from "./http.mjs";
import { DOMAIN, POLICY, world } from "./setup.mjs";
import { sha256, sign } from "./sigv4.mjs";

const STRANGER = { id: "AKIASTRANGER", secret: "made-up-strangers-secret" };
const callers = {
  [STRANGER.id]: {
    ...STRANGER,
    service: "cloudfront.amazonaws.com",
    sourceArn: "arn:aws:cloudfront::000000000000:distribution/EOTHER",
  },
};

describe("a Function URL behind origin access control", () => {
  const at = world({ functionUrl: { callers } });
  const forbidden = async (act, cause, how) => {
    const before = at.receiver.received.length;
    const answer = await at.send(act, how);
    assert.deepEqual(
      [answer.status, answer.text, answer.cause],
      [403, '{"Message":"Forbidden"}', cause],
    );
    assert.equal(at.receiver.received.length, before, "the function was invoked");
  };

  test("invokes the function for a request with the hash of its raw body", async () => {
    for (const body of ["{}", "", Buffer.from([0xff, 0xfe, 0x7b])]) {
      assert.equal((await at.send("pass", { body })).status, 200);
    }
  });
  test("forbids a POST without the hash, for which the empty one is signed", async () => {
    await forbidden("pass without hash", "a signature that does not match");
    assert.equal((await at.send("pass without hash", { method: "GET" })).status, 200);
  });
  test("forbids the hash of a body that was decoded as text", async () => {
    assert.equal((await at.send("hash as text", { body: "é" })).status, 200);
    await forbidden("hash as text", "a payload with another hash", { body: Buffer.from([0xff]) });
  });
  test("forbids an unsigned payload", () => forbidden("unsigned", "a payload with another hash"));

  test("has Authorization from CloudFront alone", async () => {
    const headers = [
      "Authorization",
      "Bearer the-viewers",
      "X-Amz-Date",
      "20200101T000000Z",
      "X-Amz-Security-Token",
      "the-viewers",
    ];
    const answer = await at.send("pass", { headers });
    assert.equal(answer.status, 200, answer.cause);
  });

  const directly = (headers, body = "{}") =>
    exchange(at.distribution.functionUrl.url, {
      method: "POST",
      path: "/callbacks",
      headers,
      body,
    });
  const signed = (credentials, body = "{}") => {
    const headers = { host: DOMAIN, "x-amz-content-sha256": sha256(body) };
    return {
      ...headers,
      ...sign({
        method: "POST",
        path: "/callbacks",
        query: "",
        headers,
        payloadHash: headers["x-amz-content-sha256"],
        credentials,
        region: "us-east-1",
        service: "lambda",
        nowMs: Date.now(),
      }),
    };
  };
  const refusal = () => at.distribution.functionUrl.calls.at(-1).refused;

  test("forbids a call without CloudFront's signature", async () => {
    assert.equal((await directly({ host: DOMAIN })).status, 403);
    assert.equal(refusal(), "no signature of version 4");
  });
  test("forbids another distribution", async () => {
    assert.equal((await directly(signed(STRANGER))).status, 403);
    assert.equal(refusal(), "the resource policy does not allow it");
  });
  test("forbids another Host", async () => {
    assert.equal(
      (await directly({ ...signed(STRANGER), host: "d111111abcdef8.cloudfront.net" })).status,
      403,
    );
    assert.equal(refusal(), "another Host");
  });
});

for (const action of ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]) {
  describe(`a resource policy without ${action}`, () => {
    const at = world({
      functionUrl: { policy: POLICY.filter((statement) => statement.Action !== action) },
    });
    test("forbids the distribution", async () => {
      const answer = await at.send("pass");
      assert.deepEqual(
        [answer.status, answer.cause],
        [403, "the resource policy does not allow it"],
      );
      assert.equal(at.receiver.received.length, 0);
    });
  });
}

describe("a distribution without origin access control", () => {
  const at = world({ origin: { accessControl: false } });
  test("is forbidden", async () => {
    assert.deepEqual([(await at.send("pass")).status, at.receiver.received.length], [403, 0]);
  });
});
