import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Refresh } from "sinch-callback/edge/schemes";

import { NOW } from "../test/sinch.js";
import { FakeStore } from "../test/store.js";

import { type ParameterStore, Secrets, type SecretsPolicy, textsOf } from "./secrets.js";

/** What is made of secrets here: they themselves. */
interface Ring {
  readonly texts: readonly string[];
}

const ms = (offset = 0) => (NOW + offset) * 1000;
const make = (texts: readonly string[]): Ring => {
  if (texts.some((text) => text === "")) {
    throw new RangeError("secrets[0]: the secret is empty");
  }
  return { texts };
};
const secrets = (
  store: ParameterStore,
  names: readonly string[],
  policy: Partial<SecretsPolicy> = {},
  warned: string[] = [],
) => new Secrets(store, { names, ...policy }, { make, warn: (message) => warned.push(message) });
/** Lets what runs behind a request run. */
/** The ring that a refresh has brought. */
const ringOf = (refresh: Refresh<Ring>): Ring =>
  refresh.is === "newer" ? refresh.ring : assert.fail(refresh.is);
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
  const reversed = {
    read: async (selectors: readonly string[]) => (await store.read(selectors)).reverse(),
  };
  const ring = await secrets(reversed, ["/override", "/webhook"]).current(ms());
  assert.deepEqual(ring.texts, ["three", "one", "two"]);
});

test("a name may be an ARN", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "one");
  store.put("plain", NOW - 90_000, "two");
  const byArn = {
    read: (names: readonly string[]) =>
      store.read(names.map((name) => name.replace(/^arn:.*:parameter\/?(\/a|plain)/, "$1"))),
  };
  const names = ["arn:aws:ssm:x-1:0:parameter/a", "arn:aws:ssm:x-1:0:parameter/plain"];
  assert.deepEqual((await secrets(byArn, names).current(ms())).texts, ["one", "two"]);
});

test("a fifth secret is left out, and that is told", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, `["s1","s2","s3","s4","s5"]`);
  const warned: string[] = [];
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
  ] as [string, string][]) {
    await assert.rejects(async () => secrets(store, [name]).current(ms()), { message: told });
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
  assert.deepEqual(kept.takeReads(), ["ok"]);
});

test("without anything kept a failed read is not tried again with every callback", async () => {
  const store = new FakeStore();
  store.down = true;
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  await assert.rejects(async () => kept.current(ms()), { message: "down" });
  await assert.rejects(async () => kept.current(ms()), {
    message: "down (tried again in a moment)",
  });
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

test("a flood of mismatches reads ever less often until there is something new", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  const judged = await kept.current(ms());
  const read = [];
  for (let second = 0; second < 2_000; second++) {
    for (let forgery = 0; forgery < 10; forgery++) {
      const refresh = await kept.refresh(judged, ms(second));
      if (refresh.is === "unchanged") {
        read.push(second);
      } else {
        assert.equal(refresh.is, "recent");
      }
    }
  }
  assert.deepEqual(read, [0, 30, 90, 210, 450, 930, 1_530]);
  store.put("/a", NOW + 2_000, "newer");
  const newer = await kept.refresh(judged, ms(2_130));
  assert.deepEqual(ringOf(newer).texts, ["newer", "secret"]);
  const recent = { is: "recent", readAtSeconds: NOW + 2_130 };
  assert.deepEqual(await kept.refresh(ringOf(newer), ms(2_159)), recent);
  assert.equal((await kept.refresh(ringOf(newer), ms(2_160))).is, "unchanged");
});

test("of many mismatches at once one reads, and all are told", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "former");
  const kept = secrets(store, ["/a"]);
  const judged = await kept.current(ms());
  store.put("/a", NOW, "newer");
  const refreshes = Array.from({ length: 8 }, () => kept.refresh(judged, ms(1)));
  for (const refresh of await Promise.all(refreshes)) {
    assert.deepEqual(ringOf(refresh).texts, ["newer", "former"]);
  }
  // One at the start, and then the current version and the one before it.
  assert.equal(store.reads, 1 + 2);
});

/** A store whose answers come when they are let go, and say what was so when it was asked. */
function hanging(store: ParameterStore) {
  const held: (() => void)[] = [];
  const slow = {
    hangs: false,
    read: async (selectors: readonly string[]) => {
      const answer = await store.read(selectors);
      if (slow.hangs) {
        await new Promise<void>((resolve) => held.push(resolve));
      }
      return answer;
    },
    release: () => held.splice(0).forEach((resolve) => resolve()),
  };
  return slow;
}

/** Secrets whose waits end when the test says so. */
function waiting(store: ParameterStore) {
  const waits: { milliseconds: number; resolve: () => void }[] = [];
  const wait = (milliseconds: number) =>
    new Promise<void>((resolve) => waits.push({ milliseconds, resolve }));
  const kept = new Secrets(store, { names: ["/a"] }, { make, wait });
  return { kept, waits };
}

