import { Environment } from "./environment.mjs";
import { EdgeFailure } from "./edge-failure.mjs";

/** A Lambda@Edge function: as many environments as are needed at once, up to a limit. */
export class EdgeFunction {
  #places;

  /** `limit` environments at most; the rest is for `Environment`. */
  constructor({ name, limit, ...options }) {
    this.name = name;
    this.options = options;
    this.#places = Array.from({ length: limit }, () => ({
      environment: null,
      busy: false,
      queue: [],
    }));
  }

  /**
   * `{ result, environment }`, the latter the number of the one that ran it: of `pinned` where that is
   * a number, which may have to wait for its turn, and otherwise of any that is idle.
   */
  async invoke(id, event, fixedMs, pinned = null) {
    const number = await this.#take(pinned);
    const place = this.#places[number];
    try {
      if (place.environment === null || place.environment.ended) {
        place.environment = new Environment(`${this.name}-${number}`, this.options);
        await place.environment.start(fixedMs);
      }
      return { environment: number, result: await place.environment.invoke(id, event, fixedMs) };
    } finally {
      place.busy = false;
      place.queue.shift()?.();
    }
  }

  /** All of them end, as they do when a new version is deployed. */
  async stop() {
    const running = this.#places.map(({ environment }) => environment);
    this.#places.forEach((place) => (place.environment = null));
    await Promise.all(running.map((environment) => environment?.stop()));
  }

  environments() {
    return this.#places.map(({ environment }, number) => ({
      number,
      pid: environment?.process?.pid ?? null,
      invocations: environment?.invocations ?? 0,
      ended: environment?.ended ?? null,
    }));
  }

  async #take(pinned) {
    if (pinned !== null) {
      const place = this.#places[pinned];
      while (place.busy) {
        await new Promise((resolve) => place.queue.push(resolve));
      }
      place.busy = true;
      return pinned;
    }
    const idle = (place) => !place.busy;
    const warm = this.#places.findIndex(
      (place) => idle(place) && place.environment && !place.environment.ended,
    );
    const number = warm >= 0 ? warm : this.#places.findIndex(idle);
    if (number < 0) {
      throw EdgeFailure.limit();
    }
    this.#places[number].busy = true;
    return number;
  }
}
