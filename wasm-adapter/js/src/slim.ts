import { provide } from "./core.js";
import type { CompiledModule } from "./module.js";

export * from "./full.js";

/**
 * Sets the module that everything runs in, before anything else is used: `sinch-callback/wasm` or
 * `sinch-callback/edge/wasm`, compiled as your host does it. With the latter only verifier and guard
 * are there.
 */
export function init(module: CompiledModule): void {
  if (!(module instanceof WebAssembly.Module)) {
    throw new TypeError("init takes a WebAssembly.Module, as from new WebAssembly.Module(bytes)");
  }
  provide(() => module);
}
