import simd from "inline:schemes.wasm";
import scalar from "inline:schemes.scalar.wasm";

import { provide } from "../core.js";
import { inlined } from "../inlined.js";
import { hasSimd } from "../simd.js";

export * from "../schemes.js";

provide(() => inlined(hasSimd() ? simd : scalar));
