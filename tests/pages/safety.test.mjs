// What a page must not let anybody do: run a callback's text, send data away, be framed, be used by another
// site, or tell anything to whoever has no token.
import assert from "node:assert/strict";
import { createServer, request } from "node:http";
import { after, before, describe, it } from "node:test";
import { launch, open, says, search, settled } from "./browser.mjs";
import { receiver, report } from "./receiver.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  browser = await launch(["--host-resolver-rules=MAP attacker.example 127.0.0.1"]);
});
after(() => browser.close());

/** What is told of somebody's data, and what only shows it. */
const PATHS = [
  "/",
  "/inspector",
  "/api/messages",
  "/api/messages/one",
  "/api/messages/one/timeline",
  "/api/messages.csv",
  "/api/search?q=one",
  "/api/overview",
  "/api/stream",
  "/api/session",
  "/api/callbacks",
  "/api/unrecognized",
  "/api/summary",
  "/api/watches",
  "/api/intents",
  "/api/recovery",
  "/api/suppressions",
  "/metrics",
  "/readyz",
  "/healthz",
  "/assets/deliveries/app.js",
  "/assets/deliveries/index.html",
  "/assets/vendor/uPlot.iife.min.js",
  "/no-such-path",
];

/** Another site, which notes who asks it. @param {(port: number) => string} page */
async function site(page) {
  /** @type {string[]} */
  const asked = [];
  const server = createServer((incoming, response) => {
    asked.push(String(incoming.url));
    response.writeHead(200, { "content-type": "text/html", "access-control-allow-origin": "*" });
    response.end(page(port()));
  });
  const port = () => /** @type {import("node:net").AddressInfo} */ (server.address()).port;
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  return {
    url: `http://127.0.0.1:${port()}`,
    asked,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * The status of a request under a name and with headers of one's own, which fetch does not allow.
 * @param {string} url @param {Record<string, string>} headers @param {string} [method] @param {string} [body]
 * @returns {Promise<{status: number, headers: import("node:http").IncomingHttpHeaders, body: string}>}
 */
function raw(url, headers, method = "GET", body = "") {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part) => (text += part));
      answer.on("end", () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("a script in every field of a callback", () => {
  const SCRIPT = `"'><img src=x onerror="document.title='run'"><script>document.title='run'</script>`;

  it("is shown as text, on every page", async () => {
    const live = await receiver();
    const { page, context, troubles } = await open(browser, live.admin);
    const id = `id${SCRIPT}`;
    const failed = report({
      id,
      status: "FAILED",
      channel: `SMS${SCRIPT}`,
      identity: `49151${SCRIPT}`,
      reason: `CODE${SCRIPT}`,
      words: `words${SCRIPT}`,
      order: `order${SCRIPT}`,
      metadata: `meta${SCRIPT}`,
    });
    const inner = failed.message_delivery_report;
    Object.assign(inner, { conversation_id: SCRIPT, contact_id: SCRIPT });
    Object.assign(inner.reason ?? {}, { sub_code: SCRIPT, channel_code: SCRIPT });
    assert.equal(await live.post(failed), "accepted");
    assert.equal(await live.post(report({ id: "odd", status: `ODD${SCRIPT}` })), "accepted");
    const sms = {
      type: "recipient_delivery_report_sms",
      batch_id: `batch${SCRIPT}`,
      recipient: `46701${SCRIPT}`,
      code: 402,
      status: "Failed",
      at: new Date().toISOString(),
      client_reference: `reference${SCRIPT}`,
      operator: `operator${SCRIPT}`,
      encoding: `encoding${SCRIPT}`,
    };
    assert.equal(await live.post(sms), "accepted");
    assert.equal(await live.post(`{"kind${SCRIPT.replaceAll('"', '\\"')}": {}}`), "accepted");
    await live.processed();
    const message = `/#/message/${encodeURIComponent(id)}`;
    for (const path of [
      "/",
      "/?x#/?by=Channel",
      "/#/?by=Prefix",
      "/#/messages",
      message,
      "/#/not-understood",
      "/#/watches",
    ]) {
      await page.goto("about:blank");
      await page.goto(path);
      await settled(page);
      for (const details of await page.locator("summary").all()) await details.click();
      await sound(path);
    }
    await page.goto("about:blank");
    await page.goto(message);
    await page.getByText(`words${SCRIPT}`).first().waitFor();
    await page.getByRole("button", { name: "Show" }).click();
    await page.getByText(`49151${SCRIPT}`).waitFor();
    await sound("revealed");
    for (const text of ["batch", "reference", "order", "46701"]) {
      await search(page, text);
      await page.getByRole("cell").first().waitFor();
      await sound(text);
      await page.getByRole("row").getByRole("link").first().click();
      await says(page, /^Not delivered/);
      await sound(`found by ${text}`);
    }
    assert.deepEqual(troubles, []);
    await context.close();
    await live.stop();

    /** @param {string} where */
    async function sound(where) {
      assert.notEqual(await page.title(), "run", where);
      assert.equal(await page.locator("img:not(.brand img), script:not([src])").count(), 0, where);
      assert.equal(await page.locator("[onerror], [onload], [onclick]").count(), 0, where);
    }
  });
});

describe("a page", () => {
  /** @type {Awaited<ReturnType<typeof receiver>>} */
  let live;
  before(async () => {
    live = await receiver({ flags: ["--recovery-mode", "dry-run"] });
    await live.post(report({ id: "one", status: "DELIVERED" }));
    await live.processed();
  });
  after(() => live.stop());

  it("cannot connect out, by whatever means", async () => {
    const other = await site(() => "");
    for (const path of ["/", "/login"]) {
      const { page, context } = await open(browser, live.admin);
      await page.goto(path);
      const refused = await page.evaluate(async (url) => {
        /** @type {string[]} */
        const got = [];
        const tried = (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ way) =>
          way().then(
            () => got.push(name),
            () => undefined,
          );
        const loaded = (
          /** @type {string} */ tag,
          /** @type {Record<string, string>} */ attributes,
        ) =>
          new Promise((resolve, reject) => {
            const element = Object.assign(document.createElement(tag), attributes);
            element.onload = resolve;
            element.onerror = reject;
            document.body.append(element);
            setTimeout(reject, 500);
          });
        await tried("fetch", () => fetch(url));
        await tried("no-cors", () => fetch(url, { mode: "no-cors" }));
        await tried("image", () => loaded("img", { src: `${url}/image` }));
        await tried("script", () => loaded("script", { src: `${url}/script` }));
        await tried("style", () => loaded("link", { rel: "stylesheet", href: `${url}/style` }));
        await tried("frame", () => loaded("iframe", { src: `${url}/frame` }));
        await tried("eval", async () => new Function("return 1")());
        await tried("inline", async () => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          document.body.append(script);
          if (document.title !== "run") throw new Error("kept out");
        });
        navigator.sendBeacon?.(`${url}/beacon`, "x");
        await tried(
          "socket",
          () =>
            new Promise((resolve, reject) => {
              const socket = new WebSocket(url.replace("http", "ws"));
              socket.onopen = resolve;
              socket.onerror = reject;
            }),
        );
        await tried(
          "events",
          () =>
            new Promise((resolve, reject) => {
              const source = new EventSource(`${url}/events`);
              source.onopen = resolve;
              source.onerror = () => {
                source.close();
                reject();
              };
            }),
        );
        const form = document.createElement("form");
        form.action = `${url}/form`;
        form.method = "post";
        document.body.append(form);
        form.submit();
        await new Promise((resolve) => setTimeout(resolve, 300));
        return got;
      }, other.url);
      // A frame that is refused loads the browser's own page that says so.
      assert.deepEqual(
        refused.filter((name) => name !== "frame"),
        [],
        path,
      );
      assert.ok(page.url().startsWith(live.admin));
      await context.close();
    }
    assert.deepEqual(other.asked, []);
    other.close();
  });

  it("is framed by nobody", async () => {
    const other = await site(
      () => `<iframe src="${live.admin}/"></iframe><iframe src="${live.admin}/login"></iframe>`,
    );
    const { page, context } = await open(browser, other.url);
    await page.goto("/");
    assert.equal(page.frames().length, 3);
    for (const frame of page.frames().slice(1)) {
      assert.ok(!frame.url().startsWith(live.admin), frame.url());
      assert.equal(await frame.getByRole("searchbox").count(), 0);
    }
    await context.close();
    other.close();
  });

  it("lets no other site read or change anything in its visitor’s browser", async () => {
    const other = await site(() => "<p>another site</p>");
    const { page, context } = await open(browser, other.url);
    await page.goto("/");
    const read = await page.evaluate(async (admin) => {
      const pause = JSON.stringify({ paused: true, why: "by another site" });
      const ways = [
        () => fetch(`${admin}/api/messages`),
        () =>
          fetch(`${admin}/api/recovery`, {
            method: "POST",
            body: pause,
            headers: { "content-type": "application/json" },
          }),
        () =>
          fetch(`${admin}/api/recovery`, {
            method: "POST",
            body: pause,
            mode: "no-cors",
            headers: { "content-type": "text/plain" },
          }),
      ];
      const texts = [];
      for (const way of ways) {
        const answer = await way().catch(() => null);
        texts.push(answer === null ? "" : await answer.text().catch(() => ""));
      }
      const form = document.createElement("form");
      Object.assign(form, {
        method: "post",
        action: `${admin}/api/recovery`,
        enctype: "text/plain",
      });
      const field = document.createElement("input");
      Object.assign(field, { name: '{"paused":true,"why":"', value: '"}' });
      form.append(field);
      document.body.append(form);
      form.submit();
      return texts;
    }, live.admin);
    await page.waitForURL(`${live.admin}/**`);
    assert.deepEqual(read, ["", "", ""]);
    assert.match(String(await page.locator("body").textContent()), /foreign_origin/);
    assert.equal((await live.ask("/api/recovery")).paused, null);
    await context.close();
    other.close();
    // The same as a program that says whence it comes.
    for (const from of /** @type {Record<string, string>[]} */ ([
      { origin: "https://attacker.example" },
      { "sec-fetch-site": "cross-site" },
    ])) {
      const headers = { ...from, "content-type": "application/json" };
      const answer = await raw(`${live.admin}/api/recovery`, headers, "POST", '{"paused":true}');
      assert.equal(answer.status, 403);
    }
    assert.equal((await live.ask("/api/recovery")).paused, null);
  });

  it("is told under no name that is not ours (DNS rebinding)", async () => {
    const port = new URL(live.admin).port;
    for (const path of [...PATHS, "/login", "/assets/common/base.css"]) {
      const answer = await raw(`${live.admin}${path}`, { host: `attacker.example:${port}` });
      assert.equal(answer.status, 403, path);
      assert.match(answer.body, /unknown_host/);
    }
    const { page, context } = await open(browser, `http://attacker.example:${port}`);
    assert.equal((await page.goto("/"))?.status(), 403);
    await context.close();
  });

  it("says in its headers what holds for it", async () => {
    const { headers } = await raw(`${live.admin}/`, {});
    const policy = String(headers["content-security-policy"]);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'self'",
      "base-uri 'none'",
    ]) {
      assert.ok(policy.includes(rule), rule);
    }
    assert.ok(!policy.includes("unsafe"), policy);
    assert.equal(headers["x-frame-options"], "DENY");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["referrer-policy"], "same-origin");
    assert.equal((await raw(`${live.admin}/api/summary`, {})).headers["cache-control"], "no-store");
  });
});

