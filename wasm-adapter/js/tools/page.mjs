// Makes one file of the inspector: `node page.mjs INSPECT.wasm COMPILER [--check]`, called by
// scripts/build-pages.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { constants, deflateRawSync, gzipSync, inflateRawSync } from "node:zlib";
import esbuild from "esbuild";

/** With its WebAssembly, at `gzip -9`. */
const MOST_BYTES = 150_000;

const here = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../../../server/pages/inspector/${name}`, import.meta.url));

const [wasmPath, compiler, flag] = process.argv.slice(2);
const page = here("inspector.html");

/** @param {string} text */
const hash = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** @param {Buffer} deflated */
function assemble(deflated) {
  const bundled = esbuild.buildSync({
    entryPoints: [here("inspector.js")],
    bundle: true,
    charset: "utf8",
    define: { "globalThis.__MODULE__": JSON.stringify(deflated.toString("base64")) },
    format: "iife",
    legalComments: "none",
    minify: true,
    target: "es2022",
    write: false,
  });
  // Nothing in the script may end it.
  const script = bundled.outputFiles[0].text.trim().replaceAll("</script", "<\\/script");
  const sheets = ["../common/tokens.css", "../common/base.css", "inspector.css"];
  const css = sheets.map((name) => readFileSync(here(name), "utf8")).join("\n");
  const style = esbuild.transformSync(css, { loader: "css", minify: true }).code.trim();
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)} 'wasm-unsafe-eval'`,
    `style-src ${hash(style)}`,
    "connect-src 'none'",
    "img-src data:",
    "form-action 'none'",
    "base-uri 'none'",
  ].join("; ");
  /** @type {Record<string, string | undefined>} */
  const parts = { policy, style, script, compiler };
  const template = readFileSync(here("inspector.template.html"), "utf8");
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name] ?? "");
}

/** The module inside a page. @param {string} html */
function moduleOf(html) {
  const text = /atob\("([A-Za-z0-9+/=]+)"\)|="([A-Za-z0-9+/]{1000,}={0,2})"/.exec(html);
  return Buffer.from(text?.[1] ?? text?.[2] ?? "", "base64");
}

const wasm = readFileSync(/** @type {string} */ (wasmPath));
if (flag === "--check") {
  const committed = readFileSync(page, "utf8");
  const deflated = moduleOf(committed);
  // How a version of zlib packs it is nobody's concern: what is in it counts.
  const isSameModule = inflateRawSync(deflated).equals(wasm);
  if (assemble(deflated) !== committed || !isSameModule) {
    const built = /name="generator" content="([^"]*)"/.exec(committed)?.[1];
    console.error(
      `server/pages/inspector/inspector.html is not what the sources give${
        isSameModule ? "" : " (its WebAssembly differs)"
      }: run scripts/build-pages${built === compiler ? "" : `, with the compiler that it names, ${built}`}`,
    );
    process.exit(1);
  }
} else {
  const packed = deflateRawSync(wasm, {
    level: 9,
    memLevel: 9,
    strategy: constants.Z_DEFAULT_STRATEGY,
  });
  writeFileSync(page, assemble(packed));
}
const size = gzipSync(readFileSync(page), { level: 9 }).length;
console.log(`figure inspector_kb ${(size / 1_000).toFixed(1)}`);
if (size > MOST_BYTES) {
  console.error(`the inspector has ${size} bytes at gzip -9, more than ${MOST_BYTES}`);
  process.exit(1);
}
