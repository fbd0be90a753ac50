import { join } from "node:path";

import { command, installed } from "../command.mjs";
import { script } from "./script.mjs";

/** Bun; what is not installed must not be fetched. */
export const bun = (entry) => ({
  files: { "main.mjs": script(entry) },
  run: async (folder) => {
    const env = { BUN_INSTALL_CACHE_DIR: join(folder, ".bun"), DO_NOT_TRACK: "1" };
    const args = ["run", "--no-install", "main.mjs"];
    return JSON.parse(await command(installed("bun"), args, { cwd: folder, env }));
  },
});
