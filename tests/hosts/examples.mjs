// Tests the receivers that are published as the package's examples, over HTTP, on the package as it would
// be published:
//   node --test examples.mjs
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { serve } from "@hono/node-server";

import {
  HOST,
  PROGRAMS,
  REPORT,
  TIME_LIMIT_MS,
  answersAsProgram,
  answersAsRoute,
  answersInWorkerd,
  callbackOf,
  is,
  postTo,
  withPackage,
} from "./as-sinch.mjs";
import { NOW_MS, SECRET } from "./signing.mjs";

const LARGEST = 2_097_152;

/** How each of them starts on a free port, from what its module exports: the server that listens. */
const STARTS = {
  node: ({ serverOf }, options) => serverOf(options).listen(0, HOST),
  express: ({ appOf }, options) => appOf(options).listen(0, HOST),
  fastify: async ({ appOf }, options) => {
    const app = appOf(options);
    await app.listen({ port: 0, host: HOST });
    return app.server;
  },
  hono: ({ appOf }, options) => serve({ fetch: appOf(options).fetch, port: 0, hostname: HOST }),
};

test("published receivers", (all) =>
  withPackage(async (folder, signer) => {
    const published = join(folder, "node_modules/sinch-callback/examples");
    await cp(published, join(folder, "examples"), { recursive: true });
    const load = (path) => import(pathToFileURL(join(folder, path)).href);
    for (const [name, start] of Object.entries(STARTS)) {
      const module = await load(`examples/${name}.mjs`);
      const world = (run) => inWorld((options) => start(module, options), run);
      await all.test(name, async (each) => {
        await cases(each, signer, world);
        await losses(each, signer, world);
        await brokenOverTcp(each, signer, world);
        await others(each, world);
      });
    }
    for (const [name, command] of Object.entries(PROGRAMS)) {
      await all.test(`${name}, run as it says`, () =>
        answersAsProgram(folder, "examples", signer, command(`${name}.mjs`)),
      );
    }
    await all.test("workers, in workerd", () =>
      answersInWorkerd(folder, signer, "examples/workers.mjs"),
    );
    await all.test("next-route, by its POST", () =>
      answersAsRoute(signer, () => load("examples/next-route.mjs")),
    );
    await all.test("each of them is among those", async () => {
      const names = (await readdir(join(folder, "examples"))).map((name) => name.split(".")[0]);
      const tried = [...Object.keys(PROGRAMS), "workers", "next-route", "keep"];
      assert.deepEqual(names.sort(), tried.sort());
    });
  }));

/** Runs a case with a receiver of its own. */
async function inWorld(start, run) {
  const kept = [];
  const clock = { nowMs: NOW_MS };
  let outage;
  const keep = async (callback) => {
    await (typeof outage === "function" ? outage() : outage);
    kept.push(callback);
  };
  const warn = () => {};
  const server = await start({ secrets: [SECRET], keep, now: () => clock.nowMs, warn });
  if (!server.listening) {
    await once(server, "listening");
  }
  const { port } = server.address();
  const post = (request) => postTo(port, request);
  try {
    await run({ post, port, kept, clock, setOutage: (given) => (outage = given) });
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
async function losses(each, signer, world) {
  const bytes = (text) => new TextEncoder().encode(text);
  const scenario = (name, run) => each.test(name, () => world(run));

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
    assert.equal(world.kept.length, 15);
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
      world.kept.map(({ body }) => new Uint8Array(body)),
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
      assert.equal(world.kept.length, 2);
    },
  );
}

/** What the server says to a sender whose body breaks off, and who waits for the answer. */
async function brokenOverTcp(each, signer, world) {
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
      world(async ({ port, post, kept }) => {
        const socket = connect({ port, host: HOST, allowHalfOpen: true });
        socket.setTimeout(TIME_LIMIT_MS, () => socket.destroy(new Error("no answer")));
        socket.end(`POST /callbacks HTTP/1.1\r\n${head.join("")}${rest}`);
        const answer = Buffer.concat(await socket.toArray()).toString();
        assert.match(answer, /^HTTP\/1\.1 503 /);
        assert.equal(kept.length, 0);
        is(await post({ headers, body }), 200, "accepted");
        assert.equal(kept.length, 1);
      }),
    );
  }
}

