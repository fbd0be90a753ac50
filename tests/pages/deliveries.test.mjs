// The questions of a support agent, an operator and a developer, answered on the page.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { launch, open, says, search, settled } from "./browser.mjs";
import { demo, folder, now, playSinch, receiver, report } from "./receiver.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

/** A step of the timeline. @param {import("playwright-core").Page} page @param {number} index */
const step = (page, index) =>
  page.getByRole("region", { name: "Timeline" }).getByRole("listitem").nth(index);

describe("a support agent, after the demo’s day", () => {
  /** @type {Awaited<ReturnType<typeof demo>>} */
  let day;
  /** @type {Awaited<ReturnType<typeof open>>} */
  let opened;
  before(async () => {
    day = await demo();
    opened = await open(browser, day.admin);
  });
  after(async () => {
    assert.deepEqual(opened.troubles, []);
    await opened.context.close();
    await day.stop();
  });

  /** An order of the demo whose message is in this state. @param {string} state @param {(message: any) => boolean} [is] */
  async function order(state, is = () => true) {
    const { messages } = await day.ask(`/api/messages?state=${state}&limit=200`);
    const found = messages.find(
      (message) => message.correlation.correlation_id.startsWith("shop.order-") && is(message),
    );
    assert.ok(found, `the demo has no such message: ${state}`);
    return found.correlation.correlation_id;
  }

  /** Looks for an order, and goes to its message. @param {string} text */
  async function look(text) {
    const { page } = opened;
    await page.goto("/");
    await search(page, text);
    await page.getByRole("table", { name: "Messages found" }).getByRole("link").first().click();
    await settled(page);
  }

  for (const [state, words] of /** @type {const} */ ([
    ["delivered", /^Delivered on SMS/],
    ["read", /^Read on (SMS|WhatsApp)/],
    ["failed", /^Not delivered: .* SMS\)?\.$/],
  ])) {
    it(`learns by the order’s number that a message is ${state}`, async () => {
      await look(await order(state));
      await says(opened.page, words);
    });
  }

  it("learns that it came by SMS after RCS had failed", async () => {
    const switched = (message) => message.channel === "SMS" && message.version >= 4;
    await look(await order("delivered", switched));
    await says(opened.page, /^Delivered on SMS.*, after RCS failed\.$/);
  });

  it("learns what to do about a failure", async () => {
    const reachable = (message) => message.reason?.code === "RECIPIENT_NOT_REACHABLE";
    await look(await order("failed", reachable));
    await says(opened.page, "Not delivered: the recipient could not be reached on SMS.");
    await opened.page.getByText("What to do: Reach the person on another channel.").waitFor();
  });

  it("finds it by its id at once, and by the recipient’s number", async () => {
    const { page } = opened;
    const { messages } = await day.ask("/api/messages?state=delivered&limit=1");
    await page.goto("/");
    await search(page, messages[0].message_id);
    await says(page, /^Delivered/);
    await search(page, "+12025550147");
    await page.getByRole("row").filter({ hasText: "recipient" }).first().waitFor();
  });

  it("is told that nothing was found, and what can be", async () => {
    const { page } = opened;
    await page.goto("/");
    await search(page, "no-such-order");
    await page.getByText(/^No message found\./).waitFor();
  });
});

