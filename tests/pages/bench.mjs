// Measures the pages over a store of a million messages of a day.
//
//   node tests/pages/bench.mjs BINARY
//
// The store is filled through the receiver: batches of SMS, each of which names 500 recipients, hour by hour
// of a day, with the clock stopped at that hour.
import { spawn } from "node:child_process";
import http from "node:http";

import { deliveries, inspector } from "./sizes.mjs";

const MESSAGES = Number(process.env["BENCH_MESSAGES"] ?? 1_000_000);
const IN_A_BATCH = 500;
const HOURS = 24;
const AT_ONCE = 4;
const PAINTS = 15;
const SEARCHES = 2_000;
const ROUNDS = 9;
const SENT = 15_000;

process.env["SINCH_CALLBACK"] = String(process.argv[2]);
const { folder, now, receiver } = await import("./receiver.mjs");
const { launch, open, settled } = await import("./browser.mjs");

/** @param {number[]} values @param {number} share */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** @param {string} name @param {number} value @param {number} [digits] */
const figure = (name, value, digits = 0) => console.log(`figure ${name} ${value.toFixed(digits)}`);

const PREFIXES = ["49151", "46701", "1202555", "44740", "33612", "3460", "91981", "55119"];

/** The number of a message, all different. @param {number} index */
const numberOf = (index) => `${PREFIXES[index % PREFIXES.length]}${String(index).padStart(7, "0")}`;

/** @param {number} batch */
const batchId = (batch) => `01BENCH${String(batch).padStart(19, "0")}`;

/** A batch's report: of a hundred recipients four are not reached. @param {number} batch @param {number} at */
function batchReport(batch, at) {
  const all = Array.from({ length: IN_A_BATCH }, (_, index) =>
    numberOf(batch * IN_A_BATCH + index),
  );
  const failed = all.filter((_, index) => index % 25 === 0);
  const delivered = all.filter((_, index) => index % 25 !== 0);
  return {
    type: "delivery_report_sms",
    batch_id: batchId(batch),
    total_message_count: all.length,
    client_reference: `campaign-${batch}`,
    statuses: [
      { code: 0, status: "Delivered", count: delivered.length, recipients: delivered },
      { code: 402, status: "Failed", count: failed.length, recipients: failed },
    ],
    at: new Date(at * 1_000).toISOString(),
  };
}

async function fill(/** @type {string} */ data) {
  const batches = MESSAGES / IN_A_BATCH;
  for (let hour = 0; hour < HOURS; hour += 1) {
    const clockAt = now() - (HOURS - hour) * 3_600 + 60;
    const running = await receiver({ data, clockAt, log: "error" });
    const mine = Array.from({ length: batches }, (_, batch) => batch).filter(
      (batch) => batch % HOURS === hour,
    );
    while (mine.length > 0) {
      await Promise.all(
        mine.splice(0, AT_ONCE).map((batch) => running.post(batchReport(batch, clockAt))),
      );
    }
    for (;;) {
      const { queued } = await running.ask("/api/summary");
      if (queued === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await running.stop();
  }
}

/** Ways to look for one of them, as people do. @param {number} index */
function wayTo(index) {
  const batch = Math.floor(index / IN_A_BATCH);
  const ways = [
    `+${numberOf(index)}`,
    numberOf(index).slice(0, 9),
    `+${numberOf(index).slice(0, 4)}`,
    batchId(batch),
    batchId(batch).slice(0, 22),
    `campaign-${batch}`,
    "campaign-1",
    `nobody-${index}`,
  ];
  return String(ways[index % ways.length]);
}

/** How long an answer takes, in milliseconds. @param {http.Agent} agent @param {string} url */
function timed(agent, url) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    http
      .get(url, { agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part) => (text += part));
        answer.on("end", () => {
          if (answer.statusCode !== 200) reject(new Error(`${url}: ${text}`));
          JSON.parse(text);
          resolve(performance.now() - began);
        });
      })
      .on("error", reject);
  });
}

