declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
/** The file's bytes in base64, put there by the build. */
declare module "inline:*" {
  const base64: string;
  export default base64;
}
