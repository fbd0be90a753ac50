import {
  type Refresh,
  SecretSchedule,
  type SecretStep,
  type SecretTiming,
  defaultOf,
} from "sinch-callback/edge/schemes";

/** One version of a parameter. */
export interface Parameter {
  /** Its name, without a version. */
  readonly name: string;
  /** Which version it is, counted from 1. */
  readonly version: number;
  /** When this version was put, in Unix seconds. */
  readonly modifiedAtSeconds: number;
  /** What it holds: a secret, or a JSON array of secrets. */
  readonly value: string;
}

/** Where parameters are read from. */
export interface ParameterStore {
  /** Reads parameters by `name` (the current version) or `name:version`. What does not exist is
   * missing in the answer. Throws where the store does not answer or refuses. */
  read(selectors: readonly string[]): Promise<readonly Parameter[]>;
}

/** How secrets are read and kept; the same as the receiver on AWS does it. */
export interface SecretsPolicy extends SecretTiming {
  /** Names of the parameters, at least one. What they hold now comes first. */
  readonly names: readonly string[];
}

export interface SecretsHost<Ring> {
  /** Makes what verifies with these secrets. Throws where a text is none. */
  readonly make: (secrets: readonly string[]) => Ring;
  /** Told of each failed read, and of secrets that are left out. */
  readonly warn?: (message: string) => void;
  /** Lets so many milliseconds pass, or fewer where the signal says that nobody waits any more. The
   * host's timers by default. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How a read of the secrets went: `broken` where what there is is no secret. */
export type SecretRead = "ok" | "failed" | "broken";

/** What is kept between requests. */
interface Kept<Ring> {
  readonly ring: Ring;
  readonly texts: readonly string[];
}

/** What a parameter holds is no secret, so that reading it again mends nothing. */
class Broken extends Error {}

/**
 * Secrets from a parameter store, kept between requests. When they are read, and what callbacks do
 * meanwhile, is decided by core's `SecretSchedule`.
 */
export class Secrets<Ring> {
  readonly #store: ParameterStore;
  readonly #host: SecretsHost<Ring>;
  readonly #names: readonly string[];
  readonly #schedule: SecretSchedule;
  #kept: Kept<Ring> | undefined;
  #lastError: unknown;
  /** The end of the read that was begun last; never rejects. */
  #end: Promise<void> = Promise.resolve();
  #reads: SecretRead[] = [];

  constructor(store: ParameterStore, policy: SecretsPolicy, host: SecretsHost<Ring>) {
    const { names, ...timing } = policy;
    if (names.length === 0) {
      throw new RangeError("names: found none, expected at least one parameter");
    }
    this.#store = store;
    this.#host = host;
    this.#names = names;
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
   * now, else what a read brings. Throws where the last attempt to read failed: nobody can say
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

  /** How the reads since the last call went, for the metrics. */
  takeReads(): readonly SecretRead[] {
    const reads = this.#reads;
    if (reads.length > 0) {
      this.#reads = [];
    }
    return reads;
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
    const wait = this.#host.wait ?? waitOnHost;
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
      const texts = await this.#texts(nowMs);
      const kept = this.#kept;
      const isKept = kept !== undefined && areEqual(kept.texts, texts);
      found = isKept ? kept : { texts, ring: this.#host.make(texts) };
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
      this.#reads.push("ok");
    }
  }

  #hasFailed(error: unknown): void {
    this.#lastError = error;
    this.#reads.push(error instanceof Broken ? "broken" : "failed");
    const atHand =
      this.#kept === undefined ? "there are none at hand" : "what is at hand stays in use";
    this.#host.warn?.(`the secrets cannot be read: ${message(error)} (${atHand})`);
  }

  /** The secrets in order: what each parameter holds now, then what it held before, as long as that
   * is within the overlap. */
  async #texts(nowMs: number | bigint): Promise<readonly string[]> {
    const names = this.#names;
    const most = defaultOf("mostSecrets");
    let versions = [...(await this.#store.read(names))];
    for (const name of names) {
      if (!versions.some((version) => answers(version, name))) {
        throw new Error(`there is no parameter ${name}, or this role may not read it`);
      }
    }
    const place = (version: Parameter): number => names.findIndex((name) => answers(version, name));
    versions.sort((one, other) => place(one) - place(other));

    const texts: string[] = [];
    for (let isCurrent = true; versions.length > 0 && texts.length < most; isCurrent = false) {
      for (const version of versions) {
        try {
          const found = this.#secretsOf(version);
          texts.push(...found.filter((text) => !texts.includes(text)));
        } catch (error) {
          if (isCurrent) {
            throw error;
          }
          // What was put by mistake and has been replaced is in nobody's way.
          this.#host.warn?.(`version ${version.version} is left out: ${message(error)}`);
        }
      }
      const previous = this.#previous(versions, nowMs);
      versions = previous.length === 0 ? [] : [...(await this.#store.read(previous))];
    }
    if (texts.length > most) {
      this.#host.warn?.(
        `there are ${texts.length} secrets, and ${most} are tried: the oldest are left out`,
      );
    }
    return texts.slice(0, most);
  }

  /** The secrets of one version. */
  #secretsOf({ name, value }: Parameter): readonly string[] {
    try {
      const texts = textsOf(`the parameter ${name}`, value);
      for (const text of texts) {
        this.#host.make([text]);
      }
      return texts;
    } catch (error) {
      const reason = message(error);
      throw new Broken(
        reason.startsWith("the parameter ")
          ? reason
          : `the parameter ${name}: ${reason.replace(/^secrets\[\d+\]: /, "")}`,
      );
    }
  }

  /** The version before each of these that was replaced recently. It may be gone: SSM keeps a
   * hundred. */
  #previous(versions: readonly Parameter[], nowMs: number | bigint): string[] {
    return versions
      .filter(
        ({ modifiedAtSeconds, version }) =>
          version > 1 && this.#schedule.isWithinOverlap(modifiedAtSeconds, { nowMs }),
      )
      .map(({ name, version }) => `${name}:${version - 1}`);
  }
}

function waitOnHost(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Whether this is the parameter that a name asks for, which may also be an ARN. */
function answers(parameter: Parameter, name: string): boolean {
  return (
    parameter.name === name ||
    (name.startsWith("arn:") &&
      [":parameter", ":parameter/"].some((before) => name.endsWith(before + parameter.name)))
  );
}

/** What a value holds: one secret, or a JSON array of them. One newline at the end of a secret does
 * not count, since files that are put as they are end with one. */
export function textsOf(what: string, value: string): readonly string[] {
  if (!value.trimStart().startsWith("[")) {
    return [value.replace(/\r?\n$/, "")];
  }
  let texts: unknown;
  try {
    texts = JSON.parse(value);
  } catch {
    // Its message would quote the secret.
  }
  if (!Array.isArray(texts) || !texts.every((text): text is string => typeof text === "string")) {
    throw new Error(`${what} begins with [ and is not a JSON array of texts`);
  }
  return texts;
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((text, at) => text === others[at]);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
