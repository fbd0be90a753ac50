import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Guard,
  Reception,
  type ReceptionOptions,
  type Refresh,
  ReplayGuard,
  Verifier,
  type VerifierSource,
} from "sinch-callback/edge/schemes";

import { optionsOf } from "../../tests/hosts/check.mjs";
import {
  type Bytes,
  NAME,
  NEXT_SECRET,
  NOW,
  SECRET,
  bodyOf,
  isOfAClock,
  pairsOf,
  signed,
  vectors,
} from "../test/sinch.js";
import { FakeStore } from "../test/store.js";

import { front as hostFront } from "./hosts/front.js";
import {
  type HandlerOptions,
  type ParameterStore,
  StoredVerifiers,
  createHandler,
} from "./index.js";

/** What a receiver answers: each answer bears its mark. */
const marked = (status: number, code = "accepted", headers: Record<string, string> = {}) =>
  new Response("stored", { status, headers: { "x-sinch-callback": code, ...headers } });

/** A callback as somebody sends it. */
interface Sent {
  readonly headers: HeadersInit;
  readonly body: string | Bytes;
}

const ADDRESS = "https://edge.example/callbacks";
const post = ({ headers, body }: Sent) => new Request(ADDRESS, { method: "POST", headers, body });

/** The status of an answer, and its code, or its text where it is of another form. */
type Told = [status: number, code: string];

/** What a mark says of the claim, or of the secret's slot. */
const claimIn = ({ mark }: { mark: string }) => /claim=(\w+)/.exec(mark)?.[1];
const slotIn = ({ mark }: { mark: string }) => /slot=(\d)/.exec(mark)?.[1];

/** A handler before an origin that keeps what it is given, and answers as `origin.answer` says. */
function front({
  limits,
  ...options
}: { limits?: ReceptionOptions } & Partial<HandlerOptions> = {}) {
  const origin = {
    taken: [] as { mark: string; headers: Headers; body: Uint8Array }[],
    answer: (): Response | Promise<Response> => marked(200),
  };
  const warned: string[] = [];
  const reception = new Reception(limits);
  const handle = createHandler({
    reception,
    verifier: new Verifier({ secrets: [SECRET] }),
    guard: new ReplayGuard({ memorySeconds: reception.memorySeconds }),
    now: () => NOW * 1000,
    warn: (message) => warned.push(message),
    origin: async (request) => {
      const body = new Uint8Array(await request.arrayBuffer());
      origin.taken.push({
        mark: request.headers.get("x-callback-edge") ?? "",
        headers: request.headers,
        body,
      });
      return origin.answer();
    },
    ...options,
  });
  const send = async (callback: Sent): Promise<Told> => {
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
  const [{ mark, body, headers: passed } = assert.fail()] = origin.taken;
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
] as [string, () => Response][]) {
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
    assert.equal(origin.taken.map(claimIn)[1], "first");
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

test("429 goes on whoever says it, because Sinch retries it, and releases the claim", async () => {
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
  ] as [Request, number, string][]) {
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
  assert.deepEqual(origin.taken.map(claimIn).sort(), ["first", "in_flight"]);
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
});

