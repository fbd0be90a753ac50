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
  /** Lets so many milliseconds pass, or fewer where the signal says that nobody waits any more. The
   * host's timers by default. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What came of asking for newer secrets after a mismatch. */
export type Refresh<Ring> =
  /** There are others: these decide. */
  | { readonly is: "newer"; readonly ring: Ring }
  /** They were read behind the mismatch, and are the same: it stands. */
  | { readonly is: "unchanged" }
  /** They may not be read again yet. Those at hand were read at this moment. */
  | { readonly is: "recent"; readonly readAtSeconds: number }
  /** They are being read, and are not here in time. */
  | { readonly is: "under_way" };

/** How a read of the secrets went: `broken` where what there is is no secret. */
export type SecretRead = "ok" | "failed" | "broken";

/** Most secrets that are tried; core's limit. */
const MOST = 4;
/** The pause between reads that mismatches ask for; each further one that brings nothing new doubles
 * it. This and the next three are core's, in `secret_schedule.rs`. */
const FIRST_PAUSE_SECONDS = 30;
const LONGEST_PAUSE_SECONDS = 600;
/** Longest that a callback waits for a read that is under way. */
const MAX_WAIT_MS = 1_000;
/** Most callbacks that wait for one read. */
const MAX_WAITERS = 64;
/** Age at which a read that is still under way has failed: environments are frozen in the middle. */
const READ_LIFE_SECONDS = 5;
/** Wait after the first failure in a row; it doubles with each. */
const FIRST_WAIT_SECONDS = 1;
const LONGEST_WAIT_SECONDS = 60;

/** What is kept between requests. */
interface Kept<Ring> {
  readonly ring: Ring;
  readonly texts: readonly string[];
  /** When the read began that found the secrets to be these. */
  readonly at: number;
}

/** A read that has not come to its end. */
interface UnderWay {
  readonly number: number;
  readonly began: number;
  /** Never rejects. */
  readonly end: Promise<void>;
}

/** What a parameter holds is no secret, so that reading it again mends nothing. */
class Broken extends Error {}

/**
 * Secrets from a parameter store, kept between requests.
 *
 * What is kept is used however the store fares. It is read again behind a request once it is old,
 * and at a mismatch, with a pause that doubles with each read that brings nothing new. One read is
 * under way at a time. Reads that fail wait ever longer for the next.
 */
export class Secrets<Ring> {
  readonly #store: ParameterStore;
  readonly #host: SecretsHost<Ring>;
  readonly #policy: Required<SecretsPolicy>;
  #kept: Kept<Ring> | undefined;
  /** Not before this moment is the store asked again. */
  #dueAt = -Infinity;
  #failures = 0;
  #lastError: unknown;
  #lastRefresh: number | undefined;
  #fruitless = 0;
  #underWay: UnderWay | undefined;
  #begun = 0;
  /** The newest read whose outcome counts: one that was begun before it comes too late. */
  #settled = 0;
  #waiters = 0;
  #reads: SecretRead[] = [];

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

  /** What there is at hand, read first where there is nothing. Rejects where that fails. */
  current(nowMs: number): Ring | Promise<Ring> {
    const now = seconds(nowMs);
    this.#giveUpOnFrozen(now);
    const isOurs = now >= this.#dueAt && this.#underWay === undefined;
    if (isOurs) {
      this.#begin(now, false);
    }
    const kept = this.#kept;
    const read = this.#underWay;
    return kept !== undefined &&
      (read === undefined || now - kept.at < this.#policy.patienceSeconds)
      ? kept.ring
      : this.#awaited(kept, read, isOurs);
  }

  async #awaited(
    kept: Kept<Ring> | undefined,
    read: UnderWay | undefined,
    isOurs: boolean,
  ): Promise<Ring> {
    if (kept !== undefined && read !== undefined) {
      await this.#endOf(read, MAX_WAIT_MS);
      return this.#kept?.ring ?? kept.ring;
    }
    if (read === undefined) {
      throw new Error(`${message(this.#lastError)} (tried again in a moment)`);
    }
    // There is nothing to judge with: whoever began it waits for as long as it may last.
    const ended = await this.#endOf(read, isOurs ? READ_LIFE_SECONDS * 1_000 : MAX_WAIT_MS);
    if (this.#kept !== undefined) {
      return this.#kept.ring;
    }
    throw ended ? this.#lastError : new Error("a read of the secrets is under way");
  }

  /** Gives secrets other than those that were judged with: those at hand where they are others by
   * now, else what a read brings. Throws where the last attempt to read failed: nobody can say
   * whether the signature is of a newer secret. */
  async refresh(judged: Ring, nowMs: number): Promise<Refresh<Ring>> {
    const now = seconds(nowMs);
    this.#giveUpOnFrozen(now);
    const newer = this.#otherThan(judged);
    if (newer !== undefined) {
      return newer;
    }
    let read = this.#underWay;
    const isOurs = read === undefined;
    if (read === undefined) {
      if (!this.#takeTurn(now)) {
        return this.#unread();
      }
      read = this.#begin(now, true);
    }
    const ended = await this.#endOf(read, MAX_WAIT_MS);
    const found = this.#otherThan(judged);
    if (found !== undefined) {
      return found;
    }
    if (!ended) {
      return { is: "under_way" };
    }
    // One that was begun behind this mismatch would have found what it was signed with.
    return isOurs && this.#failures === 0 ? { is: "unchanged" } : this.#unread();
  }

