// workerd compiles what it imports; all of its releases have SIMD.
import module from "./edge.wasm";

import { provide } from "../core.js";

export * from "../edge.js";

provide(() => module);
