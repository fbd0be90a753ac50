// The WebAssembly: a message in, an answer out.

/**
 * @typedef {{ memory: WebAssembly.Memory, room: (length: number) => number, answer: () => number, length: () => number }} Exports
 */

/** Written by scripts/build-pages: the module, deflated, in base64. */
/** @type {string} */
const MODULE = /** @type {any} */ (globalThis).__MODULE__;

/** @returns {Promise<(message: object) => any>} */
export async function start() {
  const deflated = Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0));
  const inflated = new Blob([deflated])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"));
  const module = await WebAssembly.compile(await new Response(inflated).arrayBuffer());
  const open = async () =>
    /** @type {Exports} */ (
      /** @type {unknown} */ ((await WebAssembly.instantiate(module, {})).exports)
    );
  let exports = await open();
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
  return (message) => {
    try {
      const bytes = encoder.encode(JSON.stringify(message));
      const room = exports.room(bytes.length);
      new Uint8Array(exports.memory.buffer, room, bytes.length).set(bytes);
      bytes.fill(0);
      const place = exports.answer();
      const answer = new Uint8Array(exports.memory.buffer, place, exports.length());
      return JSON.parse(decoder.decode(answer));
    } catch (error) {
      // What has trapped is not to be trusted any more.
      void open().then((fresh) => {
        exports = fresh;
      });
      throw error;
    }
  };
}
