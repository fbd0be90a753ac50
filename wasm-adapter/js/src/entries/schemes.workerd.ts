// workerd compiles what it imports; all of its releases have SIMD.
import module from "./schemes.wasm";

import { provide } from "../core.js";

export * from "../schemes.js";

provide(() => module);
