import { command } from "../command.mjs";

/** Node.js with ECMAScript modules. `wasm` is the file that an entry without module is given. */
export const nodeModules = (entry, wasm) => ({
  files: {
    "main.mjs": `
      import { readFileSync } from "node:fs";
      import * as api from "${entry}";
      import { check } from "./check.mjs";
      import vectors from "./vectors.mjs";
      ${init(wasm, `new URL(import.meta.resolve("${wasm}"))`)}
      const loaded = [import.meta.resolve("${entry}")];
      console.log(JSON.stringify({ ...check(api, vectors), loaded }));
    `,
  },
  run: async (folder) => JSON.parse(await command("node", ["main.mjs"], { cwd: folder })),
});

/** Node.js with CommonJS. */
export const nodeCommonJs = (entry, wasm) => ({
  files: {
    "main.cjs": `
      const { readFileSync } = require("node:fs");
      const api = require("${entry}");
      const { check } = require("./check.mjs");
      const vectors = require("./vectors.mjs").default;
      ${init(wasm, `require.resolve("${wasm}")`)}
      const loaded = [require.resolve("${entry}")];
      console.log(JSON.stringify({ ...check(api, vectors), loaded }));
    `,
  },
  run: async (folder) => JSON.parse(await command("node", ["main.cjs"], { cwd: folder })),
});

function init(wasm, path) {
  return wasm === undefined ? "" : `api.init(new WebAssembly.Module(readFileSync(${path})));`;
}
