import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** All vectors of the repository. */
export function allVectors() {
  return ["published", "made"].flatMap((name) =>
    JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")),
  );
}

/** Looks into what a program printed that has checked these vectors. */
export function everyVectorPasses(printed, vectors) {
  let outcome;
  try {
    outcome = JSON.parse(printed);
  } catch {
    assert.fail(`it printed ${printed.slice(0, 2_000)}`);
  }
  assert.deepEqual(outcome.failed, []);
  assert.equal(outcome.passed, vectors.length);
}
