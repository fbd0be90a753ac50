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
    const { outputFiles, loaded } = await bundled(folder, {
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker"],
      loader: { ".wasm": "copy" },
    });
    const modules = (type, ending) =>
      outputFiles
        .filter(({ path }) => path.endsWith(ending))
        .map(({ path, contents }) => ({ type, path, contents }));
    const worker = new Miniflare({
      // The first one is the worker.
      modules: [...modules("ESModule", ".js"), ...modules("CompiledWasm", ".wasm")],
      modulesRoot: join(folder, "out"),
      compatibilityDate: "2025-01-01",
      host: "127.0.0.1",
      port: 0,
      // Otherwise it asks Cloudflare for a description of this request.
      cf: false,
    });
    try {
      const answer = await worker.dispatchFetch("http://127.0.0.1/");
      const outcome = /** @type {any} */ (await answer.json());
      return { ...outcome, loaded };
    } finally {
      await worker.dispose();
    }
  },
});
