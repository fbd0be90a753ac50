import { browser } from "./hosts/browser.mjs";
import { bun } from "./hosts/bun.mjs";
import { deno } from "./hosts/deno.mjs";
import { edgeLight } from "./hosts/edge-light.mjs";
import { lambdaEdge } from "./hosts/lambda-edge.mjs";
import { nodeCommonJs, nodeModules } from "./hosts/node.mjs";
import { workerd } from "./hosts/workerd.mjs";

const NAME = "sinch-callback";

/** Every host with every entry that it may use, and the file that the entry must lead to there. */
export const rows = [
  row("Node.js, ESM", nodeModules, ".", "full.inline.js"),
  row("Node.js, ESM", nodeModules, "./edge", "edge.inline.js"),
  row("Node.js, ESM", nodeModules, "./inline", "full.inline.js"),
  row("Node.js, ESM", nodeModules, "./edge/inline", "edge.inline.js"),
  row("Node.js, ESM", nodeModules, "./slim", "slim.js", "./wasm"),
  row("Node.js, ESM", nodeModules, "./slim", "slim.js", "./edge/wasm"),
  row("Node.js, ESM", nodeModules, "./edge/schemes", "schemes.inline.js"),
  row("Node.js, ESM", nodeModules, "./slim", "slim.js", "./edge/schemes/wasm"),
  row("Node.js, CommonJS", nodeCommonJs, ".", "full.inline.cjs"),
  row("Node.js, CommonJS", nodeCommonJs, "./edge", "edge.inline.cjs"),
  row("Node.js, CommonJS", nodeCommonJs, "./inline", "full.inline.cjs"),
  row("Node.js, CommonJS", nodeCommonJs, "./slim", "slim.cjs", "./wasm"),
  row("Node.js, CommonJS", nodeCommonJs, "./edge/schemes", "schemes.inline.cjs"),
  row("Deno", deno, ".", "full.inline.js"),
  row("Deno", deno, "./edge", "edge.inline.js"),
  row("Bun", bun, ".", "full.inline.js"),
  row("Bun", bun, "./edge", "edge.inline.js"),
  row("workerd (Cloudflare Workers)", workerd, ".", "full.workerd.js"),
  row("workerd (Cloudflare Workers)", workerd, "./edge", "edge.workerd.js"),
  row("workerd (Cloudflare Workers)", workerd, "./slim", "slim.js", "./wasm"),
  row("workerd (Cloudflare Workers)", workerd, "./edge/schemes", "schemes.workerd.js"),
  row("edge-runtime (Vercel)", edgeLight, ".", "full.edge-light.js"),
  row("edge-runtime (Vercel)", edgeLight, "./edge", "edge.edge-light.js"),
  row("edge-runtime (Vercel)", edgeLight, "./edge/schemes", "schemes.edge-light.js"),
  row("Node.js, one bundled file (Lambda@Edge)", lambdaEdge, "./inline", "full.inline.js"),
  row("Node.js, one bundled file (Lambda@Edge)", lambdaEdge, "./edge/inline", "edge.inline.js"),
  row(
    "Node.js, one bundled file (Lambda@Edge)",
    lambdaEdge,
    "./edge/schemes/inline",
    "schemes.inline.js",
  ),
  row("Chromium, bundled by Vite", browser, ".", "full.inline.js"),
  row("Chromium, bundled by Vite", browser, "./edge", "edge.inline.js"),
];

function row(host, make, entry, file, wasm) {
  const full = (path) => (path === undefined ? undefined : NAME + path.slice(1));
  const label = [entry, wasm].filter((path) => path !== undefined).map((path) => `\`${path}\``);
  const knowsSchemes = !/^\.\/edge(?!\/schemes)/.test(wasm ?? entry);
  return {
    host,
    entry: label.join(" with "),
    file,
    knowsSchemes,
    ...make(full(entry), full(wasm)),
  };
}
