// What a receiver of the package does with a callback, in both styles: node --test receiver.mjs
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, request as send } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import express from "express";

import { MOMENT, NOW_MS, SECRET, signed, signedAt } from "./signing.mjs";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const api = await import(new URL("full.inline.js", dist).href);
const { CachedSecrets, ReplayGuard, Signer, Verifier, contentKey, createReceiver } = api;

const HOST = "127.0.0.1";
const NEXT_SECRET = "example-secret-not-real-2";
const BODY = new TextEncoder().encode('{"opt_in_notification":{}}');
/** Whoever gets no answer by then gets none. */
const TIME_LIMIT_MS = 5_000;

let number = 0;
/** A callback of its own. */
const fresh = (body = BODY) => ({ headers: signed(body, `nonce-${(number += 1)}`), body });

/** A receiver with what it has kept and what it has warned of. */
function made(options = {}) {
  const kept = [];
  const warned = [];
  const receiver = createReceiver({
    secrets: [SECRET],
    keep: (callback) => void kept.push(callback),
    now: () => NOW_MS,
    warn: (message, error) => warned.push(error === undefined ? message : `${message} ${error}`),
    ...options,
  });
  return { receiver, kept, warned };
}

/** How a callback is sent in each style, and what is answered. */
const STYLES = {
  async fetch(receiver, { method = "POST", url = "/callbacks", headers, body }) {
    const init = /** @type {RequestInit} */ (
      method === "GET" ? { headers } : { method, headers, body, duplex: "half" }
    );
    const response = await receiver.fetch(new Request(`https://example.com${url}`, init));
    return told(response.status, response.headers, await response.text());
  },
  async node(receiver, callback) {
    return withServer(createServer(receiver.node), (port) => post(port, callback));
  },
};

/** What was answered, all three times. */
function told(status, headers, body) {
  const { code } = JSON.parse(body);
  const mark = headers.get("x-sinch-callback");
  assert.equal(mark, code, "the mark is another code than the body's");
  assert.equal(headers.get("content-type"), "application/json");
  return `${status} ${code}`;
}

async function post(port, { method = "POST", url = "/callbacks", headers, body }) {
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const init = /** @type {RequestInit} */ ({ method, headers, signal, duplex: "half" });
  const response = await fetch(
    `http://${HOST}:${port}${url}`,
    method === "GET" ? init : { ...init, body },
  );
  return told(response.status, response.headers, await response.text());
}

/** Waits for what is under way. */
async function until(condition) {
  for (const late = Date.now() + TIME_LIMIT_MS; !condition(); ) {
    assert.ok(Date.now() < late, "it does not come to that");
    await new Promise(setImmediate);
  }
}

