import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";

import { sha256, sign } from "./sigv4.mjs";
import { fixture, world } from "./setup.mjs";
import { listen, answerJson } from "./http.mjs";

const failed = (answer, cause) => {
  assert.deepEqual(
    [answer.status, answer.headers["x-cache"]],
    [503, "LambdaExecutionError from cloudfront"],
  );
  assert.match(answer.cause, cause);
};

describe("an environment", () => {
  const at = world({ environments: 1, timeoutSeconds: 2, origin: {} });
  const shown = async (act, how) => {
    const answer = await at.send(act, how);
    assert.equal(answer.status, 200, answer.cause);
    return JSON.parse(answer.text);
  };

  test("holds what Lambda reserves, its bundle, and nothing else", async () => {
    assert.deepEqual(await shown("show surroundings"), {
      env: {
        AWS_REGION: "eu-central-1",
        AWS_DEFAULT_REGION: "eu-central-1",
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x",
        AWS_ACCESS_KEY_ID: "ASIAMADEUPEDGE",
        AWS_SECRET_ACCESS_KEY: "made-up-edge-secret",
        AWS_SESSION_TOKEN: "made-up-edge-token",
        AWS_LAMBDA_FUNCTION_NAME: "us-east-1.made-up-origin-request",
        AWS_LAMBDA_FUNCTION_VERSION: "1",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      },
      argv: [process.execPath],
      files: ["origin-request.js"],
    });
  });

  test("keeps its state from one invocation to the next", async () => {
    const { count } = await shown("keep count");
    assert.deepEqual(await shown("keep count"), { count: count + 1 });
  });

  test("keeps its state through a throw, which answers 503", async () => {
    const { count } = await shown("keep count");
    failed(await at.send("throw"), /^Error: made to throw$/);
    assert.deepEqual(await shown("keep count"), { count: count + 1 });
  });

  test("stands still between invocations", async () => {
    const before = await shown("leave a timer");
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { ticks } = await shown("show ticks");
    // Of 60 that would have passed; a few fall into the invocations themselves.
    assert.ok(ticks - before.ticks < 15, `${ticks} ticks`);
  });

  test("is ended when it takes longer than its limit, and a new one takes its place", async () => {
    await shown("keep count");
    failed(await at.send("hang"), /^no answer within 2000 ms$/);
    assert.deepEqual(await shown("keep count"), { count: 1 });
  });

  test("is ended past its memory, and a new one takes its place", async () => {
    failed(await at.send("take memory"), /^it took \d+ MB of 128$/);
    assert.deepEqual(await shown("keep count"), { count: 1 });
  });

  test("that exits answers 503, and a new one takes its place", async () => {
    failed(await at.send("exit"), /^it ended with exit code 3$/);
    assert.deepEqual(await shown("keep count"), { count: 1 });
  });

  test("writes lines that are kept", async () => {
    await shown("log");
    const lines = at.distribution.logs.map(({ line }) => line);
    assert.deepEqual(lines, ["a line of the function's own"]);
  });

  test("leaves neither a process nor a folder behind", async () => {
    await shown("keep count");
    const [{ pid }] = at.distribution.originRequest.environments();
    assert.ok(existsSync(`/proc/${pid}`));
    await at.distribution.originRequest.stop();
    assert.equal(existsSync(`/proc/${pid}`), false);
  });
});

describe("environments", () => {
  const at = world({ environments: 2 });
  const used = () => at.distribution.exchanges.at(-1).environments.originRequest;

  test("run one invocation at a time, side by side up to their limit", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => at.send("wait a moment")));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 503]);
    for (const answer of answers) {
      if (answer.status === 200) {
        assert.deepEqual(JSON.parse(answer.text), { others: 1 });
      } else {
        assert.equal(answer.headers["x-cache"], "LambdaLimitExceeded from cloudfront");
      }
    }
  });

  test("share nothing; the pinned one takes every invocation, in turn", async () => {
    const pin = (originRequest) => (at.distribution.pins = { originRequest, originResponse: null });
    pin(0);
    const first = JSON.parse((await at.send("keep count")).text).count;
    assert.equal(used(), 0);
    pin(1);
    assert.equal(JSON.parse((await at.send("keep count")).text).count, 1);
    assert.equal(used(), 1);
    pin(0);
    const answers = await Promise.all([1, 2, 3].map(() => at.send("keep count")));
    assert.deepEqual(
      answers.map(({ text }) => JSON.parse(text).count),
      [first + 1, first + 2, first + 3],
    );
    pin(null);
  });
});