test("a mismatch waits a second for a read, and the 65th not at all", async () => {
  const inner = new FakeStore();
  inner.put("/a", NOW - 90_000, "secret");
  const store = hanging(inner);
  const { kept, waits } = waiting(store);
  const judged = await kept.current(ms());
  store.hangs = true;
  waits.length = 0;
  const refreshes = Array.from({ length: 64 }, () => kept.refresh(judged, ms(1)));
  assert.deepEqual(await kept.refresh(judged, ms(1)), { is: "under_way" });
  assert.deepEqual(
    waits.map(({ milliseconds }) => milliseconds),
    Array(64).fill(1_000),
  );
  waits.forEach(({ resolve }) => resolve());
  for (const refresh of await Promise.all(refreshes)) {
    assert.deepEqual(refresh, { is: "under_way" });
  }
});

test("a read that has been under way for five seconds has failed, and what it brings late is late", async () => {
  const inner = new FakeStore();
  inner.put("/a", NOW - 90_000, "former");
  const store = hanging(inner);
  const { kept, waits } = waiting(store);
  const judged = await kept.current(ms());
  store.hangs = true;
  const given = kept.refresh(judged, ms(1));
  waits.at(-1)?.resolve();
  assert.deepEqual(await given, { is: "under_way" });
  await assert.rejects(kept.refresh(judged, ms(6)), { message: "the store has not answered" });
  inner.put("/a", NOW + 10, "newer");
  store.hangs = false;
  const newer = await kept.refresh(judged, ms(31));
  assert.deepEqual(ringOf(newer).texts, ["newer", "former"]);
  store.release();
  await turn();
  assert.deepEqual((await kept.current(ms(32))).texts, ["newer", "former"]);
  assert.deepEqual(kept.takeReads(), ["ok", "failed", "ok"]);
});

test("a read that began before a callback was signed settles nothing about it", async () => {
  const inner = new FakeStore();
  inner.put("/a", NOW - 90_000, "former");
  const store = hanging(inner);
  const { kept } = waiting(store);
  const judged = await kept.current(ms());
  store.hangs = true;
  const first = kept.refresh(judged, ms(1));
  await turn();
  inner.put("/a", NOW + 1, "newer");
  const second = kept.refresh(judged, ms(2));
  store.release();
  assert.deepEqual(await second, { is: "recent", readAtSeconds: NOW + 1 });
  assert.deepEqual(await first, { is: "unchanged" });
});

test("a mismatch is no verdict until a read succeeds again", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  const judged = await kept.current(ms());
  store.down = true;
  for (const second of [0, 1, 29, 30]) {
    await assert.rejects(kept.refresh(judged, ms(second)), { message: "down" });
  }
  store.down = false;
  assert.equal((await kept.refresh(judged, ms(60))).is, "unchanged");
  assert.equal((await kept.refresh(judged, ms(61))).is, "recent");
});

test("a clock that runs back does not bar a read", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  const judged = await kept.current(ms(1_000));
  assert.equal((await kept.refresh(judged, ms(1_000))).is, "unchanged");
  assert.equal((await kept.refresh(judged, ms(0))).is, "unchanged");
});

test("a broken secret keeps what is at hand, and a broken former one is left out", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "former");
  const warned: string[] = [];
  const kept = secrets(store, ["/a"], {}, warned);
  const judged = await kept.current(ms());
  store.put("/a", NOW, "");
  const told = "the parameter /a: the secret is empty";
  await assert.rejects(kept.refresh(judged, ms(1)), { message: told });
  assert.equal(await kept.current(ms(1)), judged);
  assert.deepEqual(kept.takeReads(), ["ok", "broken"]);
  assert.deepEqual(warned, [`the secrets cannot be read: ${told} (what is at hand stays in use)`]);
  store.put("/a", NOW + 2, "newer");
  const refresh = await kept.refresh(judged, ms(31));
  assert.deepEqual(ringOf(refresh).texts, ["newer", "former"]);
  assert.equal(warned[1], `version 2 is left out: ${told}`);
});

test("a value holds the texts that the vectors state", () => {
  const vectors = new URL("../../tests/vectors/secret-texts.json", import.meta.url);
  for (const { value, texts } of JSON.parse(readFileSync(vectors, "utf8"))) {
    if (texts === null) {
      assert.throws(() => textsOf("it", value), {
        message: "it begins with [ and is not a JSON array of texts",
      });
    } else {
      assert.deepEqual(textsOf("it", value), texts);
    }
  }
});

test("secrets that have not changed keep what was made of them", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, "secret");
  const kept = secrets(store, ["/a"]);
  const ring = await kept.current(ms());
  assert.equal((await kept.refresh(ring, ms())).is, "unchanged");
  assert.equal(await kept.current(ms()), ring);
});
