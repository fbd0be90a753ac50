// The package with the one module that Lambda runs, whose processors all have SIMD.
import module from "sinch-callback/edge/schemes/wasm";
import { init } from "sinch-callback/slim";

export * from "sinch-callback/slim";

// The bundle has its bytes.
init(new WebAssembly.Module(module as unknown as BufferSource));