test("a second copy that fails does not take back the first one's claim", async () => {
  const answers: ((response: Response) => void)[] = [];
  const { send, origin } = front();
  origin.answer = () => new Promise((resolve) => answers.push(resolve));
  const first = send(signed());
  const second = send(signed());
  for (let turn = 0; turn < 1_000 && answers.length < 2; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(answers.length, 2);
  answers[1]?.(new Response("no", { status: 500 }));
  await second;
  answers[0]?.(marked(200));
  await first;
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
});

test("a full guard and one that fails let callbacks through", async () => {
  const full = new ReplayGuard({ capacity: 1, whenFull: "refuse" });
  const { send, origin } = front({ guard: full });
  await send(signed("1"));
  assert.deepEqual(await send(signed("2")), [200, "stored"]);
  assert.equal(origin.taken.map(claimIn)[1], "full");
  const fails = () => Promise.reject(new Error("down"));
  const broken = front({ guard: { claim: fails, confirm: fails, release: fails } });
  assert.deepEqual(await broken.send(signed()), [200, "stored"]);
  assert.equal(broken.origin.taken.map(claimIn)[0], "unknown");
  assert.deepEqual(broken.warned, [
    "the guard cannot claim: Error: down",
    "the guard cannot be told: Error: down",
  ]);
});

test("a guard that is asked over a network absorbs, and is told what has become of a claim", async () => {
  const near = new ReplayGuard();
  const far: Guard = {
    claim: async (key, moment) => near.claim(key, moment),
    confirm: async (key, moment) => near.confirm(key, moment),
    release: async (ticket) => near.release(ticket),
  };
  const { send, origin } = front({ guard: far });
  origin.answer = () => marked(503);
  assert.deepEqual(await send(signed()), [503, "origin_refused"]);
  origin.answer = () => marked(200);
  assert.deepEqual(await send(signed()), [200, "stored"]);
  assert.deepEqual(await send(signed()), [200, "duplicate"]);
  assert.deepEqual(origin.taken.map(claimIn), ["first", "first"]);
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
  const { send, handle, origin } = front();
  const large = new Uint8Array(2_097_153);
  assert.deepEqual(await send(signed(large)), [413, "body_too_large"]);
  assert.deepEqual(await send({ body: large, headers: {} }), [400, "missing_header"]);
  assert.deepEqual(await send(signed(large.subarray(1))), [200, "stored"]);
  let pulled = 0;
  const endless = new ReadableStream({
    pull: (controller: ReadableStreamDefaultController<Uint8Array>) => {
      pulled += 1;
      pulled > 100 ? controller.close() : controller.enqueue(new Uint8Array(65_536));
    },
  });
  const request = new Request(ADDRESS, {
    method: "POST",
    headers: signed().headers,
    body: endless,
    duplex: "half",
  } as RequestInit);
  assert.equal((await handle(request)).status, 413);
  assert.ok(pulled < 40, `${pulled} parts were read`);
  assert.equal(origin.taken.length, 1);
});

test("a body beyond the limit is refused, whatever the verifier would take", async () => {
  const { send } = front({ limits: { maxBodyBytes: 10 } });
  assert.deepEqual(await send(signed("12345678901")), [413, "body_too_large"]);
  assert.deepEqual(await send(signed("1234567890")), [200, "stored"]);
});

test("what its headers refuse is refused before anything of its body is read", async () => {
  const { handle, origin } = front();
  let pulled = 0;
  const unread = (headers: HeadersInit) => {
    // It never comes to its end: whoever reads it waits for ever.
    const pull = () => {
      pulled += 1;
      return new Promise<void>(() => undefined);
    };
    const body = new ReadableStream({ pull }, { highWaterMark: 0 });
    return handle(
      new Request(ADDRESS, { method: "POST", headers, body, duplex: "half" } as RequestInit),
    );
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
  ] as [Record<string, string>, string][]) {
    const response = await unread(sent);
    assert.deepEqual([response.status, (await response.json()).code], [400, code]);
  }
  assert.deepEqual([pulled, origin.taken.length], [0, 0]);
});

test("a body that breaks off is 503, because a genuine one must be retried", async () => {
  const { handle, origin } = front();
  const body = new ReadableStream({ pull: () => Promise.reject(new Error("reset")) });
  const response = await handle(
    new Request(ADDRESS, {
      method: "POST",
      headers: signed().headers,
      body,
      duplex: "half",
    } as RequestInit),
  );
  assert.equal(response.status, 503);
  assert.equal((await response.json()).code, "request_broken");
  assert.equal(origin.taken.length, 0);
});

test("every vector gets the verdict that it must get, and only accepted ones reach the origin", async () => {
  let compared = 0;
  for (const vector of vectors()) {
    let headers: Headers;
    try {
      headers = new Headers(pairsOf(vector));
    } catch {
      continue; // No HTTP host can hand over such a header.
    }
    const intact = pairsOf(vector).every(([name, value]) =>
      headers.get(name)?.split(", ").includes(value),
    );
    if (!intact || !isOfAClock(vector.now)) {
      continue;
    }
    const { secrets, verbatimSecrets, ...limits } = optionsOf(vector);
    const { send, origin } = front({
      limits,
      verifier: new Verifier({ secrets, verbatimSecrets }),
      now: () => Number(vector.now) * 1000,
    });
    const [status, code] = await send({ headers, body: bodyOf(vector) });
    const { expect } = vector;
    const wanted = expect.verdict === "accepted" ? [200, "stored"] : [expect.status, expect.code];
    assert.deepEqual([status, code], wanted, vector.id);
    assert.equal(origin.taken.length, expect.verdict === "accepted" ? 1 : 0, vector.id);
    compared += 1;
  }
  assert.ok(compared > 200, `${compared} vectors`);
});

function verifiers(store: ParameterStore, verbatim = false): StoredVerifiers {
  return new StoredVerifiers(
    store,
    { names: ["/a"] },
    { verbatimSecrets: verbatim },
    () => undefined,
  );
}

test("a secret that was put a moment ago is taken at once, and the former one too", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, SECRET);
  const { send, origin } = front({ verifier: verifiers(store) });
  await send(signed("1"));
  store.put("/a", NOW, NEXT_SECRET);
  assert.deepEqual(await send(signed("2", { secret: NEXT_SECRET })), [200, "stored"]);
  assert.deepEqual(await send(signed("3")), [200, "stored"]);
  assert.deepEqual(origin.taken.map(slotIn), ["0", "0", "1"]);
});

