/**
 * The memories of all instances that are made from here on: the package tells nobody of its own.
 * @type {WebAssembly.Memory[]}
 */
export const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = class extends Instance {
  constructor(/** @type {WebAssembly.Module} */ module, /** @type {any} */ imports) {
    super(module, imports);
    memories.push(/** @type {WebAssembly.Memory} */ (this.exports.memory));
  }
};
