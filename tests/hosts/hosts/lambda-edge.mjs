import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";

import { command } from "../command.mjs";
import { withFolder } from "../project.mjs";

/** Lambda@Edge as far as it matters here: one bundled file, and nothing beside it. */
export const lambdaEdge = (entry) => ({
  files: {
    "main.mjs": `
      import * as api from "${entry}";
      import { check } from "./check.mjs";
      import vectors from "./vectors.mjs";
      export const handler = async () => check(api, vectors);
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
      platform: "node",
      target: "node20",
      format: "cjs",
      logLevel: "silent",
    });
    return withFolder(async (empty) => {
      await writeFile(join(empty, "index.js"), outputFiles[0].contents);
      const invoke = `require("./index.js").handler().then(JSON.stringify).then(console.log)`;
      const printed = await command("node", ["--eval", invoke], { cwd: empty });
      return { ...JSON.parse(printed), loaded: Object.keys(metafile.inputs) };
    });
  },
});
