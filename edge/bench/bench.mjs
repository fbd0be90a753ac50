// Measures the function of Lambda@Edge: see USAGE.
import { cpus } from "node:os";
import { parseArgs } from "node:util";

import { quantile } from "./statistics.mjs";

const USAGE = `usage: scripts/bench-edge [--json] [--rounds N]

Measures the function of Lambda@Edge, as scripts/build-edge makes it, in Node.js on this machine, and
ends with a line "figure <name> <value>" for each figure.

  origin_request_us       CPU time of one call in a warm environment, in microseconds: a signed callback
                          of 527 bytes, event as CloudFront hands it over, never seen before
  origin_request_vs_bare  that to the package's verdict alone plus one SHA-256 of the body
  edge_cold_start_ms      from loading the bundle until its first verdict, in a new process
  edge_cold_start_vs_sdk  the same decision with Sinch's Node SDK (edge/bench/peer.mjs) to that: with
                          the one function of it that is needed, and SSM by fetch and aws4fetch
  edge_cold_start_vs_sdk_least
                          and with SSM read as our function does, which is the least it can cost
  edge_cold_start_vs_sdk_package
                          and with the SDK as its documentation has it
  edge_zip_kb             target/edge/origin-request.zip, in units of 1,000 bytes
  guard_mb                by how much 100,000 live claims let the linear memory grow, in MB

All are measured by turns; ratios are medians of the ratios of neighboring turns.

A stand-in answers for SSM at once, for fetch and for node:https. The latter is loaded as ever; Node.js's
own fetch only as far as a function uses its classes, such as Headers. The table has it apart.

  --json      print one object instead of the table
  --rounds N  rounds of each measurement; 30 by default`;

const options = parse();
if (options.help) {
  console.log(USAGE);
} else {
  // The help needs no package.
  const { measure } = await import("./measure.mjs");
  const measured = await measure(options.rounds);
  if (options.json) {
    console.log(JSON.stringify(measured));
  } else {
    report(measured);
  }
}

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean", short: "h" },
        json: { type: "boolean" },
        rounds: { type: "string", default: "30" },
      },
    });
    if (!/^[1-9]\d{0,5}$/.test(values.rounds)) {
      throw new RangeError(`--rounds ${values.rounds}: expected a whole number of at least 1`);
    }
    return { ...values, rounds: Number(values.rounds) };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function report({ figures, rounds, warm, cold, sdkBytes, load, node }) {
  const row = (label, ...cells) =>
    console.log(label.padEnd(44) + cells.map((cell) => cell.padStart(26)).join(""));
  row("warm, µs a callback: median (quartiles)", "CPU time", "wall time");
  for (const [name, label] of [
    ["handler", "the function"],
    ["bare", "the verdict alone, and one SHA-256"],
    ["sdk", "the same with one function of Sinch's SDK"],
    ["json", "JSON.parse of the event, before any"],
  ]) {
    row(label, middle(warm[name], "cpu"), middle(warm[name], "wall"));
  }
  console.log();
  row("to the first verdict, ms: median (quartiles)", "wall time", "of it, loading", "CPU time");
  for (const [name, label] of [
    ["handler", "the function"],
    ["sdk", "the same with one function of Sinch's SDK"],
    ["least", "that with SSM as our function reads it"],
    ["package", "the same with Sinch's SDK as documented"],
    ["fetch", "Node.js's own fetch, loaded and not called"],
  ]) {
    row(label, ...["wall", "load", "cpu"].map((measure) => middle(cold[name], measure)));
  }
  const [least, whole] = sdkBytes.map((bytes) => (bytes / 1e3).toFixed(1));
  console.log(
    `\ncompressed: ${figures.edge_zip_kb} kB, with Sinch's SDK ${least} kB and ${whole} kB`,
  );
  console.log(
    `${rounds} rounds, Node.js ${node}, ${cpus().length} processors, ` +
      `load ${load[0].toFixed(1)} before and ${load[1].toFixed(1)} after`,
  );
  for (const [name, value] of Object.entries(figures)) {
    console.log(`figure ${name} ${value}`);
  }
}

function middle(turns, measure) {
  const values = turns.map((turn) => turn[measure]);
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(2));
  return `${middle} (${low}..${high})`;
}
