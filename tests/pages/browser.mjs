// A browser as a person has it, which tells what goes wrong in it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PICTURES = fileURLToPath(new URL("../../target/pages/", import.meta.url));

/** @param {string[]} [more] arguments of Chromium */
export function launch(more = []) {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    // Root's browser has no sandbox, and none may look for Google's servers.
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      ...more,
    ],
  });
}

/**
 * A page of its own, and what went wrong in it: errors, dialogs, and requests to anybody else.
 * @param {import("playwright-core").Browser} browser
 * @param {string} base
 * @param {import("playwright-core").BrowserContextOptions} [options]
 */
export async function open(browser, base, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1_280, height: 900 },
    baseURL: base,
    ...options,
  });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  /** @type {string[]} */
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on(
    "console",
    (message) => message.type() === "error" && troubles.push(`console: ${message.text()}`),
  );
  page.on("dialog", (dialog) => {
    troubles.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (
      new URL(request.url()).origin !== new URL(base).origin &&
      !request.url().startsWith("data:")
    ) {
      troubles.push(`request: ${request.url()}`);
    }
  });
  return { page, context, troubles };
}

/**
 * What axe finds. The page's policy keeps it out, so it goes in by the debugger.
 * @param {import("playwright-core").Page} page
 */
export async function findings(page) {
  const source = await import("node:fs/promises").then((fs) => fs.readFile(axe, "utf8"));
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const { axe } = /** @type {any} */ (globalThis);
    const result = await axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((/** @type {any} */ violation) => [
      violation.id,
      violation.nodes.map((/** @type {any} */ node) => node.target.join(" ")),
    ]);
  });
  return found;
}

/** @param {import("playwright-core").Page} page @param {string} name */
export async function picture(page, name) {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

/** Waits until the view has its data. @param {import("playwright-core").Page} page */
export async function settled(page) {
  await page.locator("main[aria-busy=false]").waitFor();
}

/**
 * The sentence that answers on top of a page.
 * @param {import("playwright-core").Page} page
 * @param {RegExp | string} words
 */
export async function says(page, words) {
  const sentence = page.locator(".verdict-sentence").first();
  const pattern =
    typeof words === "string"
      ? new RegExp(`^${words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`)
      : words;
  await sentence
    .filter({ hasText: pattern })
    .waitFor()
    .catch(async () => {
      assert.fail(`the page says “${await sentence.textContent()}”, not ${pattern}`);
    });
}

/**
 * Searches as a person does.
 * @param {import("playwright-core").Page} page
 * @param {string} text
 */
export async function search(page, text) {
  await page.keyboard.press("/");
  await page.getByRole("searchbox", { name: "Find a message" }).fill(text);
  await page.keyboard.press("Enter");
  await settled(page);
}
