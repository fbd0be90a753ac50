import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { CREDENTIALS } from "./environment.mjs";

const life = fileURLToPath(new URL("life.mjs", import.meta.url));

/**
 * Milliseconds from loading a bundle until its first verdict, in new processes by turns. `lives` are
 * the arguments of life.mjs, by name.
 */
export function cold({ lives, rounds }) {
  /** @type {Record<string, any[]>} */
  const times = Object.fromEntries(Object.keys(lives).map((name) => [name, []]));
  // The round 0, which reads the files into the page cache, does not count.
  for (let round = 0; round <= rounds; round++) {
    const names = Object.keys(lives);
    // Who begins changes.
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      const told = execFileSync(process.execPath, [life, ...lives[name]], {
        encoding: "utf8",
        env: CREDENTIALS,
        timeout: 60_000,
      });
      if (round > 0) {
        times[name].push(JSON.parse(told));
      }
    }
  }
  return times;
}
