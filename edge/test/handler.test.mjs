import assert from "node:assert/strict";
import { test } from "node:test";
import { ReplayGuard, Verifier } from "sinch-callback/edge/inline";

import { load } from "./load.mjs";
import {
  NAME,
  NEXT_SECRET,
  NOW,
  SECRET,
  bodyOf,
  isOfAClock,
  optionsOf,
  pairsOf,
  signed,
  vectors,
} from "./sinch.mjs";
import { FakeStore } from "./store.mjs";

const { createHandler, StoredVerifiers } = await load("index.ts");
const { front: hostFront } = await load("hosts/front.ts");

/** What a receiver answers: each answer bears its mark. */
const marked = (status, code = "accepted", headers = {}) =>
  new Response("stored", { status, headers: { "x-sinch-callback": code, ...headers } });

const ADDRESS = "https://edge.example/callbacks";
const post = ({ headers, body }) => new Request(ADDRESS, { method: "POST", headers, body });

/** A handler before an origin that keeps what it is given, and answers as `origin.answer` says. */
function front(options = {}) {
  const origin = { taken: [], answer: () => marked(200) };
  const warned = [];
  const verifier = new Verifier({ secrets: [SECRET] });
  const handle = createHandler({
    verifier,
    guard: new ReplayGuard({ memorySeconds: verifier.memorySeconds }),
    now: () => NOW * 1000,
    warn: (message) => warned.push(message),
    origin: async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      origin.taken.push({
        mark: request.headers.get("x-callback-edge"),
        headers: request.headers,
        body,
      });
      return origin.answer();
    },
    ...options,
  });
  const send = async (callback) => {
    const response = await handle(post(callback));
    const text = await response.text();
    return [response.status, text.startsWith("{") ? JSON.parse(text).code : text];
  };
  return { send, handle, origin, warned };
}

test("a callback reaches the origin byte for byte, with its headers and the edge's mark", async () => {
  const { send, origin } = front();
  const callback = signed(Uint8Array.of(0x7b, 0xff, 0x00, 0x0d, 0x0a, 0x7d));
  const headers = { ...callback.headers, "x-callback-edge": "accepted; slot=9" };
  assert.deepEqual(await send({ ...callback, headers }), [200, "stored"]);
  const [{ mark, body, headers: passed }] = origin.taken;
  assert.deepEqual(body, callback.body);
  assert.equal(passed.get(NAME), callback.headers[NAME]);
  assert.match(mark, /^accepted; slot=0; claim=first; since=\d+; key=[0-9a-f]{32}$/);
});

test("a duplicate of what the origin has taken ends at the edge with 200", async () => {
  const { send, origin } = front();
  await send(signed());
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
  assert.equal(origin.taken.length, 1);
});

for (const [what, answer] of [
  ["an access layer's 403", () => new Response("<html>", { status: 403 })],
  ["a 404", () => new Response("<html>", { status: 404 })],
  ["a proxy's 413", () => new Response("<html>", { status: 413 })],
  ["a catch-all's 200", () => new Response("<html>", { status: 200 })],
  ["an unmarked 204", () => new Response(null, { status: 204 })],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "https://elsewhere.example/" } }),
  ],
  [
    "a marked redirect",
    () => new Response(null, { status: 308, headers: { location: "/x", "x-sinch-callback": "x" } }),
  ],
  ["the 401 of a receiver that lags in a rotation", () => marked(401, "signature_mismatch")],
  ["a receiver's 400", () => marked(400, "missing_header")],
  ["a receiver's 503", () => marked(503, "handoff_unavailable")],
  ["500", () => new Response("no", { status: 500 })],
]) {
  test(`after ${what} an authentic callback is 503, and the very same one gets through`, async () => {
    const { handle, send, origin, warned } = front();
    const good = origin.answer;
    origin.answer = answer;
    const refused = await handle(post(signed()));
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("x-sinch-callback"), "origin_refused");
    assert.equal(refused.headers.get("location"), null);
    assert.deepEqual(await refused.json(), {
      code: "origin_refused",
      detail: "what stands behind the edge did not take the callback",
    });
    const { status, headers } = answer();
    const mark = headers.has("x-sinch-callback") ? "" : " without x-sinch-callback";
    assert.deepEqual(warned, [
      `the origin answered ${status}${mark}, which is answered 503 origin_refused`,
    ]);
    origin.answer = good;
    assert.deepEqual(await send(signed()), [200, "stored"]);
    assert.match(origin.taken[1].mark, /claim=first/);
  });
}

