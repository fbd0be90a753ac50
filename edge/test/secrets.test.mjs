import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";
import { NOW } from "./sinch.mjs";
import { FakeStore } from "./store.mjs";

const { Secrets } = await load("secrets.ts");

const ms = (offset = 0) => (NOW + offset) * 1000;
const make = (texts) => {
  if (texts.some((text) => text === "")) {
    throw new RangeError("secrets[0]: the secret is empty");
  }
  return { texts };
};
const secrets = (store, names, policy = {}, warned = []) =>
  new Secrets(store, { names, ...policy }, { make, warn: (message) => warned.push(message) });
/** Lets what runs behind a request run. */
const turn = () => new Promise(setImmediate);

test("the previous version is taken within the overlap and not past it", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "oldest");
  store.put("/a", NOW - 86_401, "older");
  store.put("/a", NOW - 86_399, "current");
  assert.deepEqual((await secrets(store, ["/a"]).current(ms())).texts, ["current", "older"]);
  assert.deepEqual((await secrets(store, ["/a"]).current(ms(2))).texts, ["current"]);
});

test("two changes within the overlap keep both former versions", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "first");
  store.put("/a", NOW - 2_000, "second");
  store.put("/a", NOW - 1_000, "third");
  const ring = await secrets(store, ["/a"]).current(ms());
  assert.deepEqual(ring.texts, ["third", "second", "first"]);
});

test("several parameters and arrays stand in their order, whatever the store's", async () => {
  const store = new FakeStore();
  store.put("/webhook", NOW - 90_000, `["one","two"]`);
  store.put("/override", NOW - 90_000, "three\r\n");
  const reversed = { read: async (selectors) => (await store.read(selectors)).reverse() };
  const ring = await secrets(reversed, ["/override", "/webhook"]).current(ms());
  assert.deepEqual(ring.texts, ["three", "one", "two"]);
});

test("a name may be an ARN", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "one");
  store.put("plain", NOW - 90_000, "two");
  const byArn = { read: (names) => store.read(names.map((name) => name.replace(/^arn:.*:parameter\/?(\/a|plain)/, "$1"))) };
  const names = ["arn:aws:ssm:x-1:0:parameter/a", "arn:aws:ssm:x-1:0:parameter/plain"];
  assert.deepEqual((await secrets(byArn, names).current(ms())).texts, ["one", "two"]);
});

test("a fifth secret is left out, and that is told", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, `["s1","s2","s3","s4","s5"]`);
  const warned = [];
  const ring = await secrets(store, ["/a"], {}, warned).current(ms());
  assert.deepEqual(ring.texts, ["s1", "s2", "s3", "s4"]);
  assert.deepEqual(warned, ["there are 5 secrets, and 4 are tried: the oldest are left out"]);
});

test("what is no secret is told by the name of its parameter, and not by what it holds", async () => {
  const store = new FakeStore();
  store.put("/array", NOW, "[1, 2]");
  store.put("/broken", NOW, `["hidden`);
  store.put("/empty", NOW, "");
  for (const [name, told] of [
    ["/array", "the parameter /array begins with [ and is not a JSON array of texts"],
    ["/broken", "the parameter /broken begins with [ and is not a JSON array of texts"],
    ["/none", "there is no parameter /none, or this role may not read it"],
    ["/empty", "the parameter /empty: the secret is empty"],
  ]) {
    await assert.rejects(secrets(store, [name]).current(ms()), { message: told });
  }
});

test("what is kept is read again behind a request once it is old", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "former");
  const kept = secrets(store, ["/a"]);
  await kept.current(ms());
  store.put("/a", NOW, "latter");
  assert.deepEqual((await kept.current(ms(299))).texts, ["former"]);
  assert.equal(store.reads, 1);
  assert.deepEqual((await kept.current(ms(300))).texts, ["former"], "this request does not wait");
  await turn();
  assert.deepEqual((await kept.current(ms(301))).texts, ["latter", "former"]);
});

test("what is past the host's patience is read in front of a request, and kept where that fails", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "former");
  const kept = secrets(store, ["/a"], { patienceSeconds: 600 });
  await kept.current(ms());
  store.put("/a", NOW, "latter");
  store.down = true;
  assert.deepEqual((await kept.current(ms(600))).texts, ["former"]);
  store.down = false;
  assert.deepEqual((await kept.current(ms(601))).texts, ["latter", "former"]);
});

test("a store that is down leaves what is kept in use and is asked ever less often", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  await kept.current(ms());
  store.down = true;
  for (let second = 300; second < 600; second++) {
    assert.deepEqual((await kept.current(ms(second))).texts, ["secret"]);
    await turn();
  }
  // After 1, 2, 4 ... 60 seconds.
  assert.equal(store.reads, 1 + 10);
  assert.equal(kept.takeReads().length, 11);
  store.down = false;
  await kept.current(ms(700));
  await turn();
  assert.deepEqual(kept.takeReads(), [true]);
});

test("without anything kept a failed read is not tried again with every callback", async () => {
  const store = new FakeStore();
  store.down = true;
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  await assert.rejects(kept.current(ms()), { message: "down" });
  await assert.rejects(kept.current(ms()), { message: "down (tried again in a moment)" });
  assert.equal(store.reads, 1);
  store.down = false;
  assert.deepEqual((await kept.current(ms(1))).texts, ["secret"]);
});

test("those who come while the first read is under way share it", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  const rings = await Promise.all([kept.current(ms()), kept.current(ms())]);
  assert.equal(rings[0], rings[1]);
  assert.equal(store.reads, 1);
});

test("a flood of mismatches reads once in thirty seconds", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  await kept.current(ms());
  for (let second = 0; second < 60; second++) {
    for (let forgery = 0; forgery < 100; forgery++) {
      const renewed = await kept.reread(ms(second));
      assert.ok(renewed === undefined || second % 30 === 0);
    }
  }
  assert.equal(store.reads, 1 + 2);
});

test("a mismatch is no verdict until a read succeeds again", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  await kept.current(ms());
  store.down = true;
  for (const second of [0, 1, 29, 30]) {
    await assert.rejects(kept.reread(ms(second)), { message: "down" });
  }
  store.down = false;
  assert.notEqual(await kept.reread(ms(60)), undefined);
  assert.equal(await kept.reread(ms(61)), undefined);
});

test("a clock that runs back does not bar a re-read", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  assert.notEqual(await kept.reread(ms(1_000)), undefined);
  assert.notEqual(await kept.reread(ms(0)), undefined);
});

test("secrets that have not changed keep what was made of them", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  const ring = await kept.current(ms());
  assert.equal(await kept.reread(ms()), ring);
});
