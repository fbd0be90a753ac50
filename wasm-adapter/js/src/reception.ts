import { type Answer, answer, answerOf } from "./answer.js";
import { type Core, core } from "./core.js";
import { type Claim, ReplayGuard, type Ticket } from "./guard.js";
import { high, limit, low, seconds } from "./input.js";
import { Item, coreOf, gone, numberIn, numberOf } from "./item.js";
import { layOut } from "./lay-out.js";
import { algorithmIsRequired, flag, onlyKnown } from "./options.js";
import { type SignedRequest, layOutRequest } from "./request.js";
import { type KeyedScheme, type SchemeName, schemeIn, setScheme } from "./scheme.js";
import { type AcceptedBy, accepted, acceptedBy, guardKey } from "./verdict.js";
import { type KeyOf, type Limits, type Moment, Verifier, bodyOf } from "./verifier.js";

export type ReceptionOptions<S extends SchemeName = "conversation"> = ReceptionLimits &
  KeyOf<S> & {
    /** How callbacks are signed; as the Conversation and the SMS API do it by default. */
    readonly scheme?: S;
  };

export interface ReceptionLimits extends Limits {
  /** Whether a callback whose signature matches no secret is answered so that Sinch retries it, while
   * you are not sure of the secret; off by default. */
  readonly retryMismatch?: boolean;
}

/** A callback on its way through a host. */
export interface Arrival extends SignedRequest {
  /** Whether `body` is only the beginning of what was sent. */
  readonly truncated?: boolean;
}

/** What came of asking for newer secrets after a mismatch. */
export type Refresh<Ring> =
  /** There are others: these decide. */
  | { readonly is: "newer"; readonly ring: Ring }
  /** They were read behind the mismatch, and are the same: it stands. */
  | { readonly is: "unchanged" }
  /** They may not be read again yet. Those at hand were read at this moment. */
  | { readonly is: "recent"; readonly readAtSeconds: number }
  /** They are being read, and are not here in time. */
  | { readonly is: "under_way" };

/** Where verifiers come from whose secrets change while the process runs. */
export interface VerifierSource<S extends SchemeName = "conversation"> {
  /** A verifier with the secrets at hand. Rejects where there are none. */
  current(nowMs: number | bigint): Verifier<S> | Promise<Verifier<S>>;
  /** One with other secrets than `judged` has, under which a signature matched none, or why there is
   * none. Rejects where they cannot be read. */
  refresh(judged: Verifier<S>, nowMs: number | bigint): Promise<Refresh<Verifier<S>>>;
}

/**
 * Remembers by their replay keys which callbacks have been handed off: a `ReplayGuard`, or one that is
 * asked over a network. It saves work and proves nothing, so one that fails is passed by.
 */
export interface Guard {
  claim(replayKey: string, moment: Moment): Claim | Promise<Claim>;
  confirm(replayKey: string, moment: Moment): void | Promise<void>;
  release(ticket: Ticket): void | Promise<void>;
}

/** What a callback is received with. */
export interface Means<S extends SchemeName = "conversation"> extends Moment {
  /** A verifier, or where verifiers come from. Its secrets count, not its limits. */
  readonly verifier: Verifier<S> | VerifierSource<S>;
  /** What claims it; without one, every callback is handed off. */
  readonly guard?: Guard | undefined;
  /** Told that a guard has failed, and why. */
  readonly warn?: (message: string) => void;
}

/** What a guard has said of a callback that goes on. */
export type Given =
  | { readonly state: "first"; readonly ticket: Ticket }
  | { readonly state: "in_flight" | "full"; readonly ticket?: undefined };

/** What is left to a host once a callback has been judged and claimed. */
export type Received<S extends SchemeName = "conversation"> =
  | { readonly is: "answer"; readonly answer: Answer }
  /** Hand it off, then `settle` it. The claim is missing where no guard was asked, or it failed. */
  | { readonly is: "hand_off"; readonly verdict: AcceptedBy<S>; readonly claim: Given | undefined }
  /** There is no secret to judge it with, for this reason. Forward it to an origin that judges it, or
   * answer this. */
  | { readonly is: "undecided"; readonly answer: Answer; readonly reason: unknown };

