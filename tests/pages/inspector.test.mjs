// The inspector as people use it: its one file, opened from the disk.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, before, describe, it } from "node:test";
import { findings, launch, picture } from "./browser.mjs";
import { causes, impossible, message, vectors } from "./cases.mjs";
import { ask, INSPECTOR } from "./module.mjs";
import { receiver } from "./receiver.mjs";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./cases.mjs").Case} Case */

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/**
 * A page, and what went wrong in it.
 * @param {import("playwright-core").BrowserContextOptions & { url?: string }} [options]
 */
async function inspector({ url = pathToFileURL(INSPECTOR.path).href, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1_280, height: 900 }, ...options });
  const page = await context.newPage();
  /** @type {string[]} */
  const troubles = [];
  page.on("pageerror", (error) => troubles.push(error.message));
  page.on("dialog", (dialog) => {
    troubles.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  await page.waitForSelector("html[data-ready]");
  return { page, context, troubles };
}

/** @param {Page} page */
async function settled(page) {
  await page.waitForSelector("#result[aria-busy=false]");
  return page.locator("#verdict").getAttribute("data-state");
}

/**
 * Drops files on the fields and fills the rest in, as the case has it.
 * @param {Page} page @param {Case} one
 */
async function give(page, one) {
  const { request, body, secrets, retired, ...rest } = message(one);
  await page.evaluate(
    ({ request, body, secrets, retired, rest }) => {
      const byId = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
      /** @param {string} id @param {{ base64: string }} written */
      const drop = (id, written) => {
        const bytes = Uint8Array.from(atob(written.base64), (character) => character.charCodeAt(0));
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File([bytes], "callback"));
        byId(id).dispatchEvent(
          new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }),
        );
      };
      /** @param {string} id @param {string} value */
      const fill = (id, value) => {
        byId(id).value = value;
        byId(id).dispatchEvent(new Event("input", { bubbles: true }));
      };
      byId("clear").click();
      const all = [...secrets, ...retired];
      all.forEach((secret, at) => {
        if (at > 0) byId("add-secret").click();
        drop(`secret-${at}`, secret);
        if (at >= secrets.length) byId(`retired-${at}`).click();
      });
      drop("request", request);
      if (body !== null) drop("body", body);
      fill("scheme", rest.scheme ?? "");
      fill("key", rest.key ?? "");
      fill("path", rest.path ?? "");
      fill("clock", String(rest.now));
      fill("max-age", rest.max_age_secs === null ? "" : String(rest.max_age_secs));
      fill("max-ahead", String(rest.max_ahead_secs));
      byId("require-algorithm").checked = rest.require_algorithm;
    },
    { request, body, secrets, retired, rest },
  );
  return settled(page);
}

/**
 * Looks at cases on several pages at once.
 * @template Item
 * @param {Item[]} items
 * @param {(page: Page, item: Item) => Promise<void>} look
 */
async function each(items, look) {
  const waiting = [...items];
  const work = async () => {
    const { page, context, troubles } = await inspector();
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift())
      await look(page, item);
    assert.deepEqual(troubles, []);
    await context.close();
  };
  await Promise.all([work(), work(), work(), work()]);
}

describe("every vector", () => {
  it("but those that no page can be given", () => {
    assert.deepEqual(impossible.sort(), [
      "made/greatest-limit-but-one",
      "made/greatest-max-ahead",
      "made/limited-age-at-the-end-of-time",
      "made/unlimited-age-at-the-end-of-time",
      "made/unlimited-age-from-zero-to-the-end-of-time",
      "schemes/application-moved-from-the-path-into-the-time",
      "schemes/engage-method-into-the-target",
      "schemes/engage-method-with-a-space",
      "schemes/service-moved-from-the-path-into-the-time",
    ]);
  });

  it("gets its verdict, and its signature is made of the parts that are shown", () => {
    for (const one of vectors) {
      const found = ask(message(one));
      const { expect } = one;
      assert.equal(found.report?.verdict, expect.verdict, one.id);
      if (expect.verdict === "rejected") {
        assert.deepEqual(
          [found.report.code, found.report.status],
          [expect.code, expect.status],
          one.id,
        );
        continue;
      }
      const { replay_key, content_key, secret_slot, age_secs } = found.report;
      assert.deepEqual(
        { replay_key, content_key, secret_slot, age_secs },
        {
          replay_key: expect.replay_key,
          content_key: expect.content_key,
          secret_slot: expect.secret_slot,
          age_secs: expect.age_secs === undefined ? undefined : Number(expect.age_secs),
        },
        one.id,
      );
      const ours = found.signature.ours[expect.secret_slot];
      if (one.scheme !== "engage") {
        assert.equal(ours.text, found.signature.theirs.text, one.id);
        assert.equal(ours.differs_at, null, one.id);
      }
    }
  });

  it("is shown on the page", async () => {
    const onPage = vectors.filter(({ max_body_bytes: most }) => most === undefined);
    assert.ok(onPage.length > 500);
    await each(onPage, async (page, one) => {
      const { expect } = one;
      assert.equal(await give(page, one), expect.verdict, one.id);
      const [verdict, facts] = await page.evaluate(() =>
        ["verdict", "facts"].map((id) => document.getElementById(id)?.textContent ?? ""),
      );
      if (expect.verdict === "rejected") {
        assert.ok(verdict?.includes(`${expect.status} ${expect.code}.`), `${one.id}: ${verdict}`);
      } else {
        assert.ok(facts?.includes(expect.replay_key), `${one.id}: ${facts}`);
      }
    });
  });
});

