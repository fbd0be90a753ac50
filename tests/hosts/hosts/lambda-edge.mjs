import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { command } from "../command.mjs";
import { withFolder } from "../project.mjs";

import { bundled } from "./bundled.mjs";

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
    const { outputFiles, loaded } = await bundled(folder, {
      platform: "node",
      target: "node20",
      format: "cjs",
    });
    return withFolder(async (empty) => {
      await writeFile(join(empty, "index.js"), outputFiles[0].contents);
      const invoke = `require("./index.js").handler().then(JSON.stringify).then(console.log)`;
      const printed = await command("node", ["--eval", invoke], { cwd: empty });
      return { ...JSON.parse(printed), loaded };
    });
  },
});