for (const status of [200, 202]) {
  test(`a receiver's ${status} goes on with its mark, and leads nowhere else`, async () => {
    const { handle, origin } = front();
    origin.answer = () =>
      marked(status, "accepted", { location: "https://elsewhere.example/", "x-own": "1" });
    const response = await handle(post(signed()));
    const found = ["x-sinch-callback", "location", "x-own"].map((name) =>
      response.headers.get(name),
    );
    assert.deepEqual(
      [response.status, await response.text(), ...found],
      [status, "stored", "accepted", null, "1"],
    );
  });
}

test("429 goes on whoever says it, since Sinch comes again, and releases the claim", async () => {
  const { send, origin } = front();
  const good = origin.answer;
  origin.answer = () => new Response("slow down", { status: 429 });
  assert.deepEqual(await send(signed()), [429, "slow down"]);
  origin.answer = good;
  assert.deepEqual(await send(signed()), [200, "stored"]);
});

test("of an origin of another make a 2xx counts without the mark, and nothing else does", async () => {
  const { send, origin, warned } = front({ foreignOrigin: true });
  origin.answer = () => new Response("no", { status: 403 });
  assert.deepEqual(await send(signed()), [503, "origin_refused"]);
  assert.deepEqual(warned, ["the origin answered 403, which is answered 503 origin_refused"]);
  origin.answer = () => new Response("taken", { status: 202 });
  assert.deepEqual(await send(signed()), [202, "taken"]);
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
});

test("each answer of the edge's own is marked with its code", async () => {
  const { handle } = front();
  await handle(post(signed()));
  for (const [request, status, code] of [
    [new Request(ADDRESS), 405, "method_not_allowed"],
    [post({ headers: {}, body: "{}" }), 400, "missing_header"],
    [post(signed("{}", { secret: "another" })), 401, "signature_mismatch"],
    [post(signed("{}", { at: NOW + 301 })), 503, "from_future"],
    [post(signed()), 200, "duplicate"],
  ]) {
    const response = await handle(request);
    assert.deepEqual([response.status, response.headers.get("x-sinch-callback")], [status, code]);
  }
});

test("an origin that throws is answered 503, and the retry gets through", async () => {
  const { send, origin, warned } = front();
  const good = origin.answer;
  origin.answer = () => {
    throw new Error("refused");
  };
  assert.deepEqual(await send(signed()), [503, "handoff_unavailable"]);
  assert.deepEqual(warned, ["the origin cannot be reached: Error: refused"]);
  origin.answer = good;
  assert.deepEqual(await send(signed()), [200, "stored"]);
});

test("of two copies at once both reach the origin, and a third does not", async () => {
  const { send, origin } = front();
  const both = await Promise.all([send(signed()), send(signed())]);
  assert.deepEqual(both, [
    [200, "stored"],
    [200, "stored"],
  ]);
  assert.deepEqual(origin.taken.map(({ mark }) => /claim=(\w+)/.exec(mark)[1]).sort(), [
    "first",
    "in_flight",
  ]);
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
});

test("a second copy that fails does not take back the first one's claim", async () => {
  const answers = [];
  const { send, origin } = front();
  origin.answer = () => new Promise((resolve) => answers.push(resolve));
  const first = send(signed());
  const second = send(signed());
  for (let turn = 0; turn < 1_000 && answers.length < 2; turn++) {
    await new Promise(setImmediate);
  }
  assert.equal(answers.length, 2);
  answers[1](new Response("no", { status: 500 }));
  await second;
  answers[0](marked(200));
  await first;
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
});

test("a full guard and one that fails let callbacks through", async () => {
  const full = new ReplayGuard({ capacity: 1, whenFull: "refuse" });
  const { send, origin } = front({ guard: full });
  await send(signed("1"));
  assert.deepEqual(await send(signed("2")), [200, "stored"]);
  assert.match(origin.taken[1].mark, /claim=full/);
  const fails = () => Promise.reject(new Error("down"));
  const broken = front({ guard: { claim: fails, confirm: fails, release: fails } });
  assert.deepEqual(await broken.send(signed()), [200, "stored"]);
  assert.match(broken.origin.taken[0].mark, /claim=unknown/);
  assert.deepEqual(broken.warned, [
    "the guard cannot claim: Error: down",
    "the guard cannot confirm: Error: down",
  ]);
});

test("another method than POST is refused", async () => {
  const { handle } = front();
  const response = await handle(new Request(ADDRESS));
  assert.equal(response.status, 405);
  assert.deepEqual(await response.json(), {
    code: "method_not_allowed",
    detail: "callbacks come by POST",
  });
});

