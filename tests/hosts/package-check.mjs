// The package as it would be published: its manifest, its types, and what TypeScript makes of them.
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { command, installed } from "./command.mjs";
import { copy, install, pack, withFolder } from "./project.mjs";

const modules = new URL("node_modules/", import.meta.url).pathname;

const packed = (use) => () => withFolder(async (folder) => use(await pack(folder), folder));

test("publint finds nothing", packed((tarball, cwd) =>
  command(installed("publint"), ["--strict", tarball], { cwd })));

// Node.js 20.19 and later require() modules; the profile leaves out the resolutions of older ones.
test("arethetypeswrong finds nothing", packed((tarball, cwd) =>
  command(installed("attw"), [tarball, "--profile", "esm-only"], { cwd })));

for (const [module, resolution] of [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
]) {
  test(`the types say what they should, with module resolution ${resolution}`, packed(
    async (tarball, cwd) => {
      await install(cwd, tarball, {});
      await copy(cwd, "types.ts");
      for (const name of ["expect-type", "@types", "undici-types"]) {
        await cp(join(modules, name), join(cwd, "node_modules", name), { recursive: true });
      }
      const compilerOptions = {
        target: "es2022",
        lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
        module,
        moduleResolution: resolution,
        types: ["node"],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      };
      await writeFile(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["types.ts"] }));
      await command(installed("tsc"), [], { cwd });
    },
  ));
}
