export { forwardTo } from "./forward.js";
export { type HandlerOptions, createHandler } from "./handler.js";
export {
  type Parameter,
  type ParameterStore,
  type SecretRead,
  Secrets,
  type SecretsHost,
  type SecretsPolicy,
} from "./secrets.js";
export { StoredVerifiers, type WithoutSecrets } from "./verifier-source.js";
