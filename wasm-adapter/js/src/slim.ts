import { provide } from "./core.js";
import type { CompiledModule } from "./module.js";

export * from "./full.js";

/**
 * Sets the module that everything runs in, before anything else is used: `sinch-callback/wasm` or
 * `sinch-callback/edge/wasm`, compiled as your host does it. With the latter only verifier and guard
 * are there.
 *
 * @example
 * import { readFile } from "node:fs/promises";
 * import { Verifier, init } from "sinch-callback/slim";
 *
 * // A host that compiles what it imports has `import module from "sinch-callback/edge/wasm"`.
 * const file = new URL(import.meta.resolve("sinch-callback/edge/wasm"));
 * init(new WebAssembly.Module(new Uint8Array(await readFile(file))));
 * console.log(new Verifier({ secrets: ["example-secret-not-real-1"] }).memorySeconds); // 600
 */
export function init(module: CompiledModule): void {
  if (!(module instanceof WebAssembly.Module)) {
    throw new TypeError("init takes a WebAssembly.Module, as from new WebAssembly.Module(bytes)");
  }
  provide(() => module);
}
