import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";

import { build } from "vite";

import { withFolder } from "../project.mjs";

const TIME_LIMIT_MS = 60_000;
const TYPES = { ".html": "text/html", ".js": "text/javascript" };

/** A page built by Vite, in headless Chromium. */
export const browser = (entry) => ({
  files: {
    "index.html": `<!doctype html><script type="module" src="./main.mjs"></script>`,
    "main.mjs": `
      import * as api from "${entry}";
      import { check } from "./check.mjs";
      import vectors from "./vectors.mjs";
      let outcome;
      try {
        outcome = check(api, vectors);
      } catch (error) {
        outcome = { passed: 0, failed: [String(error)] };
      }
      fetch("/outcome", { method: "POST", body: JSON.stringify(outcome) });
    `,
  },
  run: async (folder) => {
    const bundle = await build({
      root: folder,
      configFile: false,
      logLevel: "silent",
    });
    const loaded = /** @type {any} */ (bundle).output.flatMap(({ moduleIds = [] }) => moduleIds);
    return { ...(await visit(join(folder, "dist"))), loaded };
  },
});

/** Serves the files, opens their page, and waits for what it posts. */
async function visit(root) {
  let settle;
  const outcome = new Promise((resolve) => (settle = resolve));
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      const parts = await request.toArray();
      response.end();
      settle(JSON.parse(Buffer.concat(parts).toString()));
      return;
    }
    const { url = "/" } = request;
    const path = url === "/" ? "/index.html" : url;
    try {
      const contents = await readFile(join(root, path));
      response.setHeader("content-type", TYPES[extname(path)] ?? "application/octet-stream");
      response.end(contents);
    } catch {
      response.writeHead(404).end();
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  try {
    return await withFolder((profile) =>
      withChromium(profile, `http://127.0.0.1:${port}/`, outcome),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Has Chromium open an address until the outcome is there. */
async function withChromium(profile, address, outcome) {
  const args = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-breakpad",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    // It ends with its pipe, so also where this process is killed.
    "--remote-debugging-pipe",
    `--user-data-dir=${profile}`,
    address,
  ];
  const child = spawn("chromium", args, {
    // Its own group, so that its helper processes end with it.
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    env: { ...process.env, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  });
  const ended = new Promise((resolve) => child.once("exit", resolve).once("error", resolve));
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid, "SIGKILL");
    }
  };
  // Before its profile is removed.
  process.prependOnceListener("exit", kill);
  let timer;
  try {
    return await Promise.race([
      outcome,
      ended.then((why) => Promise.reject(new Error(`chromium ended with ${why}`))),
      new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error("the page never answered")), TIME_LIMIT_MS);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    kill();
    await ended;
    process.off("exit", kill);
  }
}
