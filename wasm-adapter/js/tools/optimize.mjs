// Takes off what only the build needs, optimizes for size, and checks what is left:
//   node optimize.mjs IN.wasm OUT.wasm
import { readFileSync, writeFileSync } from "node:fs";

import binaryen from "binaryen";

const [input, output] = process.argv.slice(2);
const { Features } = binaryen;

// What rustc's wasm32-unknown-unknown takes for granted, and SIMD, which the scalar twin has not.
const features =
  Features.BulkMemory |
  Features.BulkMemoryOpt |
  Features.CallIndirectOverlong |
  Features.Multivalue |
  Features.MutableGlobals |
  Features.NontrappingFPToInt |
  Features.ReferenceTypes |
  Features.SignExt |
  Features.SIMD128;

const module = binaryen.readBinary(readFileSync(input));
module.setFeatures(features);
// Numbers are all that crosses, so nothing needs the table of JavaScript values, its set-up, or
// what ends an instance whose Rust has unwound.
for (const name of [
  "__abort_handler",
  "__instance_terminated",
  "__wbindgen_externrefs",
  "__wbindgen_start",
]) {
  module.removeExport(name);
}
binaryen.setOptimizeLevel(3);
binaryen.setShrinkLevel(2);
module.runPasses(["strip-debug", "strip-producers", "strip-target-features"]);
module.optimize();
module.optimize();
const bytes = module.emitBinary();

// No clock, no randomness, no console: nothing at all comes from the host.
const imports = WebAssembly.Module.imports(new WebAssembly.Module(Uint8Array.from(bytes)));
if (imports.length > 0) {
  const names = imports.map(({ module, name }) => `${module} ${name}`).join(", ");
  console.error(`${output} asks the host for ${names}: find what brought that in`);
  process.exit(1);
}
writeFileSync(output, bytes);
