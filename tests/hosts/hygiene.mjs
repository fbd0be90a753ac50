// Nothing that prints, copies or throws an object of the package leads into linear memory, where a
// secret's keyed states are enough to sign with; and a verdict is plain data, whose copies are as
// good as itself: node --test hygiene.mjs
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Console } from "node:console";
import { createRequire } from "node:module";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { inspect, format, isDeepStrictEqual } from "node:util";
import { deserialize, serialize } from "node:v8";

import { memories } from "./memories.mjs";
import { MOMENT, SECRET, signed } from "./signing.mjs";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);

/** SHA-256's state after one block, as FIPS 180-4 has it: what a keyed hash keeps of its key. */
function compressed(block) {
  const roots = (power) => {
    const words = [];
    for (let number = 2; words.length < 64; number++) {
      let prime = true;
      for (let by = 2; by * by <= number; by++) prime &&= number % by !== 0;
      if (prime) words.push(Math.floor((number ** power % 1) * 2 ** 32) | 0);
    }
    return words;
  };
  const turn = (word, by) => (word >>> by) | (word << (32 - by));
  const constants = roots(1 / 3);
  const words = Array.from({ length: 16 }, (_, at) => block.readInt32BE(4 * at));
  for (let at = 16; at < 64; at++) {
    const [x, y] = [words[at - 15], words[at - 2]];
    const one = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    const two = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10);
    words.push((words[at - 16] + one + words[at - 7] + two) | 0);
  }
  const first = roots(1 / 2).slice(0, 8);
  let [a, b, c, d, e, f, g, h] = first;
  words.forEach((word, at) => {
    const one = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const two = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const s = (h + one + ((e & f) ^ (~e & g)) + constants[at] + word) | 0;
    const t = (two + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [a, b, c, d, e, f, g, h] = [(s + t) | 0, a, b, c, (d + s) | 0, e, f, g];
  });
  return [a, b, c, d, e, f, g, h].map((word, at) => (word + first[at]) >>> 0);
}

/** Both keyed states of the secret, and the secret, as bytes: the words in either order. */
const needles = (() => {
  const key = Buffer.alloc(64);
  key.write(SECRET);
  const states = [0x36, 0x5c].flatMap((pad) => {
    const words = compressed(Buffer.from(key.map((byte) => byte ^ pad)));
    return ["writeUInt32LE", "writeUInt32BE"].map((write) => {
      const bytes = Buffer.alloc(32);
      words.forEach((word, at) => bytes[write](word, 4 * at));
      return bytes;
    });
  });
  return [...states, Buffer.from(SECRET)];
})();

const holds = (bytes) => needles.some((needle) => bytes.includes(needle));

/** Whether a text shows one of them: as it is, as numbers, by index, in hexadecimal or base64. */
function shows(text) {
  const numbers = (found) => Buffer.from(found.map(Number).filter((number) => number < 256));
  return [
    Buffer.from(text, "latin1"),
    Buffer.from(text, "utf8"),
    numbers(text.match(/\d+/g) ?? []),
    numbers([...text.matchAll(/"?\d+"?: ?(\d+)/g)].map(([, value]) => value)),
    ...(text.match(/(?:[0-9a-f]{2} ?){32,}/gi) ?? []).map((digits) =>
      Buffer.from(digits.replaceAll(" ", ""), "hex"),
    ),
    ...(text.match(/[A-Za-z0-9+/]{40,}/g) ?? []).flatMap((digits) =>
      [0, 1, 2, 3].map((skipped) => Buffer.from(digits.slice(skipped), "base64")),
    ),
  ].some(holds);
}

