/**
 * The smallest module that needs SIMD: one function of no arguments that returns
 * `i8x16.splat(0)`.
 */
const PROBE = new Uint8Array([
  // "\0asm", version 1
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  // types: () -> v128
  1, 5, 1, 0x60, 0, 1, 0x7b,
  // functions: one, of that type
  3, 2, 1, 0,
  // code: i32.const 0, i8x16.splat, end
  10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b,
]);

/** Whether the host runs the faster build. */
export function hasSimd(): boolean {
  return WebAssembly.validate(PROBE);
}
