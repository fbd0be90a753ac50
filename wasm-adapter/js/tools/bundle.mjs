// Bundles each entry into one file beside the WebAssembly that it loads: node bundle.mjs
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Puts a file of dist in as base64. esbuild writes its path into a comment, so it has to be one of
 * the package. */
const inline = {
  name: "inline",
  setup(build) {
    build.onResolve({ filter: /^inline:/ }, ({ path }) => ({
      path: `dist/${path.slice("inline:".length)}`,
      namespace: "inline",
    }));
    build.onLoad({ filter: /.*/, namespace: "inline" }, async ({ path }) => ({
      contents: `export default "${(await readFile(join(root, path))).toString("base64")}";`,
    }));
  },
};

const hosts = ["node", "workerd", "edge-light", "inline"];
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries([
    ["slim", "src/slim.ts"],
    ...["full", "edge"].flatMap((name) =>
      hosts.map((host) => [`${name}.${host}`, `src/entries/${name}.${host}.ts`]),
    ),
  ]),
  outdir: "dist",
  bundle: true,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  external: ["*.wasm", "*.wasm?module", "node:fs"],
  plugins: [inline],
  logLevel: "warning",
});
