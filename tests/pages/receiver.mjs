// The real binary, as an operator starts it, and Sinch in front of it.
import { spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// Each process and folder of a test is ended with it.
process.setMaxListeners(100);

const BINARY =
  process.env["SINCH_CALLBACK"] ??
  fileURLToPath(new URL("../../target/debug/sinch-callback", import.meta.url));
const HEADER = "x-sinch-webhook-signature";
const PATIENCE_MS = 60_000;

/** A folder that is gone when the test has ended. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "pages-"));
  process.on("exit", () => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What no log may hold. @param {...string} texts */
function plant(...texts) {
  const logs = process.env["SINCH_TEST_LOGS"];
  if (logs) appendFileSync(join(logs, "markers.txt"), texts.map((text) => `${text}\n`).join(""));
}

/** Seconds since 1970. */
export const now = () => Math.floor(Date.now() / 1_000);

/**
 * A command of the binary that goes on until it is stopped.
 * @param {string[]} args
 * @param {RegExp} told what it prints once it is ready
 */
async function start(args, told) {
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"] });
  const process_ = { child, output: "", log: "", stop };
  const ready = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`not ready: ${process_.log}`)), PATIENCE_MS);
    child.stdout.setEncoding("utf8").on("data", (text) => {
      process_.output += text;
      if (!told.test(process_.output)) return;
      clearTimeout(late);
      resolve(undefined);
    });
    child.on("close", () => {
      clearTimeout(late);
      reject(new Error(`${args.join(" ")} ended: ${process_.log}${process_.output}`));
    });
  });
  child.stderr.setEncoding("utf8").on("data", (text) => (process_.log += text));
  const ended = new Promise((resolve) => child.on("close", resolve));
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  await ready;
  return process_;

  async function stop() {
    process.off("exit", kill);
    child.kill("SIGTERM");
    await ended;
    const logs = process.env["SINCH_TEST_LOGS"];
    if (logs) writeFileSync(join(logs, `pages-${randomUUID()}.log`), process_.log);
  }
}

/**
 * A receiver: `post` sends it what Sinch sends, `admin` is where its pages are.
 * @param {{data?: string, flags?: string[], clockAt?: number, token?: string, log?: string}} [how]
 */
export async function receiver({ data = folder(), flags = [], clockAt, token, log = "info" } = {}) {
  const secret = `pages-secret-${randomUUID()}`;
  const secretFile = join(folder(), "secret.txt");
  writeFileSync(secretFile, secret);
  plant(secret);
  const args = ["serve", "--secret-file", secretFile, "--data", join(data, "store")];
  args.push("--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0", "--log", log, ...flags);
  if (clockAt) args.push("--clock-at", String(clockAt));
  if (token) {
    const file = join(folder(), "token.txt");
    writeFileSync(file, token);
    plant(token);
    args.push("--admin-token-file", file);
  }
  const running = await start(args, /admin on \S+\n/);
  const url = (/** @type {RegExp} */ name) => String(running.output.match(name)?.[1]);
  const callbacks = url(/listening on (\S+)/);
  const admin = url(/admin on (\S+)/);

  /**
   * Posts a callback, and gives the code of its answer.
   * @param {unknown} body
   * @param {{forged?: boolean, headers?: Record<string, string>}} [how]
   */
  async function post(body, { forged = false, headers } = {}) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const given = headers ?? sign(text, forged ? "another secret" : secret, clockAt ?? now());
    const answer = await fetch(`${callbacks}/callbacks`, {
      method: "POST",
      body: text,
      headers: given,
    });
    await answer.arrayBuffer();
    return String(answer.headers.get("x-sinch-callback"));
  }

  /** @param {string} path @param {RequestInit} [init] */
  const ask = async (path, init) => (await fetch(`${admin}${path}`, init)).json();

  /** Waits until all that was accepted has been processed: a list shows what there is when it is asked. */
  async function processed() {
    const until = Date.now() + PATIENCE_MS;
    while ((await ask("/api/summary")).queued > 0) {
      if (Date.now() > until) throw new Error(`callbacks are still queued: ${running.log}`);
    }
  }

  return {
    secret,
    secretFile,
    callbacks,
    admin,
    post,
    processed,
    ask,
    sign: (/** @type {string} */ text) => sign(text, secret, clockAt ?? now()),
    stop: running.stop,
    log: () => running.log,
  };
}

/** A day of the demo's traffic, kept serving. */
export async function demo() {
  const running = await start(["demo", "--keep", "--messages", "400"], /what it knows is at \S+\n/);
  const admin = String(running.output.match(/what it knows is at (\S+)/)?.[1]);
  /** @param {string} path */
  const ask = async (path) => (await fetch(`${admin}${path}`)).json();
  return { admin, ask, stop: running.stop };
}

/** Sinch's API, played. @param {string} scenario @param {number} speed */
export async function playSinch(scenario, speed) {
  const file = join(folder(), "scenario.toml");
  writeFileSync(file, scenario);
  const args = [
    "play-sinch",
    "--listen",
    "127.0.0.1:0",
    "--scenario",
    file,
    "--speed",
    String(speed),
  ];
  const running = await start(args, /listening on \S+\n/);
  return { url: String(running.output.match(/listening on (\S+)/)?.[1]), stop: running.stop };
}

/** @param {string} text @param {string} secret @param {number} at */
function sign(text, secret, at) {
  const nonce = randomUUID();
  const signature = createHmac("sha256", secret).update(`${text}.${nonce}.${at}`).digest("base64");
  plant(nonce, signature);
  return {
    [HEADER]: signature,
    [`${HEADER}-timestamp`]: String(at),
    [`${HEADER}-nonce`]: nonce,
    [`${HEADER}-algorithm`]: "HmacSHA256",
  };
}

/**
 * A delivery report of the Conversation API.
 * @param {{id: string, status: string, channel?: string, identity?: string, reason?: string, words?: string, order?: string, metadata?: string, at?: number}} what
 *   `at` in seconds since 1970
 */
export function report({
  id,
  status,
  channel = "SMS",
  identity = "4915112345678",
  reason,
  words = "told by the channel",
  order = `shop.order-${id}`,
  metadata = "campaign-7",
  at = now(),
}) {
  plant(identity);
  return {
    app_id: "01EXAMPLEAPP00000000000000",
    project_id: "00000000-0000-4000-8000-000000000000",
    accepted_time: new Date(at * 1_000).toISOString(),
    event_time: new Date(at * 1_000).toISOString(),
    message_delivery_report: {
      message_id: id,
      conversation_id: "01EXAMPLECONVERSATION00000",
      status,
      channel_identity: { channel, identity, app_id: "" },
      contact_id: "01EXAMPLECONTACT0000000000",
      ...(reason
        ? {
            reason: {
              code: reason,
              description: words,
              sub_code: "UNSPECIFIED_SUB_CODE",
              channel_code: "30003",
            },
          }
        : {}),
      metadata,
      processing_mode: "CONVERSATION",
    },
    message_metadata: metadata,
    correlation_id: order,
  };
}
