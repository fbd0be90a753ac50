import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
let count = 0;
let folder;

/** A module of `src`, compiled. */
export async function load(path) {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), "sinch-callback-edge-"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  }
  const outfile = join(folder, `${(count += 1)}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [`src/${path}`],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    alias: { "sinch-callback/edge": "sinch-callback/edge/inline" },
    logLevel: "silent",
  });
  return import(pathToFileURL(outfile));
}
