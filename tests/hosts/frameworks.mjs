// What frameworks and slower bundlers make of the package for a server, run where nothing else is:
//   node --test frameworks.mjs
// Installs half a gigabyte of them at first, and takes minutes: for a release.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, rename, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { command } from "./command.mjs";
import { guidePrograms } from "./guide-programs.mjs";
import { install, pack, toolsOf, withFolder } from "./project.mjs";
import { SECRET, signedAt } from "./signing.mjs";
import { allVectors, everyVectorPasses } from "./vectors.mjs";

const TIME_LIMIT_MS = 300_000;
/** A server that has not answered by then never will. */
const START_LIMIT_MS = 30_000;

const vectors = allVectors();
const tools = await toolsOf("frameworks");

const script = (entry) => `
  import * as api from "${entry}";
  import { check } from "./check.mjs";
  import vectors from "./vectors.mjs";
  console.log(JSON.stringify(check(api, vectors)));
`;
const route = (depth) => `
  import * as api from "sinch-callback";
  import { check } from "${depth}check.mjs";
  import vectors from "${depth}vectors.mjs";
  export const GET = () => Response.json(check(api, vectors));
`;

/**
 * An app each: its files, how it is built, and what then stands alone.
 * @type {Record<string, any>}
 */
const APPS = {
  "Next.js standalone, Turbopack": next("--turbopack"),
  "Next.js standalone, webpack": next("--webpack"),
  "Next.js standalone, the guide's route": await guided(),
  "SvelteKit, adapter-node": {
    files: {
      "package.json": JSON.stringify({
        type: "module",
        devDependencies: { "sinch-callback": "*" },
      }),
      "svelte.config.js": `
        import adapter from "@sveltejs/adapter-node";
        export default { kit: { adapter: adapter() } };
      `,
      "vite.config.js": `
        import { sveltekit } from "@sveltejs/kit/vite";
        export default { plugins: [sveltekit()] };
      `,
      "src/app.html": "<html><head>%sveltekit.head%</head><body>%sveltekit.body%</body></html>",
      "src/routes/callbacks/+server.js": route("../../../"),
    },
    build: ["vite", "build"],
    out: "build",
    serve: "index.js",
  },
  ncc: {
    files: { "main.mjs": script("sinch-callback") },
    build: ["ncc", "build", "main.mjs", "--out", "out"],
    out: "out",
    run: "index.mjs",
  },
  "Parcel, as it comes": parcel({}),
  "Parcel, with package exports": parcel({ "@parcel/resolver-default": { packageExports: true } }),
};

function next(bundler) {
  return {
    files: {
      "package.json": "{}",
      "next.config.mjs": `
        const root = import.meta.dirname + "/..";
        export default { output: "standalone", outputFileTracingRoot: root, turbopack: { root } };
      `,
      "app/layout.js": `
        export default ({ children }) => <html><body>{children}</body></html>;
      `,
      "app/callbacks/route.js": `${route("../../")}\nexport const dynamic = "force-dynamic";`,
      "app/edge/route.js": `${route("../../")}\nexport const runtime = "edge";`,
    },
    build: ["next", "build", bundler],
    out: ".next/standalone",
    serve: "app/server.js",
    paths: ["/callbacks", "/edge"],
  };
}

/** The route that the guide shows, which is built where no secret is set. */
async function guided() {
  const { files, ...app } = next("--turbopack");
  const { "app/callbacks/route.js": route } = await guidePrograms();
  const { "app/edge/route.js": _, ...others } = files;
  const uses = async (address) => {
    const body = Buffer.from('{"opt_in_notification":{}}');
    const headers = signedAt(Math.floor(Date.now() / 1000), body, "nonce-1");
    const post = async (body) => {
      const response = await fetch(new URL("/callbacks", address), {
        method: "POST",
        headers,
        body,
      });
      return `${response.status} ${response.headers.get("x-sinch-callback")}`;
    };
    assert.equal(await post(body), "200 accepted");
    assert.equal(await post(body), "200 duplicate");
    assert.equal(await post("{}"), "401 signature_mismatch");
  };
  return { ...app, files: { ...others, "app/callbacks/route.js": route }, uses };
}

function parcel(settings) {
  return {
    files: {
      "package.json": JSON.stringify({
        ...settings,
        source: "main.mjs",
        targets: {
          main: {
            distDir: "out",
            context: "node",
            includeNodeModules: true,
            outputFormat: "commonjs",
            isLibrary: false,
          },
        },
        main: "out/main.js",
        engines: { node: ">=20" },
      }),
      "main.mjs": script("sinch-callback"),
    },
    build: ["parcel", "build", "--no-cache", "--no-source-maps", "--no-optimize"],
    out: "out",
    run: "main.js",
  };
}

