import { Verifier, type VerifierOptions } from "sinch-callback/edge";

import type { VerifierSource } from "./judge.js";
import { type ParameterStore, Secrets, type SecretsPolicy } from "./secrets.js";

export type Limits = Omit<VerifierOptions, "secrets">;

/** Verifiers with these limits, whose secrets a parameter store holds. */
export class StoredVerifiers extends Secrets<Verifier> implements VerifierSource {
  readonly form: Verifier;

  constructor(
    store: ParameterStore,
    policy: SecretsPolicy,
    limits: Limits,
    warn: (message: string) => void,
  ) {
    super(store, policy, { make: (secrets) => new Verifier({ ...limits, secrets }), warn });
    this.form = formVerifier(limits);
  }
}

/** A verifier whose secret nobody knows. */
function formVerifier(limits: Limits): Verifier {
  const secret = crypto.getRandomValues(new Uint8Array(32));
  return new Verifier({ ...limits, secrets: [secret], verbatimSecrets: true });
}
