// workerd compiles what it imports; all of its releases have SIMD.
import module from "./full.wasm";

import { provide } from "../core.js";

export * from "../full.js";

provide(() => module);