describe("every cause", () => {
  it("that a diagnosis names can be reached", async () => {
    const source = readFileSync(
      new URL("../../core/src/diagnosis/cause.rs", import.meta.url),
      "utf8",
    );
    const codes = source.split("pub const fn code")[1]?.split("impl Diagnosis")[0] ?? "";
    const known = [...codes.matchAll(/=> "(\w+)"/g)].map(([, code]) => code).sort();
    assert.deepEqual(Object.keys(causes).sort(), known);
    await each(Object.entries(causes), async (page, [code, one]) => {
      assert.notEqual(await give(page, { id: code, ...one }), "accepted", code);
      const shown = await page.locator("#cause-list code").allTextContents();
      assert.ok(shown.includes(code), `${code}: ${shown}`);
    });
  });
});

describe("a newcomer", () => {
  it("sees a success and a failure by a click each", async () => {
    const { page, troubles } = await inspector();
    assert.equal(await settled(page), "empty");
    await page.getByRole("button", { name: "Authentic" }).click();
    await page.getByRole("status").filter({ hasText: "Authentic" }).waitFor();
    await picture(page, "inspector-authentic-light");
    for (const [example, cause] of [
      ["Body rewritten", "parsed and written again"],
      ["Behind a gateway", "Another path was signed"],
      ["Too old", "7205 s old"],
    ]) {
      await page.getByRole("button", { name: example }).click();
      await page.locator("#cause-list").filter({ hasText: cause }).waitFor();
      assert.equal(await settled(page), "rejected", example);
    }
    // The clock is set to the time of signing.
    await page.getByRole("button", { name: "Set the clock to the time of signing" }).click();
    assert.equal(await settled(page), "accepted");
    // The gateway's path is given.
    await page.getByRole("button", { name: "Behind a gateway" }).click();
    await page.getByLabel("Path that Sinch calls").fill("/prod/voice");
    await page.getByRole("status").filter({ hasText: "Authentic" }).waitFor();
    assert.deepEqual(troubles, []);
  });

  it("needs no mouse", async () => {
    const { page } = await inspector();
    const tab = async (/** @type {(name: string) => boolean} */ wanted) => {
      for (let at = 0; at < 40; at += 1) {
        await page.keyboard.press("Tab");
        const name = await page.evaluate(
          () => `${document.activeElement?.id} ${document.activeElement?.textContent}`,
        );
        if (wanted(name)) return;
      }
      assert.fail("it is not reached by the keyboard");
    };
    await tab((name) => name.includes("Authentic"));
    await page.keyboard.press("Enter");
    assert.equal(await settled(page), "accepted");
    await tab((name) => name.startsWith("secret-0"));
    await page.keyboard.type("x");
    await page.getByRole("status").filter({ hasText: "Refused" }).waitFor();
    await tab((name) => name.startsWith("make "));
    await page.keyboard.press("Enter");
    assert.match((await page.locator("#command").textContent()) ?? "", /^curl /);
  });

  it("is told where something is missing, and taken there", async () => {
    const { page } = await inspector();
    await page
      .locator("#request")
      .fill("x-sinch-signature: b93021e0182c2772dbcdf4e8983ae8f409e78c3b");
    assert.equal(await settled(page), "missing");
    await page.getByRole("status").getByRole("button", { name: "Body" }).click();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "body");
  });
});