test("a body past the limit is 413, is not read to its end, and a malformed header comes before it", async () => {
  const { send, handle, origin } = front({ maxBodyBytes: 2_097_152 });
  const large = new Uint8Array(2_097_153);
  assert.deepEqual(await send(signed(large)), [413, "body_too_large"]);
  assert.deepEqual(await send({ body: large, headers: {} }), [400, "missing_header"]);
  assert.deepEqual(await send(signed(large.subarray(1))), [200, "stored"]);
  let pulled = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulled += 1;
      pulled > 100 ? controller.close() : controller.enqueue(new Uint8Array(65_536));
    },
  });
  const request = new Request(ADDRESS, {
    method: "POST",
    headers: signed().headers,
    body: endless,
    duplex: "half",
  });
  assert.equal((await handle(request)).status, 413);
  assert.ok(pulled < 40, `${pulled} parts were read`);
  assert.equal(origin.taken.length, 1);
});

test("a body beyond what is read, which the verifier would take, is not judged by its beginning", async () => {
  const { send } = front({ maxBodyBytes: 10 });
  assert.deepEqual(await send(signed("12345678901")), [413, "body_truncated"]);
  assert.deepEqual(await send(signed("1234567890")), [200, "stored"]);
});

test("what its headers refuse is refused before anything of its body is read", async () => {
  const { handle, origin } = front();
  let pulled = 0;
  const unread = (headers) => {
    // It never comes to its end: whoever reads it waits for ever.
    const pull = () => {
      pulled += 1;
      return new Promise(() => undefined);
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return handle(new Request(ADDRESS, { method: "POST", headers, body, duplex: "half" }));
  };
  const { headers } = signed("{}");
  const without = Object.fromEntries(
    Object.entries(headers).filter(([name]) => name !== `${NAME}-nonce`),
  );
  for (const [sent, code] of [
    [{}, "missing_header"],
    [without, "missing_header"],
    [{ ...headers, [`${NAME}-nonce`]: "a.b" }, "malformed_header"],
    [{ ...headers, [`${NAME}-timestamp`]: "soon" }, "malformed_header"],
    [{ ...headers, [`${NAME}-algorithm`]: "HmacSHA1" }, "unsupported_algorithm"],
  ]) {
    const response = await unread(sent);
    assert.deepEqual([response.status, (await response.json()).code], [400, code]);
  }
  assert.deepEqual([pulled, origin.taken.length], [0, 0]);
});

test("a body that breaks off is 503, since a genuine one must come again", async () => {
  const { handle, origin } = front();
  const body = new ReadableStream({ pull: () => Promise.reject(new Error("reset")) });
  const response = await handle(
    new Request(ADDRESS, { method: "POST", headers: signed().headers, body, duplex: "half" }),
  );
  assert.equal(response.status, 503);
  assert.equal((await response.json()).code, "request_broken");
  assert.equal(origin.taken.length, 0);
});

test("every vector gets the verdict that it must get, and only accepted ones reach the origin", async () => {
  let compared = 0;
  for (const vector of vectors()) {
    let headers;
    try {
      headers = new Headers(pairsOf(vector));
    } catch {
      continue; // No HTTP host can hand over such a header.
    }
    const intact = pairsOf(vector).every(([name, value]) =>
      headers.get(name).split(", ").includes(value),
    );
    if (!intact || !isOfAClock(vector.now)) {
      continue;
    }
    const { send, origin } = front({
      verifier: new Verifier(optionsOf(vector)),
      maxBodyBytes: vector.options?.max_body_bytes ?? 2_097_152,
      now: () => Number(vector.now) * 1000,
    });
    const [status, code] = await send({ headers, body: bodyOf(vector.body) });
    const { expect } = vector;
    const wanted = expect.verdict === "accepted" ? [200, "stored"] : [expect.status, expect.code];
    assert.deepEqual([status, code], wanted, vector.id);
    assert.equal(origin.taken.length, expect.verdict === "accepted" ? 1 : 0, vector.id);
    compared += 1;
  }
  assert.ok(compared > 200, `${compared} vectors`);
});

function stored(store, options = {}) {
  const verifier = new StoredVerifiers(store, { names: ["/a"] }, {}, () => undefined);
  return front({ verifier, ...options });
}

test("a secret that was put a moment ago is taken at once, and the former one too", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, SECRET);
  const { send, origin } = stored(store);
  await send(signed("1"));
  store.put("/a", NOW, NEXT_SECRET);
  assert.deepEqual(await send(signed("2", { secret: NEXT_SECRET })), [200, "stored"]);
  assert.deepEqual(await send(signed("3")), [200, "stored"]);
  assert.deepEqual(
    origin.taken.map(({ mark }) => /slot=(\d)/.exec(mark)[1]),
    ["0", "0", "1"],
  );
});

test("without any secret what is well-formed is 503, and what is not is refused all the same", async () => {
  const store = new FakeStore();
  store.down = true;
  const { send, warned } = stored(store);
  assert.deepEqual(await send(signed()), [503, "secret_unavailable"]);
  assert.deepEqual(await send({ ...signed(), headers: {} }), [400, "missing_header"]);
  assert.deepEqual(await send(signed(new Uint8Array(2_097_153))), [413, "body_too_large"]);
  assert.deepEqual(warned, ["answered 503: Error: down"]);
});

