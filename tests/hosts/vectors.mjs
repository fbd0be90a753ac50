import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/** All vectors of the Conversation and the SMS API. */
export function allVectors() {
  return ["published", "made"].flatMap(read);
}

/** Those of every scheme that the package has. */
export function schemeVectors() {
  return read("schemes").filter(({ scheme }) => scheme !== "engage");
}

function read(name) {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
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
