import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { EdgeRuntime } from "edge-runtime";

import { bundled } from "./bundled.mjs";

/** Vercel's edge runtime: its bundler compiles `?module` imports, the runtime compiles nothing. */
export const edgeLight = (entry) => ({
  files: {
    "main.mjs": `
      import * as api from "${entry}";
      import { check } from "./check.mjs";
      import vectors from "./vectors.mjs";
      globalThis.outcome = JSON.stringify(check(api, vectors));
    `,
  },
  run: async (folder) => {
    const modules = {};
    const { outputFiles, loaded } = await bundled(folder, {
      format: "iife",
      target: "es2022",
      conditions: ["edge-light"],
      plugins: [compiled(modules)],
    });
    const runtime = new EdgeRuntime({
      codeGeneration: { strings: false, wasm: false },
      extend: (context) => Object.assign(context, { modules }),
    });
    runtime.evaluate(outputFiles[0].text);
    return { ...JSON.parse(runtime.evaluate("outcome")), loaded };
  },
});

/** Compiles `?module` imports into `modules`, where the bundle finds them as a global. */
const compiled = (modules) => ({
  name: "compiled",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, importer }) => ({
      path: join(dirname(importer), path.replace("?module", "")),
      namespace: "compiled",
    }));
    build.onLoad({ filter: /.*/, namespace: "compiled" }, async ({ path }) => {
      const name = `module_${Object.keys(modules).length}`;
      modules[name] = new WebAssembly.Module(await readFile(path));
      return { contents: `export default modules.${name};` };
    });
  },
});
