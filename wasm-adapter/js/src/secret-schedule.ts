import { core } from "./core.js";
import { high, limit, low } from "./input.js";
import { coreOf, gone, Item, numberOf } from "./item.js";
import { flag, onlyKnown } from "./options.js";
import { type Moment, momentSeconds } from "./verifier.js";

/** How often a source of secrets may be asked, in seconds; `Infinity` for never. */
export interface SecretTiming {
  /** Age at which secrets are read again, behind a request that uses those at hand; 300 by default. */
  readonly refreshSeconds?: number;
  /**
   * Age at which they are read again in front of a request; `Infinity` by default. For hosts that
   * freeze between requests, where what runs behind one may never end.
   */
  readonly patienceSeconds?: number;
  /**
   * How long a secret is accepted after a newer one was put; a day by default, because Sinch retries
   * what was signed before the change for as long.
   */
  readonly overlapSeconds?: number;
  /**
   * Whether each mismatch may have the secrets read, because that costs nothing; off by default.
   * Otherwise there is a pause between such reads.
   */
  readonly withoutPause?: boolean;
}

/** What a host does next for a callback that needs secrets. */
export interface SecretStep {
  /** Whether the read under way has been given up: it has failed. */
  readonly gaveUp: boolean;
  /** The read to begin behind the request. Its end is reported with `ended`. */
  readonly begin?: number;
  /**
   * Then this.
   *
   * - `use`: judge with what is at hand; after a mismatch, it is another ring than was judged with.
   * - `wait`: wait for the read under way, then call `waited`.
   * - `unchanged`: a read behind the mismatch found the same secrets.
   * - `recent`: they may not be read again yet; those at hand were read at `readAtSeconds`.
   * - `under_way`: a read has not ended in time, or too many wait for it.
   * - `unavailable`: there are none; after a mismatch, the last read failed.
   */
  readonly next: "use" | "wait" | "unchanged" | "recent" | "under_way" | "unavailable";
  /** For how long to wait at most, in milliseconds. */
  readonly limitMs: number;
  readonly readAtSeconds: number;
  /** What `waited` takes. */
  readonly waiting: SecretWaiting;
}

/** A callback that waits; to be passed on as it is. */
export interface SecretWaiting {
  readonly ask: number;
  readonly since: number;
}

const OPTIONS = ["refreshSeconds", "patienceSeconds", "overlapSeconds", "withoutPause"];
const NEXT = ["use", "wait", "unchanged", "recent", "under_way", "unavailable"] as const;
const OUTCOMES = ["same", "other", "failed"] as const;

const IS_MISMATCH = 1;
const IS_AT_HAND = 2;
const HAS_WAITED = 4;
const HAS_ENDED = 8;
const GAVE_UP = 16;
const BEGIN = 32;
/** There is no schedule of this number. */
const NO_SCHEDULE = -1;

/**
 * When a process reads the secrets that it keeps between requests, and what its callbacks do
 * meanwhile. It reads nothing and has no clock: the host does what a step says. `CachedSecrets` is such a
 * host.
 *
 * @example
 * import { SecretSchedule } from "sinch-callback";
 *
 * const schedule = new SecretSchedule({ refreshSeconds: 60 });
 * const moment = { nowMs: Date.now() };
 * const step = schedule.current(moment);
 * console.log(step.next, step.begin); // wait 1
 * // Here the host reads the secrets, and keeps them.
 * console.log(schedule.ended(1, "other")); // true
 * console.log(schedule.waited(step.waiting, true, true, moment).next); // use
 */
export class SecretSchedule extends Item {
  /** Throws a `TypeError` or `RangeError` for a timing that cannot be meant. */
  constructor(timing: SecretTiming = {}) {
    onlyKnown(timing, OPTIONS, "new SecretSchedule({ refreshSeconds: 300 })");
    const here = core();
    const number = here.exports.new_schedule(
      limit(here, "refreshSeconds", timing),
      limit(here, "patienceSeconds", timing),
      limit(here, "overlapSeconds", timing),
      1 - flag(timing, "withoutPause"),
    );
    super(here, number);
  }

  /** A callback needs secrets to be judged with. */
  current(moment: Moment): SecretStep {
    return this.#step(0, 0, moment);
  }

  /** A callback has matched none of the secrets that it was judged with; `isAtHand` says whether
   * they are still those at hand. */
  refresh(isAtHand: boolean, moment: Moment): SecretStep {
    return this.#step(IS_MISMATCH | (isAtHand ? IS_AT_HAND : 0), 0, moment);
  }

  /** A callback has waited: for the read's end where `hasEnded` says so, else in vain. */
  waited(waiting: SecretWaiting, hasEnded: boolean, isAtHand: boolean, moment: Moment): SecretStep {
    const ask =
      (waiting.ask & IS_MISMATCH) |
      HAS_WAITED |
      (hasEnded ? HAS_ENDED : 0) |
      (isAtHand ? IS_AT_HAND : 0);
    return this.#step(ask, waiting.since, moment);
  }

  /** Whether what a read brought counts. It does not where the read was given up. */
  ended(read: number, outcome: (typeof OUTCOMES)[number]): boolean {
    const { exports } = coreOf(this);
    return exports.secret_read_ended(numberOf(this), read, OUTCOMES.indexOf(outcome)) !== 0;
  }

  /** Whether a secret is still accepted that was replaced at this moment. */
  isWithinOverlap(replacedAtSeconds: number, moment: Moment): boolean {
    const now = momentSeconds(moment);
    const { exports } = coreOf(this);
    const within = exports.is_within_overlap(
      numberOf(this),
      high(replacedAtSeconds),
      low(replacedAtSeconds),
      high(now),
      low(now),
    );
    return within !== 0;
  }

  #step(ask: number, since: number, moment: Moment): SecretStep {
    const here = coreOf(this);
    const now = momentSeconds(moment);
    const number = numberOf(this);
    const step = here.exports.secret_step(number, ask, since, high(now), low(now));
    if (step === NO_SCHEDULE) {
      throw gone(this);
    }
    here.reserve(0);
    const { start, view } = here;
    return {
      gaveUp: (step & GAVE_UP) !== 0,
      ...((step & BEGIN) !== 0 && { begin: view.getUint32(start + 12, true) }),
      next: NEXT[step & 15] ?? "unavailable",
      limitMs: step >>> 16,
      readAtSeconds: view.getFloat64(start, true),
      waiting: { ask, since: view.getUint32(start + 8, true) },
    };
  }
}
