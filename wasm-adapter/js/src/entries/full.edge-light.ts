// The runtime compiles nothing at run time; its bundler does, where it is asked so.
import module from "./full.wasm?module";

import { provide } from "../core.js";

export * from "../full.js";

provide(() => module);