/** What else the server is there for is left to it. */
async function others(each, world) {
  await each.test("other paths are other routes', and read JSON where they did", () =>
    world(async ({ port }) => {
      const body = `{"a":[1,2]}`;
      const headers = { "content-type": "application/json" };
      const response = await fetch(`http://${HOST}:${port}/echo`, {
        method: "POST",
        headers,
        body,
      });
      // The bare server has no other.
      assert.ok(response.status === 404 || (await response.text()) === body);
      assert.equal(response.headers.get("x-sinch-callback"), null);
    }),
  );
}

async function cases(each, signer, world) {
  const callback = (text = REPORT) => callbackOf(signer, new TextEncoder().encode(text));
  /** A case with a receiver of its own. */
  const scenario = (name, run) => each.test(name, () => world(run));

  await scenario("accepts an authentic callback once", async ({ post, kept }) => {
    const request = callback();
    is(await post(request), 200, "accepted");
    is(await post(request), 200, "duplicate");
    assert.equal(kept.length, 1);
    assert.deepEqual(new Uint8Array(kept[0].body), request.body);
    assert.match(kept[0].contentKey, /^[0-9a-f]{32}$/);
  });

  await scenario("takes the body as it came, whatever its type", async ({ post }) => {
    const form = "application/x-www-form-urlencoded";
    for (const type of [undefined, "application/json", "text/plain; charset=utf-16", form]) {
      const { headers, body } = callback(`\ufeff { "näme" : 1.0 }\r\n`);
      const typed = type === undefined ? headers : { ...headers, "content-type": type };
      is(await post({ headers: typed, body }), 200, "accepted");
    }
  });

  await scenario("refuses what is forged or changed", async ({ post, kept }) => {
    const { headers, body } = callback();
    const signature = Buffer.alloc(32).toString("base64");
    const forged = { ...headers, "x-sinch-webhook-signature": signature };
    is(await post({ headers: forged, body }), 401, "signature_mismatch");
    const changed = REPORT.replace("DELIVERED", "FAILED");
    is(await post({ headers, body: changed }), 401, "signature_mismatch");
    is(await post({ headers, body: ` ${REPORT}` }), 401, "signature_mismatch");
    is(await post({ headers: {}, body }), 400, "missing_header");
    is(await post({ headers }), 401, "signature_mismatch");
    assert.equal(kept.length, 0);
  });

  await scenario("loses nothing where the hand-off fails", async (world) => {
    const { post, kept, setOutage } = world;
    const request = callback();
    const failure = Promise.reject(new Error("the store is down"));
    failure.catch(() => {});
    setOutage(failure);
    is(await post(request), 503, "handoff_unavailable");
    setOutage(undefined);
    is(await post(request), 200, "accepted");
    is(await post(request), 200, "duplicate");
    assert.equal(kept.length, 1);
  });

  await scenario("acknowledges no copy before it has been kept", async (world) => {
    const { post, kept, setOutage } = world;
    const request = callback();
    let end;
    setOutage(new Promise((resolve) => (end = resolve)));
    let answered = 0;
    const both = [post(request), post(request)].map((answer) => answer.finally(() => answered++));
    await once(AbortSignal.timeout(50), "abort");
    assert.equal(answered, 0);
    end();
    const codes = (await Promise.all(both)).map(({ code }) => code);
    assert.deepEqual(codes, ["accepted", "accepted"]);
    // Both were handed on, under one key.
    const [one, other] = kept;
    assert.equal(one.contentKey, other.contentKey);
  });

  await scenario("takes bodies up to the limit", async ({ post, kept }) => {
    is(await post(callback("x".repeat(LARGEST))), 200, "accepted");
    assert.equal((await post(callback("x".repeat(LARGEST + 1)))).status, 413);
    assert.equal(kept.length, 1);
  });
}
