import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import vm from "node:vm";

import { EdgeFailure } from "./edge-failure.mjs";

const CODE_BYTES = 10 * 1024;
// AWS allows less than a millisecond of its own measure; this only ends what does not end.
const LIMIT_MS = 1_000;

// `Date` stands still while a CloudFront Function runs. In both engines, in words that both know.
const FROZEN_DATE = `
var emulatedNow = 0;
(function () {
  var Real = Date;
  function Frozen(a, b, c, d, e, f, g) {
    if (arguments.length === 0) { return new Real(emulatedNow); }
    if (arguments.length === 1) { return new Real(a); }
    return new Real(a, b, c === undefined ? 1 : c, d || 0, e || 0, f || 0, g || 0);
  }
  Frozen.now = function () { return emulatedNow; };
  Frozen.parse = Real.parse;
  Frozen.UTC = Real.UTC;
  Frozen.prototype = Real.prototype;
  globalThis.Date = Frozen;
})();
`;

// One line in, one line out.
const NJS_LOOP = `
(async function () {
  var fs = require('fs');
  var chunk = Buffer.alloc(65536);
  var text = '';
  for (;;) {
    var read = fs.readSync(0, chunk, 0, chunk.length, null);
    if (read === 0) { return; }
    text += chunk.toString('utf8', 0, read);
    for (;;) {
      var end = text.indexOf('\\n');
      if (end < 0) { break; }
      var asked = JSON.parse(text.substring(0, end));
      text = text.substring(end + 1);
      var told;
      try {
        emulatedNow = asked.nowMs;
        told = { result: await handler(asked.event) };
      } catch (error) {
        told = { threw: true };
      }
      fs.writeSync(1, JSON.stringify(told) + '\\n');
    }
  }
})();
`;

/**
 * A CloudFront Function, run by two engines that must agree: Debian's njs, which is close to
 * cloudfront-js-2.0 in what it lacks, and Node.js, whose answer counts. Node.js gets a new
 * context for each event; njs keeps its own, so that state kept between events shows.
 */
export class ViewerFunction {
  #script;
  /** @type {string} */
  folder;
  /** @type {string} */
  file;
  /** @type {{ process: import("node:child_process").ChildProcessWithoutNullStreams, lines: AsyncIterator<string> }} */
  #njs;
  #queue = Promise.resolve();

  constructor(file) {
    this.code = readFileSync(file, "utf8");
    const bytes = Buffer.byteLength(this.code);
    if (bytes > CODE_BYTES) {
      throw new Error(
        `${file} has ${bytes} bytes; a CloudFront Function has ${CODE_BYTES} at most`,
      );
    }
    this.#script = new vm.Script(`${this.code}\nhandler;`, { filename: file });
  }

  async start() {
    this.folder = mkdtempSync(join(tmpdir(), "viewer-function-"));
    this.file = join(this.folder, "function.js");
    writeFileSync(this.file, `${FROZEN_DATE}\n${this.code}\n${NJS_LOOP}`);
    await this.#startNjs();
  }

  async stop() {
    this.#njs?.process.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What the function returns for an event. */
  async run(event, nowMs) {
    const [node, njs] = await Promise.all([this.#inNode(event, nowMs), this.#inTurn(event, nowMs)]);
    if (!isDeepStrictEqual(node, njs)) {
      throw EdgeFailure.notModelled(
        `the engines disagree: Node.js ${shape(node)}, njs ${shape(njs)}`,
      );
    }
    if (node.threw) {
      throw EdgeFailure.execution("Function", "the function threw, or took too long");
    }
    return node.result;
  }

  async #inNode(event, nowMs) {
    try {
      const context = vm.createContext(
        { console: { log() {} } },
        { codeGeneration: { strings: false, wasm: false } },
      );
      vm.runInContext(FROZEN_DATE, context);
      context.emulatedNow = nowMs;
      context.event = JSON.stringify(event);
      context.handler = this.#script.runInContext(context, { timeout: LIMIT_MS });
      const result = await vm.runInContext("handler(JSON.parse(event))", context, {
        timeout: LIMIT_MS,
      });
      return JSON.parse(JSON.stringify({ result }));
    } catch {
      return { threw: true };
    }
  }

  /** njs answers one question at a time. */
  #inTurn(event, nowMs) {
    const answer = this.#queue.then(() => this.#inNjs(event, nowMs));
    this.#queue = answer.catch(() => {});
    return answer;
  }

  async #inNjs(event, nowMs) {
    // Only ASCII, so that no character is cut between two reads.
    const line = JSON.stringify({ event, nowMs }).replace(
      /[\u007f-\uffff]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    const { process: njs, lines } = this.#njs;
    const timer = setTimeout(() => njs.kill("SIGKILL"), LIMIT_MS);
    njs.stdin.write(`${line}\n`);
    const { value, done } = await lines.next();
    clearTimeout(timer);
    if (done) {
      await this.#startNjs();
      return { threw: true };
    }
    return JSON.parse(value);
  }

  async #startNjs() {
    const njs = spawn("njs", ["-q", this.file], { stdio: ["pipe", "pipe", "pipe"] });
    /** @type {string[]} */
    const errors = [];
    njs.stderr.setEncoding("utf8").on("data", (text) => errors.push(text));
    njs.stdin.on("error", () => {});
    const lines = createInterface(njs.stdout)[Symbol.asyncIterator]();
    this.#njs = { process: njs, lines };
    const failed = new Promise((_, reject) => {
      njs.on("error", (/** @type {NodeJS.ErrnoException} */ error) =>
        reject(
          new Error(
            error.code === "ENOENT" ? "njs is missing: apt-get install njs" : error.message,
          ),
        ),
      );
      njs.on("close", (code) =>
        reject(new Error(`njs refuses the function (${code}): ${errors.join("").trim()}`)),
      );
    });
    failed.catch(() => {});
    // A question that every function survives, since the loop catches what it throws.
    njs.stdin.write(`${JSON.stringify({ event: null, nowMs: 0 })}\n`);
    const first = await Promise.race([lines.next(), failed]);
    if (first.done) {
      await failed;
    }
    if (!first.value.startsWith("{")) {
      njs.kill("SIGKILL");
      throw new Error(`njs refuses the function: ${first.value}`);
    }
  }
}

/** An outcome without what a request holds. */
function shape(outcome) {
  if (outcome.threw) {
    return "threw";
  }
  const { result } = outcome;
  return result?.statusCode === undefined
    ? `returns ${Object.keys(result ?? {})}`
    : `answers ${result.statusCode}`;
}
