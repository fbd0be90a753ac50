import type { Parameter, ParameterStore } from "../src/secrets.js";

/** A parameter store in memory, which can be down. */
export class FakeStore implements ParameterStore {
  down = false;
  reads = 0;
  #parameters = new Map<string, Parameter[]>();

  /** Puts a version of a parameter, at a moment in Unix seconds. */
  put(name: string, modifiedAtSeconds: number, value: string): void {
    const versions = this.#parameters.get(name) ?? [];
    versions.push({ name, version: versions.length + 1, modifiedAtSeconds, value });
    this.#parameters.set(name, versions);
  }

  async read(selectors: readonly string[]): Promise<Parameter[]> {
    this.reads += 1;
    if (this.down) {
      throw new Error("down");
    }
    return selectors.flatMap((selector) => {
      const [name = "", version] = selector.split(":");
      const versions = this.#parameters.get(name) ?? [];
      const found = version === undefined ? versions.at(-1) : versions[Number(version) - 1];
      return found === undefined ? [] : [found];
    });
  }
}
