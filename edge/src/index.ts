export { forwardTo } from "./forward.js";
export type { Guard } from "./guard.js";
export { type HandlerOptions, createHandler } from "./handler.js";
export type { VerifierSource } from "./judge.js";
export {
  type Parameter,
  type ParameterStore,
  type Refresh,
  type SecretRead,
  Secrets,
  type SecretsHost,
  type SecretsPolicy,
} from "./secrets.js";
export { StoredVerifiers } from "./verifier-source.js";
