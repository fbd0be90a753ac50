import { readFileSync, statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";

import { build } from "esbuild";

import { cold } from "./cold.mjs";
import { standInForSsm, withoutLog } from "./environment.mjs";
import { guardGrowth } from "./guard.mjs";
import { median, ratio } from "./statistics.mjs";
import { warm } from "./warm.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = join(here, "../..");
const sinch = join(root, "tests/hosts/node_modules/@sinch");

/** All figures, and each turn that they come from. */
export async function measure(rounds) {
  const bundle = join(root, "edge/dist/cloudfront/origin-request.js");
  const [one, least] = [await buildPeer("peer-function"), await buildPeer("peer-least")];
  const whole = await buildPeer("peer-package");
  const load = [loadavg()[0]];
  standInForSsm();
  const warmed = await withoutLog(() => warm({ bundle, peer: one, rounds }));
  const lives = { handler: [bundle], sdk: [one], least: [least], package: [whole], fetch: [] };
  const started = cold({ lives, rounds });
  const growth = await guardGrowth();
  load.push(loadavg()[0]);
  const zip = statSync(join(root, "target/edge/origin-request.zip")).size;
  const figures = {
    origin_request_us: round(median(warmed.handler.map(({ cpu }) => cpu)), 2),
    origin_request_vs_bare: round(ratio(warmed.handler, warmed.bare, "cpu"), 2),
    edge_cold_start_ms: round(median(started.handler.map(({ wall }) => wall)), 1),
    edge_cold_start_vs_sdk: round(ratio(started.sdk, started.handler, "wall"), 2),
    edge_cold_start_vs_sdk_least: round(ratio(started.least, started.handler, "wall"), 2),
    edge_cold_start_vs_sdk_package: round(ratio(started.package, started.handler, "wall"), 2),
    edge_zip_kb: round(zip / 1e3, 1),
    guard_mb: round(growth / 1e6, 2),
  };
  const sdkBytes = [one, whole].map(compressedSize);
  return { figures, rounds, warm: warmed, cold: started, sdkBytes, load, node: process.version };
}

/** Bundles a peer as edge/tools/bundle.mjs does the function. */
async function buildPeer(name) {
  const outfile = join(root, `target/edge/bench/${name}.cjs`);
  await build({
    absWorkingDir: here,
    entryPoints: [`${name}.mjs`],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    // The SDK reads its version there, out of a package that it does not depend on.
    alias: { "@sinch/sdk-core/package.json": join(sinch, "sdk-client/package.json") },
    logLevel: "warning",
  });
  return outfile;
}

function compressedSize(path) {
  return deflateRawSync(readFileSync(path), { level: 9 }).length;
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