describe("an operator", () => {
  it("reads in a sentence that failures rise, where and why", async () => {
    const data = folder();
    const earlier = now() - 3 * 3_600;
    const before = await receiver({ data, clockAt: earlier });
    for (let number = 0; number < 40; number += 1) {
      const what = { id: `before-${number}`, at: earlier };
      assert.equal(await before.post(report({ ...what, status: "QUEUED_ON_CHANNEL" })), "accepted");
      await before.post(
        report({ ...what, status: number === 0 ? "FAILED" : "DELIVERED", at: earlier + 3 }),
      );
    }
    await before.stop();
    const live = await receiver({ data });
    for (let number = 0; number < 40; number += 1) {
      const what = { id: `now-${number}` };
      await live.post(report({ ...what, status: "QUEUED_ON_CHANNEL" }));
      const isBad = number < 20;
      const outcome = isBad
        ? { status: "FAILED", reason: "RECIPIENT_NOT_REACHABLE" }
        : { status: "DELIVERED" };
      await live.post(report({ ...what, ...outcome }));
    }
    const { page, context, troubles } = await open(browser, live.admin);
    await page.goto("/");
    await says(
      page,
      "Failures rose from 2.5 % to 50 % in the last hour, mostly because the recipient could not be reached on SMS, at +49 numbers.",
    );
    await page.getByRole("link", { name: "Show these messages" }).click();
    await settled(page);
    const table = page.getByRole("table", { name: "Messages, the newest first" });
    assert.equal(await table.getByRole("row").count(), 21);
    // Each bar is a link to its messages, by every way of looking at them.
    for (const [by, name, rows] of /** @type {const} */ ([
      ["reason", /could not be reached there/, 21],
      ["channel", /^SMS/, 22],
      ["country prefix", /^\+49/, 22],
    ])) {
      await page.goto("/");
      await page
        .getByRole("navigation", { name: /Failures over time/ })
        .getByRole("link", { name: by, exact: true })
        .click();
      await settled(page);
      await page
        .getByRole("region", { name: "Failures over time" })
        .getByRole("link", { name })
        .first()
        .click();
      await table.waitFor();
      assert.equal(await table.getByRole("row").count(), rows, by);
    }
    assert.deepEqual(troubles, []);
    await context.close();
    await live.stop();
  });

  it("reads whether somebody attacks, and that nothing is wrong where nothing is", async () => {
    const live = await receiver();
    const { page, context } = await open(browser, live.admin);
    for (let number = 0; number < 30; number += 1) {
      await live.post(report({ id: `good-${number}`, status: "DELIVERED" }));
    }
    await page.goto("/");
    await says(page, "Nothing is wrong.");
    await page.getByText(/^Not attacked: no forged callback has come/).waitFor();
    for (let number = 0; number < 40; number += 1) {
      const code = await live.post(report({ id: `forged-${number}`, status: "FAILED" }), {
        forged: true,
      });
      assert.match(code, /^(signature_mismatch|secret_may_be_newer)$/);
    }
    await page.reload();
    await says(
      page,
      /^Somebody sends forged callbacks: \d+ requests were refused\. None got in\.$/,
    );
    const refused = page.getByRole("region", { name: "Refused requests" });
    await refused.getByRole("cell", { name: "signature_mismatch" }).waitFor();
    await context.close();
    await live.stop();
  });

  it("is told that all sends are paused, and why", async () => {
    const live = await receiver({ flags: ["--recovery-mode", "dry-run"] });
    await live.ask("/api/recovery", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ paused: true, why: "the provider asked us to" }),
    });
    const { page, context } = await open(browser, live.admin);
    await page.goto("/");
    await says(page, /^All sends are paused since .*: the provider asked us to\.$/);
    await context.close();
    await live.stop();
  });
});

