import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, test } from "node:test";

import { load } from "./load.mjs";

const { SsmStore } = await load("ssm.ts");

const CREDENTIALS = {
  accessKeyId: "AKIAMADEUP",
  secretAccessKey: "made-up-key",
  sessionToken: "made-up-token",
};
const store = new SsmStore("eu-west-1", () => CREDENTIALS);
const realFetch = globalThis.fetch;
let calls;
let answer;

beforeEach(() => {
  calls = [];
  globalThis.fetch = async (url, init) => {
    calls.push({ url, ...init });
    return answer(calls.length);
  };
});
afterEach(() => (globalThis.fetch = realFetch));

const ok = (parameters) => Response.json({ Parameters: parameters, InvalidParameters: [] });

test("a call is signed as AWS asks for it", async () => {
  answer = () =>
    ok([{ Name: "/a", Version: 3, Value: "secret", LastModifiedDate: 1_700_000_000.5 }]);
  assert.deepEqual(await store.read(["/a", "/b:2"]), [
    { name: "/a", version: 3, modifiedAtSeconds: 1_700_000_000, value: "secret" },
  ]);
  const [{ url, method, headers, body }] = calls;
  assert.equal(url, "https://ssm.eu-west-1.amazonaws.com/");
  assert.deepEqual(JSON.parse(body), { Names: ["/a", "/b:2"], WithDecryption: true });
  assert.equal(headers.get("x-amz-target"), "AmazonSSM.GetParameters");
  assert.equal(headers.get("x-amz-security-token"), "made-up-token");
  assert.equal(headers.get("authorization"), authorization(method, headers, body));
});

/** Signature version 4, step by step as its documentation has it. */
function authorization(method, headers, body) {
  const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
  const sha = (text) => createHash("sha256").update(text).digest("hex");
  const stamp = headers.get("x-amz-date");
  const scope = `${stamp.slice(0, 8)}/eu-west-1/ssm/aws4_request`;
  const names = /SignedHeaders=([^,]*)/.exec(headers.get("authorization"))[1];
  const value = (name) => (name === "host" ? "ssm.eu-west-1.amazonaws.com" : headers.get(name));
  const canonical = [
    method,
    "/",
    "",
    ...names.split(";").map((name) => `${name}:${value(name)}`),
    "",
    names,
    sha(body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", stamp, scope, sha(canonical)].join("\n");
  const key = scope.split("/").reduce(hmac, `AWS4${CREDENTIALS.secretAccessKey}`);
  const signature = hmac(key, text).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

test("eleven names are asked for in two calls", async () => {
  answer = () => ok([]);
  await store.read(Array.from({ length: 11 }, (_, at) => `/p${at}`));
  assert.deepEqual(
    calls.map(({ body }) => JSON.parse(body).Names.length),
    [10, 1],
  );
});

test("a broken connection is replaced once, and no oftener", async () => {
  const broken = () => {
    throw new TypeError("fetch failed");
  };
  answer = (call) => (call === 1 ? broken() : ok([]));
  assert.deepEqual(await store.read(["/a"]), []);
  assert.equal(calls.length, 2);
  answer = broken;
  await assert.rejects(store.read(["/a"]), { message: "fetch failed" });
  assert.equal(calls.length, 4);
});

test("a refusal is told with its reason and not tried again", async () => {
  answer = () =>
    Response.json(
      { __type: "x#AccessDeniedException", message: "not authorized" },
      { status: 400 },
    );
  const message = "SSM answered 400, AccessDeniedException, not authorized";
  await assert.rejects(store.read(["/a"]), { message });
  answer = () => new Response("<html>", { status: 500 });
  await assert.rejects(store.read(["/a"]), { message: "SSM answered 500" });
  assert.equal(calls.length, 2);
});