/** What became of a hand-off to an origin. */
export interface Outcome {
  /** The origin's HTTP status; 0 where it has not answered. */
  readonly status: number;
  /** Whether its answer has the header `answerHeader()`, or it is known to be one without. */
  readonly marked: boolean;
  /** The authentic callback, with its ticket where this copy has the claim; `undefined` for one that was
   * forwarded undecided. */
  readonly callback:
    | { readonly replayKey: string; readonly ticket?: Ticket | undefined }
    | undefined;
}

/** What follows from it. */
export interface Settled {
  /** What the sender is answered in place of the origin's answer; nothing where that goes on. */
  readonly answer?: Answer;
  /** Tells the guard what has become of its claim. */
  readonly tell: (guard: Guard, moment: Moment) => void | Promise<void>;
}

const OPTIONS = [
  "maxAgeSeconds",
  "maxAheadSeconds",
  "maxBodyBytes",
  "algorithmHeader",
  "retryMismatch",
  "scheme",
  "key",
];
const [GO_ON, REFRESH, UNDECIDED, NO_ITEM] = [0, 256, 257, -1];
const UNREFRESHED = { unchanged: 1, recent: 2, under_way: 3, unavailable: 4 };
/** What a guard says, by number. */
const CLAIMS = ["unknown", "first", "in_flight", "full", "done"];
/** Where in the record it stands what the guard has said. */
const CLAIM_AT = 25;
/** What a guard is told. */
const [CONFIRM, RELEASE] = [1, 2];
const NOTHING = new Uint8Array();
const METHOD = "POST";

/**
 * Receives callbacks, from their headers to the hand-off. Core decides each step; this takes the
 * callback there, and brings the secrets and the claim that a step needs. `createReceiver` is all of it
 * for a callback that you keep; this is for what you do otherwise, such as handing it to an origin.
 *
 * @example
 * import { Reception, Signer, Verifier, settle } from "sinch-callback";
 *
 * const secret = "example-secret-not-real-1";
 * const reception = new Reception({ maxAgeSeconds: 86_400 });
 * const verifier = new Verifier({ secrets: [secret] });
 * const body = new TextEncoder().encode("{}");
 * const moment = { nowMs: Date.now() };
 * const headers = new Signer({ secret }).sign({ body, nonce: "nonce-1", ...moment });
 *
 * console.log(reception.begin({ method: "POST", headers })); // undefined
 * const received = await reception.receive({ headers, body }, { ...moment, verifier });
 * if (received.is === "hand_off") {
 *   const callback = { replayKey: received.verdict.replayKey };
 *   const { answer } = settle({ status: 500, marked: true, callback }); // what your origin has answered
 *   console.log(answer?.status, answer?.code); // 503 origin_refused
 * }
 */
export class Reception<S extends SchemeName = "conversation"> extends Item {
  readonly #scheme: SchemeName;
  readonly #maxBodyBytes: number;

