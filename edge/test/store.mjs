/** A parameter store in memory, which can be down. */
export class FakeStore {
  down = false;
  reads = 0;
  #parameters = new Map();

  /** Puts a version of a parameter, at a moment in Unix seconds. */
  put(name, modifiedAtSeconds, value) {
    const versions = this.#parameters.get(name) ?? [];
    versions.push({ name, version: versions.length + 1, modifiedAtSeconds, value });
    this.#parameters.set(name, versions);
  }

  async read(selectors) {
    this.reads += 1;
    if (this.down) {
      throw new Error("down");
    }
    return selectors.flatMap((selector) => {
      const [name, version] = selector.split(":");
      const versions = this.#parameters.get(name) ?? [];
      const found = version === undefined ? versions.at(-1) : versions[Number(version) - 1];
      return found === undefined ? [] : [found];
    });
  }
}
