import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { keepLog } from "../kept-logs.js";
import { dist, program } from "./installed.js";

/** Environment variables, or a worker's bindings. */
export type Variables = Readonly<Record<string, string>>;

/** A host that listens. */
export interface Host {
  readonly url: string;
  readonly stop: () => Promise<unknown>;
}

const TIME_LIMIT_MS = 30_000;

const start = (command: string, args: readonly string[]) => async (variables: Variables) => {
  const home = await mkdtemp(join(tmpdir(), "sinch-callback-edge-"));
  const child = spawn(command, args, {
    cwd: dist,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: home,
      DENO_DIR: home,
      DENO_NO_UPDATE_CHECK: "1",
      DO_NOT_TRACK: "1",
      NO_COLOR: "1",
      PORT: "0",
      ...variables,
    },
  });
  const ended = once(child, "exit");
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${command} does not listen: ${printed}`)),
      TIME_LIMIT_MS,
    );
    const read = (text: string): void => {
      printed += text;
      const found = /listening on (http:\S+)\n/.exec(printed);
      if (found !== null) {
        clearTimeout(timer);
        resolve(`${found[1]}/callbacks`);
      }
    };
    child.stdout.setEncoding("utf8").on("data", read);
    child.stderr.setEncoding("utf8").on("data", read);
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${printed}`)));
  });
  return {
    url,
    stop: async () => {
      kill();
      await ended;
      keepLog("host", printed);
      process.off("exit", kill);
      await rm(home, { recursive: true, force: true });
    },
  };
};

export const node = start(process.execPath, ["node.js"]);
export const bun = start(program("bun"), ["run", "--no-install", "bun.js"]);
export const deno = start(program("deno"), [
  "run",
  "--no-prompt",
  "--no-remote",
  "--allow-env",
  "--allow-net=127.0.0.1",
  "deno.js",
]);
