/** The compiled module, in hosts that import WebAssembly. */
declare const module: WebAssembly.Module;
export default module;
