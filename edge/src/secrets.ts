import {
  CachedSecrets,
  type Refresh,
  type SecretSource,
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

export interface SecretsHost<Ring> extends Pick<SecretSource<Ring>, "warn" | "wait"> {
  /** Makes what verifies with these secrets. Throws where a text is none. */
  readonly make: (secrets: readonly string[]) => Ring;
}

/** How a read of the secrets went: `broken` where what there is is no secret. */
export type SecretRead = "ok" | "failed" | "broken";

/** What a parameter holds is no secret, so that reading it again mends nothing. */
class Broken extends Error {}

/** Secrets from a parameter store, kept between requests. */
export class Secrets<Ring> {
  readonly #store: ParameterStore;
  readonly #host: SecretsHost<Ring>;
  readonly #names: readonly string[];
  readonly #cached: CachedSecrets<Ring>;
  #reads: SecretRead[] = [];

  constructor(store: ParameterStore, policy: SecretsPolicy, host: SecretsHost<Ring>) {
    const { names, ...timing } = policy;
    if (names.length === 0) {
      throw new RangeError("names: found none, expected at least one parameter");
    }
    this.#store = store;
    this.#host = host;
    this.#names = names;
    const source = {
      ...host,
      read: (nowMs: number | bigint) => this.#texts(nowMs),
      // What was read are texts.
      make: (secrets: readonly unknown[]) => host.make(secrets as readonly string[]),
      onRead: (failure: { readonly error: unknown } | undefined) =>
        void this.#reads.push(outcomeOf(failure)),
    };
    this.#cached = new CachedSecrets(source, timing);
  }

  /** What there is at hand, read first where there is nothing. Rejects where that fails. */
  current(nowMs: number | bigint): Ring | Promise<Ring> {
    return this.#cached.current(nowMs);
  }

  /** Gives secrets other than those that were judged with, as `CachedSecrets` does. */
  refresh(judged: Ring, nowMs: number | bigint): Promise<Refresh<Ring>> {
    return this.#cached.refresh(judged, nowMs);
  }

  /** How the reads since the last call went, for the metrics. */
  takeReads(): readonly SecretRead[] {
    const reads = this.#reads;
    if (reads.length > 0) {
      this.#reads = [];
    }
    return reads;
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
          version > 1 && this.#cached.isWithinOverlap(modifiedAtSeconds, nowMs),
      )
      .map(({ name, version }) => `${name}:${version - 1}`);
  }
}

function outcomeOf(failure: { readonly error: unknown } | undefined): SecretRead {
  if (failure === undefined) {
    return "ok";
  }
  return failure.error instanceof Broken ? "broken" : "failed";
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

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
