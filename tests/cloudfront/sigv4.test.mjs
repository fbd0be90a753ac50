import assert from "node:assert/strict";
import test from "node:test";

import { sha256, sign, verify } from "./sigv4.mjs";

// From AWS's published test suite of Signature Version 4.
const credentials = { id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
const REQUEST = {
  path: "/",
  query: "",
  headers: { host: "example.amazonaws.com" },
  payloadHash: sha256(""),
  region: "us-east-1",
  service: "service",
  nowMs: Date.parse("2015-08-30T12:36:00Z"),
};
const PUBLISHED = {
  GET: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  POST: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
};

for (const [method, signature] of Object.entries(PUBLISHED)) {
  test(`${method}: the signature is the published one`, () => {
    const { authorization } = sign({ ...REQUEST, method, credentials });
    assert.equal(
      authorization,
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, " +
        `SignedHeaders=host;x-amz-date, Signature=${signature}`,
    );
  });
}

const known = (id) =>
  id === credentials.id ? { ...credentials, token: "made-up-token" } : undefined;

/** What a verifier says of a request that was changed after it had been signed. */
function told(change = {}, by = { ...credentials, token: "made-up-token" }) {
  const request = { ...REQUEST, method: "POST", path: "/a b", query: "x=1&y=%20" };
  request.headers = { ...request.headers, "x-amz-content-sha256": REQUEST.payloadHash };
  const signed = sign({ ...request, credentials: by });
  const headers = { ...request.headers, ...signed, ...change.headers };
  for (const name of change.without ?? []) {
    delete headers[name];
  }
  return verify({ ...request, ...change, headers, known });
}

test("what was signed is verified", () => assert.deepEqual(told(), { id: "AKIDEXAMPLE" }));

const CHANGES = {
  "no signature": [{ without: ["authorization"] }, "no signature of version 4"],
  "another method": [{ method: "PUT" }, "a signature that does not match"],
  "another path": [{ path: "/a c" }, "a signature that does not match"],
  "another query": [{ query: "x=2&y=%20" }, "a signature that does not match"],
  "another hash": [{ payloadHash: sha256("x") }, "a signature that does not match"],
  "another signed header": [
    { headers: { host: "other.example" } },
    "a signature that does not match",
  ],
  "another region": [
    { region: "eu-west-1" },
    "signed for 20150830/us-east-1/service/aws4_request, not for service in eu-west-1",
  ],
  "another service": [
    { service: "lambda" },
    "signed for 20150830/us-east-1/service/aws4_request, not for lambda in us-east-1",
  ],
  "a time five minutes off": [
    { nowMs: REQUEST.nowMs + 300_001 },
    "signed more than five minutes away from now",
  ],
  "no token": [{ without: ["x-amz-security-token"] }, "without the session's token"],
};
for (const [name, [change, refused]] of Object.entries(CHANGES)) {
  test(`${name} is refused`, () => assert.deepEqual(told(change), { refused }));
}

test("an unknown key, or the right key with another secret, is refused", () => {
  const token = "made-up-token";
  assert.deepEqual(told({}, { ...credentials, token, id: "AKIDOTHER" }), {
    refused: "an unknown access key",
  });
  assert.deepEqual(told({}, { ...credentials, token, secret: "other" }), {
    refused: "a signature that does not match",
  });
});

test("a hash that was not signed is refused", () => {
  const request = { ...REQUEST, method: "POST" };
  const signed = sign({ ...request, credentials });
  const headers = { ...request.headers, ...signed, "x-amz-content-sha256": REQUEST.payloadHash };
  const verdict = verify({ ...request, headers, known: () => credentials });
  assert.deepEqual(verdict, { refused: "signed over other headers: x-amz-content-sha256" });
});
