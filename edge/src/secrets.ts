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
export interface SecretsPolicy {
  /** Names of the parameters, at least one. What they hold now comes first. */
  readonly names: readonly string[];
  /** How long a version is still taken after a newer one was put: a day, as long as a retry may
   * come that was signed before the change. */
  readonly overlapSeconds?: number;
  /** Age after which what is kept is read again, behind a request; five minutes. */
  readonly refreshSeconds?: number;
  /**
   * Age after which what is kept is read again in front of a request; never. For hosts that freeze
   * between requests, where what runs behind one may never end.
   */
  readonly patienceSeconds?: number;
}

export interface SecretsHost<Ring> {
  /** Makes what verifies with these secrets. Throws where a text is none. */
  readonly make: (secrets: readonly string[]) => Ring;
  /** Told of each failed read, and of secrets that are left out. */
  readonly warn?: (message: string) => void;
}

/** Most secrets that are tried; core's limit. */
const MOST = 4;
/** Least time between two reads for mismatches, however many there are. */
const REREAD_SECONDS = 30;
/** Wait after the first failure in a row; it doubles with each. */
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;

/**
 * Secrets from a parameter store, kept between requests.
 *
 * What is kept is used however the store fares. It is read again behind a request once it is old,
 * and at a mismatch at most once in 30 seconds. Reads that fail wait ever longer for the next.
 */
export class Secrets<Ring> {
  readonly #store: ParameterStore;
  readonly #host: SecretsHost<Ring>;
  readonly #policy: Required<SecretsPolicy>;
  #kept: { readonly ring: Ring; readonly texts: readonly string[]; readonly at: number } | undefined;
  /** Not before this moment is the store asked again. */
  #dueAt = -Infinity;
  #failures = 0;
  #lastError: unknown;
  #lastReread: number | undefined;
  /** A first read that is under way. */
  #first: Promise<Ring> | undefined;
  #reads: boolean[] = [];

  constructor(store: ParameterStore, policy: SecretsPolicy, host: SecretsHost<Ring>) {
    if (policy.names.length === 0) {
      throw new RangeError("names: found none, expected at least one parameter");
    }
    this.#store = store;
    this.#host = host;
    this.#policy = {
      overlapSeconds: 86_400,
      refreshSeconds: 300,
      patienceSeconds: Infinity,
      ...policy,
    };
  }

  /** What there is at hand, read first where there is nothing. Throws where that fails. */
  async current(nowMs: number): Promise<Ring> {
    const now = seconds(nowMs);
    const kept = this.#kept;
    if (kept === undefined) {
      return this.#first ?? this.#readFirst(now);
    }
    if (now < this.#dueAt) {
      return kept.ring;
    }
    // Whoever asks while this read is under way does not start another.
    this.#putOff(now);
    const read = this.#read(now).catch(() => kept.ring);
    return now - kept.at < this.#policy.patienceSeconds ? kept.ring : read;
  }

  /** What a read after a mismatch brings; nothing where the last one was a moment ago. Throws where
   * the last attempt to read failed: nobody can say whether the signature is of a newer secret. */
  async reread(nowMs: number): Promise<Ring | undefined> {
    const now = seconds(nowMs);
    const last = this.#lastReread;
    // A clock that has run back must not bar reading until it has caught up.
    if (last !== undefined && now >= last && now - last < REREAD_SECONDS) {
      if (this.#failures > 0) {
        throw this.#lastError;
      }
      return undefined;
    }
    this.#lastReread = now;
    return this.#read(now);
  }

  /** How the reads since the last call went, for the metrics: true for each that brought secrets. */
  takeReads(): readonly boolean[] {
    const reads = this.#reads;
    if (reads.length > 0) {
      this.#reads = [];
    }
    return reads;
  }

  async #readFirst(now: number): Promise<Ring> {
    if (now < this.#dueAt) {
      throw new Error(`${message(this.#lastError)} (tried again in a moment)`);
    }
    this.#first = this.#read(now);
    try {
      return await this.#first;
    } finally {
      this.#first = undefined;
    }
  }

  #putOff(now: number): void {
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** this.#failures, LONGEST_WAIT_SECONDS);
    this.#dueAt = now + wait;
  }

  /** Reads the secrets and keeps them, or keeps what there is. */
  async #read(now: number): Promise<Ring> {
    try {
      const texts = await this.#texts(now);
      const kept = this.#kept;
      const ring =
        kept !== undefined && areEqual(kept.texts, texts) ? kept.ring : this.#make(texts);
      this.#kept = { ring, texts, at: now };
      this.#dueAt = now + this.#policy.refreshSeconds;
      this.#failures = 0;
      this.#lastError = undefined;
      this.#reads.push(true);
      return ring;
    } catch (error) {
      this.#putOff(now);
      this.#failures += 1;
      this.#lastError = error;
      this.#reads.push(false);
      this.#host.warn?.(
        `the secrets cannot be read: ${message(error)} (${this.#failures} in a row; ` +
          `${this.#kept === undefined ? "there are none at hand" : "what is at hand stays in use"})`,
      );
      throw error;
    }
  }

  #make(texts: readonly string[]): Ring {
    try {
      return this.#host.make(texts);
    } catch (error) {
      const reason = message(error).replace(/^secrets\[\d+\]: /, "");
      throw new Error(`the parameter ${this.#policy.names.join(", ")}: ${reason}`);
    }
  }

  /** The secrets in order: what each parameter holds now, then what it held before, as long as that
   * is within the overlap. */
  async #texts(now: number): Promise<readonly string[]> {
    const { names } = this.#policy;
    let versions = [...(await this.#store.read(names))];
    for (const name of names) {
      if (!versions.some((version) => answers(version, name))) {
        throw new Error(`there is no parameter ${name}, or this role may not read it`);
      }
    }
    const place = (version: Parameter): number =>
      names.findIndex((name) => answers(version, name));
    versions.sort((one, other) => place(one) - place(other));

    const texts: string[] = [];
    while (versions.length > 0 && texts.length < MOST) {
      for (const { name, value } of versions) {
        const found = textsOf(`the parameter ${name}`, value);
        texts.push(...found.filter((text) => !texts.includes(text)));
      }
      const previous = this.#previous(versions, now);
      versions = previous.length === 0 ? [] : [...(await this.#store.read(previous))];
    }
    if (texts.length > MOST) {
      this.#host.warn?.(
        `there are ${texts.length} secrets, and ${MOST} are tried: the oldest are left out`,
      );
    }
    return texts.slice(0, MOST);
  }

  /** The version before each of these that was replaced recently. It may be gone: SSM keeps a
   * hundred. */
  #previous(versions: readonly Parameter[], now: number): string[] {
    return versions
      .filter(({ modifiedAtSeconds, version }) => {
        const age = Math.max(0, now - modifiedAtSeconds);
        return age < this.#policy.overlapSeconds && version > 1;
      })
      .map(({ name, version }) => `${name}:${version - 1}`);
  }
}

function seconds(nowMs: number): number {
  return Math.floor(nowMs / 1000);
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
    return [value.replace(/\r?\n?$/, "")];
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
