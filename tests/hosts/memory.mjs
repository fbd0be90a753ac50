// What stays behind in linear memory: nothing. Run with --expose-gc.
import assert from "node:assert/strict";
import { test } from "node:test";

import { memories } from "./memories.mjs";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const nowMs = 1_634_579_356_000;
const secret = "example-secret-not-real-1";
const body = new TextEncoder().encode('{"opt_in_notification":{}}');

for (const name of ["edge.inline.js", "full.inline.js"]) {
  const { ReplayGuard, Verifier, contentKey } = await import(new URL(name, dist).href);
  const { Signer } = await import(new URL("full.inline.js?signer", dist).href);
  const headers = new Signer({ secret }).sign({ body, nonce: "nonce-1", nowMs });
  // One of each first: what is allocated once is not what leaks.
  const others = memories.length;
  const verifier = new Verifier({ secrets: [secret] });
  new ReplayGuard({ capacity: 64 }).dispose();
  const memory = memories[others];
  const bytes = () => memory.buffer.byteLength;

  test(`${name}: a million verifications leave linear memory where it was`, () => {
    const before = bytes();
    const guard = new ReplayGuard({ capacity: 64 });
    for (let number = 0; number < 1_000_000; number++) {
      // Every tenth is a forgery: its way through memory is another one.
      const verdict = verifier.verify(
        { headers, body: number % 10 === 0 ? body.subarray(1) : body },
        { nowMs },
      );
      assert.equal(verdict.ok, number % 10 !== 0);
      if (verdict.ok) {
        guard.release(guard.claim(verdict, { nowMs }).ticket);
      }
    }
    contentKey(body);
    guard.dispose();
    assert.equal(bytes(), before);
  });

  test(`${name}: ten thousand verifiers and guards made and disposed of leave it where it was`, () => {
    const before = bytes();
    for (let number = 0; number < 10_000; number++) {
      const one = new Verifier({ secrets: [secret, `${secret}-${number}`] });
      const guard = new ReplayGuard({ capacity: 64 });
      assert.equal(one.verify({ headers, body }, { nowMs }).ok, true);
      one.dispose();
      guard[Symbol.dispose]?.();
      guard.dispose();
      assert.throws(() => one.verify({ headers, body }, { nowMs }), /has been disposed of/);
      assert.throws(() => guard.claim("0".repeat(32), { nowMs }), /has been disposed of/);
    }
    assert.equal(bytes(), before);
  });

  test(`${name}: what nobody disposed of is freed with its object`, async () => {
    const make = () => new ReplayGuard({ capacity: 1_000_000 });
    make();
    const settled = async () => {
      for (let turn = 0; turn < 10; turn++) {
        globalThis.gc?.();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await settled();
    const before = bytes();
    for (let number = 0; number < 10; number++) {
      make();
      await settled();
    }
    assert.equal(bytes(), before);
  });
}
