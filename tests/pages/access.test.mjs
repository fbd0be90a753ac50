// For everybody: by keyboard, by screen reader, in the dark, on a phone.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { findings, launch, open, picture, search, settled } from "./browser.mjs";
import { demo, receiver, report } from "./receiver.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof demo>>} */
let day;
before(async () => {
  [browser, day] = await Promise.all([launch(), demo()]);
});
after(async () => {
  await browser.close();
  await day.stop();
});

/** Each page with what is on it, after the demo's day. */
async function views() {
  const one = async (/** @type {string} */ state) =>
    (await day.ask(`/api/messages?masked=1&limit=1&state=${state}`)).messages[0].message_id;
  return {
    overview: "/",
    "overview-channel": "/#/?by=Channel&range=3600",
    delivered: `/#/message/${encodeURIComponent(await one("delivered"))}`,
    failed: `/#/message/${encodeURIComponent(await one("failed"))}`,
    contradicted: `/#/message/${encodeURIComponent(await one("contradicted"))}`,
    messages: "/#/messages?state=failed",
    "not-understood": "/#/not-understood",
    watches: "/#/watches",
    intents: "/#/intents",
    nothing: "/#/no-such-page",
  };
}

describe("every page", () => {
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    for (const width of [1_280, 768, 360]) {
      it(`has nothing that axe finds, and no scrolling sideways: ${colorScheme}, ${width} pixels`, async () => {
        const { page, context, troubles } = await open(browser, day.admin, {
          colorScheme,
          viewport: { width, height: 800 },
        });
        for (const [name, path] of Object.entries(await views())) {
          await page.goto("about:blank");
          await page.goto(path);
          if (name !== "nothing") await settled(page);
          await looked(name);
        }
        await page.goto("/");
        await search(page, "shop.order");
        await looked("search");
        await page.goto("/login?wrong");
        await looked("login");
        assert.deepEqual(troubles, []);
        await context.close();

        /** @param {string} name */
        async function looked(name) {
          await picture(page, `${name}-${width}-${colorScheme}`);
          // Between a phone and a desk the page is neither another nor has other parts.
          if (width !== 768) assert.deepEqual(await findings(page), [], name);
          const wider = await page.evaluate(
            () => document.documentElement.scrollWidth - innerWidth,
          );
          assert.ok(wider <= 0, `${name} is ${wider} pixels wider than its window`);
        }
      });
    }
  }
});

describe("by keyboard alone", () => {
  it("the first stop skips to the content, / searches, and a found message is read from its heading", async () => {
    const { page, context } = await open(browser, day.admin);
    await page.goto("/");
    await settled(page);
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.textContent?.trim() || document.activeElement?.id,
      );
    await page.keyboard.press("Tab");
    assert.equal(await focused(), "Skip to the content");
    assert.ok(await page.getByRole("link", { name: "Skip to the content" }).isVisible());
    await page.keyboard.press("Enter");
    assert.equal(await focused(), "Overview");
    await page.keyboard.press("/");
    assert.equal(await focused(), "q");
    await page.keyboard.type("shop.order");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Search" }).waitFor();
    await settled(page);
    assert.equal(await focused(), "Search");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: /^Message / }).waitFor();
    assert.match(String(await focused()), /^Message /);
    // The content that it skips to is that of the view that is shown.
    const at = page.url();
    await page.getByRole("link", { name: "Skip to the content" }).focus();
    await page.keyboard.press("Enter");
    assert.match(String(await focused()), /^Message /);
    await settled(page);
    assert.equal(page.url(), at);
    assert.match(String(await focused()), /^Message /);
    await context.close();
  });

  it("each stop is seen", async () => {
    const { page, context } = await open(browser, day.admin);
    await page.goto("/");
    await settled(page);
    const stops = new Set();
    for (let press = 0; press < 60; press += 1) {
      await page.keyboard.press("Tab");
      const stop = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return {
          name: element.outerHTML.slice(0, 80),
          isSeen: outlineStyle !== "none" && outlineWidth !== "0px",
        };
      });
      if (!stop) break;
      assert.ok(stop.isSeen, stop.name);
      stops.add(stop.name);
    }
    assert.ok(stops.size > 15, String(stops.size));
    await context.close();
  });
});

describe("by screen reader", () => {
  it("landmarks, captions and a table beside the chart say what is there", async () => {
    const { page, context } = await open(browser, day.admin);
    await page.goto("/");
    await settled(page);
    await page.getByRole("main", { name: "Overview" }).waitFor();
    await page.getByRole("search", { name: "Search" }).waitFor();
    await page
      .getByRole("navigation", { name: "Pages" })
      .getByRole("link", { name: "Overview" })
      .waitFor();
    assert.equal(
      await page
        .getByRole("navigation", { name: "Pages" })
        .locator("[aria-current=page]")
        .textContent(),
      "Overview",
    );
    await page.getByRole("img", { name: /^Failed messages over time, by reason/ }).waitFor();
    await page.getByText("The same as a table").click();
    const table = page.getByRole("table", { name: /^Failed messages by time and reason/ });
    // The table has the figures of the chart: a column is what the bar beside it says.
    const [, greatest] = await table.getByRole("columnheader").allTextContents();
    const cells = await table.locator("tbody tr td:nth-child(2)").allTextContents();
    const sum = cells.reduce((total, cell) => total + Number(cell), 0);
    const bar = page.getByRole("link", { name: String(greatest) });
    assert.match(String(await bar.textContent()), new RegExp(`(?<!\\d)${sum} \\(`));
    await context.close();
  });

  it("what changes while one reads is said politely, and takes neither focus nor place", async () => {
    const live = await receiver();
    await live.post(report({ id: "first", status: "DELIVERED" }));
    const { page, context } = await open(browser, live.admin);
    await page.goto("/");
    await settled(page);
    await page.getByRole("link", { name: /^Delivered/ }).focus();
    for (let number = 0; number < 30; number += 1) {
      await live.post(report({ id: `bad-${number}`, status: "FAILED", reason: "RATE_LIMITED" }));
    }
    const status = page
      .getByRole("status")
      .filter({ hasText: /have failed, mostly because messages were sent faster/ });
    await status.waitFor();
    assert.match(
      await page.evaluate(() => document.activeElement?.textContent ?? ""),
      /^Delivered/,
    );
    await context.close();
    await live.stop();
  });
});

describe("whoever wants less motion", () => {
  it("has none", async () => {
    for (const [reducedMotion, moves] of /** @type {const} */ ([
      ["reduce", false],
      ["no-preference", true],
    ])) {
      const { page, context } = await open(browser, day.admin, { reducedMotion });
      await page.goto("/");
      await settled(page);
      const moving = await page.evaluate(() =>
        [...document.querySelectorAll("*")].some((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return (
            transitionDuration.split(", ").some((time) => time !== "0s") || animationName !== "none"
          );
        }),
      );
      assert.equal(moving, moves);
      await context.close();
    }
  });
});
