/** The module that a bundle carries in base64. A plain loop: a mapper is called for each of its bytes. */
export function inlined(base64: string): WebAssembly.Module {
  const digits = atob(base64);
  const bytes = new Uint8Array(digits.length);
  for (let index = 0; index < digits.length; index += 1) bytes[index] = digits.charCodeAt(index);
  return new WebAssembly.Module(bytes);
}
