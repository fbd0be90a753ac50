import { core } from "./core.js";
import { defaultOf, high, limit, low } from "./input.js";
import { Item, coreOf, gone, numberOf } from "./item.js";
import { words } from "./key.js";
import { onlyKnown } from "./options.js";
import type { Accepted } from "./verdict.js";
import { type Moment, momentSeconds } from "./verifier.js";

export interface ReplayGuardOptions {
  /** The most callbacks it remembers, 48 bytes each; 10,000 by default. */
  readonly capacity?: number;
  /** How long it remembers, in seconds: the verifier's `memorySeconds`. 600 by default. */
  readonly memorySeconds?: number;
  /** How long a claim without outcome holds, in seconds; 30 by default. */
  readonly inFlightSeconds?: number;
  /** What a full guard does with one more callback; `"forget_oldest"` by default. */
  readonly whenFull?: "forget_oldest" | "refuse";
}

/**
 * The right to release a claim, which only the copy that claimed has. Plain data: it may be carried to
 * wherever the outcome is heard of.
 */
export interface Ticket {
  /** The key that was claimed. */
  readonly replayKey: string;
  /** When it was claimed, in Unix seconds. */
  readonly sinceSeconds: number;
}

/**
 * What a guard knows of a callback that asks to be handed off.
 *
 * - `first`: nobody has claimed it. Hand it off, then confirm, or release with the ticket.
 * - `in_flight`: claimed, outcome unknown. Hand it off, or answer 429; never that it is received.
 * - `done`: an earlier copy has been handed off. Answer 200 and do nothing.
 * - `full`: the guard refuses to forget. Hand it off unguarded, or answer 503.
 */
export type Claim =
  | { readonly state: "first"; readonly ticket: Ticket }
  | { readonly state: "in_flight"; readonly sinceSeconds: number; readonly ticket?: undefined }
  | { readonly state: "done" | "full"; readonly ticket?: undefined };

const OPTIONS = ["capacity", "memorySeconds", "inFlightSeconds", "whenFull"];

const DONE: Claim = Object.freeze({ state: "done" });
const FULL: Claim = Object.freeze({ state: "full" });

/**
 * Remembers which callbacks have been handed off, in two steps and in bounded memory: a callback is
 * claimed before its hand-off and confirmed after it, or released where it failed, so that the retry
 * after your own failure is never taken for a replay.
 *
 * @example
 * import { ReplayGuard } from "sinch-callback";
 *
 * const guard = new ReplayGuard({ memorySeconds: 86_400 });
 * const moment = { nowMs: Date.now() };
 * const replayKey = "000102030405060708090a0b0c0d0e0f"; // of an accepted verdict
 *
 * const claim = guard.claim(replayKey, moment);
 * console.log(claim.state); // first
 * guard.release(claim.ticket); // the hand-off has failed
 * console.log(guard.claim(replayKey, moment).state); // first
 * guard.confirm(replayKey, moment); // it has been handed off
 * console.log(guard.claim(replayKey, moment).state); // done
 */
export class ReplayGuard extends Item {
  /** Throws a `RangeError` where there is no memory for so many callbacks. */
  constructor(options: ReplayGuardOptions = {}) {
    onlyKnown(options, OPTIONS, "new ReplayGuard({ memorySeconds: verifier.memorySeconds })");
    const { whenFull } = options;
    if (whenFull !== undefined && whenFull !== "forget_oldest" && whenFull !== "refuse") {
      throw new TypeError(`whenFull must be "forget_oldest" or "refuse"`);
    }
    const capacity = options.capacity ?? defaultOf("capacity");
    if (!Number.isInteger(capacity) || capacity < 1 || capacity > 0xffff_ffff) {
      throw new RangeError(
        `capacity must be a whole number of at least 1, not ${String(capacity)}`,
      );
    }
    const here = core();
    const number = here.exports.new_guard(
      capacity,
      limit(here, "memorySeconds", options),
      limit(here, "inFlightSeconds", options),
      whenFull === "refuse" ? 1 : 0,
    );
    if (number === 0) {
      throw new RangeError(`there is no memory for ${capacity} callbacks at 48 bytes each`);
    }
    super(here, number);
  }

  /** Claims a callback: an accepted verdict, or a key of 32 hexadecimal digits. */
  claim(callback: Accepted | string, moment: Moment): Claim {
    const core = coreOf(this);
    const replayKey = keyOf(callback);
    const found = words(replayKey);
    const now = momentSeconds(moment);
    const since = core.exports.claim(
      numberOf(this),
      found[0],
      found[1],
      found[2],
      found[3],
      high(now),
      low(now),
    );
    switch (since) {
      case -1:
        return { state: "first", ticket: { replayKey, sinceSeconds: Number(now) } };
      case -2:
        return DONE;
      case -3:
        return FULL;
      case -4:
        throw gone(this);
      default:
        return { state: "in_flight", sinceSeconds: since };
    }
  }

  /** Records that a callback has been handed off, by whichever copy and wherever it was claimed. */
  confirm(callback: Accepted | string, moment: Moment): void {
    const { exports } = coreOf(this);
    const [k0, k1, k2, k3] = words(keyOf(callback));
    const now = momentSeconds(moment);
    if (exports.confirm(numberOf(this), k0, k1, k2, k3, high(now), low(now)) === 0) {
      throw gone(this);
    }
  }

  /**
   * Takes back the claim of a callback that could not be handed off, so that its retry is the first
   * again. The ticket is that of the claim; a copy that has none takes nothing back.
   */
  release(ticket: Ticket | undefined): void {
    const { exports } = coreOf(this);
    if (ticket === undefined) {
      return;
    }
    const since = ticket?.sinceSeconds;
    if (!(Number.isInteger(since) && since >= 0)) {
      throw new TypeError("release takes the ticket of the claim: guard.release(claim.ticket)");
    }
    const [k0, k1, k2, k3] = words(ticket.replayKey);
    if (exports.release(numberOf(this), k0, k1, k2, k3, high(since), low(since)) === 0) {
      throw gone(this);
    }
  }

  /** How many callbacks it remembers. */
  get size(): number {
    return coreOf(this).exports.guard_length(numberOf(this));
  }
}

function keyOf(callback: Accepted | string): string {
  return typeof callback === "string" ? callback : callback?.replayKey;
}
