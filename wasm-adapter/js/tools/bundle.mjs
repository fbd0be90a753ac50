// Bundles each entry into one file, as ECMAScript module and for `require`, and declares the types of
// the latter: node bundle.mjs
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Puts a file of dist in as base64. esbuild writes its path into a comment, so it has to be one of
 * the package. */
const inline = {
  name: "inline",
  setup(build) {
    build.onResolve({ filter: /^inline:/ }, ({ path }) => ({
      path: `dist/${path.slice("inline:".length)}`,
      namespace: "inline",
    }));
    build.onLoad({ filter: /.*/, namespace: "inline" }, async ({ path }) => ({
      contents: `export default "${(await readFile(join(root, path))).toString("base64")}";`,
    }));
  },
};

/** The entries that are the same on every host. */
const plain = ["slim", "events"];

/** One file for each entry, in one format. */
const bundle = (names, options) =>
  build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(
      names.map((name) => [
        name,
        plain.includes(name) ? `src/${name}.ts` : `src/entries/${name}.ts`,
      ]),
    ),
    outdir: "dist",
    bundle: true,
    target: "es2022",
    external: ["*.wasm", "*.wasm?module"],
    plugins: [inline],
    logLevel: "warning",
    ...options,
  });

const builds = ["full", "edge", "schemes"];
const inlined = [...plain, ...builds.map((name) => `${name}.inline`)];
const imported = builds.flatMap((name) => [`${name}.workerd`, `${name}.edge-light`]);
await bundle([...inlined, ...imported], { format: "esm", platform: "neutral" });
// Of this platform alone does esbuild list the names that an `import` finds in CommonJS.
await bundle(inlined, { format: "cjs", platform: "node", outExtension: { ".js": ".cjs" } });

// The same types once more for `require`. A declaration's ending says what kind of module it is of,
// and TypeScript writes the one kind only: these name each other by the other ending.
const types = join(root, "dist/types");
for (const name of await readdir(types, { recursive: true })) {
  if (name.endsWith(".d.ts")) {
    const text = await readFile(join(types, name), "utf8");
    const other = text.replaceAll(/(from "\.\/[^"]*)\.js"/g, '$1.cjs"');
    await writeFile(join(types, name.replace(/\.d\.ts$/, ".d.cts")), other);
  }
}

// Folders for tools that know no `exports`: Parcel's defaults, and TypeScript's `node10`.
for (const [folder, file, types] of [
  ["edge", "edge.inline.cjs", "edge"],
  ["edge/schemes", "schemes.inline.cjs", "schemes"],
  ["edge/schemes/inline", "schemes.inline.cjs", "schemes"],
  ["edge/schemes/wasm", "schemes.wasm", "wasm"],
  ["edge/inline", "edge.inline.cjs", "edge"],
  ["edge/wasm", "edge.wasm", "wasm"],
  ["inline", "full.inline.cjs", "full"],
  ["slim", "slim.cjs", "slim"],
  ["events", "events.cjs", "events"],
  ["wasm", "full.wasm", "wasm"],
]) {
  const up = relative(folder, "");
  const manifest = { main: `${up}/dist/${file}`, types: `${up}/dist/types/${types}.d.cts` };
  await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, folder, "package.json"), `${JSON.stringify(manifest)}\n`);
}