describe("a message’s page", () => {
  /** @type {Awaited<ReturnType<typeof receiver>>} */
  let live;
  /** @type {Awaited<ReturnType<typeof open>>} */
  let opened;
  before(async () => {
    live = await receiver();
    opened = await open(browser, live.admin);
  });
  after(async () => {
    assert.deepEqual(opened.troubles, []);
    await opened.context.close();
    await live.stop();
  });

  it("follows what happens without being asked, and says what corrects what", async () => {
    const { page } = opened;
    const at = now();
    await live.post(report({ id: "corrected", status: "QUEUED_ON_CHANNEL", at }));
    const timedOut = {
      id: "corrected",
      status: "FAILED",
      reason: "DELIVERY_TIMED_OUT",
      words: "no answer from the handset",
    };
    const failed = JSON.stringify(report({ ...timedOut, at: at + 2 }));
    const headers = live.sign(failed);
    assert.equal(await live.post(failed, { headers }), "accepted");
    // The browser reports it as a fault where a message is not known yet.
    await live.processed();
    await page.goto("/#/message/corrected");
    await says(page, "Not delivered: it could not be delivered in time (on SMS).");
    await step(page, 1).getByText("temporary: the same message may get through later").waitFor();
    await step(page, 1).getByText("no answer from the handset").waitFor();
    await step(page, 1).getByText("Show the raw body").click();
    await step(page, 1).getByText('"status":"FAILED"').waitFor();
    // Sinch’s retry of the same, and somebody’s replay of a recording.
    assert.equal(await live.post(failed), "accepted");
    assert.equal(await live.post(failed, { headers }), "duplicate");
    await live.post(report({ id: "corrected", status: "DELIVERED", at: at + 45 }));
    await says(page, "Delivered on SMS, 45 s after it was queued.");
    await step(page, 2).getByText("Corrects “Failed”").waitFor();
    await step(page, 1)
      .getByText(/repeats? (or|and) replays? absorbed/)
      .waitFor();
  });

  it("shows whom it went to only when asked, and the log says so without the number", async () => {
    const { page } = opened;
    const number = "4917098765432";
    await live.post(report({ id: "masked", status: "DELIVERED", identity: number }));
    await live.processed();
    /** @type {string[]} */
    const bodies = [];
    page.on("response", async (response) => bodies.push(await response.text().catch(() => "")));
    for (const path of ["/#/message/masked", "/#/messages", "/"]) {
      await page.goto(path);
      await settled(page);
      assert.ok(!(await page.content()).includes("98765"), path);
    }
    assert.ok(!bodies.some((body) => body.includes("98765")));
    await page.goto("/#/message/masked");
    await page.getByText("Showing it is written into the server’s log.").waitFor();
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText("98765432").waitFor();
    const lines = live
      .log()
      .split("\n")
      .filter((line) => line.includes("masked"));
    assert.equal(lines.length, 1, live.log());
    assert.ok(!live.log().includes("98765"));
  });

  it("is found by a batch and by a client reference, and says what the carrier said", async () => {
    const { page } = opened;
    await live.post({
      type: "recipient_delivery_report_sms",
      batch_id: "01BATCH00000000000000000000",
      recipient: "46701234567",
      code: 402,
      status: "Failed",
      at: new Date().toISOString(),
      client_reference: "invoice-2026-118",
      operator: "24001",
    });
    await live.processed();
    for (const [text, by] of [
      ["01BATCH", "batch"],
      ["invoice-2026", "client reference"],
      ["+4670", "recipient"],
    ]) {
      await page.goto("/");
      await search(page, text);
      const found = page
        .getByRole("row")
        .filter({ has: page.getByRole("cell", { name: by, exact: true }) });
      await found.getByRole("link").click();
      await says(page, /^Not delivered: /);
    }
    await page.getByText(/operator 24001/).waitFor();
  });

  it("says of an unknown id that nothing is known", async () => {
    const { page } = opened;
    opened.troubles.length = 0;
    await page.goto("/#/message/nobody-knows-it");
    await says(page, "No report about a message with this id has come.");
    // The browser itself reports the 404.
    opened.troubles.splice(0, 1);
  });
});

