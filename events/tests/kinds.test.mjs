// The kinds that TypeScript tells are those that Rust tells: tests/round_trip.rs reads the same cases.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { EXPECTS_ANSWER, readCallback } from "../../wasm-adapter/js/src/generated/callbacks.ts";

const cases = JSON.parse(readFileSync(new URL("kinds.json", import.meta.url), "utf8"));

for (const { body, kind } of cases) {
  test(`${JSON.stringify(body)} is ${kind}`, () => {
    assert.equal(readCallback(body).kind, kind);
    assert.equal(readCallback(body).callback, body);
  });
}

test("what Sinch waits for an answer to is told", () => {
  assert.deepEqual(EXPECTS_ANSWER, [
    "voice_incoming_call",
    "voice_answered_call",
    "voice_prompt_input",
    "voice_v2",
    "verification_request",
  ]);
});