test("callbacks that come at once behind a rotation are all handed on", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, SECRET);
  const slow = {
    read: async (names) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return store.read(names);
    },
  };
  const verifier = new StoredVerifiers(slow, { names: ["/a"] }, {}, () => {});
  const { send } = front({ verifier });
  assert.deepEqual(await send(signed("before")), [200, "stored"]);
  store.put("/a", NOW, NEXT_SECRET);
  const callbacks = Array.from({ length: 8 }, (_, number) =>
    signed(`${number}`, { secret: NEXT_SECRET }),
  );
  for (const told of await Promise.all(callbacks.map(send))) {
    assert.deepEqual(told, [200, "stored"]);
  }
});

/** A source of which every refresh is laid down. */
function source(...refreshes) {
  const verifier = (secret) => new Verifier({ secrets: [secret], maxAgeSeconds: 86_400 });
  const judged = [];
  return {
    judged,
    form: verifier("made-up-form"),
    current: async () => verifier(SECRET),
    refresh: async (verifier_) => {
      judged.push(verifier_);
      const next = refreshes.shift();
      return typeof next === "string" ? { is: "newer", ring: verifier(next) } : next;
    },
  };
}

test("a callback is judged again with newer secrets, twice at most", async () => {
  const unchanged = { is: "unchanged" };
  for (const [refreshes, told, asked] of [
    [[NEXT_SECRET], [200, "stored"], 1],
    [["made-up-other", NEXT_SECRET], [200, "stored"], 2],
    [["made-up-a", "made-up-b", NEXT_SECRET], [503, "secret_may_be_newer"], 2],
    [["made-up-other", unchanged], [401, "signature_mismatch"], 2],
    [[{ is: "under_way" }], [503, "secret_may_be_newer"], 1],
  ]) {
    const verifier = source(...refreshes);
    const { send } = front({ verifier });
    assert.deepEqual(await send(signed("{}", { secret: NEXT_SECRET })), told);
    assert.equal(new Set(verifier.judged).size, asked);
  }
});

test("a mismatch in the pause is final only for what was signed well before the read", async () => {
  for (const [ago, told] of [
    [0, [503, "secret_may_be_newer"]],
    [80, [503, "secret_may_be_newer"]],
    [81, [401, "signature_mismatch"]],
  ]) {
    const verifier = source({ is: "recent", readAtSeconds: NOW - 20 });
    const { send } = front({ verifier });
    assert.deepEqual(await send(signed("{}", { secret: "made-up-other", at: NOW - ago })), told);
  }
});

for (const [secret, cause] of [
  [`"made-up"`, "has quotes around it"],
  ["made\nup", "has a line break inside"],
  ["\ufeffmade-up", "begins with a byte order mark"],
  ["SINCH_WEBHOOK_SECRET=made-up", "has a name in front"],
  ["whsec_made-up", "begins with whsec_"],
]) {
  test(`a secret that ${cause} is refused with its cause, and taken where it is asked for`, async () => {
    const told = new RegExp(
      `the secret ${cause}.*\\(\\{ verbatimSecrets: true \\} takes it as it is\\)$`,
    );
    const says = ({ message }) => told.test(message) && !message.includes("made-up");
    assert.throws(() => new Verifier({ secrets: [secret] }), says);
    const store = new FakeStore();
    store.put("/a", NOW - 90_000, JSON.stringify([secret]));
    const stored = (limits) => new StoredVerifiers(store, { names: ["/a"] }, limits, () => {});
    await assert.rejects(stored({}).current(NOW * 1000), says);
    const variables = {
      SINCH_WEBHOOK_SECRET: JSON.stringify([secret]),
      ORIGIN_URL: "https://origin.example/",
    };
    assert.throws(() => hostFront((name) => variables[name]), says);

    const callback = signed("{}", { secret });
    const verbatim = { verbatimSecrets: true };
    const verdict = new Verifier({ secrets: [secret], ...verbatim }).verify(callback, {
      nowMs: NOW * 1000,
    });
    assert.equal(verdict.ok, true);
    assert.deepEqual(await front({ verifier: stored(verbatim) }).send(callback), [200, "stored"]);
    assert.ok(hostFront((name) => ({ ...variables, SECRET_VERBATIM: "true" })[name]));
  });
}

test("a mismatch may be answered 503, and nothing else is", async () => {
  const { send } = front({ onMismatch: 503 });
  assert.deepEqual(await send(signed("{}", { secret: "another" })), [503, "signature_mismatch"]);
  assert.deepEqual(await send(signed("{}", { at: NOW - 301 })), [401, "stale"]);
});
