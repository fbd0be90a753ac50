// Tests the receivers that are published (the package's examples, and those of both READMEs) over HTTP,
// on the package as it would be published:
//   node --test examples.mjs
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { serve } from "@hono/node-server";
import { transform } from "esbuild";

import { install, pack, withFolder } from "./project.mjs";

const EXAMPLES = new URL("../../wasm-adapter/js/examples/", import.meta.url);
const HOST = "127.0.0.1";
const SECRET = "example-secret-not-real-1";
const NOW_MS = 1_634_579_356_000;
const LARGEST = 2_097_152;
/** Whoever gets no answer by then gets none. */
const TIME_LIMIT_MS = 5_000;
const REPORT = `{"message_delivery_report":{"message_id":"01FJA8EXAMPLE01","status":"DELIVERED"}}`;

/** How each of them starts on a free port: the Node.js server that listens. */
const starts = {
  express: (app) => app.listen(0, HOST),
  fastify: async (app) => {
    await app.listen({ port: 0, host: HOST });
    return app.server;
  },
  hono: (app) => serve({ fetch: app.fetch, port: 0, hostname: HOST }),
};

/** The READMEs' receivers, and how the store is called that they hand off to. */
const readmes = {
  "README.md": "const store = { put: (contentKey, body) => handOff({ body, contentKey }) };",
  "wasm-adapter/js/README.md":
    "const queue = { send: ({ id, body }) => handOff({ body, contentKey: id }) };",
};

test("published receivers", (all) =>
  withFolder(async (folder) => {
    await prepare(folder);
    const load = (path) => import(pathToFileURL(join(folder, path)).href);
    const { Signer } = await load("node_modules/sinch-callback/dist/full.inline.js");
    const signer = new Signer({ secret: SECRET });
    for (const [name, start] of Object.entries(starts)) {
      const { receiver } = await load(`examples/${name}.mjs`);
      await all.test(name, async (each) => {
        await cases(each, signer, receiver, start);
        await losses(each, signer, receiver, start);
        await brokenOverTcp(each, signer, receiver, start);
      });
    }
    let number = 0;
    for (const [path, store] of Object.entries(readmes)) {
      const source = await published(path);
      await all.test(path, async (each) => {
        /** A module of its own for each receiver, since the block has its state in the module. */
        const receiver = async ({ secrets: [currentSecret], ...given }) => {
          const file = `readme-${(number += 1)}.mjs`;
          globalThis.given = {
            currentSecret,
            previousSecret: "example-secret-not-real-0",
            ...given,
          };
          const prelude = `const { currentSecret, previousSecret, handOff, now } = globalThis.given;
const Date = { now };
${store}
`;
          await writeFile(join(folder, file), prelude + source);
          const { receive } = await load(file);
          return { fetch: receive };
        };
        await losses(each, signer, receiver, starts.hono);
        await brokenStream(each, signer, receiver);
      });
    }
  }));

/** The one block of TypeScript in a README that receives callbacks, as JavaScript. */
async function published(path) {
  const text = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
  const blocks = [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, block]) => block);
  const [block, ...others] = blocks.filter((block) => block.includes("function receive("));
  assert.ok(block !== undefined && others.length === 0, path);
  const { code } = await transform(block, { loader: "ts", format: "esm" });
  return code;
}

/** The package from its tarball, the examples, and links to what else they import. */
async function prepare(folder) {
  await install(folder, await pack(folder), {});
  await cp(EXAMPLES, join(folder, "examples"), { recursive: true });
  await mkdir(join(folder, "node_modules/@hono"));
  for (const name of ["express", "fastify", "hono", "@hono/node-server"]) {
    const target = fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));
    await symlink(target, join(folder, "node_modules", name));
  }
}

let number = 0;

/** An authentic callback; the nonce makes it one of its own. */
function callbackOf(signer, body, nowMs = NOW_MS) {
  const nonce = `nonce-${(number += 1)}`;
  return { headers: signer.sign({ body, nonce, nowMs }), body };
}

