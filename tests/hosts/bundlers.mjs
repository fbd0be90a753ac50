// What bundlers make of the package for a server, run with every package moved away, as in a
// container or a Lambda function:
//   node bundlers.mjs
import assert from "node:assert/strict";
import { cp, mkdir, readdir, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import * as esbuild from "esbuild";
import * as vite from "vite";

import { command, installed } from "./command.mjs";
import { copy, install, pack, toolsOf, withFolder } from "./project.mjs";
import { allVectors, everyVectorPasses } from "./vectors.mjs";

const vectors = allVectors();
const tools = await toolsOf("tools");
const fromTools = (name) => import(pathToFileURL(createRequire(tools).resolve(name)).href);
const { rollup } = await fromTools("rollup");
const { nodeResolve } = await fromTools("@rollup/plugin-node-resolve");
const { default: webpack } = await fromTools("webpack");

const MAIN = {
  "main.mjs": (entry) => `
    import * as api from "${entry}";
    import { check } from "./check.mjs";
    import vectors from "./vectors.mjs";
    console.log(JSON.stringify(check(api, vectors)));
  `,
  "main.cjs": (entry) => `
    const api = require("${entry}");
    const { check } = require("./check.mjs");
    const { default: vectors } = require("./vectors.mjs");
    console.log(JSON.stringify(check(api, vectors)));
  `,
};

/** Each bundles `main` in a project into `out` there, and says what runs the result. */
const QUICK = {
  "esbuild, ESM": withEsbuild({ format: "esm" }),
  // As AWS CDK's NodejsFunction and Serverless call it.
  "esbuild, CommonJS": withEsbuild({ format: "cjs", target: "node20", external: ["@aws-sdk/*"] }),
  // As SAM and SST do.
  "esbuild, module before main": withEsbuild({
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
  }),
  "esbuild, of what requires it": withEsbuild({ format: "cjs" }, "main.cjs"),
  "webpack, target node": withWebpack({ target: "node20" }),
  "webpack, target node, ESM": withWebpack({
    target: "node20",
    experiments: { outputModule: true },
    output: { module: true, filename: "main.mjs" },
  }),
  "Rollup, ESM": withRollup({ exportConditions: ["node"] }, "es"),
  "Rollup, CommonJS": withRollup({ exportConditions: ["node"] }, "cjs"),
  "Rollup, as it comes": withRollup({}, "es"),
  "Rolldown, by Vite's SSR": {
    main: "main.mjs",
    async build(folder) {
      await vite.build({
        root: folder,
        configFile: false,
        logLevel: "silent",
        ssr: { noExternal: true },
        build: { ssr: "main.mjs", outDir: "out", emptyOutDir: false },
      });
    },
    run: runNode,
  },
  "bun build --target=bun": withBun(["--target=bun", "--outfile=out/main.js"], (folder) =>
    command(installed("bun"), ["run", "--no-install", "main.js"], { cwd: folder }),
  ),
  "bun build --target=node": withBun(["--target=node", "--outfile=out/main.mjs"], runNode),
  "bun build --compile": withBun(["--compile", "--outfile=out/main"], (folder) =>
    command(join(folder, "main"), [], { cwd: folder }),
  ),
};

function withEsbuild(options, main = "main.mjs") {
  return {
    main,
    async build(folder) {
      const { warnings } = await esbuild.build({
        absWorkingDir: folder,
        entryPoints: { main },
        outdir: "out",
        outExtension: { ".js": options.format === "esm" ? ".mjs" : ".cjs" },
        bundle: true,
        platform: "node",
        logLevel: "silent",
        ...options,
      });
      assert.deepEqual(warnings, []);
    },
    run: runNode,
  };
}

function withWebpack(options) {
  return {
    main: "main.mjs",
    async build(folder) {
      const { output, ...others } = options;
      const stats = await new Promise((resolve, reject) =>
        webpack({
          context: folder,
          mode: "production",
          entry: "./main.mjs",
          output: { path: join(folder, "out"), filename: "main.cjs", ...output },
          optimization: { minimize: false },
          ...others,
        }).run((error, stats) => (error ? reject(error) : resolve(stats))),
      );
      assert.deepEqual(stats.toJson({ warnings: true }).warnings, []);
      assert.equal(stats.hasErrors(), false, stats.toString());
    },
    run: runNode,
  };
}

function withRollup(options, format) {
  return {
    main: "main.mjs",
    async build(folder) {
      const bundle = await rollup({
        input: join(folder, "main.mjs"),
        plugins: [nodeResolve(options)],
        onLog: (level, { message }) => assert.fail(`${level}: ${message}`),
      });
      await bundle.write({
        file: join(folder, "out", format === "es" ? "main.mjs" : "main.cjs"),
        format,
      });
      await bundle.close();
    },
    run: runNode,
  };
}

function withBun(args, run) {
  return {
    main: "main.mjs",
    build: (folder) =>
      command(installed("bun"), ["build", "main.mjs", ...args], {
        cwd: folder,
        env: { BUN_INSTALL_CACHE_DIR: join(folder, ".bun"), DO_NOT_TRACK: "1" },
      }),
    run,
  };
}

/** Runs whatever `main` is in the folder. */
async function runNode(folder) {
  const [main] = (await readdir(folder)).filter((name) => /^main\.(mjs|cjs|js)$/.test(name));
  return command(process.execPath, [main], { cwd: folder });
}

/** Takes the output where it is alone, and the packages away from where it was made. */
async function alone(folder, out, use) {
  await rename(join(folder, "node_modules"), join(folder, "moved-away"));
  await withFolder(async (elsewhere) => {
    await cp(join(folder, out), elsewhere, { recursive: true });
    await use(elsewhere);
  });
}

async function project(folder, tarball, main, entry) {
  const files = {
    [main]: MAIN[main](entry),
    "vectors.mjs": `export default ${JSON.stringify(vectors)};`,
  };
  await install(folder, tarball, files);
  await copy(folder, "check.mjs");
  await mkdir(join(folder, "out"));
}

test("bundles find all they need", (each) =>
  withFolder(async (place) => {
    const tarball = await pack(place);
    for (const [name, { main, build, run }] of Object.entries(QUICK)) {
      for (const entry of ["sinch-callback", "sinch-callback/edge"]) {
        await each.test(`${name}: ${entry}`, () =>
          withFolder(async (folder) => {
            await project(folder, tarball, main, entry);
            await build(folder);
            await alone(folder, "out", async (elsewhere) =>
              everyVectorPasses(await run(elsewhere), vectors),
            );
          }),
        );
      }
    }
  }));