test("the search finds the states where they are, in every form that it knows", async () => {
  assert.equal(
    Buffer.from(Uint32Array.from(compressed(paddedAbc())).buffer)
      .swap32()
      .toString("hex"),
    createHash("sha256").update("abc").digest("hex"),
  );
  const before = memories.length;
  const { Verifier } = await import(new URL("full.inline.js?search", dist).href);
  new Verifier({ secrets: [SECRET] });
  const memory = new Uint8Array(memories[before].buffer);
  for (const needle of needles.slice(0, 4).filter((_, at) => at % 2 === 0)) {
    const at = Buffer.from(memory.buffer).indexOf(needle);
    assert.notEqual(at, -1, "a keyed state is not in memory: this test looks for something else");
    const piece = memory.slice(at - 7, at + 64);
    const all = { maxArrayLength: Infinity };
    for (const text of [
      JSON.stringify(piece),
      JSON.stringify([...piece]),
      inspect(piece, all),
      inspect(piece.buffer, all),
      Buffer.from(piece).toString("hex"),
      Buffer.from(piece).toString("base64"),
      Buffer.from(piece).toString("latin1"),
    ]) {
      assert.equal(shows(text), true, text);
    }
  }
  assert.equal(shows(inspect(Buffer.alloc(4096, 7))), false);
});

function paddedAbc() {
  const block = Buffer.alloc(64);
  block.write("abc\x80", "latin1");
  block[63] = 24;
  return block;
}

