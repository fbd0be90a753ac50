import { join } from "node:path";

import { build } from "esbuild";

/**
 * A folder's `main.mjs` as one file in memory, and all that went into it.
 * @param {string} folder
 * @param {import("esbuild").BuildOptions} options
 */
export async function bundled(folder, options) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: folder,
    entryPoints: ["main.mjs"],
    outdir: join(folder, "out"),
    bundle: true,
    write: false,
    metafile: true,
    logLevel: "silent",
    ...options,
  });
  if (outputFiles === undefined || metafile === undefined) {
    throw new Error("esbuild kept nothing in memory");
  }
  return { outputFiles, loaded: Object.keys(metafile.inputs) };
}
