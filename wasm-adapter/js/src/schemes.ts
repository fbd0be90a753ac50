export * from "./edge.js";
export { CachedSecrets, type SecretSource } from "./cached-secrets.js";
export { type FetchRequest, type ReadBody, readBody } from "./read-body.js";
