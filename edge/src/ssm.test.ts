import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, beforeEach, test } from "node:test";

import { divertHttps } from "../../tests/cloudfront/divert.mjs";
import { answerJson, bodyOf, listen } from "../../tests/cloudfront/http.mjs";

import { SsmStore } from "./ssm.js";

const CREDENTIALS = {
  accessKeyId: "AKIAMADEUP",
  secretAccessKey: "made-up-key",
  sessionToken: "made-up-token",
};
const HOST = "ssm.eu-west-1.amazonaws.com";
const store = new SsmStore("eu-west-1", () => CREDENTIALS);
/** A call as it arrived. */
interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

let calls: Call[];
let answer: (response: ServerResponse, call: number) => void;

const server = await listen(async (request: IncomingMessage, response: ServerResponse) => {
  const body = await bodyOf(request);
  const { "x-emulated-host": host, ...rest } = request.headers;
  const headers = Object.fromEntries(
    Object.entries({ ...rest, host }).map(([name, value]) => [name, String(value)]),
  );
  calls.push({ method: String(request.method), url: String(request.url), headers, body });
  answer(response, calls.length);
});
after(() => server.close());
divertHttps(server.url, [HOST]);
beforeEach(() => (calls = []));

const ok = (response: ServerResponse, parameters: readonly object[] = []): void =>
  answerJson(response, 200, { Parameters: parameters, InvalidParameters: [] });

test("a call is signed as AWS asks for it", async () => {
  answer = (response) =>
    ok(response, [{ Name: "/a", Version: 3, Value: "secret", LastModifiedDate: 1_700_000_000.5 }]);
  assert.deepEqual(await store.read(["/a", "/b:2"]), [
    { name: "/a", version: 3, modifiedAtSeconds: 1_700_000_000, value: "secret" },
  ]);
  const [call = assert.fail()] = calls;
  const { url, headers, body } = call;
  assert.equal(url, "/");
  assert.deepEqual(JSON.parse(String(body)), { Names: ["/a", "/b:2"], WithDecryption: true });
  assert.equal(headers["x-amz-target"], "AmazonSSM.GetParameters");
  assert.equal(headers["x-amz-security-token"], "made-up-token");
  assert.equal(headers["authorization"], authorization(call));
});

/** Signature version 4, step by step as its documentation has it. */
function authorization({ method, headers, body }: Call): string {
  const hmac = (key: string | Buffer, text: string) =>
    createHmac("sha256", key).update(text).digest();
  const sha = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");
  const stamp = String(headers["x-amz-date"]);
  const scope = `${stamp.slice(0, 8)}/eu-west-1/ssm/aws4_request`;
  const names = String(/SignedHeaders=([^,]*)/.exec(String(headers["authorization"]))?.[1]);
  const canonical = [
    method,
    "/",
    "",
    ...names.split(";").map((name) => `${name}:${headers[name]}`),
    "",
    names,
    sha(body),
  ].join("\n");
  const text = ["AWS4-HMAC-SHA256", stamp, scope, sha(canonical)].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${CREDENTIALS.secretAccessKey}`);
  const signature = hmac(key, text).toString("hex");
  return `AWS4-HMAC-SHA256 Credential=${CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}

test("eleven names are asked for in two calls", async () => {
  answer = (response) => ok(response);
  await store.read(Array.from({ length: 11 }, (_, at) => `/p${at}`));
  assert.deepEqual(
    calls.map(({ body }) => JSON.parse(String(body)).Names.length),
    [10, 1],
  );
});

test("a broken connection is replaced once, and no oftener", async () => {
  const broken = (response: ServerResponse): unknown => response.destroy();
  answer = (response, call) => (call === 1 ? broken(response) : ok(response));
  assert.deepEqual(await store.read(["/a"]), []);
  assert.equal(calls.length, 2);
  answer = broken;
  await assert.rejects(store.read(["/a"]), { message: "socket hang up" });
  assert.equal(calls.length, 4);
});

test("an answer that breaks off is none, and one that never comes is given up", async (t) => {
  answer = (response, call) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{");
    response[call === 1 ? "destroy" : "flushHeaders"]();
  };
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const read = assert.rejects(store.read(["/a"]), {
    message: "SSM has not answered within 2000 ms",
  });
  while (calls.length < 2) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.mock.timers.tick(2_000);
  await read;
});

test("a refusal is told with its reason and not tried again", async () => {
  answer = (response) =>
    answerJson(response, 400, { __type: "x#AccessDeniedException", message: "not authorized" });
  const message = "SSM answered 400, AccessDeniedException, not authorized";
  await assert.rejects(store.read(["/a"]), { message });
  answer = (response) => response.writeHead(500).end("<html>");
  await assert.rejects(store.read(["/a"]), { message: "SSM answered 500" });
  assert.equal(calls.length, 2);
});

test("what is no JSON is not quoted", async () => {
  answer = (response) => response.end('{"Value": "secret" "');
  await assert.rejects(store.read(["/a"]), { message: "SSM's answer has no list of parameters" });
});