describe("where a token is set", () => {
  const TOKEN = "token-of-the-pages-5b0c8d1f";
  /** @type {Awaited<ReturnType<typeof receiver>>} */
  let live;
  before(async () => {
    live = await receiver({ token: TOKEN });
    await live.post(report({ id: "one", status: "DELIVERED" }));
  });
  after(() => live.stop());

  it("every path but the log-in and its assets is 401, whoever asks and however", async () => {
    for (const path of PATHS) {
      for (const headers of [
        {},
        { authorization: "Bearer another" },
        { cookie: "sinch_callback_session=another" },
      ]) {
        for (const method of ["GET", "POST", "HEAD"]) {
          const answer = await raw(
            `${live.admin}${path}`,
            /** @type {Record<string, string>} */ (headers),
            method,
          );
          assert.equal(answer.status, 401, `${method} ${path}`);
          assert.ok(!answer.body.includes("shop.order"));
        }
      }
    }
    for (const path of [
      "/login",
      "/assets/deliveries/login.js",
      "/assets/deliveries/login.css",
      "/assets/common/tokens.css",
    ]) {
      const answer = await raw(`${live.admin}${path}`, {});
      assert.equal(answer.status, 200, path);
    }
  });

  it("a person logs in by a form, and out again; the cookie is not the token", async () => {
    const { page, context, troubles } = await open(browser, live.admin);
    await page.goto("/");
    await page.waitForURL("**/login*");
    await page.getByLabel("Token").fill("another");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").filter({ hasText: "This is not the token." }).waitFor();
    await page.getByLabel("Token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await settled(page);
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const [cookie] = await context.cookies();
    assert.ok(cookie);
    assert.equal(cookie.name, "sinch_callback_session");
    assert.ok(cookie.httpOnly);
    assert.equal(cookie.sameSite, "Strict");
    assert.ok(!cookie.value.includes(TOKEN));
    assert.equal(await page.evaluate(() => document.cookie), "");
    const session = { cookie: `${cookie.name}=${cookie.value}` };
    assert.equal((await raw(`${live.admin}/api/messages`, session)).status, 200);
    assert.ok(!(await raw(`${live.admin}/api/messages/one`, session)).body.includes("12345678"));
    // Another site's form brings no cookie along, and is refused with one.
    const foreign = {
      ...session,
      origin: "https://attacker.example",
      "content-type": "application/json",
    };
    assert.equal(
      (await raw(`${live.admin}/api/recovery`, foreign, "POST", '{"paused":true}')).status,
      403,
    );
    await page.getByRole("button", { name: "Log out" }).click();
    await page.waitForURL("**/login*");
    assert.equal((await raw(`${live.admin}/api/messages`, session)).status, 401);
    assert.deepEqual(troubles, []);
    await context.close();
  });

  it("says that the session is over where it is, and leads to the log-in", async () => {
    const { page, context } = await open(browser, live.admin);
    await page.goto("/login");
    await page.getByLabel("Token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await settled(page);
    await context.clearCookies();
    await page.getByRole("link", { name: "Messages", exact: true }).click();
    await says(page, "The session is over.");
    await page.getByRole("link", { name: "Log in" }).click();
    await page.getByLabel("Token").waitFor();
    await context.close();
  });
});
