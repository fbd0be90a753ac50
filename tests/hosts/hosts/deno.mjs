import { join } from "node:path";

import { command, installed } from "../command.mjs";
import { script } from "./script.mjs";

/** Deno without any permission: no files, no network, no environment. */
export const deno = (entry) => ({
  files: { "main.mjs": script(entry) },
  run: async (folder) => {
    const args = ["run", "--no-prompt", "--no-remote", "--node-modules-dir=manual", "main.mjs"];
    const env = { DENO_DIR: join(folder, ".deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    return JSON.parse(await command(installed("deno"), args, { cwd: folder, env }));
  },
});