/** Callbacks accepted a second. @param {{callbacks: string, secretFile: string}} live @returns {Promise<number>} */
function accepts({ callbacks, secretFile }) {
  const args = ["send", "--url", `${callbacks}/callbacks`, "--secret-file", secretFile, "--json"];
  args.push("--connections", "64", "--messages", String(SENT), "--scenario", "delivered");
  const child = spawn(String(process.argv[2]), args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
  return new Promise((resolve, reject) =>
    child.on("close", (code) =>
      code === 0 ? resolve(JSON.parse(output).answers_per_second) : reject(new Error(output)),
    ),
  );
}

const data = folder();
const began = performance.now();
await fill(data);
const live = await receiver({ data, log: "error" });
const { messages } = await live.ask("/api/summary");
console.log(`${messages} messages in ${((performance.now() - began) / 1_000).toFixed(0)} s`);
if (messages !== MESSAGES) throw new Error("not all of them are there");
figure("assets_kb", (deliveries() + inspector()) / 1_000, 1);

const browser = await launch();
/** @type {number[]} */
const paints = [];
/** @type {number[]} */
const whole = [];
for (let round = 0; round < PAINTS; round += 1) {
  // Nothing is kept from one to the next: each is a first visit.
  const { page, context } = await open(browser, live.admin);
  await page.goto("/");
  await page.locator(".verdict-sentence").first().waitFor();
  whole.push(await page.evaluate(() => performance.now()));
  paints.push(
    await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
    ),
  );
  await context.close();
}
console.log(
  `paints ${paints.map((ms) => ms.toFixed(0)).join(" ")} ms; with all figures ${whole.map((ms) => ms.toFixed(0)).join(" ")} ms`,
);
figure("first_paint_ms", quantile(paints, 0.5));
figure("overview_ms", quantile(whole, 0.5));

const agent = new http.Agent({ keepAlive: true });
/** @type {number[]} */
const searches = [];
for (let round = 0; round < SEARCHES; round += 1) {
  const text = wayTo((round * 7_919 + 13) % MESSAGES);
  searches.push(await timed(agent, `${live.admin}/api/search?q=${encodeURIComponent(text)}`));
}
console.log(
  `search median ${quantile(searches, 0.5).toFixed(1)} ms, slowest ${Math.max(...searches).toFixed(1)} ms`,
);
figure("search_p99_ms", quantile(searches, 0.99), 1);

/** @type {Record<"alone" | "stream" | "browser", number[]>} */
const rates = { alone: [], stream: [], browser: [] };
await accepts(live);
/** Each with the page in another way. */
const ways = {
  alone: async () => rates.alone.push(await accepts(live)),
  stream: async () => {
    const stream = http.get(`${live.admin}/api/stream`, (answer) => answer.resume());
    stream.on("error", () => undefined);
    rates.stream.push(await accepts(live));
    stream.destroy();
  },
  browser: async () => {
    const { page, context } = await open(browser, live.admin);
    await page.goto("/");
    await settled(page);
    rates.browser.push(await accepts(live));
    await context.close();
  },
};
for (let round = 0; round < ROUNDS; round += 1) {
  // In turn, so that what the machine does besides, and the store that grows, fall to all of them alike.
  const order = Object.values(ways);
  order.push(...order.splice(0, round % order.length));
  for (const way of order) await way();
}
for (const [what, rounds] of Object.entries(rates)) {
  console.log(`accepts a second, ${what}: ${rounds.map((rate) => rate.toFixed(0)).join(" ")}`);
}
/** The median of the rounds' ratios to the same round alone. @param {number[]} rounds */
const ratio = (rounds) =>
  quantile(
    rounds.map((rate, round) => rate / (rates.alone[round] ?? Number.NaN)),
    0.5,
  );
figure("accept_ratio_with_page", ratio(rates.stream), 2);
figure("accept_ratio_with_browser", ratio(rates.browser), 2);
await browser.close();
await live.stop();
process.exit();
