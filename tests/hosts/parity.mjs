// Every case of `parity` gets from each WebAssembly build the verdict that the core gives natively:
//
//     node parity.mjs CASES.jsonl      or the cases on the standard input
//
// Exits 1 at any difference, and shows the first ten.

import { createReadStream, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { optionsOf, textOf } from "./check.mjs";

const BUILDS = ["edge", "edge.scalar", "schemes", "schemes.scalar", "full", "full.scalar"];
const SHOWN = 10;

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);

/** The package with one build in it. It holds one module at a time: each build has a copy. */
async function load(build) {
  const api = await import(new URL(`slim.js?${build}`, dist).href);
  api.init(new WebAssembly.Module(readFileSync(new URL(`${build}.wasm`, dist))));
  return { build, api, verifiers: new Map(), differences: 0 };
}

function verifierOf(host, { secrets, verbatim, options }) {
  const id = JSON.stringify([secrets, verbatim, options]);
  let verifier = host.verifiers.get(id);
  if (verifier === undefined) {
    verifier = new host.api.Verifier(optionsOf({ secrets, verbatim, options }));
    host.verifiers.set(id, verifier);
  }
  return verifier;
}

/** Pairs, or an object as Node makes one: both ways in are taken in turn. */
function headersOf(pairs, number) {
  if (number % 2 === 0) {
    return pairs;
  }
  const object = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    object[lower] = lower in object ? [object[lower], value].flat() : value;
  }
  return object;
}

/** Some moment of that second; a number where numbers are exact, and milliseconds beyond doubt. */
function momentOf(now, number) {
  const nowMs = BigInt(now) * 1000n + BigInt(number % 1000);
  return nowMs >= 1e11 && nowMs <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(nowMs) : nowMs;
}

/** What the build says, in the words of the case's own verdict. */
function verdictOf(host, line, callback, nowMs) {
  try {
    const verdict = verifierOf(host, line).verify(callback, { nowMs });
    return {
      code: verdict.code,
      status: verdict.status,
      header: verdict.header ?? null,
      detail: verdict.detail ?? null,
      secret_slot: verdict.secretSlot ?? null,
      replay_key: verdict.replayKey ?? null,
      content_key: host.api.contentKey(callback.body),
      age_secs: verdict.ageSeconds ?? null,
    };
  } catch (error) {
    return { threw: String(error) };
  }
}

const source = process.argv[2] === undefined ? process.stdin : createReadStream(process.argv[2]);
const hosts = await Promise.all(BUILDS.map(load));
const shown = [];
let cases = 0;

for await (const json of createInterface({ input: source, crlfDelay: Infinity })) {
  const line = JSON.parse(json);
  const { expect } = line;
  // Ages are numbers here, exact up to 2 to the 53rd.
  const native = { ...expect, age_secs: expect.age_secs === null ? null : Number(expect.age_secs) };
  const headers = headersOf(
    line.headers.map(([name, value]) => [name, textOf(value)]),
    cases,
  );
  const callback = { headers, body: new Uint8Array(Buffer.from(line.body, "base64")) };
  const nowMs = momentOf(line.now, cases);
  cases += 1;
  for (const host of hosts) {
    const verdict = verdictOf(host, line, callback, nowMs);
    const fields = Object.keys({ ...native, ...verdict }).filter(
      (field) => native[field] !== verdict[field],
    );
    if (fields.length === 0) {
      continue;
    }
    host.differences += 1;
    if (shown.length < SHOWN) {
      const unlike = fields.map(
        (field) => `  ${field}: native ${native[field]}, here ${verdict[field]}`,
      );
      const input = JSON.stringify({ headers: line.headers, now: line.now, body: line.body }).slice(
        0,
        600,
      );
      shown.push([`${host.build}, line ${cases}:`, ...unlike, `  ${input}`].join("\n"));
    }
  }
}

for (const { build, verifiers, differences } of hosts) {
  verifiers.forEach((verifier) => verifier.dispose());
  console.log(`${build}: ${cases} cases, ${differences} differences`);
}
shown.forEach((difference) => console.log(difference));
if (cases === 0) {
  console.log("there are no cases");
}
process.exitCode = cases > 0 && hosts.every(({ differences }) => differences === 0) ? 0 : 1;
