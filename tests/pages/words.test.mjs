// The words of the pages: in one file, and right for what is to be said.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { launch, open } from "./browser.mjs";
import { receiver } from "./receiver.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof receiver>>} */
let live;
/** @type {import("playwright-core").Page} */
let page;
before(async () => {
  [browser, live] = await Promise.all([launch(), receiver()]);
  ({ page } = await open(browser, live.admin));
  await page.goto("/");
});
after(async () => {
  await browser.close();
  await live.stop();
});

describe("words", () => {
  it("of the documents are those of texts.js", async () => {
    const texts = readFileSync(
      new URL("../../server/pages/common/texts.js", import.meta.url),
      "utf8",
    );
    for (const path of ["/", "/assets/deliveries/login.html"]) {
      const file = path === "/" ? "index" : "login";
      const html = readFileSync(
        new URL(`../../server/pages/deliveries/${file}.html`, import.meta.url),
        "utf8",
      );
      const said = [
        ...html.replaceAll(/<head>.*<\/head>/gs, "").matchAll(/>\s*([^<>]*[a-z][^<>]*?)\s*</g),
        ...html.matchAll(/(?:aria-label|placeholder|title)="([^"]+)"/g),
      ].map(([, words]) => String(words));
      assert.ok(said.length > 3);
      for (const words of said)
        assert.ok(texts.includes(`"${words}"`), `not in texts.js: ${words}`);
    }
  });

  it("stand in no other module", () => {
    const modules = [
      "app",
      "chart",
      "intents",
      "list",
      "live",
      "login",
      "message",
      "overview",
      "parts",
      "unrecognized",
      "verdict",
      "watches",
      "wrong",
    ];
    for (const name of modules) {
      const source = readFileSync(
        new URL(`../../server/pages/deliveries/${name}.js`, import.meta.url),
        "utf8",
      );
      const code = source.replaceAll(/\/\*.*?\*\//gs, "").replaceAll(/\/\/.*$/gm, "");
      const sentences = [...code.matchAll(/["'`]([^"'`]*)["'`]/g)].map(([, text]) => String(text));
      // A sentence has a capital, a space and small letters.
      const told = sentences.filter((text) => /^[A-Z][a-z]+ [a-z]/.test(text));
      assert.deepEqual(told, [], name);
    }
  });
});

/** An overview of a day in which nothing is wrong. */
const CALM = {
  from: 0,
  to: 86_400,
  bucket_s: 900,
  funnel: {},
  times: { queued_delivered: null, delivered_read: null },
  failures: { by_reason: [], by_channel: [], by_country_prefix: [] },
  delivered_series: new Array(96).fill(100),
  refusals: [],
  ages: { p50_s: 1, p95_s: 2, count: 9_600, buckets: [] },
  overdue: 0,
  paused: null,
  callbacks_stopped: null,
  is_counting: false,
  counted_since: 0,
};

/** Failures of a reason: so many in each quarter of an hour before the last hour, and in it. @param {number} before @param {number} recent */
function failing(before, recent) {
  const series = new Array(96).fill(before, 0, 92).fill(recent, 92);
  const rows = { count: 0, series };
  return {
    failures: {
      by_reason: [{ reason: "RATE_LIMITED", ...rows }],
      by_channel: [{ channel: "WHATSAPP", ...rows }],
      by_country_prefix: [{ prefix: "+46", ...rows }],
    },
  };
}

/** What is said first of an overview, and in which tone. @param {object} change */
async function first(change) {
  const overview = { ...CALM, ...change };
  return page.evaluate(async (overview) => {
    const { findings } = await import(/** @type {string} */ ("/assets/deliveries/wrong.js"));
    const [{ tone, sentence }] = findings(overview, 86_400);
    return [tone, sentence];
  }, overview);
}

describe("whether anything is wrong", () => {
  for (const [what, change, expected] of /** @type {[string, object, [string, RegExp]][]} */ ([
    ["nothing", {}, ["good", /^No message has failed\.$/]],
    [
      "a rise",
      failing(2, 10),
      [
        "bad",
        /^Failures rose from 2 % to 9\.1 % in the last hour, mostly because messages were sent faster than is allowed \(on WhatsApp\), at \+46 numbers\.$/,
      ],
    ],
    [
      "no rise",
      failing(2, 2),
      ["good", /^Failures are not rising: 2 % in the last hour, 2 % before/],
    ],
    ["a rise by chance", failing(2, 3), ["good", /^Failures are not rising: 2\.9 %/]],
    ["a fall", failing(20, 2), ["good", /^Failures fell from 17 % to 2 % in the last hour\.$/]],
    [
      "an attack",
      { refusals: [{ code: "signature_mismatch", count: 2_000 }] },
      ["warn", /^Somebody sends forged callbacks: 2,000 requests were refused\. None got in\.$/],
    ],
    ["scanners", { refusals: [{ code: "unknown_path", count: 2_000 }] }, ["good", /failed/]],
    [
      "a wrong secret",
      { refusals: [{ code: "signature_mismatch", count: 3 }], ages: null },
      [
        "bad",
        /^No authentic callback has come, and 3 requests were refused: the secret is probably not the one at Sinch\.$/,
      ],
    ],
    [
      "silence",
      { callbacks_stopped: { since: 85_200 } },
      ["bad", /^Callbacks have stopped: none for 20 min has come/],
    ],
    ["overdue ones", { overdue: 1 }, ["warn", /^1 message is overdue/]],
    [
      "a pause",
      { paused: { why: "spend", since: 80_000 } },
      ["warn", /^All sends are paused since .*: spend\.$/],
    ],
    [
      "our own trouble",
      { refusals: [{ code: "handoff_unavailable", count: 3 }] },
      ["warn", /^3 callbacks could not be stored when they came\. Sinch retries them/],
    ],
    [
      "a failure and an attack",
      { ...failing(2, 10), refusals: [{ code: "stale", count: 900 }] },
      ["bad", /^Failures rose/],
    ],
  ])) {
    it(`is said of ${what}`, async () => {
      const [tone, sentence] = await first(change);
      assert.equal(tone, expected[0], sentence);
      assert.match(sentence, expected[1]);
    });
  }
});
