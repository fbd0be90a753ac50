import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Plugin, build } from "esbuild";

import { dist, requireHost } from "./installed.js";
import type { Host, Variables } from "./process.js";

/** Vercel's edge runtime: its bundler compiles `?module` imports, the runtime compiles nothing. */
export async function edgeLight(variables: Variables): Promise<Host> {
  const { EdgeRuntime, runServer } = requireHost("edge-runtime");
  const { outputFiles } = await build({
    stdin: {
      contents: `
        import handler, { config } from "./vercel.js";
        if (config.runtime !== "edge") throw new Error("not for the edge runtime");
        addEventListener("fetch", (event) => event.respondWith(handler(event.request)));
      `,
      resolveDir: dist,
    },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    plugins: [compiled],
    logLevel: "silent",
  });
  const runtime = new EdgeRuntime({
    codeGeneration: { strings: false, wasm: false },
    extend: (context: object) =>
      Object.assign(context, {
        edgeModule: new WebAssembly.Module(readFileSync(join(dist, "schemes.wasm"))),
        process: { env: variables },
      }),
    initialCode: outputFiles[0]?.text,
  });
  const server = await runServer({ runtime, host: "127.0.0.1", port: 0 });
  return { url: new URL("/callbacks", server.url).href, stop: () => server.close() };
}

/** The runtime finds the compiled module as a global. */
const compiled: Plugin = {
  name: "compiled",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path }) => ({ path, namespace: "compiled" }));
    build.onLoad({ filter: /.*/, namespace: "compiled" }, () => ({
      contents: "export default edgeModule;",
    }));
  },
};
