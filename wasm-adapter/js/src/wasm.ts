import type { CompiledModule } from "./module.js";

/** The compiled module, in hosts that import WebAssembly. */
declare const module: CompiledModule;
export default module;
