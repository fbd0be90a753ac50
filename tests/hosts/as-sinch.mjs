// Receivers in every host, tried as Sinch and as others would, on the package as it would be published.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readFile, readdir, symlink } from "node:fs/promises";
import { createServer } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { Miniflare } from "miniflare";

import { installed } from "./command.mjs";
import { bundledWorker } from "./hosts/workerd.mjs";
import { install, pack, withFolder } from "./project.mjs";
import { NOW_MS, SECRET } from "./signing.mjs";

export const HOST = "127.0.0.1";
/** Whoever gets no answer by then gets none. */
export const TIME_LIMIT_MS = 5_000;
/** A program that does not listen by then never will. */
const START_LIMIT_MS = 30_000;
export const REPORT = `{"message_delivery_report":{"message_id":"01FJA8EXAMPLE01","status":"DELIVERED"}}`;

/** @typedef {(file: string) => [program: string, ...string[]]} Run */

/** @type {Run} */
const node = (file) => [process.execPath, file];
/**
 * How the program of each host is run.
 * @type {Record<string, Run>}
 */
export const PROGRAMS = {
  node,
  express: node,
  fastify: node,
  hono: node,
  deno: (file) => [installed("deno"), "run", "--no-prompt", "-ENRW", file],
  bun: (file) => [installed("bun"), file],
};

/** A project with the package and the frameworks in it, and what signs as Sinch does. */
export function withPackage(use) {
  return withFolder(async (folder) => {
    await install(folder, await pack(folder), {});
    await mkdir(join(folder, "node_modules/@hono"));
    for (const name of ["express", "fastify", "hono", "@hono/node-server"]) {
      const target = fileURLToPath(new URL(`node_modules/${name}`, import.meta.url));
      await symlink(target, join(folder, "node_modules", name));
    }
    const entry = join(folder, "node_modules/sinch-callback/dist/full.inline.js");
    const { Signer } = await import(pathToFileURL(entry).href);
    return use(folder, new Signer({ secret: SECRET }));
  });
}

/** What every host answers to what anybody sends. */
async function answersRight(signer, post, keptOf) {
  const bytes = new TextEncoder().encode(REPORT);
  const request = callbackOf(signer, bytes, Date.now());
  const { headers } = request;
  is(await post(request), 200, "accepted");
  is(await post(request), 200, "duplicate");
  is(await post({ headers, body: `${REPORT} ` }), 401, "signature_mismatch");
  is(await post({ headers: {}, body: bytes }), 400, "missing_header");
  is(await post(callbackOf(signer, bytes, Date.now() - 90_000_000)), 401, "stale");
  const kept = await keptOf();
  assert.deepEqual(kept, [REPORT]);
}

/**
 * Runs a program of a folder of the project in a folder of its own, where it keeps what it is sent, at a port
 * that it is told by `PORT`, or at that one.
 */
export async function answersAsProgram(folder, under, signer, [program, ...args], at) {
  const port = at ?? (await freePort());
  await withFolder(async (place) => {
    await cp(join(folder, under), place, { recursive: true });
    await cp(join(folder, "package.json"), join(place, "package.json"));
    await symlink(join(folder, "node_modules"), join(place, "node_modules"));
    const child = spawn(program, args, {
      cwd: place,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        HOME: place,
        DENO_DIR: join(place, ".deno"),
        DENO_NO_UPDATE_CHECK: "1",
        DO_NOT_TRACK: "1",
        SINCH_WEBHOOK_SECRET: SECRET,
        PORT: String(port),
      },
    });
    let said = "";
    child.stdout.on("data", (text) => (said += text));
    child.stderr.on("data", (text) => (said += text));
    const ended = once(child, "exit");
    try {
      await listens(port, child);
      const keptOf = async () => {
        const names = (await readdir(place)).filter((name) => /^[0-9a-f]{32}\.json$/.test(name));
        return Promise.all(names.map((name) => readFile(join(place, name), "utf8")));
      };
      await answersRight(signer, (request) => postTo(port, request), keptOf);
    } catch (error) {
      throw new Error(`${error.message}\n${said}`, { cause: error });
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  });
}

/** Waits until somebody listens at a port. */
async function listens(port, child) {
  const late = Date.now() + START_LIMIT_MS;
  for (;;) {
    assert.equal(child.exitCode, null, "it has ended");
    assert.ok(Date.now() < late, "it does not listen");
    const socket = connect({ port, host: HOST });
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) {
      return;
    }
    await once(AbortSignal.timeout(50), "abort");
  }
}

export async function freePort() {
  const server = createServer().listen(0, HOST);
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** Runs a worker of the project, with a namespace that it keeps callbacks in. */
export async function answersInWorkerd(folder, signer, main) {
  const { loaded: _, ...modules } = await bundledWorker(folder, main);
  const worker = new Miniflare({
    ...modules,
    compatibilityDate: "2025-08-01",
    bindings: { SINCH_WEBHOOK_SECRET: SECRET },
    kvNamespaces: ["CALLBACKS"],
  });
  try {
    const address = await worker.ready;
    const kept = async () => {
      const namespace = /** @type {any} */ (await worker.getKVNamespace("CALLBACKS"));
      const { keys } = await namespace.list();
      return Promise.all(keys.map(({ name }) => namespace.get(name)));
    };
    await answersRight(signer, (request) => postTo(address.port, request), kept);
  } finally {
    await worker.dispose();
  }
}

/** A route of Next.js is a function of a `Request`. The framework itself: frameworks.mjs. */
export async function answersAsRoute(signer, load) {
  const here = process.cwd();
  // Set after the module has been loaded, as after a build.
  const { POST } = await load();
  await withFolder(async (place) => {
    try {
      process.chdir(place);
      process.env.SINCH_WEBHOOK_SECRET = SECRET;
      const post = async (request) => {
        const url = "http://receiver/callbacks";
        return answerOf(await POST(new Request(url, { method: "POST", ...request })));
      };
      const keptOf = async () =>
        Promise.all((await readdir(place)).map((name) => readFile(join(place, name), "utf8")));
      await answersRight(signer, post, keptOf);
    } finally {
      delete process.env.SINCH_WEBHOOK_SECRET;
      process.chdir(here);
    }
  });
}

let number = 0;

/** An authentic callback; the nonce makes it one of its own. */
export function callbackOf(signer, body, nowMs = NOW_MS) {
  const nonce = `nonce-${(number += 1)}`;
  return { headers: signer.sign({ body, nonce, nowMs }), body };
}

export async function postTo(port, request) {
  const signal = AbortSignal.timeout(TIME_LIMIT_MS);
  const init = { method: "POST", signal, ...request };
  return answerOf(await fetch(`http://${HOST}:${port}/callbacks`, init));
}

async function answerOf(response) {
  await response.arrayBuffer();
  return { status: response.status, code: response.headers.get("x-sinch-callback") };
}

export function is({ status, code }, wantedStatus, wantedCode) {
  assert.deepEqual({ status, code }, { status: wantedStatus, code: wantedCode });
}
