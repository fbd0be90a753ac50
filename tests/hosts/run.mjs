// Runs every vector in every JavaScript host, on the package as it would be published:
//   node run.mjs [--only TEXT] [--vectors FILE] [--write-table FILE | --check-table FILE]
import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { parseArgs } from "node:util";

import { fiveLines } from "./five-lines.mjs";
import { copy, install, pack, withFolder } from "./project.mjs";
import { rows } from "./rows.mjs";
import { table, withTable } from "./table.mjs";
import { allVectors, schemeVectors } from "./vectors.mjs";

const FIVE_LINES = "five lines";

const { values: options } = parseArgs({
  options: {
    // Rows whose host or entry contains this.
    only: { type: "string", default: "" },
    // Vectors in place of the repository's, to see a wrong one fail.
    vectors: { type: "string" },
    "write-table": { type: "string" },
    "check-table": { type: "string" },
  },
});
const page = options["write-table"] ?? options["check-table"];
if (page !== undefined && (options.only !== "" || options.vectors !== undefined)) {
  throw new Error("the page's table has all rows and the repository's vectors");
}

const vectors =
  options.vectors === undefined ? allVectors() : JSON.parse(readFileSync(options.vectors, "utf8"));
const ofSchemes = options.vectors === undefined ? schemeVectors() : [];
const chosen = rows.filter(({ host, entry }) => `${host} ${entry}`.includes(options.only));
const withFiveLines = FIVE_LINES.includes(options.only);
if (vectors.length === 0 || (chosen.length === 0 && !withFiveLines)) {
  throw new Error("there is nothing to run");
}

const faults = [];
const outcomes = await withFolder(async (folder) => {
  const tarball = await pack(folder);
  if (withFiveLines) {
    await fiveLines(tarball).catch((error) => faults.push(`${FIVE_LINES}: ${error.message}`));
  }
  const outcomes = [];
  for (const row of chosen) {
    outcomes.push(await outcome(row, tarball));
  }
  return outcomes;
});

for (const { host, entry, failed } of outcomes) {
  faults.push(...failed.map((text) => `${host}, ${entry}: ${text}`));
}
const result = table(outcomes);
console.log(result);
if (withFiveLines && !faults.some((text) => text.startsWith(FIVE_LINES))) {
  console.log("\nFive lines in a fresh project accept a published callback.");
}
if (page !== undefined) {
  const text = readFileSync(page, "utf8");
  const wanted = withTable(text, result);
  if (options["check-table"] !== undefined && text !== wanted) {
    faults.push(`${basename(page)}: its table is another one: write it with --write-table`);
  } else if (options["write-table"] !== undefined && faults.length === 0) {
    writeFileSync(page, wanted);
  }
}
for (const text of faults) {
  console.log(`FAILED ${text}`);
}
const passed = outcomes.filter(({ failed }) => failed.length === 0).length;
const others = faults.length - outcomes.reduce((sum, { failed }) => sum + failed.length, 0);
console.log(`${passed} passed, ${outcomes.length - passed + others} failed`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** What came out in one host with one entry. A host that does not start has passed nothing. */
async function outcome({ host, entry, file, knowsSchemes, files, run }, tarball) {
  const judged = knowsSchemes ? [...vectors, ...ofSchemes] : vectors;
  const total = judged.length;
  try {
    return await withFolder(async (folder) => {
      const given = { ...files, "vectors.mjs": `export default ${JSON.stringify(judged)};` };
      await install(folder, tarball, given);
      await copy(folder, "check.mjs");
      const { passed, failed, loaded } = await run(folder);
      // Some other entry that works there would prove nothing about this one.
      if (!loaded.some((path) => basename(path) === file)) {
        failed.push(`${file} was not what it loaded`);
      }
      if (passed !== total && failed.length === 0) {
        failed.push(`only ${passed} vectors passed`);
      }
      return { host, entry, passed, total, failed };
    });
  } catch (error) {
    return { host, entry, passed: 0, total, failed: [`did not run: ${error.message}`] };
  }
}
