import {
  type SchemeName,
  Verifier,
  type VerifierOptions,
  type VerifierSource,
} from "sinch-callback/edge/schemes";

import { type ParameterStore, Secrets, type SecretsPolicy } from "./secrets.js";

/** What a verifier is made of besides its secrets. */
export type WithoutSecrets<S extends SchemeName> = Omit<VerifierOptions<S>, "secrets">;

/** Verifiers whose secrets a parameter store holds. */
export class StoredVerifiers<S extends SchemeName = "conversation">
  extends Secrets<Verifier<S>>
  implements VerifierSource<S>
{
  constructor(
    store: ParameterStore,
    policy: SecretsPolicy,
    options: WithoutSecrets<S>,
    warn: (message: string) => void,
  ) {
    const make = (secrets: readonly string[]): Verifier<S> =>
      new Verifier<S>({ ...options, secrets } as VerifierOptions<S>);
    super(store, policy, { make, warn });
  }
}
