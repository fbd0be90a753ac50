import simd from "inline:full.wasm";
import scalar from "inline:full.scalar.wasm";

import { provide } from "../core.js";
import { hasSimd } from "../simd.js";

export * from "../full.js";

provide(() => {
  const digits = atob(hasSimd() ? simd : scalar);
  return new WebAssembly.Module(Uint8Array.from(digits, (byte) => byte.charCodeAt(0)));
});
