import type { Arrival, Means, Next, Reception, Verifier } from "sinch-callback/edge";

import type { Refresh } from "./secrets.js";

/** Where verifiers come from whose secrets change while the process runs. */
export interface VerifierSource {
  /** A verifier with the secrets at hand. Rejects where there are none. */
  current(nowMs: number): Verifier | Promise<Verifier>;
  /** One with other secrets than `judged` has, under which a signature matched none, or why there is
   * none. Rejects where they cannot be read. */
  refresh(judged: Verifier, nowMs: number): Promise<Refresh<Verifier>>;
}

/** What is left to a host once a callback is judged. */
export type Judged = Exclude<Next, { readonly is: "refresh" }>;

/**
 * Brings a reception the secrets that it asks for, and waits for nothing where they are at hand. `failed`
 * is told why there are none.
 */
export function judge(
  reception: Reception,
  source: VerifierSource,
  arrival: Arrival,
  { nowMs, guard }: Pick<Means, "guard"> & { readonly nowMs: number },
  failed: (error: unknown) => void,
): Judged | Promise<Judged> {
  const receive = (verifier: Verifier | undefined, refreshes: number): Judged | Promise<Judged> => {
    const next = reception.receive(arrival, { nowMs, guard, verifier, refreshes });
    if (next.is !== "refresh" || verifier === undefined) {
      return next as Judged;
    }
    const { signedAtSeconds } = next;
    return source.refresh(verifier, nowMs).then(
      (refresh) =>
        refresh.is === "newer"
          ? receive(refresh.ring, refreshes + 1)
          : reception.refreshed(signedAtSeconds, refresh),
      (error: unknown) => {
        failed(error);
        return reception.refreshed(signedAtSeconds, { is: "unavailable" });
      },
    );
  };
  const verifier = source.current(nowMs);
  return verifier instanceof Promise
    ? verifier.then(
        (verifier) => receive(verifier, 0),
        (error: unknown) => {
          failed(error);
          return receive(undefined, 0);
        },
      )
    : receive(verifier, 0);
}