/** @type {[string, (file: string) => any][]} */
const builds = [
  ["full.inline.js", (file) => import(new URL(file, dist).href)],
  ["edge.inline.js", (file) => import(new URL(file, dist).href)],
  ["full.inline.cjs", (file) => createRequire(import.meta.url)(new URL(file, dist).pathname)],
  ["edge.inline.cjs", (file) => createRequire(import.meta.url)(new URL(file, dist).pathname)],
];
for (const [name, load] of builds) {
  const api = await load(name);
  const body = Buffer.from('{"opt_in_notification":{}}');
  const callback = (nonce) => ({ headers: signed(body, nonce), body });
  const verifier = new api.Verifier({ secrets: [SECRET] });
  // Memory that grows takes the views away that an object may still hold.
  const guard = new api.ReplayGuard({ capacity: 200_000 });
  const verdict = verifier.verify(callback("nonce-1"), MOMENT);
  guard.claim(verdict, MOMENT);
  const gone = new api.Verifier({ secrets: [SECRET] });
  gone.dispose();
  const objects = {
    verifier,
    guard,
    gone,
    verdict,
    refused: verifier.verify({ headers: {}, body }, MOMENT),
  };
  if (api.Signer !== undefined) {
    objects.signer = new api.Signer({ secret: SECRET });
  }
  objects.all = { nested: [{ ...objects }] };
  objects.heir = Object.create(verifier);

  test(`${name}: nothing that is printed shows a keyed state, or more than a few lines`, () => {
    const everything = {
      showHidden: true,
      depth: Infinity,
      maxArrayLength: Infinity,
      maxStringLength: Infinity,
      getters: true,
      showProxy: true,
    };
    const written = (method, value) => {
      const stream = new PassThrough();
      new Console(stream, stream)[method](value);
      return String(stream.read() ?? "");
    };
    const ways = {
      JSON: (value) => JSON.stringify(value),
      String: (value) => (value === objects.all ? "" : String(value)),
      inspect: (value) => inspect(value),
      "inspect, all of it": (value) => inspect(value, everything),
      "inspect, as the language sees it": (value) =>
        inspect(value, { ...everything, customInspect: false }),
      "%s": (value) => format("%s", value),
      "%o": (value) => format("%o", value),
      "%O": (value) => format("%O", value),
      "%j": (value) => format("%j", value),
      "%d": (value) => format("%d", value),
      log: (value) => written("log", value),
      dir: (value) => written("dir", value),
      table: (value) => written("table", value),
      error: (value) => written("error", value),
      assertion: (value) => {
        try {
          assert.deepStrictEqual(value, { other: "value" });
        } catch (error) {
          return `${error.message} ${inspect(error, everything)}`;
        }
      },
      cause: (value) => inspect(new Error("failed", { cause: value }), everything),
      aggregate: (value) => inspect(new AggregateError([value], "failed"), everything),
    };
    for (const [way, print] of Object.entries(ways)) {
      for (const [which, value] of Object.entries(objects)) {
        if (which === "heir" && way !== "inspect, as the language sees it") {
          continue;
        }
        const text = print(value) ?? "";
        assert.equal(shows(text), false, `${way} of ${which} shows what signs`);
        assert.ok(text.length < 20_000, `${way} of ${which} has ${text.length} characters`);
      }
    }
    for (const way of ["JSON", "inspect", "%o", "%O"]) {
      assert.match(ways[way](verifier), /^"?\[Verifier\]"?$/);
      assert.match(ways[way](guard), /^"?\[ReplayGuard\]"?$/);
      assert.match(ways[way](gone), /^"?\[Verifier, disposed of\]"?$/);
    }
    assert.match(inspect(api), /Verifier/);
  });

  test(`${name}: no copy holds a keyed state, and nothing of an instance can be listed`, () => {
    for (const [which, value] of Object.entries(objects)) {
      for (const [way, copy] of Object.entries({
        spread: (value) => ({ ...value }),
        assign: (value) => Object.assign({}, value),
        entries: (value) => Object.entries(value),
        structuredClone: (value) => structuredClone(value),
        serialize: (value) => deserialize(serialize(value)),
        descriptors: (value) => Object.getOwnPropertyDescriptors(value),
      })) {
        const copied = copy(value);
        assert.equal(holds(serialize(structuredClone(copied, {}))), false, `${way} of ${which}`);
      }
    }
    for (const item of [verifier, guard, gone]) {
      assert.deepEqual(Reflect.ownKeys(item), []);
      const listed = [];
      for (const name in item) listed.push(name);
      assert.deepEqual(listed, []);
    }
  });

  test(`${name}: no way through properties leads to memory or an instance`, () => {
    const seen = new Set([Object.prototype, Function.prototype, Array.prototype]);
    const walk = (value, path) => {
      if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
      if (seen.has(value)) return;
      seen.add(value);
      const kind = Object.prototype.toString.call(value);
      assert.doesNotMatch(kind, /WebAssembly|Buffer|Uint8Array|DataView/, path);
      assert.equal("memory" in value, false, path);
      for (const name of Reflect.ownKeys(value)) {
        let member;
        try {
          member = value[name];
        } catch {
          continue; // A getter of a prototype, or what strict functions forbid.
        }
        walk(member, `${path}.${String(name)}`);
      }
      walk(Object.getPrototypeOf(value), `${path}'s prototype`);
    };
    walk({ ...objects, api: { ...api } }, name);
  });

  if (api.createReceiver !== undefined) {
    test(`${name}: a receiver shows nothing of its secrets, however it is printed or walked`, () => {
      const receiver = api.createReceiver({ secrets: [SECRET], keep: () => {} });
      const everything = { showHidden: true, depth: Infinity, getters: true, customInspect: false };
      for (const text of [
        inspect(receiver, everything),
        format("%O", receiver),
        `${receiver.fetch}`,
      ]) {
        assert.equal(shows(text), false, text);
      }
      assert.equal(JSON.stringify(receiver), "{}");
      assert.deepEqual(Reflect.ownKeys(receiver), ["fetch", "node"]);
    });
  }

  test(`${name}: no error holds a keyed state`, () => {
    const stolen = { verify: verifier.verify, claim: guard.claim };
    const misuses = [
      () => gone.verify(callback("nonce-2"), MOMENT),
      () => verifier.verify(),
      () => verifier.verify({ headers: {}, body: "text" }, MOMENT),
      () => verifier.verify(callback("nonce-2")),
      () => stolen.verify(callback("nonce-2"), MOMENT),
      () => (0, stolen.verify)(callback("nonce-2"), MOMENT),
      () => stolen.claim(verdict, MOMENT),
      () => objects.heir.verify(callback("nonce-2"), MOMENT),
      () => new Proxy(verifier, {}).verify(callback("nonce-2"), MOMENT),
      () => ({ ...verifier }).verify(callback("nonce-2"), MOMENT),
      () => guard.claim({}, MOMENT),
      () => new api.Verifier({ secrets: [` ${SECRET}`] }),
      () => new api.Verifier({ secrets: [SECRET, undefined] }),
      () => new api.Verifier({ secrets: Array(5).fill(SECRET) }),
      () => new api.ReplayGuard({ capacity: 0xffff_ffff }),
    ];
    for (const misuse of misuses) {
      assert.throws(
        misuse,
        (/** @type {Error} */ error) => {
          assert.equal(error.cause, undefined);
          const text = inspect(error, {
            showHidden: true,
            depth: Infinity,
            maxArrayLength: Infinity,
          });
          assert.equal(shows(text), false, String(misuse));
          return true;
        },
        String(misuse),
      );
    }
    assert.throws(
      () => (0, stolen.verify)(callback("nonce-2"), MOMENT),
      /call it as in verifier\.verify/,
    );
    assert.throws(() => new Proxy(verifier, {}).verify(callback("n"), MOMENT), /a copy, a proxy/);
  });

  test(`${name}: a secret of a verifier that could not be made is none of the next one's`, () => {
    for (const secrets of [
      [SECRET, undefined],
      [SECRET, " "],
      [SECRET, ""],
    ]) {
      assert.throws(() => new api.Verifier({ secrets }), /secrets\[1\]/);
      const other = new api.Verifier({ secrets: ["example-secret-not-real-2"] });
      assert.equal(other.verify(callback("nonce-3"), MOMENT).code, "signature_mismatch");
    }
  });

  test(`${name}: a verdict is plain data, and its copies are as good as itself`, () => {
    const one = verifier.verify(callback("nonce-4"), MOMENT);
    const { replayKey } = one;
    // Of body, nonce and time; the same as in the vectors.
    assert.match(replayKey, /^[0-9a-f]{32}$/);
    const all = {
      ok: true,
      code: "accepted",
      promise: "timely",
      status: 200,
      secretSlot: 0,
      ageSeconds: 3,
      replayKey,
    };
    assert.equal(Object.getPrototypeOf(one), Object.prototype);
    assert.deepStrictEqual(one, all);
    assert.deepStrictEqual(all, one);
    const copies = {
      spread: (verdict) => ({ ...verdict }),
      clone: structuredClone,
      JSON: (verdict) => JSON.parse(JSON.stringify(verdict)),
      serialized: (verdict) => deserialize(serialize(verdict)),
      entries: (verdict) => Object.fromEntries(Object.entries(verdict)),
      key: (verdict) => `${verdict.replayKey}`,
    };
    for (const [way, copy] of Object.entries(copies)) {
      const original = verifier.verify(callback(`nonce-${way}`), MOMENT);
      const copied = copy(original);
      if (way !== "key") assert.deepStrictEqual(copied, { ...all, replayKey: original.replayKey });
      // Another one in between, so that neither is the verdict that came last.
      verifier.verify(callback("nonce-4"), MOMENT);
      const claim = guard.claim(copied, MOMENT);
      assert.equal(claim.state, "first", way);
      const inFlight = guard.claim(original, MOMENT);
      assert.equal(inFlight.state, "in_flight", way);
      // The second copy has nothing to take back.
      guard.release(inFlight.ticket);
      assert.equal(guard.claim(original, MOMENT).state, "in_flight", way);
      guard.release({ ...claim.ticket });
      assert.equal(guard.claim(original, MOMENT).state, "first", way);
      guard.confirm(copied, MOMENT);
      assert.equal(guard.claim(original, MOMENT).state, "done", way);
    }
    const two = verifier.verify(callback("nonce-5"), MOMENT);
    assert.equal(isDeepStrictEqual(one, two), false);
    assert.equal(isDeepStrictEqual(two, verifier.verify(callback("nonce-5"), MOMENT)), true);
    const refused = verifier.verify({ headers: {}, body }, MOMENT);
    assert.equal(Object.getPrototypeOf(refused), Object.prototype);
    assert.deepStrictEqual(structuredClone(refused), { ...refused });
  });
}
