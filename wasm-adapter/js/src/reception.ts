import { type Answer, answerOf } from "./answer.js";
import { core } from "./core.js";
import type { Claim, ReplayGuard, Ticket } from "./guard.js";
import type { HeadersLike } from "./headers.js";
import { high, limit, low, seconds } from "./input.js";
import { Item, coreOf, gone, numberOf } from "./item.js";
import { layOut } from "./lay-out.js";
import { algorithmIsRequired, flag, onlyKnown } from "./options.js";
import { type Accepted, accepted } from "./verdict.js";
import {
  type Moment,
  type SignedCallback,
  type Verifier,
  type VerifierOptions,
  bodyOf,
} from "./verifier.js";

export interface ReceptionOptions extends Omit<VerifierOptions, "secrets" | "verbatimSecrets"> {
  /** Whether a callback whose signature matches no secret is answered so that Sinch retries it, while
   * you are not sure of the secret; off by default. */
  readonly retryMismatch?: boolean;
}

/** A callback on its way through a host. */
export interface Arrival extends SignedCallback {
  /** Whether `body` is only the beginning of what was sent. */
  readonly truncated?: boolean;
}

/** What a callback is judged with. */
export interface Means extends Moment {
  /** A verifier with the secrets at hand; left out where there are none. */
  readonly verifier?: Verifier | undefined;
  /** The guard that claims it, in the same call; left out where another one is asked. */
  readonly guard?: ReplayGuard | undefined;
  /** With how many newer verifiers it was judged before. */
  readonly refreshes: number;
}

/** What a guard has said of a callback that goes on. */
export type Given =
  | { readonly state: "first"; readonly ticket: Ticket }
  | { readonly state: "in_flight" | "full"; readonly ticket?: undefined };

/** How a reception ends that leads to no hand-off. */
export type Final =
  | { readonly is: "answer"; readonly answer: Answer }
  /** There is no secret to judge it with: forward it, or answer that. */
  | { readonly is: "undecided" };

/** What a host does next about a callback. */
export type Next =
  | Final
  /** Hand it off, then tell `settle` what became of it. */
  | { readonly is: "hand_off"; readonly verdict: Accepted; readonly claim: Given | undefined }
  /** Its signature matches no secret of this verifier: ask for newer ones, and judge it again with
   * them, or tell `refreshed` why there are none. */
  | { readonly is: "refresh"; readonly signedAtSeconds: number };

/** Why there are no newer secrets. */
export type Unrefreshed =
  /** They were read since the mismatch, and are the same. */
  | { readonly is: "unchanged" }
  /** They may not be read again yet. Those at hand were read at this moment. */
  | { readonly is: "recent"; readonly readAtSeconds: number }
  /** They are being read, and are not here in time. */
  | { readonly is: "under_way" }
  | { readonly is: "unavailable" };

/** What became of a hand-off to an origin. */
export interface Outcome {
  /** The origin's HTTP status; 0 where it has not answered. */
  readonly status: number;
  /** Whether its answer has the header `answerHeader()`, or it is known to be one without. */
  readonly marked: boolean;
  /** Whether the callback was authentic, and not forwarded undecided. */
  readonly authentic: boolean;
  /** Whether this copy has the claim. */
  readonly ticket: Ticket | undefined;
}

/** What follows from it. */
export interface Settled {
  /** What the sender is answered in place of the origin's answer; nothing where that goes on. */
  readonly answer?: Answer;
  readonly guard: "nothing" | "confirm" | "release";
}

const OPTIONS = [
  "maxAgeSeconds",
  "maxAheadSeconds",
  "maxBodyBytes",
  "algorithmHeader",
  "retryMismatch",
];
const [GO_ON, REFRESH, UNDECIDED, NO_ITEM] = [0, 256, 257, -1];
const UNREFRESHED = { unchanged: 1, recent: 2, under_way: 3, unavailable: 4 };
const [FIRST, IN_FLIGHT, FULL, DONE] = [1, 2, 3, 4];
/** Where in the record it stands what the guard has said. */
const CLAIM_AT = 25;
const NOTHING = new Uint8Array();
const TOLD = ["nothing", "confirm", "release"] as const;

/**
 * Receives callbacks: what a host does with one, from its headers to the answer. It decides and does
 * nothing itself: the host reads bodies and secrets, hands off, and answers.
 */
export class Reception extends Item {
  readonly #maxBodyBytes: number;

