// Lets Node.js run TypeScript: node --import ./tools/typescript.mjs FILE.ts
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { isMainThread } from "node:worker_threads";

import { transform } from "esbuild";

if (isMainThread) {
  register(import.meta.url);
}

/** TypeScript is imported by the name of what it is compiled to. */
export function resolve(specifier, context, next) {
  if (specifier.startsWith(".") && specifier.endsWith(".js")) {
    const source = new URL(specifier.replace(/\.js$/, ".ts"), context.parentURL);
    if (existsSync(source)) {
      return { url: source.href, format: "module", shortCircuit: true };
    }
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) {
    return next(url, context);
  }
  const sourcefile = fileURLToPath(url);
  const text = await readFile(sourcefile, "utf8");
  /** @type {import("esbuild").TransformOptions} */
  const options = {
    loader: "ts",
    format: "esm",
    target: "node20",
    sourcefile,
    sourcemap: "inline",
  };
  const { code } = await transform(text, options);
  return { format: "module", source: code, shortCircuit: true };
}
