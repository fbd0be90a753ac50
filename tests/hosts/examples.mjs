// Tests the package's example receivers over HTTP, on the package as it would be published:
//   node --test examples.mjs
import assert from "node:assert/strict";
import { once } from "node:events";
import { cp, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { serve } from "@hono/node-server";

import { install, pack, withFolder } from "./project.mjs";

const EXAMPLES = new URL("../../wasm-adapter/js/examples/", import.meta.url);
const HOST = "127.0.0.1";
const SECRET = "example-secret-not-real-1";
const NOW_MS = 1_634_579_356_000;
const LARGEST = 524_288;
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

test("examples", (all) =>
  withFolder(async (folder) => {
    await prepare(folder);
    const load = (path) => import(pathToFileURL(join(folder, path)));
    const { Signer } = await load("node_modules/sinch-callback/dist/full.inline.js");
    const signer = new Signer({ secret: SECRET });
    for (const [name, start] of Object.entries(starts)) {
      const { receiver } = await load(`examples/${name}.mjs`);
      await all.test(name, (each) => cases(each, signer, receiver, start));
    }
  }));

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

async function cases(each, signer, receiver, start) {
  let number = 0;
  /** An authentic callback; the nonce makes it one of its own. */
  const callback = (text = REPORT) => {
    const body = new TextEncoder().encode(text);
    const nonce = `nonce-${(number += 1)}`;
    return { headers: signer.sign({ body, nonce, nowMs: NOW_MS }), body };
  };

  /** A case with a receiver of its own. */
  const scenario = (name, run) =>
    each.test(name, async () => {
      const handedOff = [];
      let outage;
      const handOff = async (callback) => {
        await outage;
        handedOff.push(callback);
      };
      const server = await start(receiver({ secrets: [SECRET], handOff, now: () => NOW_MS }));
      if (!server.listening) {
        await once(server, "listening");
      }
      const post = async (request) => {
        const url = `http://${HOST}:${server.address().port}/`;
        const signal = AbortSignal.timeout(TIME_LIMIT_MS);
        const response = await fetch(url, { method: "POST", signal, ...request });
        const { code } = await response.json();
        return { status: response.status, code, retryAfter: response.headers.get("retry-after") };
      };
      try {
        await run({ post, handedOff, setOutage: (promise) => (outage = promise) });
      } finally {
        server.closeAllConnections();
        server.close();
        await once(server, "close");
      }
    });

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
