import { octets } from "./input.js";
import type { Refresh } from "./reception.js";
import { SecretSchedule, type SecretStep, type SecretTiming } from "./secret-schedule.js";
import type { Secret } from "./verifier.js";

/** Where secrets are read from, and what is made of them. */
export interface SecretSource<Ring> {
  /** Reads the secrets, the current one first. Rejects where they cannot be read. */
  readonly read: (nowMs: number | bigint) => readonly Secret[] | Promise<readonly Secret[]>;
  /** Makes what verifies with these secrets. Throws where one of them is no secret. */
  readonly make: (secrets: readonly Secret[]) => Ring;
  /** Called at the end of each read: with `undefined` where it brought secrets, else with what failed. */
  readonly onRead?: (failure: { readonly error: unknown } | undefined) => void;
  /** Called where a read failed: in a sentence, without any secret. */
  readonly warn?: (message: string) => void;
  /** Lets so many milliseconds pass, or fewer where the signal says that nobody waits any more. The
   * host's timers by default. */
  readonly wait?: (ms: number, signal: Signal) => Promise<void>;
}

/** An `AbortSignal`, as far as it is needed. */
interface Signal {
  addEventListener(type: "abort", listener: () => void): void;
}

/** What is kept between requests. */
interface Kept<Ring> {
  readonly ring: Ring;
  readonly secrets: readonly Secret[];
}

/**
 * Secrets that are read by a function and kept between requests, as a `VerifierSource` where `make`
 * gives verifiers. `SecretSchedule` decides when they are read, and what callbacks do meanwhile.
 *
 * @example
 * import { CachedSecrets, Verifier } from "sinch-callback";
 *
 * const source = new CachedSecrets({
 *   read: async () => ["example-secret-not-real-1"], // from where you keep it
 *   make: (secrets) => new Verifier({ secrets }),
 * });
 * const verifier = await source.current(Date.now());
 * console.log(verifier.scheme); // conversation
 */
export class CachedSecrets<Ring> {
  readonly #source: SecretSource<Ring>;
  readonly #schedule: SecretSchedule;
  #kept: Kept<Ring> | undefined;
  #lastError: unknown;
  /** The end of the read that was begun last; never rejects. */
  #end: Promise<void> = Promise.resolve();

  /** Reads nothing yet. */
  constructor(source: SecretSource<Ring>, timing: SecretTiming = {}) {
    this.#source = source;
    this.#schedule = new SecretSchedule(timing);
  }

  /** What there is at hand, read first where there is nothing. Rejects where that fails. */
  current(nowMs: number | bigint): Ring | Promise<Ring> {
    const step = this.#schedule.current({ nowMs });
    const kept = this.#kept;
    if (step.next !== "use" || kept === undefined) {
      return this.#awaited(step, nowMs);
    }
    this.#act(step, nowMs);
    return kept.ring;
  }

  async #awaited(first: SecretStep, nowMs: number | bigint): Promise<Ring> {
    const { next, hasWaited } = await this.#settle(first, undefined, nowMs);
    if (this.#kept !== undefined) {
      return this.#kept.ring;
    }
    if (next === "under_way") {
      throw new Error("a read of the secrets is under way");
    }
    throw hasWaited
      ? this.#lastError
      : new Error(`${message(this.#lastError)} (tried again in a moment)`);
  }

  /** Gives secrets other than those that were judged with: those at hand where they are others by
   * now, else what a read brings. Rejects where the last attempt to read failed: nobody can say
   * whether the signature is of a newer secret. */
  async refresh(judged: Ring, nowMs: number | bigint): Promise<Refresh<Ring>> {
    const first = this.#schedule.refresh(judged === this.#kept?.ring, { nowMs });
    const { next, readAtSeconds } = await this.#settle(first, judged, nowMs);
    if (next === "use" && this.#kept !== undefined) {
      return { is: "newer", ring: this.#kept.ring };
    }
    if (next === "recent") {
      return { is: next, readAtSeconds };
    }
    if (next === "unchanged" || next === "under_way") {
      return { is: next };
    }
    throw this.#lastError ?? new Error("there are no secrets at hand");
  }

  /** Whether a secret is still accepted that was replaced at this moment. */
  isWithinOverlap(replacedAtSeconds: number, nowMs: number | bigint): boolean {
    return this.#schedule.isWithinOverlap(replacedAtSeconds, { nowMs });
  }

  /** Does what a step says, and the next ones, until the callback goes on. */
  async #settle(
    first: SecretStep,
    judged: Ring | undefined,
    nowMs: number | bigint,
  ): Promise<SecretStep & { readonly hasWaited: boolean }> {
    let step = first;
    for (let hasWaited = false; ; hasWaited = true) {
      this.#act(step, nowMs);
      if (step.next !== "wait") {
        return { ...step, hasWaited };
      }
      const hasEnded = await this.#hasEnded(step.limitMs);
      const isAtHand = judged === this.#kept?.ring;
      step = this.#schedule.waited(step.waiting, hasEnded, isAtHand, { nowMs });
    }
  }

  #act({ gaveUp, begin }: SecretStep, nowMs: number | bigint): void {
    if (gaveUp) {
      this.#hasFailed(new Error("the store has not answered"));
    }
    if (begin !== undefined) {
      this.#end = this.#read(begin, nowMs);
    }
  }

  /** Whether the read under way comes to its end in time. */
  async #hasEnded(limitMs: number): Promise<boolean> {
    const timer = new AbortController();
    const late = (): boolean => false;
    const wait = this.#source.wait ?? waitOnHost;
    try {
      return await Promise.race([
        this.#end.then(() => true),
        wait(limitMs, timer.signal).then(late, late),
      ]);
    } finally {
      timer.abort();
    }
  }

  /** Reads the secrets and keeps them, or keeps what there is. */
  async #read(read: number, nowMs: number | bigint): Promise<void> {
    let found: Kept<Ring> | { readonly error: unknown };
    try {
      const secrets = await this.#source.read(nowMs);
      const kept = this.#kept;
      const isKept = kept !== undefined && areEqual(kept.secrets, secrets);
      // A copy: whoever gave the list may change it, and then it would be the list that is kept.
      found = isKept ? kept : { ring: this.#source.make(secrets), secrets: [...secrets] };
    } catch (error) {
      found = { error };
    }
    if ("error" in found) {
      if (this.#schedule.ended(read, "failed")) {
        this.#hasFailed(found.error);
      }
    } else if (this.#schedule.ended(read, found === this.#kept ? "same" : "other")) {
      this.#kept = found;
      this.#lastError = undefined;
      this.#source.onRead?.(undefined);
    }
  }

  #hasFailed(error: unknown): void {
    this.#lastError = error;
    this.#source.onRead?.({ error });
    const atHand =
      this.#kept === undefined ? "there are none at hand" : "what is at hand stays in use";
    this.#source.warn?.(`the secrets cannot be read: ${message(error)} (${atHand})`);
  }
}

function waitOnHost(ms: number, signal: Signal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

function areEqual(some: readonly Secret[], others: readonly Secret[]): boolean {
  return some.length === others.length && some.every((secret, at) => isSame(secret, others[at]));
}

function isSame(one: Secret, other: Secret | undefined): boolean {
  const [bytes, others] = [octets(one), octets(other)];
  return bytes === undefined || others === undefined
    ? one === other
    : bytes.length === others.length && bytes.every((byte, at) => byte === others[at]);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