  /** How the reads since the last call went, for the metrics. */
  takeReads(): readonly SecretRead[] {
    const reads = this.#reads;
    if (reads.length > 0) {
      this.#reads = [];
    }
    return reads;
  }

  #otherThan(judged: Ring): Refresh<Ring> | undefined {
    const kept = this.#kept;
    return kept === undefined || kept.ring === judged
      ? undefined
      : { is: "newer", ring: kept.ring };
  }

  /** What a mismatch is told where nothing was read for it. */
  #unread(): Refresh<Ring> {
    if (this.#kept === undefined || this.#failures > 0) {
      throw this.#lastError ?? new Error("there are no secrets at hand");
    }
    return { is: "recent", readAtSeconds: this.#kept.at };
  }

  /** Whether a mismatch may have the secrets read now. */
  #takeTurn(now: number): boolean {
    const last = this.#lastRefresh;
    const pause = FIRST_PAUSE_SECONDS * 2 ** Math.max(0, this.#fruitless - 1);
    // A clock that has run back must not bar reading until it has caught up.
    if (last !== undefined && now >= last && now - last < Math.min(pause, LONGEST_PAUSE_SECONDS)) {
      return false;
    }
    this.#lastRefresh = now;
    return true;
  }

  #putOff(now: number): void {
    const wait = Math.min(FIRST_WAIT_SECONDS * 2 ** this.#failures, LONGEST_WAIT_SECONDS);
    this.#dueAt = now + wait;
  }

  /** An environment may be frozen in the middle of a read, which then never ends. */
  #giveUpOnFrozen(now: number): void {
    const read = this.#underWay;
    if (read !== undefined && now - read.began >= READ_LIFE_SECONDS) {
      this.#underWay = undefined;
      // Whatever it brings yet: others may have read newer secrets meanwhile, and have failed.
      this.#settled = read.number;
      this.#hasFailed(new Error("the store has not answered"), now);
    }
  }

  /** Waits for the end of a read; false where it has not come in time, or too many wait. */
  async #endOf({ end }: UnderWay, ms: number): Promise<boolean> {
    if (this.#waiters >= MAX_WAITERS) {
      return false;
    }
    this.#waiters += 1;
    const timer = new AbortController();
    const wait = this.#host.wait ?? waitOnHost;
    try {
      return await Promise.race([end.then(() => true), wait(ms, timer.signal).then(() => false)]);
    } finally {
      timer.abort();
      this.#waiters -= 1;
    }
  }

  /** Begins a read, which goes on behind whoever asked. */
  #begin(now: number, forMismatch: boolean): UnderWay {
    // Whoever asks while this read is under way does not begin another.
    this.#putOff(now);
    const number = (this.#begun += 1);
    const read = { number, began: now, end: this.#read(number, now, forMismatch) };
    this.#underWay = read;
    return read;
  }

  /** Reads the secrets and keeps them, or keeps what there is. */
  async #read(number: number, now: number, forMismatch: boolean): Promise<void> {
    let outcome: Pick<Kept<Ring>, "ring" | "texts"> | { readonly error: unknown };
    try {
      const texts = await this.#texts(now);
      const kept = this.#kept;
      const isKept = kept !== undefined && areEqual(kept.texts, texts);
      outcome = { texts, ring: isKept ? kept.ring : this.#host.make(texts) };
    } catch (error) {
      outcome = { error };
    }
    if (this.#underWay?.number === number) {
      this.#underWay = undefined;
    }
    if (number <= this.#settled) {
      return;
    }
    if ("error" in outcome) {
      this.#hasFailed(outcome.error, now);
      return;
    }
    this.#settled = number;
    if (outcome.ring !== this.#kept?.ring) {
      this.#fruitless = 0;
    } else if (forMismatch) {
      this.#fruitless += 1;
    }
    this.#kept = { ...outcome, at: now };
    this.#dueAt = now + this.#policy.refreshSeconds;
    this.#failures = 0;
    this.#lastError = undefined;
    this.#reads.push("ok");
  }

  #hasFailed(error: unknown, now: number): void {
    this.#putOff(now);
    this.#failures += 1;
    this.#lastError = error;
    this.#reads.push(error instanceof Broken ? "broken" : "failed");
    this.#host.warn?.(
      `the secrets cannot be read: ${message(error)} (${this.#failures} in a row; ` +
        `${this.#kept === undefined ? "there are none at hand" : "what is at hand stays in use"})`,
    );
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
    const place = (version: Parameter): number => names.findIndex((name) => answers(version, name));
    versions.sort((one, other) => place(one) - place(other));

    const texts: string[] = [];
    for (let isCurrent = true; versions.length > 0 && texts.length < MOST; isCurrent = false) {
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
  #previous(versions: readonly Parameter[], now: number): string[] {
    return versions
      .filter(({ modifiedAtSeconds, version }) => {
        const age = Math.max(0, now - modifiedAtSeconds);
        return age < this.#policy.overlapSeconds && version > 1;
      })
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
