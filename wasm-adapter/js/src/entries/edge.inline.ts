import simd from "inline:edge.wasm";
import scalar from "inline:edge.scalar.wasm";

import { provide } from "../core.js";
import { hasSimd } from "../simd.js";

export * from "../edge.js";

provide(() => {
  const digits = atob(hasSimd() ? simd : scalar);
  return new WebAssembly.Module(Uint8Array.from(digits, (byte) => byte.charCodeAt(0)));
});
