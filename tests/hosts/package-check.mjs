// The package as it would be published: its manifest, its types, and what TypeScript, Jest and the
// `require` of its users make of them.
import assert from "node:assert/strict";
import { cp, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { command, installed } from "./command.mjs";
import { copy, install, pack, toolsOf, withFolder } from "./project.mjs";

const modules = new URL("node_modules/", import.meta.url).pathname;
const tools = await toolsOf("tools");
const TYPESCRIPT = { 5: join(tools, ".bin/tsc"), 7: installed("tsc") };

const packed = (use) => () => withFolder(async (folder) => use(await pack(folder), folder));

test(
  "publint finds nothing",
  packed((tarball, cwd) => command(installed("publint"), ["--strict", tarball], { cwd })),
);

test(
  "arethetypeswrong finds nothing, for any entry and any resolution",
  packed(async (tarball, cwd) => {
    const printed = await command(installed("attw"), [tarball, "--format", "json"], { cwd });
    const { analysis } = JSON.parse(printed);
    assert.deepEqual(analysis.problems, []);
    const { exports } = JSON.parse(
      await readFile(new URL("../../wasm-adapter/js/package.json", import.meta.url), "utf8"),
    );
    assert.deepEqual(Object.keys(analysis.entrypoints), Object.keys(exports));
  }),
);

const js = new URL("../../wasm-adapter/js/", import.meta.url);
const textOf = (name) => readFile(new URL(name, js), "utf8");

test(
  "the tarball holds what its README and its manifest name, and nothing of how it was made",
  packed(async (tarball, cwd) => {
    const listed = await command("tar", ["--list", "--gzip", "--file", tarball], { cwd });
    const files = new Set(
      listed
        .trim()
        .split("\n")
        .map((name) => name.replace("package/", "")),
    );
    const readme = await textOf("README.md");
    const manifest = JSON.parse(await textOf("package.json"));

    const links = [...readme.matchAll(/\]\((?!\w+:|#)([^)#]+)[^)]*\)/g)].map(([, link]) => link);
    assert.ok(
      links.some((link) => link.startsWith("examples/")),
      "it links to no example",
    );
    assert.deepEqual(
      links.filter((link) => !files.has(link)),
      [],
      "README links to what is not there",
    );

    const entries = new Set(
      Object.keys(manifest.exports).map((path) => manifest.name + path.slice(1)),
    );
    const named = [
      ...readme.matchAll(/(?<=["\x60])sinch-callback(?:\/[\w/]+)?(?=["\x60])/g),
    ].flat();
    assert.ok(named.includes("sinch-callback/edge"));
    assert.deepEqual(
      named.filter((name) => !entries.has(name)),
      [],
      "README names entries that there are not",
    );
    // In its table all of them stand.
    const unnamed = [...entries].filter((name) => !named.includes(name));
    assert.deepEqual(unnamed, ["sinch-callback/package.json"]);

    const targets = (value) =>
      typeof value === "string" ? [value] : Object.values(value).flatMap(targets);
    const wanted = [manifest.main, manifest.types, ...targets(manifest.exports)];
    assert.deepEqual(
      wanted.filter((path) => !files.has(path.replace("./", ""))),
      [],
      "an entry leads to what is not there",
    );

    const examples = await readdir(new URL("examples/", js));
    assert.deepEqual(
      examples.filter((name) => !files.has(`examples/${name}`)),
      [],
    );
    const licenses = ["LICENSE-APACHE", "LICENSE-MIT"];
    for (const name of licenses) {
      assert.ok(files.has(name), name);
      const original = await readFile(new URL(`../../${name}`, import.meta.url), "utf8");
      assert.equal(await textOf(name), original, `${name} is another one than the repository's`);
    }
    const odd = [...files].filter(
      (path) =>
        !/^(dist|examples|edge|events|inline|slim|wasm)\//.test(path) &&
        !["README.md", "package.json", ...licenses].includes(path),
    );
    assert.deepEqual(odd, []);
  }),
);

/** Compiles files, and nothing but them and the package, with libraries checked too. */
async function compile(cwd, version, files, options) {
  const compilerOptions = {
    target: "es2022",
    lib: ["es2022"],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  };
  await writeFile(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
  await command(TYPESCRIPT[version], [], { cwd });
}

for (const [module, resolution, ...libraries] of [
  ["nodenext", "nodenext", "esnext.disposable"],
  ["esnext", "bundler"],
]) {
  test(
    `the types say what they should, with module resolution ${resolution}`,
    packed(async (tarball, cwd) => {
      await install(cwd, tarball, {});
      await copy(cwd, "types.ts");
      for (const name of ["expect-type", "@types", "undici-types"]) {
        await cp(join(modules, name), join(cwd, "node_modules", name), { recursive: true });
      }
      await compile(cwd, 7, ["types.ts"], {
        lib: ["es2023", "dom", "dom.iterable", ...libraries],
        module,
        moduleResolution: resolution,
        types: ["node"],
        skipLibCheck: true,
      });
    }),
  );
}

/** Every entry, and what each type depends on: without types of a host, or of `using`. */
const BARE = `\
import { type Accepted, ReplayGuard, Signer, Verifier, contentKey, createReceiver, diagnose, readCallback } from "sinch-callback";
import * as edge from "sinch-callback/edge";
import * as edgeInline from "sinch-callback/edge/inline";
import edgeModule from "sinch-callback/edge/wasm";
import { type Callback, readCallback as readTyped } from "sinch-callback/events";
import * as inline from "sinch-callback/inline";
import * as slim from "sinch-callback/slim";
import module from "sinch-callback/wasm";

export function receive(headers: { [name: string]: string | undefined }, body: Uint8Array): string {
  using verifier = new Verifier({ secrets: ["one"] });
  using guard = new ReplayGuard();
  const verdict = verifier.verify({ headers, body }, { nowMs: 0 });
  if (!verdict.ok) return \`\${verdict.status} \${verdict.detail}\`;
  const accepted: Accepted = { ...verdict };
  return guard.claim(accepted, { nowMs: 0 }).state + contentKey(body);
}
export const { fetch, node } = createReceiver({ secrets: ["one", undefined], keep: ({ contentKey, body }) => [contentKey, body] });
export const all = [readCallback, diagnose, Signer, edge.Verifier, edgeInline.Verifier, inline.Signer, slim.init];
slim.init(module);
slim.init(edgeModule);
export function told(callback: Callback = readTyped({})): string | undefined {
  return callback.kind === "numbers" ? callback.callback.eventId : callback.kind;
}
// @ts-expect-error the edge build has no signer
edge.Signer;
`;

const SETTINGS = [
  [5, "commonjs", "node10", "main.ts"],
  [5, "commonjs", "node10", "main.cts"],
  [5, "node16", "node16", "main.mts"],
  [5, "node16", "node16", "main.cts"],
  [5, "node18", "node16", "main.cts"],
  [5, "esnext", "bundler", "main.ts"],
  [5, "esnext", "bundler", "main.ts", ["es2022", "esnext.disposable"]],
  [5, "esnext", "bundler", "main.ts", ["es2022", "dom"]],
  [7, "nodenext", "nodenext", "main.mts"],
  [7, "nodenext", "nodenext", "main.cts"],
  [7, "esnext", "bundler", "main.ts", ["es2022", "esnext.disposable"]],
];

test("every entry compiles without types of a host", (all) =>
  withFolder(async (cwd) => {
    const files = ["main.ts", "main.mts", "main.cts"].map((file) => [file, BARE]);
    await install(cwd, await pack(cwd), Object.fromEntries(files));
    for (const [version, module, moduleResolution, file, lib = ["es2022"]] of SETTINGS) {
      const name = `TypeScript ${version}, ${file}, ${module}, ${moduleResolution}, ${lib}`;
      await all.test(name, () =>
        compile(cwd, version, [file], { module, moduleResolution, lib, esModuleInterop: true }),
      );
    }
  }));

/** What a receiver is given and gives, where a host has types of it. */
const OF_HOST = `\
import { createReceiver } from "sinch-callback";
const { fetch } = createReceiver({ secrets: ["one"], keep: () => {} });
export const answer: Promise<Response> = fetch(new Request("https://example.com/"));
// @ts-expect-error what has headers is no request yet
fetch({ headers: new Headers() });
`;
for (const [whose, lib, types] of /** @type {[string, string[], string[]][]} */ ([
  ["the browser's", ["es2022", "dom"], []],
  ["Node.js's", ["es2022"], ["node"]],
])) {
  test(
    `a receiver has ${whose} own Request and Response`,
    packed(async (tarball, cwd) => {
      await install(cwd, tarball, { "main.ts": OF_HOST });
      for (const name of ["@types", "undici-types"]) {
        await cp(join(modules, name), join(cwd, "node_modules", name), { recursive: true });
      }
      const options = { module: "nodenext", lib, types, skipLibCheck: true };
      await compile(cwd, 7, ["main.ts"], options);
    }),
  );
}

/** What users assert of a verdict, and how they load the package. */
const SPEC = (load, types = "") => `\
${load}
const hmac = require("node:crypto").createHmac;
const body = Buffer.from('{"opt_in_notification":{}}');
const headers${types} = {
  "x-sinch-webhook-signature-timestamp": "1634579353",
  "x-sinch-webhook-signature-nonce": "nonce-1",
  "x-sinch-webhook-signature": hmac("sha256", "example-secret-not-real-1")
    .update(body).update(".nonce-1.1634579353").digest("base64"),
};
test("an authentic callback is accepted", () => {
  const verifier = new Verifier({ secrets: ["example-secret-not-real-1"] });
  const verdict = verifier.verify({ headers, body }, { nowMs: 1634579356000 });
  const replayKey = expect.stringMatching(/^[0-9a-f]{32}$/);
  const all = { ok: true, code: "accepted", status: 200, promise: "timely", secretSlot: 0, ageSeconds: 3, replayKey };
  expect(verdict).toEqual(all);
  expect(verdict).toStrictEqual(all);
  expect({ ...verdict }).toEqual(verdict);
  expect(verdict).not.toEqual({ ...all, replayKey: "0".repeat(32) });
  expect(verdict).toMatchObject({ ok: true });
  expect(() => expect(verifier).toEqual({ other: verdict })).toThrow("Verifier");
  expect(new ReplayGuard().claim({ ...verdict }${types && " as Accepted"}, { nowMs: 1634579356000 }).state).toBe("first");
});
`;
const REQUIRED = `const { ReplayGuard, Verifier } = require("sinch-callback");`;
const IMPORTED = `import { type Accepted, ReplayGuard, Verifier } from "sinch-callback";`;

/** @type {[string, object, string, string][]} */
const projects = [
  ["as it comes", {}, "callback.test.js", SPEC(REQUIRED)],
  [
    "with ts-jest",
    { transform: { "\\.ts$": [join(tools, "ts-jest"), { diagnostics: true }] } },
    "callback.test.ts",
    `declare const require: any, test: any, expect: any, Buffer: any;\n${SPEC(IMPORTED, ": Record<string, string>")}`,
  ],
];
for (const [name, config, file, spec] of projects) {
  test(
    `Jest ${name} loads the package, and its matchers see all of a verdict`,
    packed(async (tarball, cwd) => {
      await install(cwd, tarball, { [file]: spec });
      const compilerOptions = {
        target: "es2022",
        module: "commonjs",
        moduleResolution: "node10",
        types: [],
      };
      await writeFile(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions }));
      await writeFile(join(cwd, "package.json"), JSON.stringify({ private: true, jest: config }));
      const args = ["--ci", "--no-watchman", `--cacheDirectory=${join(cwd, ".jest")}`];
      await command(join(tools, ".bin/jest"), args, { cwd });
    }),
  );
}
