import simd from "inline:full.wasm";
import scalar from "inline:full.scalar.wasm";

import { provide } from "../core.js";
import { inlined } from "../inlined.js";
import { hasSimd } from "../simd.js";

export * from "../full.js";

provide(() => inlined(hasSimd() ? simd : scalar));
