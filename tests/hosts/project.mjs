import { rmSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { command } from "./command.mjs";

const folders = new Set();

// Browsers may still be writing while they end.
const REMOVAL = { recursive: true, force: true, maxRetries: 10 };

// Where someone interrupts, nothing is awaited any more.
process.once("exit", () => folders.forEach((folder) => rmSync(folder, REMOVAL)));
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

/** Runs something with a temporary folder, and removes it whatever happens. */
export async function withFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), "sinch-callback-hosts-"));
  folders.add(folder);
  try {
    return await use(folder);
  } finally {
    await rm(folder, REMOVAL);
    folders.delete(folder);
  }
}

/** Packs the package as it would be published, and gives the tarball's path. */
export async function pack(folder) {
  const source = fileURLToPath(new URL("../../wasm-adapter/js", import.meta.url));
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
  const printed = await command("npm", args, { cwd: source, env: npmEnvironment(folder) });
  const [{ filename }] = JSON.parse(printed);
  return join(folder, filename);
}

/** Makes a project of these files that has nothing but the package installed. */
export async function install(folder, tarball, files) {
  await writeFile(join(folder, "package.json"), `{"private":true,"type":"module"}`);
  const args = ["install", tarball, "--offline", "--ignore-scripts", "--no-audit", "--no-fund"];
  await command("npm", args, { cwd: folder, env: npmEnvironment(folder) });
  for (const [name, contents] of Object.entries(files)) {
    await writeFile(join(folder, name), contents);
  }
}

/** Copies a file from beside this one into a project. */
export async function copy(folder, name) {
  await cp(new URL(name, import.meta.url), join(folder, name));
}

/** The packages of a folder beside this file, installed as its lock file has them: their path. */
export async function toolsOf(name) {
  const folder = fileURLToPath(new URL(name, import.meta.url));
  const modules = join(folder, "node_modules");
  const [lock, mark] = [join(folder, "package-lock.json"), join(modules, ".installed-lock.json")];
  const wanted = await readFile(lock, "utf8");
  if (wanted !== (await readFile(mark, "utf8").catch(() => ""))) {
    await command("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, timeLimitMs: 600_000 });
    await writeFile(mark, wanted);
  }
  return modules;
}

/** A cache of its own: tarballs of the same version differ from day to day. */
function npmEnvironment(folder) {
  return { npm_config_cache: join(folder, ".npm"), npm_config_update_notifier: "false" };
}
