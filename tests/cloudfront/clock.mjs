/** The time of everything emulated. May be stopped, for callbacks that were signed long ago. */
export class Clock {
  /** @type {number | null} */
  #fixedMs = null;

  /** Seconds at which it stands from now on; null lets it run. */
  set(seconds) {
    this.#fixedMs = seconds === null ? null : seconds * 1000;
  }

  nowMs() {
    return this.#fixedMs ?? Date.now();
  }

  /** What an environment is told: null means its own. */
  get fixedMs() {
    return this.#fixedMs;
  }
}
