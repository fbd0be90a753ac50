import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { fixture, world } from "./setup.mjs";

describe("Lambda@Edge at the origin's response", () => {
  const at = world({
    originResponse: fixture("origin-response.js"),
    origin: { readTimeoutSeconds: 1 },
  });
  const respond = (act, how = {}) => at.send("pass", { ...how, headers: ["X-Respond", act] });
  const invocations = () =>
    at.distribution.originResponse.environments().reduce((sum, one) => sum + one.invocations, 0);

  test("gets the documented event: the request as it went on, the response without its body", async () => {
    const answer = await respond("show event");
    const { config, request, response } = JSON.parse(answer.text).Records[0].cf;
    assert.equal(config.eventType, "origin-response");
    assert.match(request.headers["x-amz-content-sha256"][0].value, /^[0-9a-f]{64}$/);
    assert.deepEqual(request.origin.custom.customHeaders, {
      "x-setting": [{ key: "X-Setting", value: "made-up" }],
    });
    assert.equal("body" in request, false);
    assert.deepEqual(
      [response.status, response.statusDescription, "body" in response],
      ["200", "OK", false],
    );
    assert.equal("authorization" in request.headers, false);
  });

  test("is told of every status of the origin's, and leaves its body alone", async () => {
    at.receiver.answer = { status: 500, headers: { "x-own": "1" }, body: "not now" };
    const before = invocations();
    const answer = await respond("pass");
    assert.deepEqual([answer.status, answer.text, answer.headers["x-own"]], [500, "not now", "1"]);
    assert.equal(answer.headers["x-cache"], "Error from cloudfront");
    assert.equal(invocations(), before + 1);
    at.receiver.answer = { status: 200, headers: {}, body: "taken" };
  });

  test("may change the status and add a header", async () => {
    assert.equal((await respond("change status")).status, 418);
    const answer = await respond("add header");
    assert.deepEqual([answer.headers["x-added"], answer.text], ["1", "taken"]);
  });

  test("may add neither a read-only nor a disallowed header", async () => {
    for (const [act, cause] of [
      ["add via", "header via is read-only in origin-response events"],
      ["add x-cache", "header x-cache is disallowed"],
    ]) {
      const answer = await respond(act);
      assert.deepEqual([answer.status, answer.cause], [502, cause]);
    }
  });

  test("answers 503 when it throws, though the origin has taken the request", async () => {
    const before = at.receiver.received.length;
    assert.equal((await respond("throw")).status, 503);
    assert.equal(at.receiver.received.length, before + 1);
  });

  test("does not run where the origin gave no answer", async () => {
    const before = invocations();
    at.distribution.functionUrl.fault = { how: "hang-before", times: 1 };
    const received = at.receiver.received.length;
    const answer = await respond("pass");
    assert.deepEqual([answer.status, answer.cause], [504, "the origin did not answer in time"]);
    assert.equal(at.receiver.received.length, received);
    at.distribution.functionUrl.fault = { how: "hang-after", times: 1 };
    assert.equal((await respond("pass")).status, 504);
    assert.equal(at.receiver.received.length, received + 1);
    assert.equal(invocations(), before);
    assert.equal((await respond("pass")).status, 200);
  });

  test("does not run for what the origin's request was answered with", async () => {
    const before = invocations();
    assert.equal((await at.send("refuse")).status, 401);
    assert.equal(invocations(), before);
  });
});

describe("one function for both events", () => {
  const at = world({
    originRequest: fixture("both.js"),
    originResponse: fixture("both.js"),
    environments: 2,
  });

  test("runs in the same environments; each event may be pinned to its own", async () => {
    const seen = async (originRequest, originResponse) => {
      at.distribution.pins = { originRequest, originResponse };
      const answer = await at.send(null);
      return [answer.headers["x-events"], at.distribution.exchanges.at(-1).environments];
    };
    assert.deepEqual(await seen(0, 0), [
      "origin-request origin-response",
      { originRequest: 0, originResponse: 0 },
    ]);
    assert.deepEqual(await seen(0, 1), [
      "origin-response",
      { originRequest: 0, originResponse: 1 },
    ]);
    assert.deepEqual(await seen(null, null), [
      "origin-request origin-response origin-request origin-request origin-response",
      { originRequest: 0, originResponse: 0 },
    ]);
  });
});
