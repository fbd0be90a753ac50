import { readFileSync } from "node:fs";

import { provide } from "../core.js";
import { hasSimd } from "../simd.js";

export * from "../full.js";

provide(() => {
  const file = hasSimd() ? "./full.wasm" : "./full.scalar.wasm";
  return new WebAssembly.Module(readFileSync(new URL(file, import.meta.url)));
});
