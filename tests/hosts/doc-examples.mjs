// Every @example of the package, as its users see it: typed and run against the package as it would be
// published, and what a line says that it prints, it prints.
//   node --test doc-examples.mjs
//   node doc-examples.mjs --count     how many there are
import assert from "node:assert/strict";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { command, installed } from "./command.mjs";
import { install, pack, withFolder } from "./project.mjs";

const SOURCES = fileURLToPath(new URL("../../wasm-adapter/js/src", import.meta.url));
const MODULES = fileURLToPath(new URL("node_modules", import.meta.url));
/** Entries, all of which have an example for each function and class. */
const ENTRIES = ["", "/edge", "/edge/schemes", "/slim", "/events"];

const DECLARED =
  /^\s*export (?:declare )?(?:abstract )?(?:class|function|interface|type|const) (\w+)/;

/**
 * The examples of a file: of what, and the code.
 * @returns {{ of: string, code: string }[]}
 */
function examplesIn(/** @type {string} */ text) {
  const examples = [];
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const [, of = ""] = DECLARED.exec(text.slice(index + comment.length)) ?? [];
    const lines = comment.replace(/^\/\*\*|\*\/$/g, "").split("\n");
    const plain = lines.map((line) => line.replace(/^ *\* ?/, "")).join("\n");
    for (const [section] of plain.split(/^(?=@)/m).map((text) => [text])) {
      if (section.startsWith("@example\n")) {
        examples.push({ of, code: `${section.slice("@example\n".length).trim()}\n` });
      }
    }
  }
  return examples;
}

/** The examples of all files of a folder that end so. */
async function examplesOf(folder, ending) {
  const names = (await readdir(folder, { recursive: true })).filter((name) =>
    name.endsWith(ending),
  );
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name), "utf8")));
  return texts.flatMap(examplesIn);
}

/** What the code says that it prints: a line for each comment behind a `console.log`. */
const printedBy = (/** @type {string} */ code) =>
  [...code.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map(([, text]) => text);

if (process.argv.includes("--count")) {
  console.log(`figure doc_examples_js ${(await examplesOf(SOURCES, ".ts")).length}`);
} else {
  test("the package's examples", (all) =>
    withFolder(async (folder) => {
      const { transform } = await import("esbuild");
      await install(folder, await pack(folder), {});
      const types = join(folder, "node_modules/sinch-callback/dist/types");
      const examples = await examplesOf(types, ".d.ts");

      await all.test("those of the sources are those that are published", async () => {
        const sources = await examplesOf(SOURCES, ".ts");
        const codes = (found) => found.map(({ code }) => code).sort();
        assert.ok(sources.length > 0);
        assert.deepEqual(codes(examples), codes(sources));
      });

      await all.test("every function and class has one", async () => {
        for (const entry of ENTRIES) {
          const script = `import * as api from "sinch-callback${entry}";
            const named = Object.keys(api).filter((name) => typeof api[name] === "function");
            console.log(JSON.stringify(named));`;
          await writeFile(join(folder, "names.mjs"), script);
          const names = JSON.parse(await command("node", ["names.mjs"], { cwd: folder }));
          const without = names.filter((name) => !examples.some(({ of }) => of === name));
          assert.deepEqual(without, [], `sinch-callback${entry}`);
        }
      });

      await all.test("they have the types that they should", async () => {
        const files = examples.map((_, number) => `example-${number}.ts`);
        await Promise.all(
          files.map((file, number) => writeFile(join(folder, file), examples[number]?.code ?? "")),
        );
        for (const name of ["@types", "undici-types"]) {
          await cp(join(MODULES, name), join(folder, "node_modules", name), { recursive: true });
        }
        const compilerOptions = {
          target: "es2022",
          lib: ["es2023", "dom", "dom.iterable"],
          module: "nodenext",
          types: ["node"],
          strict: true,
          exactOptionalPropertyTypes: true,
          noUncheckedIndexedAccess: true,
          noUnusedLocals: true,
          noEmit: true,
          skipLibCheck: true,
        };
        await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
        await command(installed("tsc"), [], { cwd: folder });
      });

      for (const [number, { of, code }] of examples.entries()) {
        await all.test(`${of || "a module"}'s, number ${number}, prints what it says`, async () => {
          const wanted = printedBy(code);
          assert.ok(wanted.length > 0, "it says of nothing what it prints, so nothing is tried");
          const { code: script } = await transform(code, { loader: "ts", format: "esm" });
          await writeFile(join(folder, `example-${number}.mjs`), script);
          const args = [`example-${number}.mjs`];
          const printed = await command(process.execPath, args, { cwd: folder });
          assert.deepEqual(printed.trimEnd().split("\n"), wanted);
        });
      }
    }));
}
