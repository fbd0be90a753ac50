/** Settings by name, wherever a host keeps them: those that are not there are empty. */
export class SettingsReader {
  readonly #lookup: (name: string) => string | undefined;
  readonly #kind: string;

  /** `kind` is what a setting is called there, as "the environment variable". */
  constructor(kind: string, lookup: (name: string) => string | undefined) {
    this.#kind = kind;
    this.#lookup = lookup;
  }

  text(name: string): string {
    return this.#lookup(name)?.trim() ?? "";
  }

  required(name: string, expected: string): string {
    const text = this.text(name);
    if (text === "") {
      throw this.wrong(name, expected);
    }
    return text;
  }

  /** A whole number from `least` to `most`. */
  whole(
    name: string,
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
  one<Value>(name: string, otherwise: Value, values: Readonly<Record<string, Value>>): Value {
    const text = this.text(name);
    const value = text === "" ? otherwise : values[text];
    if (value === undefined) {
      throw this.wrong(name, Object.keys(values).join(" or "));
    }
    return value;
  }

  /** `true` or `false`; `false` by default. */
  flag(name: string): boolean {
    return this.one(name, false, { true: true, false: false });
  }

  /** The greatest age of a callback; a day by default. */
  maxAgeSeconds(name: string): number {
    return this.text(name) === "unlimited"
      ? Infinity
      : this.whole(name, 86_400, [0, Number.MAX_SAFE_INTEGER], "a number of seconds, or unlimited");
  }

  /** The error for a setting that cannot be used. */
  wrong(name: string, expected: string): Error {
    const text = this.text(name);
    const found = text === "" ? "nothing" : JSON.stringify(text);
    return new Error(`${this.#kind} ${name}: found ${found}, expected ${expected}`);
  }
}
