import { defaultOf } from "sinch-callback/edge/schemes";

/** Settings by name, wherever a host keeps them: those that are not there are empty. */
export class SettingsReader<Name extends string = string> {
  readonly #lookup: (name: Name) => string | undefined;
  readonly #kind: string;

  /** `kind` is what a setting is called there, as "the environment variable". */
  constructor(kind: string, lookup: (name: Name) => string | undefined) {
    this.#kind = kind;
    this.#lookup = lookup;
  }

  text(name: Name): string {
    return this.#lookup(name)?.trim() ?? "";
  }

  required(name: Name, expected: string): string {
    const text = this.text(name);
    if (text === "") {
      throw this.wrong(name, expected);
    }
    return text;
  }

  /** A whole number from `least` to `most`. */
  whole(
    name: Name,
    otherwise: number,
    [least, most]: readonly [number, number],
    expected: string,
  ): number {
    const text = this.text(name);
    if (text === "") {
      return otherwise;
    }
    const number = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (!(number >= least && number <= most)) {
      throw this.wrong(name, expected);
    }
    return number;
  }

  /** What one of these texts stands for. */
  one<Value>(name: Name, otherwise: Value, values: Readonly<Record<string, Value>>): Value {
    const text = this.text(name);
    const value = text === "" ? otherwise : values[text];
    if (value === undefined) {
      throw this.wrong(name, Object.keys(values).join(" or "));
    }
    return value;
  }

  /** `true` or `false`; `false` by default. */
  flag(name: Name): boolean {
    return this.one(name, false, { true: true, false: false });
  }

  /** The greatest age of a callback; core's for a host with a log behind it by default. */
  maxAgeSeconds(name: Name): number {
    const most: [number, number] = [0, Number.MAX_SAFE_INTEGER];
    return this.text(name) === "unlimited"
      ? Infinity
      : this.whole(name, defaultOf("loggedAgeSeconds"), most, "a number of seconds, or unlimited");
  }

  /** Whether Sinch is to retry what matches no secret, as a status: 401 or 503; 401 by default. */
  retryMismatch(name: Name): boolean {
    return this.one(name, false, { 401: false, 503: true });
  }

  /** How many callbacks a guard in memory remembers. */
  guardCapacity(name: Name): number {
    return this.whole(
      name,
      defaultOf("edgeCapacity"),
      [1, 1_000_000],
      "a number of callbacks from 1 to 1000000, at 48 bytes each",
    );
  }

  /** The error for a setting that cannot be used. */
  wrong(name: Name, expected: string): Error {
    const text = this.text(name);
    const found = text === "" ? "nothing" : JSON.stringify(text);
    return this.fault(name, `found ${found}, expected ${expected}`);
  }

  /** The same, in words of the caller's. */
  fault(name: Name, reason: string): Error {
    return new Error(`${this.#kind} ${name}: ${reason}`);
  }
}
