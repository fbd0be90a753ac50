import type { Core } from "./core.js";

/** Frees what a forgotten object held. */
const registry =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<{ core: Core; number: number }>(({ core, number }) =>
        core.exports.free(number),
      )
    : undefined;

/** Something that lives in the linear memory until it is disposed of, or collected. */
export abstract class Item {
  /** The instance that it lives in. */
  protected readonly core: Core;
  /** Its number there; 0 once it is freed. */
  protected number: number;

  protected constructor(core: Core, number: number) {
    this.core = core;
    this.number = number;
    registry?.register(this, { core, number }, this);
  }

  /** Frees it now. Any use after that throws. */
  dispose(): void {
    if (this.number !== 0) {
      registry?.unregister(this);
      this.core.exports.free(this.number);
      this.number = 0;
    }
  }

  /** The error of a use after `dispose`. */
  protected gone(): Error {
    return new Error(`this ${this.constructor.name} has been disposed of`);
  }
}

// Hosts that know `using` call this; the others never miss it.
if (typeof Symbol.dispose === "symbol") {
  Object.defineProperty(Item.prototype, Symbol.dispose, {
    value(this: Item) {
      this.dispose();
    },
    configurable: true,
    writable: true,
  });
}
