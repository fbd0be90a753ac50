// The runtime compiles nothing at run time; its bundler does, where it is asked so.
import module from "./schemes.wasm?module";

import { provide } from "../core.js";

export * from "../schemes.js";

provide(() => module);
