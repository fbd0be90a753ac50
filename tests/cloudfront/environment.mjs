import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { EdgeFailure } from "./edge-failure.mjs";

const RUNTIME = fileURLToPath(new URL("./runtime.mjs", import.meta.url));
const INIT_MS = 10_000;
const MEMORY_CHECK_MS = 20;
const PAGE_BYTES = 4096;

/**
 * One execution environment of a Lambda@Edge function: a process of its own with an environment
 * that holds what Lambda reserves and nothing else, and with nothing beside its bundle. Runs one
 * invocation at a time, and stands still between them.
 */
export class Environment {
  invocations = 0;
  /**
   * Why it ended, once it has.
   * @type {string | null}
   */
  ended = null;
  /** @type {import("node:child_process").ChildProcess} */
  process;
  /** @type {string} */
  taskRoot;
  /** @type {((settled: any) => void) | null} */
  #waiting = null;
  #frozen = false;

  constructor(name, options) {
    this.name = name;
    this.options = options;
  }

  async start(fixedMs) {
    const { bundle, functionName, memoryMb, credentials, executionRegion, network, onLog } =
      this.options;
    this.taskRoot = mkdtempSync(join(tmpdir(), "edge-environment-"));
    const handlerFile = join(this.taskRoot, basename(bundle));
    copyFileSync(bundle, handlerFile);
    const told = {
      handlerFile,
      name: this.name,
      networkUrl: network.url,
      hosts: Object.keys(network.routes),
    };
    this.process = fork(RUNTIME, [JSON.stringify(told)], {
      cwd: this.taskRoot,
      execArgv: [`--max-old-space-size=${Math.floor(memoryMb * 0.9)}`, "--no-warnings"],
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: {
        AWS_REGION: executionRegion,
        AWS_DEFAULT_REGION: executionRegion,
        AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x",
        AWS_ACCESS_KEY_ID: credentials.id,
        AWS_SECRET_ACCESS_KEY: credentials.secret,
        AWS_SESSION_TOKEN: credentials.token,
        // A function at the edge is a copy, named after where it came from.
        AWS_LAMBDA_FUNCTION_NAME: `us-east-1.${functionName}`,
        AWS_LAMBDA_FUNCTION_VERSION: "1",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
      },
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      let rest = "";
      stream?.setEncoding("utf8").on("data", (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach((line) => onLog(this.name, line));
      });
    }
    this.process.on("message", (message) => this.#settle(message));
    this.process.on("exit", (code, signal) => {
      this.ended ??= `it ended with ${signal ?? `exit code ${code}`}`;
      rmSync(this.taskRoot, { recursive: true, force: true });
      this.#settle({ error: this.ended });
    });
    const answer = await this.#ask({ load: true, fixedMs }, INIT_MS);
    if (answer.error) {
      await this.stop(answer.error);
      throw EdgeFailure.execution("Lambda", `the function did not start: ${answer.error}`);
    }
  }

  /** The handler's result. A failure that is more than a throw ends the environment. */
  async invoke(id, event, fixedMs) {
    this.invocations += 1;
    const { timeoutMs } = this.options;
    const answer = await this.#ask({ id, event, fixedMs, timeoutMs }, timeoutMs);
    if (answer.error) {
      throw EdgeFailure.execution("Lambda", answer.error);
    }
    return JSON.parse(answer.result);
  }

  /** Resolves once nothing of it is left. */
  async stop(reason = "it was stopped") {
    this.ended ??= reason;
    const { process } = this;
    if (process && process.exitCode === null && process.signalCode === null) {
      process.kill("SIGKILL");
      await once(process, "exit");
    }
  }

  async #ask(message, limitMs) {
    this.#thaw();
    const answer = await new Promise((resolve) => {
      if (this.ended) {
        resolve({ error: this.ended });
        return;
      }
      const timer = setTimeout(() => this.stop(`no answer within ${limitMs} ms`), limitMs);
      const memory = setInterval(() => this.#checkMemory(), MEMORY_CHECK_MS);
      this.#waiting = (settled) => {
        clearTimeout(timer);
        clearInterval(memory);
        this.#waiting = null;
        resolve(settled);
      };
      this.process.send(
        message,
        (error) => error && this.stop(`it cannot be reached: ${error.message}`),
      );
    });
    this.#checkMemory();
    if (this.ended) {
      return { error: this.ended };
    }
    this.#freeze();
    return answer;
  }

  #settle(message) {
    this.#waiting?.(message);
  }

  #checkMemory() {
    const { memoryMb } = this.options;
    let resident;
    try {
      resident =
        Number(readFileSync(`/proc/${this.process.pid}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES;
    } catch {
      return;
    }
    if (resident > memoryMb * 1024 * 1024) {
      this.stop(`it took ${Math.ceil(resident / 1024 / 1024)} MB of ${memoryMb}`);
    }
  }

  // Lambda lets an environment run from the event to the answer, and not beyond.

  #freeze() {
    this.#frozen = true;
    this.process.kill("SIGSTOP");
  }

  #thaw() {
    if (this.#frozen) {
      this.#frozen = false;
      this.process.kill("SIGCONT");
    }
  }
}
