// Bundles each entry into edge/dist: node bundle.mjs
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = `${root}dist`;

/** Everything in one file, the WebAssembly too. */
const INLINE = { "sinch-callback/edge/schemes": "sinch-callback/edge/schemes/inline" };

/** @type {import("esbuild").BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  target: "es2022",
  logLevel: "warning",
};

await rm(dist, { recursive: true, force: true });
await mkdir(`${dist}/cloudfront`, { recursive: true });
await writeFile(`${dist}/cloudfront/package.json`, `{"type":"commonjs"}\n`);
// One function for both events. Which of the two is deployed depends on whether it has endpoints of
// other schemes: the smaller module knows the Conversation and the SMS API's alone.
for (const [name, module] of [
  ["origin-request", "edge"],
  ["origin-request-schemes", "edge/schemes"],
]) {
  await build({
    ...common,
    entryPoints: ["src/cloudfront/lambda.ts"],
    outfile: `dist/cloudfront/${name}.js`,
    platform: "node",
    target: "node20",
    // Quicker to load than a module.
    format: "cjs",
    minify: true,
    alias: {
      "sinch-callback/edge/schemes": "./src/cloudfront/package.ts",
      "sinch-callback/edge/schemes/wasm": `sinch-callback/${module}/wasm`,
    },
    loader: { ".wasm": "binary" },
  });
}

for (const [name, condition] of [
  ["workers", "workerd"],
  ["vercel", "edge-light"],
]) {
  await build({
    ...common,
    entryPoints: [`src/hosts/${name}.ts`],
    outfile: `dist/${name}.js`,
    platform: "neutral",
    conditions: [condition],
    // What is imported, the host compiles.
    external: ["*.wasm", "*.wasm?module", "cloudflare:workers"],
  });
}
await copyFile(`${root}../wasm-adapter/js/dist/schemes.wasm`, `${dist}/schemes.wasm`);

for (const name of ["deno", "bun", "node"]) {
  await build({
    ...common,
    entryPoints: [`src/hosts/${name}.ts`],
    outfile: `dist/${name}.js`,
    platform: name === "node" ? "node" : "neutral",
    alias: INLINE,
  });
}

// For code of one's own; SSM is for hosts with Node's modules.
/** @type {[string, import("esbuild").Platform][]} */
const entries = [
  ["index", "neutral"],
  ["ssm", "node"],
];
for (const [name, platform] of entries) {
  await build({
    ...common,
    entryPoints: [`src/${name}.ts`],
    outfile: `dist/${name}.js`,
    platform,
    external: ["sinch-callback/*"],
  });
}
