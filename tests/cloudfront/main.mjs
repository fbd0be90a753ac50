// usage: node tests/cloudfront/main.mjs CONFIG.json
//
// Runs a distribution until its standard input ends. Prints one line: where it listens, as JSON.
import { readFileSync } from "node:fs";

import { control } from "./control.mjs";
import { Distribution } from "./distribution.mjs";

const distribution = new Distribution(JSON.parse(readFileSync(process.argv[2], "utf8")));
await distribution.start();
const controls = await control(distribution);
console.log(
  JSON.stringify({
    viewer: distribution.url,
    functionUrl: distribution.functionUrl.url,
    control: controls.url,
  }),
);

process.stdin.resume();
process.stdin.once("close", () => end());
process.once("SIGTERM", () => end());

async function end() {
  await controls.close();
  await distribution.stop();
  process.exit();
}
