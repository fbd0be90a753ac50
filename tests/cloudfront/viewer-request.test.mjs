import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";

import { endsHere, fixture, world } from "./setup.mjs";
import { sha256 } from "./sigv4.mjs";
import { ViewerFunction } from "./viewer-function.mjs";

const AT = 1_634_579_356;

describe("a CloudFront Function at the viewer's request", () => {
  const at = world({ prefilter: fixture("viewer-function.js"), originRequest: null, clock: AT });
  const refused = (act, status, cache, cause, how) =>
    endsHere(at, act, { status, cache, cause }, how);
  // No function behind this one makes it acceptable to the Function URL.
  const hash = ["X-Amz-Content-Sha256", sha256("{}")];
  const passes = async (act, headers = []) => {
    const answer = await at.send(act, { headers: [...hash, ...headers] });
    assert.equal(answer.status, 200, answer.cause);
    return at.receiver.received.at(-1);
  };
  const invalid = (act, cause) => refused(act, 502, "FunctionValidationError", cause);

  test("gets the documented event", async () => {
    const headers = [
      "X-Twice",
      "a",
      "X-Twice",
      "b",
      "X-List",
      "a, b",
      "Cookie",
      "a=1; b=2",
      "Expect",
      "100-continue",
      "X-Edge-Made-Up",
      "1",
    ];
    const answer = await refused("show event", 200, "FunctionGeneratedResponse", null, {
      path: "/callbacks?x=1&y&x=2",
      headers,
    });
    const event = JSON.parse(answer.text);
    assert.equal(event.version, "1.0");
    assert.equal(event.context.eventType, "viewer-request");
    assert.equal(event.context.distributionId, "EDFDVBD6EXAMPLE");
    assert.equal(event.context.requestId, answer.headers["x-amz-cf-id"]);
    assert.equal(event.viewer.ip, "127.0.0.1");
    const { request } = event;
    assert.equal(request.method, "POST");
    assert.equal(request.uri, "/callbacks");
    assert.deepEqual(request.querystring, {
      x: { value: "1", multiValue: [{ value: "1" }, { value: "2" }] },
      y: { value: "" },
    });
    assert.deepEqual(request.cookies, { a: { value: "1" }, b: { value: "2" } });
    assert.deepEqual(request.headers["x-twice"], {
      value: "a",
      multiValue: [{ value: "a" }, { value: "b" }],
    });
    assert.deepEqual(request.headers["x-list"], { value: "a, b" });
    assert.equal("body" in request, false);
    for (const hidden of ["cookie", "expect", "x-edge-made-up", "connection"]) {
      assert.equal(hidden in request.headers, false, hidden);
    }
  });

  test("sees bytes of a header as UTF-8 where they are, and otherwise as ISO-8859-1", async () => {
    const utf8 = Buffer.from("é€").toString("latin1");
    const answer = await at.send("show event", {
      headers: ["X-Utf8", utf8, "X-Latin", "\xe9\xff"],
    });
    const { headers } = JSON.parse(answer.text).request;
    assert.deepEqual([headers["x-utf8"].value, headers["x-latin"].value], ["é€", "éÿ"]);
  });

  test("bytes of a header that it leaves alone go on as they came", async () => {
    const utf8 = Buffer.from("é€").toString("latin1");
    const { headers } = await passes("pass", ["X-Utf8", utf8, "X-Latin", "\xe9\xff"]);
    assert.deepEqual([headers["x-utf8"], headers["x-latin"]], [utf8, "\xe9\xff"]);
  });

  test("may add a header and change the uri", async () => {
    assert.equal((await passes("add verdict")).headers["x-verdict"], "made-up");
    assert.equal((await passes("change uri")).url, "/other");
  });

  test("answers in the origin's place", async () => {
    const answer = await refused("refuse", 400, "FunctionGeneratedResponse", null);
    assert.deepEqual([answer.text, answer.headers["x-why"]], ['{"no":1}', "made-up"]);
    assert.equal(
      (await refused("refuse in base64", 400, "FunctionGeneratedResponse", null)).text,
      "no",
    );
    assert.equal((await refused("later", 200, "FunctionGeneratedResponse", null)).text, "later");
  });

  test("sees a time that stands", async () => {
    const answer = await refused("show now", 200, "FunctionGeneratedResponse", null);
    assert.deepEqual(JSON.parse(answer.text), { now: AT * 1000, date: AT * 1000, parsed: 5 });
  });

  test("may not add a disallowed header", () =>
    invalid("add hidden", "header x-amz-cf-made-up is disallowed"));
  test("may not change a read-only header", async () => {
    await invalid("change host", "header host is read-only in viewer-request events");
    await invalid("change length", "header content-length is read-only in viewer-request events");
  });
  test("may not change the method", () => invalid("change method", "method is read-only"));
  test("returns something", () =>
    invalid("return nothing", "the function returned neither a request nor a response"));
  test("has a whole number for status", () =>
    invalid("status as text", "statusCode is not a whole number from 100 to 599"));
  test("has base64 that is some", () =>
    invalid("bad base64", "body is not the base64 that it is said to be"));
  test("has a limit to its answer", () =>
    invalid("long answer", "a response of 41002 bytes; at most 40960"));

  const threw = "the function threw, or took too long";
  test("fails closed when it throws", () => refused("throw", 503, "FunctionExecutionError", threw));
  test("fails closed when it does not end, and runs again after that", async () => {
    await refused("endless", 503, "FunctionExecutionError", threw);
    await passes("pass");
  });
  test("a state kept between events shows as a disagreement", async () => {
    await at.send("keep count");
    await refused(
      "keep count",
      500,
      "NotModelled",
      "the engines disagree: Node.js answers 200, njs answers 200",
    );
  });
  test("a word that one engine alone knows shows as a disagreement", () =>
    refused(
      "what node alone knows",
      500,
      "NotModelled",
      "the engines disagree: Node.js answers 200, njs answers 200",
    ));
});

describe("a CloudFront Function's code", () => {
  const folder = mkdtempSync(join(tmpdir(), "viewer-function-test-"));
  after(() => rmSync(folder, { recursive: true }));
  const written = (code) => {
    const file = join(folder, "function.js");
    writeFileSync(file, code);
    return file;
  };
  const handler = "function handler(event) { return event.request; }";

  test("has 10 KB at most", () => {
    const padding = 10 * 1024 - handler.length;
    new ViewerFunction(written(handler + " ".repeat(padding)));
    assert.throws(
      () => new ViewerFunction(written(handler + " ".repeat(padding + 1))),
      /has 10241 bytes; .* 10240 at most/,
    );
  });

  for (const [name, code] of Object.entries({
    class: "class A {}",
    "for-of": "for (var a of []) {}",
    spread: "var a = [...[]];",
    destructuring: "var { a } = {};",
    "optional chaining": "var a = ({})?.a;",
  })) {
    test(`is refused with ${name}`, async () => {
      const viewer = new ViewerFunction(written(`${handler}\n${code}`));
      await assert.rejects(viewer.start(), /njs refuses the function/);
      await viewer.stop();
    });
  }
});
