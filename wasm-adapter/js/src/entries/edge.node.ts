import { readFileSync } from "node:fs";

import { provide } from "../core.js";
import { hasSimd } from "../simd.js";

export * from "../edge.js";

provide(() => {
  const file = hasSimd() ? "./edge.wasm" : "./edge.scalar.wasm";
  return new WebAssembly.Module(readFileSync(new URL(file, import.meta.url)));
});
