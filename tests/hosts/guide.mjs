// Runs the JavaScript programs of docs/src/guides/frameworks.md exactly as they stand there, on the package as
// it would be published: node --test guide.mjs
//
// tests/docs installs those of Node.js as their reader does; here are also the hosts that it would have to
// fetch first. Only the port is another one, so that nothing else is in the way.
import assert from "node:assert/strict";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import {
  PROGRAMS,
  answersAsProgram,
  answersAsRoute,
  answersInWorkerd,
  freePort,
  withPackage,
} from "./as-sinch.mjs";
import { command, installed } from "./command.mjs";
import { guidePrograms } from "./guide-programs.mjs";

/** All that somebody has to copy. */
const MOST_LINES = 10;

test("the guide's programs", (all) =>
  withPackage(async (folder, signer) => {
    const programs = await guidePrograms();
    const nameOf = (file) => basename(file).split(".")[0] ?? "";
    const hosts = [...Object.keys(PROGRAMS), "route", "worker"];
    assert.deepEqual(Object.keys(programs).map(nameOf).sort(), hosts.sort());
    for (const [file, program] of Object.entries(programs)) {
      const name = nameOf(file);
      await all.test(file, async () => {
        const lines = program.split("\n").filter((line) => line.trim() !== "");
        assert.ok(lines.length <= MOST_LINES, `${lines.length} lines`);
        const port = await freePort();
        const path = join(folder, "guide", name, basename(file));
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, program.replace("3000", String(port)));
        if (name === "worker") {
          await answersInWorkerd(folder, signer, `guide/${name}/${file}`);
        } else if (name === "route") {
          await answersAsRoute(signer, () => import(pathToFileURL(path).href));
        } else {
          await answersAsProgram(folder, `guide/${name}`, signer, PROGRAMS[name](file), port);
        }
      });
    }
  }));

test("README's ten lines are TypeScript, as it says", () =>
  withPackage(async (folder) => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const [, ...programs] = readme.split("```ts\n").map((text) => text.split("```")[0] ?? "");
    assert.equal(programs.length, 1);
    await writeFile(join(folder, "receiver.ts"), programs[0] ?? "");
    for (const name of ["@types", "undici-types"]) {
      const modules = fileURLToPath(new URL("node_modules", import.meta.url));
      await cp(join(modules, name), join(folder, "node_modules", name), { recursive: true });
    }
    const compilerOptions = { module: "nodenext", types: ["node"], strict: true, noEmit: true };
    const settings = { compilerOptions, files: ["receiver.ts"] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(settings));
    await command(installed("tsc"), [], { cwd: folder });
  }));