test("what frameworks build stands alone", (each) =>
  withFolder(async (folder) => {
    const tarball = await pack(folder);
    for (const [name, app] of Object.entries(APPS)) {
      await each.test(name, () => withFolder((place) => one(place, tarball, app)));
    }
  }));

test("Vitest's matchers see all of a verdict", () =>
  withFolder(async (place) => {
    await prepare(place, await pack(place), {
      "callback.test.mjs": `
      import { createHmac } from "node:crypto";
      import { ReplayGuard, Verifier } from "sinch-callback";
      import { expect, test } from "vitest";
      const body = Buffer.from('{"opt_in_notification":{}}');
      const signature = createHmac("sha256", "example-secret-not-real-1")
        .update(body).update(".nonce-1.1634579353").digest("base64");
      const headers = {
        "x-sinch-webhook-signature-timestamp": "1634579353",
        "x-sinch-webhook-signature-nonce": "nonce-1",
        "x-sinch-webhook-signature": signature,
      };
      test("an authentic callback is accepted", () => {
        const verifier = new Verifier({ secrets: ["example-secret-not-real-1"] });
        const moment = { nowMs: 1634579356000 };
        const verdict = verifier.verify({ headers, body }, moment);
        const replayKey = expect.stringMatching(/^[0-9a-f]{32}$/);
        const all = { ok: true, code: "accepted", status: 200, promise: "timely", secretSlot: 0, ageSeconds: 3, replayKey };
        expect(verdict).toEqual(all);
        expect(verdict).toStrictEqual(all);
        expect(verdict).not.toEqual({ ...all, replayKey: "0".repeat(32) });
        expect(() => expect(verifier).toEqual({ other: verdict })).toThrow(/Verifier/);
        expect(new ReplayGuard().claim({ ...verdict }, moment).state).toBe("first");
      });
    `,
    });
    await program(place, "vitest", "run");
  }));

/** A project with all frameworks and the package in it, and an app with these files: its folder. */
async function prepare(place, tarball, files) {
  await install(place, tarball, {});
  // Links would lead out of what a framework takes for its root.
  const modules = join(place, "node_modules");
  await command("cp", ["-r", "--reflink=auto", `${tools}/.`, modules], {
    cwd: "/",
    timeLimitMs: TIME_LIMIT_MS,
  });
  const folder = join(place, "app");
  const given = { ...files, "vectors.mjs": `export default ${JSON.stringify(vectors)};` };
  for (const [name, contents] of Object.entries(given)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), contents);
  }
  await cp(new URL("check.mjs", import.meta.url), join(folder, "check.mjs"));
  return folder;
}

/** Runs a framework's program in the app. */
function program(place, name, ...args) {
  return command(join(place, "node_modules/.bin", name), args, {
    cwd: join(place, "app"),
    env: { NEXT_TELEMETRY_DISABLED: "1", CI: "1", HOME: place },
    timeLimitMs: TIME_LIMIT_MS,
  });
}

async function one(
  place,
  tarball,
  { files, build, out, run, serve, uses, paths = ["/callbacks"] },
) {
  const folder = await prepare(place, tarball, files);
  await program(place, ...build);
  await rename(join(place, "node_modules"), join(place, "moved-away"));
  await withFolder(async (alone) => {
    await command("cp", ["-r", `${join(folder, out)}/.`, alone], { cwd: "/" });
    if (run !== undefined) {
      everyVectorPasses(await command(process.execPath, [run], { cwd: alone }), vectors);
      return;
    }
    await served(alone, serve, async (address) => {
      if (uses !== undefined) {
        return uses(address);
      }
      for (const path of paths) {
        const response = await fetch(new URL(path, address));
        everyVectorPasses(await response.text(), vectors);
      }
    });
  });
}

/** Runs a server on a free port, until `use` is through with it. */
async function served(folder, main, use) {
  const port = await freePort();
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: {
      ...process.env,
      PORT: String(port),
      HOST: "127.0.0.1",
      HOSTNAME: "127.0.0.1",
      NODE_ENV: "production",
      SINCH_WEBHOOK_SECRET: SECRET,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const ended = once(child, "exit");
  try {
    await new Promise((resolve, reject) => {
      const listen = (text) => {
        said += text;
        if (/Ready in|Listening on/.test(said)) resolve(undefined);
      };
      child.stdout.on("data", listen);
      child.stderr.on("data", listen);
      ended.then(([code]) => reject(new Error(`the server ended with ${code}`)));
      const late = () => reject(new Error("the server does not start"));
      AbortSignal.timeout(START_LIMIT_MS).addEventListener("abort", late);
    });
    await use(`http://127.0.0.1:${port}`);
  } catch (error) {
    throw new Error(`${error.message}\n${said}`, { cause: error });
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}