  /** Throws a `TypeError` or `RangeError` for options that cannot be meant. */
  constructor(...[given]: ReceptionArguments<S>) {
    const options: ReceptionOptions<SchemeName> = given ?? {};
    onlyKnown(options, OPTIONS, "new Reception({ maxAgeSeconds: 86_400 })");
    const { key, algorithmHeader } = options;
    const scheme = schemeIn(options);
    const isConversation = scheme === "conversation";
    const here = core();
    const maxBodyBytes = Math.min(Number(limit(here, "maxBodyBytes", options)), 0xffff_ffff);
    const maxAge = limit(here, "maxAgeSeconds", options);
    const maxAhead = limit(here, "maxAheadSeconds", options);
    const needsAlgorithm = algorithmIsRequired(options);
    const defers = flag(options, "retryMismatch");
    if (!isConversation && algorithmHeader !== undefined) {
      throw new TypeError("algorithmHeader is for the conversation scheme");
    }
    setScheme(here, scheme, key);
    const number = isConversation
      ? here.exports.new_rules(maxAge, maxAhead, maxBodyBytes, needsAlgorithm, defers)
      : here.exports.new_rules_of(maxAge, maxAhead, maxBodyBytes, defers);
    super(here, number);
    this.#scheme = scheme;
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

  /** Judges a request before its body is read: what is answered; nothing where it goes on. */
  begin(request: Beginning): Answer | undefined {
    const core = coreOf(this);
    if (request.method !== METHOD) {
      return answer("METHOD_NOT_ALLOWED");
    }
    if (this.#scheme !== "conversation") {
      const { method, target, headers } = layOutRequest(core, this.#scheme, request, NOTHING, 0);
      const next = core.exports.begin_by(numberOf(this), method, target, headers);
      return next === GO_ON ? undefined : answerOf(core, this.#known(next));
    }
    layOut(core, request.headers, NOTHING, 0);
    const { signature, timestamp, nonce, algorithm } = core.laid;
    const next = core.exports.begin(numberOf(this), signature, timestamp, nonce, algorithm);
    return next === GO_ON ? undefined : answerOf(core, this.#known(next));
  }

  /** Judges a callback and claims it. Waits for nothing where secrets and guard are at hand. */
  receive(arrival: Arrival, means: Means<S>): Received<S> | Promise<Received<S>> {
    const { verifier, nowMs } = means;
    if ((arrival.method ?? METHOD) !== METHOD) {
      return { is: "answer", answer: answer("METHOD_NOT_ALLOWED") };
    }
    if (verifier instanceof Verifier) {
      return this.#judge(arrival, means, verifier, 0);
    }
    const current = verifier.current(nowMs);
    return current instanceof Promise
      ? current.then(
          (current) => this.#judge(arrival, means, current, 0),
          (reason: unknown) => this.#judge(arrival, means, undefined, 0, reason),
        )
      : this.#judge(arrival, means, current, 0);
  }

  /** Judges it with these secrets, or says of one that is well-formed that there are none. */
  #judge(
    arrival: Arrival,
    means: Means<S>,
    verifier: Verifier<S> | undefined,
    refreshes: number,
    reason?: unknown,
  ): Received<S> | Promise<Received<S>> {
    const core = coreOf(this);
    const body = bodyOf(arrival);
    const now = seconds(means);
    const { guard } = means;
    const scheme = this.#scheme;
    // One that lives beside the verifier claims in the same call.
    const near = guard instanceof ReplayGuard ? guard : undefined;
    const rules = numberOf(this);
    const ring = verifier === undefined ? 0 : numberIn(core, verifier);
    const memory = near === undefined ? 0 : numberIn(core, near);
    const isPart = arrival.truncated === true ? 1 : 0;
    if (verifier !== undefined && verifier.scheme !== scheme) {
      throw new TypeError(`the verifier is of the scheme ${verifier.scheme}, not of ${scheme}`);
    }
    let next: number;
    if (scheme === "conversation") {
      layOut(core, arrival.headers, body, this.#maxBodyBytes);
      const { laid } = core;
      next = core.exports.receive(
        rules,
        ring,
        memory,
        laid.signature,
        laid.timestamp,
        laid.nonce,
        laid.algorithm,
        laid.body,
        isPart,
        refreshes,
        high(now),
        low(now),
      );
    } else {
      const laid = layOutRequest(core, scheme, arrival, body, this.#maxBodyBytes);
      next = core.exports.receive_by(
        rules,
        ring,
        memory,
        laid.method,
        laid.target,
        laid.body,
        laid.headers,
        isPart,
        refreshes,
        high(now),
        low(now),
      );
    }
    if (next === GO_ON) {
      const claim = CLAIMS[core.view.getUint8(core.start + CLAIM_AT)];
      const verdict = (
        scheme === "conversation" ? accepted(core) : acceptedBy(core, scheme, body)
      ) as AcceptedBy<S>;
      return guard === undefined || near !== undefined
        ? { is: "hand_off", verdict, claim: claimOf(claim, guardKey(verdict), now) }
        : claimed(core, guard, verdict, means);
    }
    if (next !== REFRESH || verifier === undefined) {
      return this.#end(next, reason);
    }
    return this.#refresh(arrival, means, verifier, refreshes);
  }

  /** Judges it again with newer secrets, or says what the mismatch means where there are none. */
  #refresh(
    arrival: Arrival,
    means: Means<S>,
    judged: Verifier<S>,
    refreshes: number,
  ): Received<S> | Promise<Received<S>> {
    const { exports, start, view } = coreOf(this);
    // Where no time is signed, it is later than any.
    const signedAt = Math.min(view.getFloat64(start, true), Number.MAX_SAFE_INTEGER);
    const mismatch = (why: keyof typeof UNREFRESHED, readAt = 0, reason?: unknown): Received<S> => {
      const next = exports.refreshed(
        numberOf(this),
        UNREFRESHED[why],
        high(signedAt),
        low(signedAt),
        high(readAt),
        low(readAt),
      );
      return this.#end(next, reason);
    };
    if (means.verifier instanceof Verifier) {
      return mismatch("unchanged");
    }
    return means.verifier.refresh(judged, means.nowMs).then(
      (refresh) => {
        switch (refresh.is) {
          case "newer":
            return this.#judge(arrival, means, refresh.ring, refreshes + 1);
          case "recent":
            return mismatch(refresh.is, refresh.readAtSeconds);
          default:
            return mismatch(refresh.is);
        }
      },
      (reason: unknown) => mismatch("unavailable", 0, reason),
    );
  }

  #end(next: number, reason: unknown): Received<S> {
    return next === UNDECIDED
      ? { is: "undecided", answer: answer("SECRET_UNAVAILABLE"), reason }
      : { is: "answer", answer: answerOf(coreOf(this), this.#known(next)) };
  }

  #known(next: number): number {
    if (next === NO_ITEM) {
      throw gone(this);
    }
    return next;
  }
}

/** A request's head. */
type Beginning = Omit<SignedRequest, "body" | "method"> & { readonly method: string };

/** What a reception is made of: of a scheme whose callbacks name no key, everything has a default. */
type ReceptionArguments<S extends SchemeName> = [S] extends [KeyedScheme]
  ? [options: ReceptionOptions<S>]
  : [options?: ReceptionOptions<S>];

/** What a guard has said in the same call. */
function claimOf(
  said: string | undefined,
  replayKey: string,
  now: number | bigint,
): Given | undefined {
  switch (said) {
    case "first":
      return { state: "first", ticket: { replayKey, sinceSeconds: Number(now) } };
    case "in_flight":
      return IS_IN_FLIGHT;
    case "full":
      return IS_FULL;
    default:
      return undefined;
  }
}

const IS_IN_FLIGHT: Given = Object.freeze({ state: "in_flight" });
const IS_FULL: Given = Object.freeze({ state: "full" });

/** Asks a guard that lives elsewhere. */
async function claimed<S extends SchemeName>(
  core: Core,
  guard: Guard,
  verdict: AcceptedBy<S>,
  { nowMs, warn }: Means<S>,
): Promise<Received<S>> {
  let claim: Claim | undefined;
  try {
    claim = await guard.claim(guardKey(verdict), { nowMs });
  } catch (error) {
    warn?.(`the guard cannot claim: ${String(error)}`);
  }
  const next = core.exports.claimed(CLAIMS.indexOf(claim?.state ?? "unknown"));
  return next === GO_ON
    ? { is: "hand_off", verdict, claim: claim as Given | undefined }
    : { is: "answer", answer: answerOf(core, next) };
}

/**
 * What follows from a hand-off to an origin: what the sender is answered, and what a guard is told.
 *
 * @example
 * import { ReplayGuard, settle } from "sinch-callback";
 *
 * const guard = new ReplayGuard();
 * const moment = { nowMs: Date.now() };
 * const replayKey = "000102030405060708090a0b0c0d0e0f"; // of an accepted verdict
 * const { ticket } = guard.claim(replayKey, moment);
 *
 * const { answer, tell } = settle({ status: 200, marked: true, callback: { replayKey, ticket } });
 * await tell(guard, moment);
 * console.log(answer, guard.claim(replayKey, moment).state); // undefined done
 */
export function settle({ status, marked, callback }: Outcome): Settled {
  const here = core();
  const flag = (on: boolean): number => (on ? 1 : 0);
  const ended = here.exports.handoff_ended(
    status,
    flag(marked),
    flag(callback !== undefined),
    flag(callback?.ticket !== undefined),
  );
  const [instead, told] = [ended & 0xff, ended >> 8];
  return {
    ...(instead === 0 ? {} : { answer: answerOf(here, instead) }),
    tell: (guard, moment) =>
      told === CONFIRM && callback !== undefined
        ? guard.confirm(callback.replayKey, moment)
        : told === RELEASE && callback?.ticket !== undefined
          ? guard.release(callback.ticket)
          : undefined,
  };
}