async function withServer(server, use) {
  server.listen(0, HOST);
  await once(server, "listening");
  try {
    return await use(server.address().port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

for (const [style, receive] of Object.entries(STYLES)) {
  test(`${style}: a callback is kept once, with its key and what it is worth`, async () => {
    const { receiver, kept, warned } = made();
    const callback = fresh();
    assert.equal(await receive(receiver, callback), "200 accepted");
    assert.equal(await receive(receiver, callback), "200 duplicate");
    assert.equal(kept.length, 1);
    const [{ body, verdict, ...rest }] = kept;
    assert.deepEqual(new Uint8Array(body), BODY);
    assert.deepEqual([verdict.promise, verdict.ageSeconds, verdict.secretSlot], ["timely", 3, 0]);
    assert.deepEqual(rest, { contentKey: contentKey(BODY), receivedAtMs: NOW_MS });
    assert.deepEqual(warned, []);
  });

  test(`${style}: 200 is said once keep has resolved, and not before`, async () => {
    let end;
    const { receiver } = made({ keep: () => new Promise((resolve) => (end = resolve)) });
    let answered;
    const answer = receive(receiver, fresh()).then((told) => (answered = told));
    await until(() => end !== undefined);
    for (let turn = 0; turn < 20; turn++) {
      await new Promise(setImmediate);
    }
    assert.equal(answered, undefined);
    end();
    assert.equal(await answer, "200 accepted");
  });

  test(`${style}: where keep fails, Sinch retries, and the very same callback is kept then`, async () => {
    const failures = [
      () => Promise.reject(new Error("the store is down")),
      () => {
        throw new Error("the store is down");
      },
      () => undefined,
    ];
    let calls = 0;
    const { receiver, warned } = made({ keep: () => failures[calls++]?.() });
    const callback = fresh();
    assert.equal(await receive(receiver, callback), "503 handoff_unavailable");
    assert.equal(await receive(receiver, callback), "503 handoff_unavailable");
    assert.equal(await receive(receiver, callback), "200 accepted");
    assert.equal(await receive(receiver, callback), "200 duplicate");
    assert.equal(calls, 3);
    assert.equal(warned.length, 2);
    assert.match(warned[0], /could not be kept.*the store is down/);
  });

  test(`${style}: a copy that comes meanwhile is not acknowledged by another's claim`, async () => {
    const ends = [];
    const { receiver } = made({
      keep: ({ contentKey }) =>
        new Promise((resolve, reject) => ends.push({ contentKey, resolve, reject })),
    });
    const callback = fresh();
    const both = [receive(receiver, callback), receive(receiver, callback)];
    await until(() => ends.length === 2);
    assert.equal(ends[0].contentKey, ends[1].contentKey);
    ends[0].reject(new Error("the store is down"));
    ends[1].resolve();
    const answers = await Promise.all(both);
    assert.deepEqual(answers.sort(), ["200 accepted", "503 handoff_unavailable"]);
    assert.equal(await receive(receiver, callback), "200 duplicate");
  });

  test(`${style}: what is not right is refused, each with its code, and nothing is kept`, async () => {
    const { receiver, kept } = made({ maxBodyBytes: 100 });
    const { headers, body } = fresh();
    const old = (seconds) => signedAt(NOW_MS / 1000 - seconds, body, "nonce-old");
    const large = (length) => fresh(new TextEncoder().encode("x".repeat(length)));
    for (const [callback, wanted] of [
      [{ headers, body: new TextEncoder().encode("{}") }, "401 signature_mismatch"],
      [{ headers: { ...headers, "x-sinch-webhook-signature": "=" }, body }, "400 malformed_header"],
      [{ headers: {}, body }, "400 missing_header"],
      [{ headers, method: "GET" }, "405 method_not_allowed"],
      [{ headers: old(86_401), body }, "401 stale"],
      [{ headers: old(-301), body }, "503 from_future"],
      [large(101), "413 body_too_large"],
      [large(1_000_000), "413 body_too_large"],
    ]) {
      assert.equal(await receive(receiver, /** @type {any} */ (callback)), wanted);
    }
    assert.deepEqual(kept, []);
    // Their nearest neighbors are right.
    assert.equal(await receive(receiver, large(100)), "200 accepted");
    assert.equal(await receive(receiver, { headers: old(86_400), body }), "200 accepted");
    assert.equal(await receive(receiver, { headers: old(-300), body }), "200 accepted");
  });

  test(`${style}: without a guard, each copy is kept again`, async () => {
    const { receiver, kept } = made({ guard: false });
    const callback = fresh();
    assert.equal(await receive(receiver, callback), "200 accepted");
    assert.equal(await receive(receiver, callback), "200 accepted");
    assert.equal(kept[0].contentKey, kept[1].contentKey);
  });

  test(`${style}: a guard that fails stops nothing, and one that works absorbs`, async () => {
    const down = () => Promise.reject(new Error("no connection"));
    const failing = made({ guard: { claim: down, confirm: down, release: down } });
    assert.equal(await receive(failing.receiver, fresh()), "200 accepted");
    assert.equal(failing.warned.length, 2);
    assert.match(failing.warned[0], /the guard cannot claim: Error: no connection/);
    assert.match(failing.warned[1], /the guard cannot be told.*no connection/);
    const guard = new ReplayGuard({ capacity: 1, memorySeconds: 86_400 });
    const { receiver } = made({ guard });
    const callback = fresh();
    assert.equal(await receive(receiver, callback), "200 accepted");
    assert.equal(guard.size, 1);
    assert.equal(await receive(receiver, callback), "200 duplicate");
  });

  test(`${style}: the guard in memory remembers as many as it is told`, async () => {
    const callbacks = [fresh(), fresh(new TextEncoder().encode("[]"))];
    for (const [capacity, last] of /** @type {[number, string][]} */ ([
      [1, "200 accepted"],
      [2, "200 duplicate"],
    ])) {
      const { receiver } = made({ capacity });
      for (const callback of callbacks) {
        assert.equal(await receive(receiver, callback), "200 accepted");
      }
      assert.equal(await receive(receiver, /** @type {any} */ (callbacks[0])), last);
    }
  });

  test(`${style}: secrets that a function gives are read once, and again after a rotation`, async () => {
    let secrets = [SECRET];
    let reads = 0;
    const given = made({
      secrets: async () => {
        reads += 1;
        return secrets;
      },
      withoutPause: true,
    });
    assert.equal(await receive(given.receiver, fresh()), "200 accepted");
    assert.equal(await receive(given.receiver, fresh()), "200 accepted");
    assert.equal(reads, 1);
    const next = new Signer({ secret: NEXT_SECRET });
    const signedNext = () => {
      const nonce = `nonce-${(number += 1)}`;
      return { headers: next.sign({ body: BODY, nonce, ...MOMENT }), body: BODY };
    };
    assert.equal(await receive(given.receiver, signedNext()), "401 signature_mismatch");
    secrets = [NEXT_SECRET, SECRET];
    assert.equal(await receive(given.receiver, signedNext()), "200 accepted");
    assert.equal(await receive(given.receiver, fresh()), "200 accepted");
    assert.equal(given.kept.at(-1).verdict.secretSlot, 1);
  });

  test(`${style}: while secrets cannot be read, Sinch retries, and the log says why`, async () => {
    const causes = [
      [() => Promise.reject(new Error("no such parameter")), /no such parameter/],
      [() => [undefined], /is the variable set\?/],
      [() => ["short"], /fewer than 16 bytes/],
      [() => SECRET, /secrets must be an array/],
    ];
    for (const [secrets, cause] of causes) {
      const { receiver, warned } = made({ secrets });
      assert.equal(await receive(receiver, fresh()), "503 secret_unavailable");
      assert.match(warned.join("\n"), /** @type {RegExp} */ (cause));
      assert.doesNotMatch(warned.join("\n"), /example-secret/);
    }
  });

  test(`${style}: callbacks of other products are received by their scheme`, async () => {
    const numbers = made({ scheme: "numbers" });
    const signer = new Signer({ scheme: "numbers", secret: SECRET });
    const signedBody = signer.sign({ body: BODY, ...MOMENT });
    assert.equal(await receive(numbers.receiver, signedBody), "200 accepted");
    assert.equal(numbers.kept[0].verdict.promise, "untimed");

    const key = "669E367E-6BBA-48AB-AF15-266871C28135";
    const secret = Buffer.from(SECRET).toString("base64");
    const voice = { scheme: "application", key, secrets: [secret] };
    const call = (event) => {
      const body = new TextEncoder().encode(`{"event":"${event}"}`);
      return new Signer({ scheme: "application", key, secret }).sign({
        body,
        url: "/voice",
        ...MOMENT,
      });
    };
    const line = { url: "/voice" };
    const { receiver, kept } = made(voice);
    assert.equal(await receive(receiver, { ...call("dice"), ...line }), "200 accepted");
    assert.equal(await receive(receiver, { ...call("ice"), ...line }), "422 answer_expected");
    assert.equal(kept.length, 1);
    const behind = { ...call("dice"), url: "/rewritten" };
    assert.equal(await receive(receiver, behind), "401 signature_mismatch");
    const public_ = made({ ...voice, publicPath: "/voice" });
    assert.equal(await receive(public_.receiver, behind), "200 accepted");
  });

  test(`${style}: what fails inside is 503, and is told`, async () => {
    const verifier = new Verifier({ secrets: [SECRET] });
    const { receiver, warned } = made({ secrets: undefined, verifier });
    assert.equal(await receive(receiver, fresh()), "200 accepted");
    verifier.dispose();
    assert.equal(await receive(receiver, fresh()), "503 handoff_unavailable");
    assert.match(warned[0], /this Verifier has been disposed of/);
  });
}

test("secrets that are read afresh and are the same make no other verifier, texts or bytes", async () => {
  for (const secret of [() => SECRET, () => new TextEncoder().encode(SECRET)]) {
    const made = [];
    const cached = new CachedSecrets({
      read: () => [secret()],
      make: (secrets) => made[made.push(new Verifier({ secrets })) - 1],
    });
    const first = await cached.current(NOW_MS);
    const again = await cached.refresh(first, NOW_MS + 1_000);
    assert.deepEqual(again, { is: "unchanged" });
    assert.equal(await cached.current(NOW_MS + 2_000), first);
    assert.equal(made.length, 1);
    // As the one of a receiver.
    const receiver = createReceiver({ verifier: cached, keep: () => {}, now: () => NOW_MS });
    assert.equal(await STYLES.fetch(receiver, fresh()), "200 accepted");
  }
});

test("fetch: a body that breaks off is 503, and one that was read before is, too", async () => {
  const { receiver, kept, warned } = made();
  const { headers, body } = fresh();
  const broken = new ReadableStream({ pull: () => Promise.reject(new Error("reset")) });
  const request = (body) =>
    new Request(
      "https://example.com/",
      /** @type {any} */ ({ method: "POST", headers, body, duplex: "half" }),
    );
  const codeOf = async (request) => (await receiver.fetch(request)).headers.get("x-sinch-callback");
  assert.equal(await codeOf(request(broken)), "request_broken");
  assert.match(warned.pop(), /the body cannot be read.*reset/);
  const read = request(body);
  await read.json();
  assert.equal(await codeOf(read), "request_broken");
  assert.match(warned.pop(), /something has read the request before.*a clone/);
  const cloned = request(body);
  await cloned.clone().json();
  assert.equal(await codeOf(cloned), "accepted");
  assert.equal(kept.length, 1);
});

test("fetch: of a body that is too large no more is read than tells it", async () => {
  const { receiver } = made({ maxBodyBytes: 1_000 });
  let pulled = 0;
  const endless = new ReadableStream({
    pull: (controller) => {
      pulled += 1;
      controller.enqueue(new Uint8Array(600));
    },
  });
  const init = /** @type {any} */ ({
    method: "POST",
    headers: fresh().headers,
    body: endless,
    duplex: "half",
  });
  assert.equal((await receiver.fetch(new Request("https://example.com/", init))).status, 413);
  assert.ok(pulled < 6, `${pulled} chunks were read`);
});

test("fetch: of what cannot be a callback nothing is read", async () => {
  const { receiver } = made();
  let pulled = 0;
  const body = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
  const init = /** @type {any} */ ({ method: "POST", body, duplex: "half" });
  assert.equal((await receiver.fetch(new Request("https://example.com/", init))).status, 400);
  assert.equal(pulled, 0);
});

test("node: a raw body is taken from where a middleware has put it", async () => {
  const keepRaw = (request, _response, body) => (request.rawBody = body);
  for (const [what, middleware] of Object.entries({
    "no middleware": (_request, _response, next) => next(),
    "express.raw": express.raw({ type: () => true }),
    "express.json that keeps it": express.json({ verify: keepRaw }),
    "express.json of other types": express.json({ type: "application/other" }),
  })) {
    const { receiver, kept, warned } = made();
    const app = express().use(middleware).post("/callbacks", receiver.node);
    await withServer(createServer(app), async (port) => {
      const { headers, body } = fresh();
      const typed = { ...headers, "content-type": "application/json" };
      assert.equal(await post(port, { headers: typed, body }), "200 accepted", what);
    });
    assert.deepEqual(new Uint8Array(kept[0].body), BODY);
    assert.deepEqual(warned, []);
  }
});

test("node: a body that a middleware has parsed is 503, and the log says what to change", async () => {
  for (const [middleware, text] of /** @type {[any, RegExp][]} */ ([
    [express.json(), /before the receiver could: the body is an object, perhaps parsed JSON\./],
    [express.text({ type: () => true }), /before the receiver could: the body is a string\./],
    [
      (request, _response, next) => request.on("data", () => {}).on("end", () => next()),
      /before the receiver could: the body is kept nowhere\./,
    ],
  ])) {
    const { receiver, kept, warned } = made();
    const app = express().use(middleware).post("/callbacks", receiver.node);
    await withServer(createServer(app), async (port) => {
      const { headers, body } = fresh();
      const typed = { ...headers, "content-type": "application/json" };
      assert.equal(await post(port, { headers: typed, body }), "503 request_broken");
    });
    assert.equal(kept.length, 0);
    assert.match(warned[0], text);
    assert.match(warned[0], /add the receiver's route before express\.json\(\).*rawBody = body/);
  }
});

test("node: a path behind a router is the one that Sinch called", async () => {
  const key = "669E367E-6BBA-48AB-AF15-266871C28135";
  const secret = Buffer.from(SECRET).toString("base64");
  const { receiver } = made({ scheme: "application", key, secrets: [secret] });
  const router = express.Router().post("/voice", receiver.node);
  const signer = new Signer({ scheme: "application", key, secret });
  const callback = signer.sign({ body: BODY, url: "/hooks/voice", ...MOMENT });
  await withServer(createServer(express().use("/hooks", router)), async (port) => {
    assert.equal(await post(port, { ...callback, url: "/hooks/voice" }), "200 accepted");
  });
});

test("node: a header that comes twice is refused as that, though Node.js keeps the first alone", async () => {
  const key = "669E367E-6BBA-48AB-AF15-266871C28135";
  const secret = Buffer.from(SECRET).toString("base64");
  const { receiver } = made({ scheme: "application", key, secrets: [secret] });
  const signer = new Signer({ scheme: "application", key, secret });
  const { headers, body } = signer.sign({ body: BODY, url: "/", ...MOMENT });
  await withServer(createServer(receiver.node), async (port) => {
    const request = send({ port, host: HOST, method: "POST" });
    const lines = Object.entries({ ...headers, "content-length": body.length });
    for (const [name, value] of lines) {
      request.setHeader(name, name === "authorization" ? [String(value), String(value)] : value);
    }
    request.end(body);
    const [response] = await once(request, "response");
    response.resume();
    assert.equal(response.headers["x-sinch-callback"], "repeated_header");
  });
});

/** Sends this over a connection, ends it, and gives all that is answered. */
async function raw(port, text) {
  const socket = connect({ port, host: HOST, allowHalfOpen: true });
  socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new Error("no answer")));
  socket.end(text);
  return Buffer.concat(await socket.toArray()).toString();
}

const head = (path, { headers }) =>
  `POST ${path} HTTP/1.1\r\nhost: ${HOST}\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}`;

test("node: what breaks off is 503 where a callback is received, and Node.js's own answer elsewhere", async () => {
  const { receiver, kept } = made();
  const server = createServer((request, response) => {
    if (request.url === "/callbacks") {
      receiver.node(request, response);
    } else {
      request.on("error", () => {}).resume();
    }
  });
  await withServer(server, async (port) => {
    // The server is not listened to before it has brought a callback.
    await post(port, fresh());
    const cut = `content-length: 100\r\n\r\n{"opt`;
    const garbled = `transfer-encoding: chunked\r\n\r\n5\r\n{"opt\r\nnonsense\r\n`;
    for (const rest of [cut, garbled]) {
      const ours = await raw(port, head("/callbacks", fresh()) + rest);
      assert.match(ours, /^HTTP\/1\.1 503 /);
      assert.match(ours, /^x-sinch-callback: request_broken\r$/m);
      assert.match(ours, /\r\n\r\n\{"code":"request_broken","detail":"[^"]+"\}$/);
      const other = await raw(port, head("/other", fresh()) + rest);
      assert.match(other, /^HTTP\/1\.1 400 /);
      assert.doesNotMatch(other, /sinch/);
    }
    const huge = `${head("/other", fresh())}x: ${"x".repeat(20_000)}\r\n\r\n`;
    assert.match(await raw(port, huge), /^HTTP\/1\.1 431 /);
    // What has been answered is over: the connection is anybody's again.
    const socket = connect({ port, host: HOST });
    socket.write(`${head("/callbacks", fresh())}content-length: 0\r\n\r\n`);
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1\.1 401 /);
    socket.write("nonsense\r\n\r\n");
    const [second] = await once(socket, "data");
    assert.match(String(second), /^HTTP\/1\.1 400 /);
  });
  assert.equal(kept.length, 1);
});

test("node: what breaks off behind another callback on its connection is 503, too", async () => {
  const { receiver, kept } = made();
  await withServer(createServer(receiver.node), async (port) => {
    const socket = connect({ port, host: HOST, allowHalfOpen: true });
    socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new Error("no answer")));
    const whole = fresh();
    socket.write(
      `${head("/callbacks", whole)}content-length: ${BODY.length}\r\n\r\n${new TextDecoder().decode(BODY)}` +
        `${head("/callbacks", fresh())}content-length: 100\r\n\r\n{"opt`,
    );
    const [first] = await once(socket, "data");
    assert.match(String(first), /^HTTP\/1\.1 200 /);
    socket.end();
    const rest = Buffer.concat(await socket.toArray()).toString();
    assert.match(rest, /^HTTP\/1\.1 503 [\s\S]*request_broken/);
  });
  assert.equal(kept.length, 1);
});

