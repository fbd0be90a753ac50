/** `WebAssembly.Module`, for whom the types of the host have it. */
export type CompiledModule = typeof globalThis extends {
  WebAssembly: { Module: { readonly prototype: infer Module } };
}
  ? Module
  : object;