test("without any secret what is well-formed is 503, and what is not is refused all the same", async () => {
  const store = new FakeStore();
  store.down = true;
  const { send, warned } = front({ verifier: verifiers(store) });
  assert.deepEqual(await send(signed()), [503, "secret_unavailable"]);
  assert.deepEqual(await send({ ...signed(), headers: {} }), [400, "missing_header"]);
  assert.deepEqual(await send(signed(new Uint8Array(2_097_153))), [413, "body_too_large"]);
  assert.deepEqual(warned, ["answered 503: Error: down"]);
});

test("callbacks that come at once behind a rotation are all handed on", async () => {
  const store = new FakeStore();
  store.put("/a", NOW - 90_000, SECRET);
  const slow = {
    read: async (names: readonly string[]) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return store.read(names);
    },
  };
  const { send } = front({ verifier: verifiers(slow) });
  assert.deepEqual(await send(signed("before")), [200, "stored"]);
  store.put("/a", NOW, NEXT_SECRET);
  const callbacks = Array.from({ length: 8 }, (_, number) =>
    signed(`${number}`, { secret: NEXT_SECRET }),
  );
  for (const told of await Promise.all(callbacks.map(send))) {
    assert.deepEqual(told, [200, "stored"]);
  }
});

/** What a refresh brings: another secret, or none. */
type Laid = string | Refresh<Verifier>;

/** A source of which every refresh is laid down. */
function source(...refreshes: Laid[]): VerifierSource & { judged: Verifier[] } {
  const verifier = (secret: string) => new Verifier({ secrets: [secret] });
  const judged: Verifier[] = [];
  return {
    judged,
    current: async () => verifier(SECRET),
    refresh: async (verifier_) => {
      judged.push(verifier_);
      const next = refreshes.shift() ?? assert.fail();
      return typeof next === "string" ? { is: "newer", ring: verifier(next) } : next;
    },
  };
}

test("a callback is judged again with newer secrets, twice at most", async () => {
  const unchanged = { is: "unchanged" } as const;
  for (const [refreshes, told, asked] of [
    [[NEXT_SECRET], [200, "stored"], 1],
    [["made-up-other", NEXT_SECRET], [200, "stored"], 2],
    [["made-up-a", "made-up-b", NEXT_SECRET], [503, "secret_may_be_newer"], 2],
    [["made-up-other", unchanged], [401, "signature_mismatch"], 2],
    [[{ is: "under_way" }], [503, "secret_may_be_newer"], 1],
  ] as [Laid[], Told, number][]) {
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
  ] as [number, Told][]) {
    const verifier = source({ is: "recent", readAtSeconds: NOW - 20 });
    const { send } = front({ verifier });
    assert.deepEqual(await send(signed("{}", { secret: "made-up-other", at: NOW - ago })), told);
  }
});

for (const [secret, cause] of [
  [`"made-up-and-long"`, "has quotes around it"],
  ["made-up\nand-long", "has a line break inside"],
  ["\ufeffmade-up-and-long", "begins with a byte order mark"],
  ["SINCH_WEBHOOK_SECRET=made-up-and-long", "has a name in front"],
  ["whsec_made-up-and-long", "begins with whsec_"],
] as [string, string][]) {
  test(`a secret that ${cause} is refused with its cause, and taken where it is asked for`, async () => {
    const told = new RegExp(
      `the secret ${cause}.*\\(\\{ verbatimSecrets: true \\} takes it as it is\\)$`,
    );
    const says = ({ message }: Error) => told.test(message) && !message.includes("made-up");
    assert.throws(() => new Verifier({ secrets: [secret] }), says);
    const store = new FakeStore();
    store.put("/a", NOW - 90_000, JSON.stringify([secret]));
    await assert.rejects(async () => verifiers(store).current(NOW * 1000), says);
    const variables: Record<string, string> = {
      SINCH_WEBHOOK_SECRET: JSON.stringify([secret]),
      ORIGIN_URL: "https://origin.example/",
    };
    assert.throws(() => hostFront((name) => variables[name]), says);

    const callback = signed("{}", { secret });
    for (const verifier of [
      new Verifier({ secrets: [secret], verbatimSecrets: true }),
      verifiers(store, true),
    ]) {
      assert.deepEqual(await front({ verifier }).send(callback), [200, "stored"]);
    }
    assert.ok(hostFront((name) => ({ ...variables, SECRET_VERBATIM: "true" })[name]));
  });
}

test("a mismatch may be answered 503, and nothing else is", async () => {
  const { send } = front({ limits: { retryMismatch: true } });
  assert.deepEqual(await send(signed("{}", { secret: "another" })), [503, "signature_mismatch"]);
  assert.deepEqual(await send(signed("{}", { at: NOW - 301 })), [401, "stale"]);
});