test("node: a server's own listener hears of all that is not a callback's", async () => {
  const { receiver } = made();
  const heard = [];
  const server = createServer((request, response) =>
    request.url === "/callbacks"
      ? receiver.node(request, response)
      : request.on("error", () => {}).resume(),
  ).on("clientError", (_error, socket) => {
    heard.push(socket.writable);
    socket.writable && socket.end("HTTP/1.1 418 Own\r\nconnection: close\r\n\r\n");
  });
  await withServer(server, async (port) => {
    const cut = `content-length: 100\r\n\r\n{"opt`;
    assert.match(await raw(port, head("/callbacks", fresh()) + cut), /^HTTP\/1\.1 503 /);
    assert.match(await raw(port, head("/other", fresh()) + cut), /^HTTP\/1\.1 418 Own/);
  });
  assert.deepEqual(heard, [false, true]);
});

test("options that cannot be meant throw what was likely meant", () => {
  const keep = () => {};
  const secrets = [SECRET];
  const verifier = new Verifier({ secrets });
  for (const [options, text] of /** @type {[any, RegExp][]} */ ([
    [undefined, /as in createReceiver\(\{ secrets/],
    [{ secrets }, /keep must be a function, not an Undefined/],
    [{ secrets, keep: "yes" }, /keep must be a function, not a String/],
    [{ secrets, keep, warn: 1 }, /warn must be a function/],
    [{ secrets, keep, now: NOW_MS }, /now must be a function/],
    [{ secrets, handler: keep }, /no option "handler": did you mean keep\?/],
    [{ secrets, onCallback: keep }, /did you mean keep\?/],
    [{ secret: SECRET, keep }, /did you mean secrets\?/],
    [{ secrets, keep, maxAge: 1 }, /did you mean maxAgeSeconds\?/],
    [{ secrets, keep, bodyLimit: 1 }, /did you mean maxBodyBytes\?/],
    [{ secrets, keep, replayGuard: false }, /did you mean guard\?/],
    [{ secrets, keep, logger: keep }, /did you mean warn\?/],
    [{ secrets, keep, path: "/" }, /did you mean publicPath\?/],
    [{ keep }, /secrets must be an array of one to four/],
    [{ keep, secrets: SECRET }, /secrets must be an array/],
    [{ keep, secrets: [undefined] }, /secrets\[0\].*is the variable set\?/],
    [{ keep, secrets: ["short"] }, /fewer than 16 bytes/],
    [{ keep, secrets, verifier }, /secrets is beside a verifier/],
    [{ keep, verifier, strongSecrets: true }, /strongSecrets is beside a verifier/],
    [{ keep, verifier, scheme: "numbers" }, /the verifier is of the scheme conversation/],
    [{ keep, secrets, refreshSeconds: 1 }, /refreshSeconds is for secrets that a function gives/],
    [{ keep, secrets, guard: new ReplayGuard(), capacity: 1 }, /capacity is that of the guard/],
    [{ keep, secrets, capacity: 0 }, /capacity must be a whole number/],
    [{ keep, secrets, scheme: "fax" }, /nothing about them can be verified/],
  ])) {
    assert.throws(() => createReceiver(options), text);
  }
  createReceiver({ keep, secrets: ["short"], strongSecrets: false });
  createReceiver({ keep, secrets: () => secrets, refreshSeconds: 1 });
  createReceiver({ keep, verifier });
});

test("something else than a request throws what to pass", async () => {
  const { receiver } = made();
  const { fetch, node } = receiver;
  const incoming = { headers: {}, method: "POST", socket: {}, iterator: () => [], resume() {} };
  const context = { raw: new Request("https://example.com/"), header: () => {}, method: "POST" };
  await assert.rejects(fetch(), /fetch takes a Request, not an Undefined/);
  await assert.rejects(fetch(context), /in Hono that is context\.req\.raw/);
  await assert.rejects(fetch(incoming), /this is Node\.js's: pass it to node/);
  await assert.rejects(node(incoming), /in Fastify those are request\.raw and reply\.raw/);
  await assert.rejects(node(context.raw, {}), /what has a Request is for fetch/);
  await assert.rejects(node(context.raw, { setHeader() {} }), /what has a Request is for fetch/);
});
