// The beginning of one environment, in a process of its own: node life.mjs [BUNDLE]
// Tells as JSON what it took from loading the bundle until its first verdict; without a bundle, what
// Node.js takes to load its own fetch.
import { createRequire } from "node:module";

import { standInForSsm, withoutLog } from "./environment.mjs";
import { eventOf, expectAccepted, nextCallback } from "./events.mjs";

const [, , bundle] = process.argv;
const require = createRequire(import.meta.url);
standInForSsm();
const event = JSON.parse(eventOf(nextCallback()));

const { answer, took } = await withoutLog(async () => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const { handler } = bundle === undefined ? { handler: () => new Headers() } : require(bundle);
  const loaded = performance.now();
  const answer = await handler(event);
  const answered = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const took = { wall: answered - start, load: loaded - start, cpu: (user + system) / 1e3 };
  return { answer, took };
});
if (bundle !== undefined) {
  expectAccepted(bundle, answer);
}
console.log(JSON.stringify(took));