/** Runs a case with a receiver of its own. */
async function inWorld(receiver, start, run) {
  const handedOff = [];
  const clock = { nowMs: NOW_MS };
  let outage;
  const handOff = async (callback) => {
    await (typeof outage === "function" ? outage() : outage);
    handedOff.push(callback);
  };
  const app = await receiver({ secrets: [SECRET], handOff, now: () => clock.nowMs });
  const server = await start(app);
  if (!server.listening) {
    await once(server, "listening");
  }
  const { port } = server.address();
  const post = async (request) => {
    const signal = AbortSignal.timeout(TIME_LIMIT_MS);
    const response = await fetch(`http://${HOST}:${port}/`, { method: "POST", signal, ...request });
    await response.arrayBuffer();
    const [code, retryAfter] = ["x-sinch-callback", "retry-after"].map((name) =>
      response.headers.get(name),
    );
    return { status: response.status, code, retryAfter };
  };
  try {
    await run({ post, port, handedOff, clock, setOutage: (given) => (outage = given) });
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

/**
 * Delivers a callback as Sinch does: the same request again, 5 s after the first failure, then twice as
 * long each time, up to 22 h 45 min, and never after a 2xx, or a 4xx but 429. Gives the seconds after
 * which it was taken.
 */
async function deliver({ post, clock }, request) {
  clock.nowMs = NOW_MS;
  for (let attempt = 0; attempt < 15; attempt++) {
    const { status, code } = await post(request);
    if (status >= 200 && status < 300) {
      return (clock.nowMs - NOW_MS) / 1000;
    }
    assert.ok(status === 429 || status >= 500, `a genuine callback was answered ${status} ${code}`);
    clock.nowMs += 5_000 * 2 ** attempt;
  }
  throw new Error("it was given up");
}

/** Nothing genuine is lost, whatever its sender has to put up with. */
async function losses(each, signer, receiver, start) {
  const bytes = (text) => new TextEncoder().encode(text);
  const scenario = (name, run) => each.test(name, () => inWorld(receiver, start, run));

  await scenario("outlasts every outage that Sinch's retries outlast", async (world) => {
    const takenAfter = [];
    for (let failures = 0; failures < 15; failures++) {
      let left = failures;
      world.setOutage(() => {
        if (left > 0) {
          left -= 1;
          throw new Error("the store is down");
        }
      });
      takenAfter.push(await deliver(world, callbackOf(signer, bytes(`${REPORT} ${failures}`))));
    }
    // The sixth retry comes 315 s after the first attempt, the last one after 22 h 45 min.
    assert.equal(takenAfter[6], 315);
    assert.equal(takenAfter[14], 81_915);
    assert.equal(world.handedOff.length, 15);
  });

  await scenario("keeps what is authentic, whatever it says", async (world) => {
    const bodies = [
      ...[
        `{"something_of_tomorrow":{"id":"1"}}`,
        `{"message_delivery_report":{"status":"DELIVERED"}}`,
        "[]",
        "no JSON",
        "",
      ].map(bytes),
      Uint8Array.of(0xff, 0x00, 0xfe),
      bytes("x".repeat(LARGEST)),
    ];
    for (const body of bodies) {
      assert.equal(await deliver(world, callbackOf(signer, body)), 0);
    }
    assert.deepEqual(
      world.handedOff.map(({ body }) => new Uint8Array(body)),
      bodies,
    );
  });

  await scenario(
    "a clock that is 15 minutes wrong delays, and refuses nothing for good",
    async (world) => {
      // The retry after 635 s is within the window.
      assert.equal(await deliver(world, callbackOf(signer, bytes(REPORT), NOW_MS + 900_000)), 635);
      assert.equal(await deliver(world, callbackOf(signer, bytes("{}"), NOW_MS - 900_000)), 0);
      const { status, code } = await world.post(
        callbackOf(signer, bytes("1"), NOW_MS - 87_000_000),
      );
      assert.deepEqual([status, code], [401, "stale"]);
      assert.equal(world.handedOff.length, 2);
    },
  );
}

/** What the server says to a sender whose body breaks off, and who waits for the answer. */
async function brokenOverTcp(each, signer, receiver, start) {
  const { headers, body } = callbackOf(signer, new TextEncoder().encode(REPORT));
  const head = Object.entries({ host: HOST, ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  for (const [what, rest] of [
    ["ends before its length", `content-length: ${body.length + 10}\r\n\r\n${REPORT}`],
    ["ends at once", `content-length: ${body.length}\r\n\r\n`],
    ["ends between its chunks", `transfer-encoding: chunked\r\n\r\n5\r\n{"mes\r\n`],
    [
      "has a chunk without a length",
      `transfer-encoding: chunked\r\n\r\n5\r\n{"mes\r\nnonsense\r\n`,
    ],
  ]) {
    await each.test(`a body that ${what} is 503, and its retry is taken`, () =>
      inWorld(receiver, start, async ({ port, post, handedOff }) => {
        const socket = connect({ port, host: HOST, allowHalfOpen: true });
        socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new Error("no answer")));
        socket.end(`POST / HTTP/1.1\r\n${head.join("")}${rest}`);
        const answer = Buffer.concat(await socket.toArray()).toString();
        assert.match(answer, /^HTTP\/1\.1 503 /);
        assert.equal(handedOff.length, 0);
        is(await post({ headers, body }), 200, "accepted");
        assert.equal(handedOff.length, 1);
      }),
    );
  }
}

/** The same for what is told of it by its stream alone. */
async function brokenStream(each, signer, receiver) {
  await each.test("a body that breaks off is 503, and its retry is taken", async () => {
    const handedOff = [];
    const handOff = async (callback) => handedOff.push(callback);
    const { fetch } = await receiver({ secrets: [SECRET], handOff, now: () => NOW_MS });
    const { headers, body } = callbackOf(signer, new TextEncoder().encode(REPORT));
    const broken = new ReadableStream({ pull: () => Promise.reject(new Error("reset")) });
    const post = (body) =>
      fetch(
        new Request(
          "http://receiver/",
          /** @type {any} */ ({ method: "POST", headers, body, duplex: "half" }),
        ),
      );
    assert.equal((await post(broken)).status, 503);
    assert.equal(handedOff.length, 0);
    assert.equal((await post(body)).status, 200);
    assert.equal(handedOff.length, 1);
  });
}

async function cases(each, signer, receiver, start) {
  const callback = (text = REPORT) => callbackOf(signer, new TextEncoder().encode(text));
  /** A case with a receiver of its own. */
  const scenario = (name, run) => each.test(name, () => inWorld(receiver, start, run));

  await scenario("accepts an authentic callback once", async ({ post, handedOff }) => {
    const request = callback();
    is(await post(request), 200, "accepted");
    is(await post(request), 200, "duplicate");
    assert.equal(handedOff.length, 1);
    assert.deepEqual(new Uint8Array(handedOff[0].body), request.body);
    assert.match(handedOff[0].contentKey, /^[0-9a-f]{32}$/);
  });

  await scenario("takes the body as it came, whatever its type", async ({ post }) => {
    const form = "application/x-www-form-urlencoded";
    for (const type of [undefined, "application/json", "text/plain; charset=utf-16", form]) {
      const { headers, body } = callback(`\ufeff { "näme" : 1.0 }\r\n`);
      const typed = type === undefined ? headers : { ...headers, "content-type": type };
      is(await post({ headers: typed, body }), 200, "accepted");
    }
  });

  await scenario("refuses what is forged or changed", async ({ post, handedOff }) => {
    const { headers, body } = callback();
    const signature = Buffer.alloc(32).toString("base64");
    const forged = { ...headers, "x-sinch-webhook-signature": signature };
    is(await post({ headers: forged, body }), 401, "signature_mismatch");
    const changed = REPORT.replace("DELIVERED", "FAILED");
    is(await post({ headers, body: changed }), 401, "signature_mismatch");
    is(await post({ headers, body: ` ${REPORT}` }), 401, "signature_mismatch");
    is(await post({ headers: {}, body }), 400, "missing_header");
    is(await post({ headers }), 401, "signature_mismatch");
    assert.equal(handedOff.length, 0);
  });

  await scenario("loses nothing where the hand-off fails", async (world) => {
    const { post, handedOff, setOutage } = world;
    const request = callback();
    const failure = Promise.reject(new Error("the store is down"));
    failure.catch(() => {});
    setOutage(failure);
    is(await post(request), 503, "handoff_unavailable");
    setOutage(undefined);
    is(await post(request), 200, "accepted");
    is(await post(request), 200, "duplicate");
    assert.equal(handedOff.length, 1);
  });

  await scenario("acknowledges no copy before the hand-off ends", async (world) => {
    const { post, handedOff, setOutage } = world;
    const request = callback();
    let end;
    setOutage(new Promise((resolve) => (end = resolve)));
    // Whichever comes first is handed off; the other is answered at once.
    const both = [post(request), post(request)];
    const copy = await Promise.race(both);
    is(copy, 429, "in_flight");
    assert.equal(copy.retryAfter, "1");
    end();
    const codes = (await Promise.all(both)).map(({ code }) => code);
    assert.deepEqual(codes.sort(), ["accepted", "in_flight"]);
    assert.equal(handedOff.length, 1);
  });

  await scenario("takes bodies up to the limit", async ({ post, handedOff }) => {
    is(await post(callback("x".repeat(LARGEST))), 200, "accepted");
    assert.equal((await post(callback("x".repeat(LARGEST + 1)))).status, 413);
    assert.equal(handedOff.length, 1);
  });
}

function is({ status, code }, wantedStatus, wantedCode) {
  assert.deepEqual({ status, code }, { status: wantedStatus, code: wantedCode });
}