describe("bytes", () => {
  it("keep the line endings that they were dropped or pasted with", async () => {
    const { page } = await inspector();
    const one = { id: "", ...causes["line_endings_changed"], body: Buffer.from("a\r\nb") };
    assert.equal(await give(page, /** @type {Case} */ (one)), "accepted");
    await page.locator("#body").evaluate((area) => {
      /** @type {HTMLTextAreaElement} */ (area).value = "a\nb";
      area.dispatchEvent(new Event("input"));
    });
    // What is typed has line feeds alone.
    assert.equal(await settled(page), "accepted");
    await page.evaluate(() => {
      const area = /** @type {HTMLTextAreaElement} */ (document.getElementById("body"));
      area.select();
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "a\r\nb");
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
      area.value = "a\nb";
      area.dispatchEvent(new Event("input"));
    });
    assert.equal(await settled(page), "accepted");
  });
});

describe("the secret", () => {
  it("is in no storage, no address and no link", async () => {
    const { page, context } = await inspector();
    await page.getByRole("button", { name: "Authentic" }).click();
    await page.getByLabel("Signed by").selectOption("conversation");
    await page.locator("#max-age").evaluate((field) => {
      /** @type {HTMLInputElement} */ (field).value = "900";
      field.dispatchEvent(new Event("input"));
    });
    assert.equal(await settled(page), "accepted");
    const secret = await page.locator("#secret-0").inputValue();
    const nonce = /nonce: (\w+)/.exec(await page.locator("#request").inputValue())?.[1] ?? "";
    assert.ok(secret.length > 10 && nonce.length > 10);
    const kept = await page.evaluate(async () => {
      const databases = await indexedDB.databases().catch(() => []);
      return JSON.stringify([
        { ...localStorage },
        { ...sessionStorage },
        document.cookie,
        databases,
        window.name,
        history.state,
        location.href,
        /** @type {any} */ (document.getElementById("link")).value,
        [...document.querySelectorAll("[href]")].map((link) => link.getAttribute("href")),
      ]);
    });
    assert.deepEqual(await context.cookies(), []);
    assert.ok(kept.includes("#scheme=conversation&max-age=900"), kept);
    for (const text of [secret, nonce, "message_delivery_report", "order-4711", "callbacks"]) {
      assert.ok(!kept.replaceAll(INSPECTOR.path, "").includes(text), `${text} in ${kept}`);
    }
    // It is hidden on the screen, and shown to nobody in what comes out.
    assert.equal(
      await page
        .locator("#secret-0")
        .evaluate((field) => getComputedStyle(field).getPropertyValue("-webkit-text-security")),
      "disc",
    );
    assert.ok(!((await page.locator("main").textContent()) ?? "").includes(secret));
    // Whoever opens the link has the settings.
    const link = await page.locator("#link").inputValue();
    const other = await inspector({ url: link });
    assert.equal(await other.page.getByLabel("Signed by").inputValue(), "conversation");
    assert.equal(await other.page.locator("#max-age").inputValue(), "900");
    assert.equal(await other.page.locator("#request").inputValue(), "");
    // After a reload nothing is left.
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    assert.equal(await page.locator("#secret-0").inputValue(), "");
    assert.equal(await page.locator("#request").inputValue(), "");
  });
});

