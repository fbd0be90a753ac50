import { readFileSync } from "node:fs";

/** All vectors of the repository. */
export function allVectors() {
  return ["published", "made"].flatMap((name) =>
    JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")),
  );
}
