import { join } from "node:path";

import { Miniflare } from "miniflare";

import { bundled } from "./bundled.mjs";

/** workerd, bundled as Cloudflare's own tool does it: WebAssembly stays a module of its own. */
export const workerd = (entry, wasm) => ({
  files: {
    "main.mjs": `
      import * as api from "${entry}";
      ${wasm === undefined ? "" : `import module from "${wasm}"; api.init(module);`}
      import { check } from "./check.mjs";
      import vectors from "./vectors.mjs";
      export default { fetch: () => Response.json(check(api, vectors)) };
    `,
  },
  run: async (folder) => {
    const { loaded, ...modules } = await bundledWorker(folder, "main.mjs");
    const worker = new Miniflare({ ...modules, compatibilityDate: "2025-01-01" });
    try {
      const answer = await worker.dispatchFetch("http://127.0.0.1/");
      const outcome = /** @type {any} */ (await answer.json());
      return { ...outcome, loaded };
    } finally {
      await worker.dispose();
    }
  },
});

/** What workerd is given for the module that is the worker, and which files of the package are in it. */
export async function bundledWorker(folder, main) {
  const { outputFiles, loaded } = await bundled(folder, {
    entryPoints: [main],
    external: ["cloudflare:workers"],
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker"],
    loader: { ".wasm": "copy" },
  });
  const modules = (type, ending) =>
    outputFiles
      .filter(({ path }) => path.endsWith(ending))
      .map(({ path, contents }) => ({ type, path, contents }));
  return {
    // The first one is the worker.
    modules: [...modules("ESModule", ".js"), ...modules("CompiledWasm", ".wasm")],
    modulesRoot: join(folder, "out"),
    host: "127.0.0.1",
    port: 0,
    // Otherwise it asks Cloudflare for a description of this request.
    cf: false,
    loaded,
  };
}