describe("lists", () => {
  /** @type {Awaited<ReturnType<typeof receiver>>} */
  let live;
  /** @type {Awaited<ReturnType<typeof open>>} */
  let opened;
  before(async () => {
    live = await receiver();
    opened = await open(browser, live.admin);
  });
  after(async () => {
    assert.deepEqual(opened.troubles, []);
    await opened.context.close();
    await live.stop();
  });

  it("are filtered, and downloaded as they are filtered, without a formula", async () => {
    const { page } = opened;
    await live.post(report({ id: "one", status: "DELIVERED", order: "=1+1" }));
    await live.post(
      report({ id: "two", status: "FAILED", reason: "RATE_LIMITED", order: '=cmd|"/c calc"' }),
    );
    await live.processed();
    await page.goto("/#/messages");
    await page.getByLabel("State").selectOption("failed");
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("row").filter({ hasText: "two" }).waitFor();
    assert.equal(await page.getByRole("row").filter({ hasText: "one" }).count(), 0);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download as CSV" }).click(),
    ]);
    const csv = readFileSync(await download.path(), "utf8");
    assert.match(csv, /two/);
    assert.doesNotMatch(csv, /(^|,)"?one/m);
    assert.match(csv, /'=cmd/);
    assert.doesNotMatch(csv, /12345/);
  });

  it("show what was not understood, as it comes, and its body", async () => {
    const { page } = opened;
    const rows = page.getByRole("cell", { name: /a kind of callback that nobody knows yet/ });
    await page.goto("/#/not-understood");
    await page.getByText("Every callback was understood.").waitFor();
    assert.equal(await live.post({ brand_new_notification: { id: "x" } }), "accepted");
    await rows.waitFor();
    // It stays the link that it is while nothing new comes, or a click on it could be lost.
    const link = await page.getByRole("link", { name: "Download" }).elementHandle();
    await page.waitForResponse(/\/api\/unrecognized$/);
    await page.waitForResponse(/\/api\/unrecognized$/);
    assert.equal(await link?.evaluate((element) => element.isConnected), true);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Download" }).click(),
    ]);
    assert.equal(
      readFileSync(await download.path(), "utf8"),
      '{"brand_new_notification":{"id":"x"}}',
    );
  });

  it("show what has to end by a moment", async () => {
    const { page } = opened;
    await live.ask("/api/watches", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ message_id: "watched", deadline: "PT10M" }),
    });
    await page.goto("/#/watches");
    await page
      .getByRole("row")
      .filter({ hasText: "watched" })
      .filter({ hasText: "somebody asked for it" })
      .waitFor();
  });
});

describe("an intent", () => {
  it("is shown with each decision and why, on its page and on its messages’", async () => {
    const sinch = await playSinch(
      `[[rule]]
name = "fails"
to = "+15550101"
channel = "SMS"
[[rule.report]]
after = "1s"
status = "FAILED"
code = "RECIPIENT_NOT_REACHABLE"
`,
      20,
    );
    const key = `${folder()}/key.txt`;
    const { writeFileSync } = await import("node:fs");
    writeFileSync(key, "pages-key-id:pages-key");
    const live = await receiver({
      flags: [
        ...["--clock-speed", "20", "--recovery-mode", "on", "--recovery-project-id", "pages"],
        ...[
          "--recovery-app-id",
          "pages-app",
          "--recovery-credentials-file",
          key,
          "--recovery-url",
          sinch.url,
        ],
      ],
    });
    await sinchCallsBack(sinch.url, live);
    const intent = {
      key: "login-7f3a",
      plan: "otp",
      deadline: "PT10M",
      to: { SMS: "+15550101", WHATSAPP: "+15550101" },
      content: { text: "Your code is 4711" },
    };
    await live.ask("/api/intents", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(intent),
    });
    const { page, context, troubles } = await open(browser, live.admin);
    await page.goto("/#/intents/login-7f3a");
    await says(page, "The person was reached: it was delivered.");
    await page.getByText("Decided to send: on SMS").waitFor();
    await page.getByText(/Failed: the recipient could not be reached there/).waitFor();
    await page.getByText("Decided to send: on WhatsApp").waitFor();
    await page.getByRole("row").filter({ hasText: "SMS" }).getByRole("link").click();
    await says(page, "Not delivered: the recipient could not be reached on SMS.");
    await page.getByText(/the person was reached by another message of the same intent/).waitFor();
    assert.deepEqual(troubles, []);
    await context.close();
    await live.stop();
    await sinch.stop();
  });
});

/** Registers the receiver as an app’s webhook. @param {string} url @param {{callbacks: string, secret: string}} live */
async function sinchCallsBack(url, { callbacks, secret }) {
  const answer = await fetch(`${url}/v1/projects/pages/webhooks`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer any" },
    body: JSON.stringify({
      app_id: "pages-app",
      target: `${callbacks}/callbacks`,
      target_type: "HTTP",
      triggers: ["MESSAGE_DELIVERY", "MESSAGE_SUBMIT"],
      secret,
    }),
  });
  assert.equal(answer.status, 200, await answer.text());
}
