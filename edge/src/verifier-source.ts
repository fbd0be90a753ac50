import { Verifier, type VerifierSource } from "sinch-callback/edge";

import { type ParameterStore, Secrets, type SecretsPolicy } from "./secrets.js";

/** Verifiers whose secrets a parameter store holds. */
export class StoredVerifiers extends Secrets<Verifier> implements VerifierSource {
  constructor(
    store: ParameterStore,
    policy: SecretsPolicy,
    verbatimSecrets: boolean,
    warn: (message: string) => void,
  ) {
    super(store, policy, { make: (secrets) => new Verifier({ secrets, verbatimSecrets }), warn });
  }
}