  /** Throws a `TypeError` or `RangeError` for options that cannot be meant. */
  constructor(options: ReceptionOptions = {}) {
    onlyKnown(options, OPTIONS, "new Reception({ maxAgeSeconds: 86_400 })");
    const here = core();
    const maxBodyBytes = Math.min(Number(limit(here, "maxBodyBytes", options)), 0xffff_ffff);
    const number = here.exports.new_rules(
      limit(here, "maxAgeSeconds", options),
      limit(here, "maxAheadSeconds", options),
      maxBodyBytes,
      algorithmIsRequired(options),
      flag(options, "retryMismatch"),
    );
    super(here, number);
    this.#maxBodyBytes = maxBodyBytes;
  }

  /** How much of a body is worth reading, in bytes. */
  get maxBodyBytes(): number {
    coreOf(this);
    return this.#maxBodyBytes;
  }

  /** How long a guard has to remember, in seconds. */
  get memorySeconds(): number {
    return coreOf(this).exports.memory_secs(numberOf(this));
  }

  /** Judges the headers before the body is read: what is answered; nothing where it goes on. */
  begin(headers: HeadersLike): Answer | undefined {
    const core = coreOf(this);
    layOut(core, headers, NOTHING, 0);
    const { signature, timestamp, nonce, algorithm } = core.laid;
    const next = core.exports.begin(numberOf(this), signature, timestamp, nonce, algorithm);
    return next === GO_ON ? undefined : answerOf(core, this.#known(next));
  }

  /** Judges a callback and claims it. */
  receive(arrival: Arrival, means: Means): Next {
    const core = coreOf(this);
    const body = bodyOf(arrival);
    const now = seconds(means);
    layOut(core, arrival.headers, body, this.#maxBodyBytes);
    const { laid } = core;
    const { verifier, guard } = means;
    const next = core.exports.receive(
      numberOf(this),
      verifier === undefined ? 0 : numberOf(verifier),
      guard === undefined ? 0 : numberOf(guard),
      laid.signature,
      laid.timestamp,
      laid.nonce,
      laid.algorithm,
      laid.body,
      arrival.truncated === true ? 1 : 0,
      means.refreshes,
      high(now),
      low(now),
    );
    if (next === GO_ON) {
      const verdict = accepted(core);
      const claim = claimOf(core.bytes[core.start + CLAIM_AT], verdict.replayKey, now);
      return { is: "hand_off", verdict, claim };
    }
    if (next === REFRESH) {
      return { is: "refresh", signedAtSeconds: core.view.getFloat64(core.start, true) };
    }
    return this.#next(next);
  }

  /** What a mismatch means where there are no newer secrets. */
  refreshed(signedAtSeconds: number, why: Unrefreshed): Final {
    const readAt = why.is === "recent" ? why.readAtSeconds : 0;
    const next = coreOf(this).exports.refreshed(
      numberOf(this),
      UNREFRESHED[why.is],
      high(signedAtSeconds),
      low(signedAtSeconds),
      high(readAt),
      low(readAt),
    );
    return this.#next(next);
  }

  #next(next: number): Final {
    return next === UNDECIDED
      ? { is: "undecided" }
      : { is: "answer", answer: answerOf(coreOf(this), this.#known(next)) };
  }

  #known(next: number): number {
    if (next === NO_ITEM) {
      throw gone(this);
    }
    return next;
  }
}

/** What a guard has said in the same call. */
function claimOf(
  said: number | undefined,
  replayKey: string,
  now: number | bigint,
): Given | undefined {
  switch (said) {
    case FIRST:
      return { state: "first", ticket: { replayKey, sinceSeconds: Number(now) } };
    case IN_FLIGHT:
      return IS_IN_FLIGHT;
    case FULL:
      return IS_FULL;
    default:
      return undefined;
  }
}

const IS_IN_FLIGHT: Given = Object.freeze({ state: "in_flight" });
const IS_FULL: Given = Object.freeze({ state: "full" });

/** What a guard says of a callback that has been handed off before; nothing where it goes on. */
export function absorbed(claim: Claim | undefined): Answer | undefined {
  const here = core();
  const next = here.exports.claimed(claim?.state === "done" ? DONE : 0);
  return next === GO_ON ? undefined : answerOf(here, next);
}

/** What follows from a hand-off to an origin. */
export function settle({ status, marked, authentic, ticket }: Outcome): Settled {
  const here = core();
  const flag = (on: boolean): number => (on ? 1 : 0);
  const ended = here.exports.handoff_ended(
    status,
    flag(marked),
    flag(authentic),
    flag(ticket !== undefined),
  );
  const instead = ended & 0xff;
  return {
    guard: TOLD[ended >> 8] ?? "nothing",
    ...(instead === 0 ? {} : { answer: answerOf(here, instead) }),
  };
}
