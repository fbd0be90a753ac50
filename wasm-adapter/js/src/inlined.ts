/** What hosts may have that decode at once what takes a loop through cold code a millisecond. */
interface Host {
  readonly Buffer?: { from(text: string, encoding: "base64"): Uint8Array<ArrayBuffer> };
}

/** The module that a bundle carries in base64. */
export function inlined(base64: string): WebAssembly.Module {
  const { Buffer } = globalThis as Host;
  return new WebAssembly.Module(
    typeof Buffer?.from === "function" ? Buffer.from(base64, "base64") : decoded(base64),
  );
}

/** A plain loop: a mapper is called for each of its bytes. */
function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const digits = atob(base64);
  const bytes = new Uint8Array(digits.length);
  for (let index = 0; index < digits.length; index += 1) bytes[index] = digits.charCodeAt(index);
  return bytes;
}
