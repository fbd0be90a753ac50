import { spawn } from "node:child_process";

const TIME_LIMIT_MS = 60_000;

/** Runs a program to its end, and gives what it printed. Anything but success throws. */
export function command(program, args, { cwd, env = {}, timeLimitMs = TIME_LIMIT_MS }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeLimitMs,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) {
        resolve(stdout);
      } else {
        const said = stderr.trim() || stdout.trim();
        reject(new Error(`${program} ended with ${signal ?? code}: ${said}`));
      }
    });
  });
}

/** The path of a program that is installed beside this file. */
export function installed(name) {
  return new URL(`node_modules/.bin/${name}`, import.meta.url).pathname;
}
