import type { Core } from "./core.js";

// What `using` needs of the types, for whom `esnext.disposable` is not among the libraries; the
// same as there, so that both may be.
declare global {
  interface SymbolConstructor {
    readonly dispose: unique symbol;
  }
  interface Disposable {
    [Symbol.dispose](): void;
  }
}

/** Frees what a forgotten object held. */
const registry =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<{ core: Core; number: number }>(({ core, number }) =>
        core.exports.free(number),
      )
    : undefined;

/** The instance that an item lives in. Throws for what is no item. @internal */
export let coreOf: (item: Item) => Core;
/** An item's number there; 0 once it is freed. @internal */
export let numberOf: (item: Item) => number;
/** The same for an item that has to be of this instance. Throws where it is not, or is gone. @internal */
export function numberIn(core: Core, item: Item): number {
  if (coreOf(item) !== core) {
    throw new TypeError(
      `this ${item.constructor.name} lives in another module: init was called since`,
    );
  }
  const number = numberOf(item);
  if (number === 0) {
    throw gone(item);
  }
  return number;
}

/**
 * Something that lives in the linear memory until it is disposed of, or collected.
 *
 * Linear memory holds keyed secrets, enough to sign with. So nothing leads there from outside: the
 * fields are private to the language, and printing, copying or serializing an item gives its name.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface is what `using` needs, in hosts that know it
export abstract class Item {
  readonly #core: Core;
  #number: number;

  static {
    coreOf = (item) => {
      try {
        return item.#core;
      } catch {
        throw new TypeError(
          "called on something else than the object that was made, such as a copy, a proxy or " +
            "nothing: call it as in verifier.verify(…)",
        );
      }
    };
    numberOf = (item) => item.#number;
  }

  /** @internal */
  protected constructor(core: Core, number: number) {
    this.#core = core;
    this.#number = number;
    registry?.register(this, { core, number }, this);
  }

  /** Frees it now. Any use after that throws. */
  dispose(): void {
    const core = coreOf(this);
    if (this.#number !== 0) {
      registry?.unregister(this);
      core.exports.free(this.#number);
      this.#number = 0;
    }
  }

  /** Its name: there is nothing to write of it, and nothing to read back. */
  toJSON(): string {
    return describe(this);
  }
}

/** What `using` calls, in hosts that know it. */
export interface Item extends Disposable {}

/** The error of a use after `dispose`. @internal */
export function gone(item: Item): Error {
  return new Error(`this ${item.constructor.name} has been disposed of`);
}

function describe(item: Item): string {
  coreOf(item);
  return `[${item.constructor.name}${numberOf(item) === 0 ? ", disposed of" : ""}]`;
}

function hidden(name: symbol, value: (this: Item) => unknown): void {
  Object.defineProperty(Item.prototype, name, { value, configurable: true, writable: true });
}

if (typeof Symbol.dispose === "symbol") {
  hidden(Symbol.dispose, function () {
    this.dispose();
  });
}
// Consoles of Node.js and Bun, which would otherwise list prototypes and getters.
hidden(Symbol.for("nodejs.util.inspect.custom"), function () {
  // The prototype itself may be printed too, and is no item.
  return Object.hasOwn(this, "constructor") ? `[${this.constructor.name}]` : describe(this);
});
