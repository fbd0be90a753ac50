import { join } from "node:path";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

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
    const { outputFiles, metafile } = await build({
      absWorkingDir: folder,
      entryPoints: ["main.mjs"],
      outdir: join(folder, "out"),
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker"],
      loader: { ".wasm": "copy" },
      logLevel: "silent",
    });
    const [script, wasmFile] = [".js", ".wasm"].map((ending) =>
      outputFiles.find(({ path }) => path.endsWith(ending)),
    );
    const worker = new Miniflare({
      modules: [
        { type: "ESModule", path: script.path, contents: script.contents },
        { type: "CompiledWasm", path: wasmFile.path, contents: wasmFile.contents },
      ],
      modulesRoot: join(folder, "out"),
      compatibilityDate: "2025-01-01",
      host: "127.0.0.1",
      port: 0,
      // Otherwise it asks Cloudflare for a description of this request.
      cf: false,
    });
    try {
      const answer = await worker.dispatchFetch("http://127.0.0.1/");
      return { ...(await answer.json()), loaded: Object.keys(metafile.inputs) };
    } finally {
      await worker.dispose();
    }
  },
});
