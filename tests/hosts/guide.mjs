// Runs the JavaScript programs of docs/src/guides/frameworks.md exactly as they stand there, on the package as
// it would be published: node --test guide.mjs
//
// tests/docs installs those of Node.js as their reader does; here are also the hosts that it would have to
// fetch first. Only the port is another one, so that nothing else is in the way.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import {
  PROGRAMS,
  answersAsProgram,
  answersAsRoute,
  answersInWorkerd,
  freePort,
  withPackage,
} from "./as-sinch.mjs";

const GUIDE = new URL("../../docs/src/guides/frameworks.md", import.meta.url);
/** All that somebody has to copy. */
const MOST_LINES = 10;
const BLOCK = /<!-- test: file=(\S+\.m?js) [^\n]*-->\n```js\n([\s\S]*?)\n```/g;

test("the guide's programs", (all) =>
  withPackage(async (folder, signer) => {
    const blocks = [...(await readFile(GUIDE, "utf8")).matchAll(BLOCK)];
    const hosts = [...Object.keys(PROGRAMS), "route", "worker"];
    assert.deepEqual(
      blocks.map(([, file]) => basename(file ?? "").split(".")[0]).sort(),
      hosts.sort(),
    );
    for (const [, file = "", program = ""] of blocks) {
      const name = basename(file).split(".")[0] ?? "";
      await all.test(file, async () => {
        const lines = program.split("\n").filter((line) => line.trim() !== "");
        assert.ok(lines.length <= MOST_LINES, `${lines.length} lines`);
        const port = await freePort();
        const path = join(folder, "guide", name, basename(file));
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, `${program.replace("3000", String(port))}\n`);
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