describe("an environment's clock", () => {
  const at = world();

  test("is the distribution's, and may be moved while it runs", async () => {
    for (const seconds of [1_634_579_356, 1_634_579_387]) {
      at.distribution.clock.set(seconds);
      const shown = JSON.parse((await at.send("show now")).text);
      assert.deepEqual(shown, { now: seconds * 1000, date: seconds * 1000, parsed: 5 });
    }
    at.distribution.clock.set(null);
    const { now } = JSON.parse((await at.send("show now")).text);
    assert.ok(Math.abs(now - Date.now()) < 5000);
  });
});

describe("a bundle without a handler", () => {
  const at = world({ originRequest: fixture("viewer-function.js") });
  test("answers 503", async () =>
    failed(
      await at.send("pass"),
      /^the function did not start: TypeError: the bundle exports no handler$/,
    ));
});

describe("an environment's network", () => {
  const routes = {};
  const at = world({ network: routes });
  const host = "ssm.eu-west-1.amazonaws.com";
  const signedBy = (changes = {}) => {
    const headers = { host, "x-amz-target": "AmazonSSM.GetParameters" };
    const { authorization, ...more } = sign({
      method: "POST",
      path: "/",
      query: "",
      headers,
      payloadHash: sha256("{}"),
      region: "eu-west-1",
      service: "ssm",
      credentials: {
        id: "ASIAMADEUPEDGE",
        secret: "made-up-edge-secret",
        token: "made-up-edge-token",
      },
      nowMs: Date.now(),
      ...changes,
    });
    return JSON.stringify({ "x-amz-target": headers["x-amz-target"], ...more, authorization });
  };
  const called = async (host, signed = signedBy()) => {
    const answer = await at.send("call", { headers: ["X-Host", host, "X-Signed", signed] });
    return JSON.parse(answer.text);
  };

  test("leads to the endpoints of its table, with signatures held to", async (t) => {
    const seen = [];
    const server = await listen(async (request, response) => {
      seen.push(request.headers);
      answerJson(response, 200, { Parameters: [] });
    });
    t.after(() => server.close());
    routes[host] = server.url;
    await at.distribution.originRequest.stop();
    assert.deepEqual(await called(host), { status: 200, body: '{"Parameters":[]}' });
    assert.equal(seen[0]["x-amz-target"], "AmazonSSM.GetParameters");
    const { environment, status, target } = at.distribution.network.requests.at(-1);
    assert.deepEqual(
      [environment, status, target],
      ["origin-request-0", 200, "AmazonSSM.GetParameters"],
    );

    for (const changes of [
      { region: "us-east-1" },
      { service: "lambda" },
      { nowMs: Date.now() - 301_000 },
      { payloadHash: sha256("") },
    ]) {
      assert.equal((await called(host, signedBy(changes))).status, 403);
    }
    assert.equal((await called(host, "{}")).status, 403);
    assert.equal(seen.length, 1);
    await server.close();
    assert.match((await called(host)).failed, /socket|ECONNRE/);
  });

  test("leads nowhere else", async () => {
    assert.deepEqual(await called("ssm.us-west-2.amazonaws.com"), {
      failed: "no such host: ssm.us-west-2.amazonaws.com",
    });
    const connected = JSON.parse((await at.send("connect")).text);
    assert.deepEqual(connected, {
      failed: "an environment reaches AWS's endpoints by node:https alone",
    });
  });
});