/** Tries to reach a server in each way that a page has. @param {string} base */
async function reachOut(base) {
  const wait = (/** @type {number} */ ms) => new Promise((done) => setTimeout(done, ms));
  const tries = [
    () => fetch(`${base}/fetch`, { mode: "no-cors" }),
    () => void (new Image().src = `${base}/image`),
    () => new WebSocket(`${base.replace("http", "ws")}/socket`),
    () => new EventSource(`${base}/events`),
    () => navigator.sendBeacon(`${base}/beacon`, "secret"),
    () => {
      const request = new XMLHttpRequest();
      request.open("GET", `${base}/xhr`);
      request.send();
    },
    () => import(`${base}/module.js`),
    () => {
      const form = Object.assign(document.createElement("form"), {
        action: `${base}/form`,
        target: "frame",
      });
      const frame = Object.assign(document.createElement("iframe"), { name: "frame" });
      document.body.append(form, frame);
      form.submit();
    },
    () =>
      document.body.append(
        Object.assign(document.createElement("iframe"), { src: `${base}/frame` }),
      ),
    () =>
      document.head.append(
        Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${base}/style` }),
      ),
    () =>
      document.head.append(
        Object.assign(document.createElement("script"), { src: `${base}/script` }),
      ),
    () =>
      document.body.append(
        Object.assign(document.createElement("object"), { data: `${base}/object` }),
      ),
    () =>
      document.body.append(
        Object.assign(document.createElement("video"), { src: `${base}/video` }),
      ),
    () => void (document.body.style.backgroundImage = `url(${base}/background)`),
    () => new Worker(URL.createObjectURL(new Blob([`fetch("${base}/worker")`]))),
  ];
  for (const one of tries) {
    try {
      await Promise.race([one(), wait(300)]);
    } catch {
      // Refused is what it should be.
    }
  }
  await wait(500);
}

describe("the page", () => {
  it("tries to connect out in every way, and cannot", async () => {
    /** @type {Set<string>} */
    const asked = new Set();
    const server = createServer((request, response) => {
      asked.add(String(request.url));
      response.end();
    });
    await new Promise((done) => server.listen(0, "127.0.0.1", () => done(null)));
    const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
    const base = `http://127.0.0.1:${port}`;
    const folder = mkdtempSync(join(tmpdir(), "inspector-"));
    try {
      const { page } = await inspector();
      await page.evaluate(reachOut, base);
      assert.deepEqual([...asked], []);
      // The same without the policy does connect, so that the tries are some.
      const open = join(folder, "open.html");
      writeFileSync(
        open,
        INSPECTOR.html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ""),
      );
      const without = await inspector({ url: pathToFileURL(open).href });
      await without.page.evaluate(reachOut, base);
      for (const path of [
        "/fetch",
        "/image",
        "/events",
        "/beacon",
        "/form?",
        "/frame",
        "/style",
        "/script",
      ]) {
        assert.ok(asked.has(path), `${path} is not among ${[...asked]}`);
      }
    } finally {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true });
    }
  });

  it("runs nothing that stands in a field", async () => {
    const evil = `<img src=x onerror="alert(1)"><script>alert(2)</script>"'><svg onload=alert(3)>javascript:alert(4)`;
    const { page, troubles } = await inspector();
    const count = () => page.locator("script, img, iframe, svg [onload]").count();
    const before = await count();
    const json = JSON.stringify({
      method: evil,
      url: `/${evil}`,
      headers: [
        ["x-sinch-webhook-signature", evil],
        ["x-sinch-webhook-signature-nonce", evil],
        ["x-sinch-webhook-signature-timestamp", evil],
        ["authorization", `application ${evil}:${evil}`],
        ["x-timestamp", evil],
        ["content-type", evil],
        ["x-sinch-signature", evil],
        ["sinch-whatsapp-callback-signature", evil],
        ["sinch-whatsapp-callback-signature-nonce", evil],
        ["x-messagemedia-signature", evil],
        ["x-messagemedia-key-id", evil],
        ["date", evil],
      ],
      body: JSON.stringify({ signature: { token: evil, timestamp: evil, signature: evil }, evil }),
    });
    const schemes = [
      "",
      ...ask({ ask: "about" }).schemes.map((/** @type {any} */ { name }) => name),
    ];
    assert.equal(schemes.length, 8);
    for (const scheme of schemes) {
      for (const request of [
        json,
        evil,
        `curl ${evil} -d ${evil}`,
        `POST /${evil} HTTP/1.1\n${evil}: ${evil}\n\n${evil}`,
      ]) {
        await page.locator("#request").fill(request);
        await page.locator("#secret-0").fill(evil);
        await page.getByLabel("Signed by").selectOption(scheme);
        for (const id of ["key", "path", "clock"]) {
          const field = page.locator(`#${id}`);
          if (await field.isVisible()) await field.fill(evil);
        }
        await page.locator("#make-body").fill(evil);
        await page.locator("#url").fill(`https://h/${evil}`);
        await page.getByRole("button", { name: "Sign", exact: true }).click();
        await settled(page);
      }
    }
    const link = `${pathToFileURL(INSPECTOR.path).href}#scheme=${encodeURIComponent(evil)}&max-age=${encodeURIComponent(evil)}`;
    const linked = await inspector({ url: link });
    assert.equal(await linked.page.locator("#max-age").inputValue(), "300");
    assert.equal(await count(), before);
    assert.deepEqual([...troubles, ...linked.troubles], []);
  });

  it("is read by everybody: axe finds nothing, at any width, light and dark", async () => {
    for (const [colorScheme, width] of /** @type {const} */ ([
      ["light", 1_280],
      ["dark", 768],
      ["dark", 360],
      ["light", 360],
    ])) {
      const { page, context } = await inspector({ colorScheme, viewport: { width, height: 900 } });
      assert.deepEqual(await findings(page), [], "empty");
      for (const example of ["Authentic", "Behind a gateway", "Too old"]) {
        await page.getByRole("button", { name: example }).click();
        await settled(page);
        await page
          .locator("details")
          .evaluateAll((all) => all.forEach((details) => details.setAttribute("open", "")));
        await page.getByRole("button", { name: "Sign", exact: true }).click();
        assert.deepEqual(await findings(page), [], `${example}, ${colorScheme}, ${width}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= width, `${example}: ${wide} on ${width}`);
        await picture(
          page,
          `inspector-${example.toLowerCase().replaceAll(" ", "-")}-${width}-${colorScheme}`,
        );
      }
      await context.close();
    }
  });
});

describe("the admin listener", () => {
  it("serves the same file, under the policy that it states", async () => {
    const live = await receiver();
    try {
      const answer = await fetch(`${live.admin}/inspector`);
      assert.equal(await answer.text(), INSPECTOR.html);
      const stated = /Content-Security-Policy" content="([^"]+)"/.exec(INSPECTOR.html)?.[1];
      const header = answer.headers.get("content-security-policy");
      assert.equal(header, `${stated}; frame-ancestors 'none'`);
      const { page, context, troubles } = await inspector({ url: `${live.admin}/inspector` });
      await page.getByRole("button", { name: "Authentic" }).click();
      assert.equal(await settled(page), "accepted");
      assert.equal(await page.getByRole("link", { name: "Deliveries" }).getAttribute("href"), "/");
      assert.deepEqual(troubles, []);
      await context.close();
    } finally {
      await live.stop();
    }
  });
});

describe("a signed command", () => {
  it("is what a shell hands to curl, and what the inspector finds authentic", async () => {
    const { page } = await inspector();
    const body = '{"a":"it\'s $(touch /tmp/x) `id` \\\\ !! \u001b[201~ \u202e"}\r\n\tand\nmore';
    await page.locator("#secret-0").fill("made-up");
    await page.getByLabel("Signed by").selectOption("conversation");
    await page.locator("#url").fill("https://h.example/a'b?c=$(id)&d=[1-2]{3}");
    await page.locator("#make-body").evaluate((area, body) => {
      /** @type {HTMLTextAreaElement} */ (area).value = body;
    }, body);
    // A text area has line feeds alone.
    const sent = body.replace("\r\n", "\n");
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    const command = (await page.locator("#command").textContent()) ?? "";
    const words = execFileSync(
      "bash",
      ["--norc", "-c", `curl() { printf '%s\\0' "$@"; }\n${command}`],
      { env: { LC_ALL: "C.UTF-8" } },
    );
    const given = words.toString().split("\0");
    assert.equal(given[given.indexOf("--data-raw") + 1], sent);
    assert.ok(given.includes("https://h.example/a'b?c=$(id)&d=[1-2]{3}"));
    await page.getByRole("button", { name: "Inspect it" }).click();
    assert.equal(await settled(page), "accepted");
  });

  it("is made by every scheme that shares its secret", () => {
    const { schemes } = ask({ ask: "about" });
    const made = schemes.filter((/** @type {any} */ { shares_secret: shared }) => shared);
    assert.deepEqual(schemes.length - made.length, 1);
    const secret = { text: "MDEyMzQ1Njc4OWFiY2RlZg==" };
    for (const { name, names_key: names } of made) {
      const key = names ? "a-key" : undefined;
      const signed = ask({
        ask: "sign",
        scheme: name,
        key,
        secret,
        url: "https://h/a",
        body: "{}",
        random: "A".repeat(64),
        at: 1_700_000_000,
      });
      const found = ask({
        ask: "inspect",
        request: { text: signed.curl },
        secrets: [secret],
        key,
        now: 1_700_000_000,
      });
      assert.equal(
        found.report?.verdict,
        "accepted",
        `${name}: ${JSON.stringify([signed, found.problems])}`,
      );
      assert.equal(found.scheme.name, name);
    }
  });
});
