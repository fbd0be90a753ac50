import { type Core, core } from "./core.js";
import type { HeadersLike } from "./headers.js";
import { type RawBody, bytes, defaultOf, high, limit, low, octets, seconds } from "./input.js";
import { Item, coreOf, gone, numberOf } from "./item.js";
import { layOut } from "./lay-out.js";
import { algorithmIsRequired, flag, onlyKnown } from "./options.js";
import { type CallbackOf, layOutRequest } from "./request.js";
import { type KeyedScheme, type SchemeName, schemeIn, sentencesOf, setScheme } from "./scheme.js";
import { type Verdict, accepted, acceptedBy, rejected } from "./verdict.js";

/** One secret: its text as it was entered at Sinch, or its bytes. */
export type Secret = string | RawBody;

/** What a verifier is made of. */
export type VerifierOptions<S extends SchemeName = "conversation"> = Limits &
  Secrets &
  KeyOf<S> & {
    /** How callbacks are signed; as the Conversation and the SMS API do it by default. */
    readonly scheme?: S;
  };

/** The id of the key that callbacks of a scheme have to name: an application's key, or a service's id. */
export type KeyOf<S extends SchemeName> = S extends KeyedScheme
  ? { readonly key: string }
  : { readonly key?: undefined };

interface Secrets {
  /**
   * One to four webhook secrets, the current one first. Several are normal during a rotation, and
   * where a delivery's `callback_url` is overridden.
   */
  readonly secrets: readonly Secret[];
  /** Takes secrets as they are, even those that look like a mistake: with white space or quotes around
   * them, a name in front, a line break inside; off by default. */
  readonly verbatimSecrets?: boolean;
  /** Refuses secrets of fewer than 16 bytes, as a host has to that strangers reach; off by default. */
  readonly strongSecrets?: boolean;
}

/** What is accepted, apart from the secrets. */
export interface Limits {
  /** The greatest age, in seconds; 300 by default, `Infinity` for no limit. */
  readonly maxAgeSeconds?: number | bigint;
  /** How far the signed time may be ahead of your clock, in seconds; 300 by default. */
  readonly maxAheadSeconds?: number | bigint;
  /** The largest body that is accepted, in bytes; 2,097,152 by default. */
  readonly maxBodyBytes?: number;
  /** Whether a callback has to name its algorithm; it may leave it out by default. */
  readonly algorithmHeader?: "optional" | "required";
}

/** A callback as it was received. */
export interface SignedCallback {
  readonly headers: HeadersLike;
  /** The raw body, byte for byte, from before any middleware that parses. */
  readonly body: RawBody;
}

/** When a callback is judged. */
export interface Moment {
  /** Milliseconds since 1970, as `Date.now()` gives them. */
  readonly nowMs: number | bigint;
}

/**
 * Decides whether callbacks are authentic and timely: their form, their size, their signature under
 * every secret, then their time.
 *
 * @example
 * import { Signer, Verifier } from "sinch-callback";
 *
 * const [current, previous] = ["example-secret-not-real-2", "example-secret-not-real-1"];
 * const verifier = new Verifier({ secrets: [current, previous] });
 *
 * // As Sinch signs it, with the secret from before a rotation.
 * const body = new TextEncoder().encode("{}");
 * const moment = { nowMs: Date.now() };
 * const headers = new Signer({ secret: previous }).sign({ body, nonce: "nonce-1", ...moment });
 *
 * const verdict = verifier.verify({ headers, body }, moment);
 * console.log(verdict.ok && verdict.secretSlot); // 1
 * const forged = verifier.verify({ headers, body: new TextEncoder().encode("[]") }, moment);
 * console.log(forged.status, forged.code); // 401 signature_mismatch
 */
export class Verifier<S extends SchemeName = "conversation"> extends Item {
  readonly #scheme: SchemeName;
  readonly #memorySeconds: number;
  readonly #maxBodyBytes: number;

  /** Throws a `TypeError` or `RangeError` for options that cannot be meant. */
  constructor(options: VerifierOptions<S>) {
    onlyKnown(options, OPTIONS, "new Verifier({ secrets: [secret] })");
    const scheme = schemeIn(options);
    const here = core();
    // A length beyond 32 bits is one that no memory here could hold.
    const maxBodyBytes = Math.min(Number(limit(here, "maxBodyBytes", options)), 0xffff_ffff);
    super(here, make(here, scheme, options, maxBodyBytes));
    this.#scheme = scheme;
    this.#maxBodyBytes = maxBodyBytes;
    this.#memorySeconds = here.exports.memory_secs(numberOf(this));
  }

  /** How the callbacks are signed that it judges. */
  get scheme(): S {
    return this.#scheme as S;
  }

  /** What a callback is worth that it accepts, in a sentence. */
  get promise(): string {
    return sentencesOf(coreOf(this), this.#scheme).promise;
  }

  /** What the signature does not cover, in a sentence. */
  get notCovered(): string {
    return sentencesOf(coreOf(this), this.#scheme).notCovered;
  }

  /** How long a `ReplayGuard` in front of it has to remember, in seconds. */
  get memorySeconds(): number {
    coreOf(this);
    return this.#memorySeconds;
  }

  /**
   * Decides about one callback. A bad one is a value; only misuse throws, such as a body that is a
   * string.
   */
  verify(callback: CallbackOf<S>, moment: Moment): Verdict<S>;
  verify(callback: SignedCallback, moment: Moment): Verdict<SchemeName> {
    const core = coreOf(this);
    const body = bodyOf(callback);
    const now = momentSeconds(moment);
    if (this.#scheme !== "conversation") {
      return this.#verifyBy(core, callback, body, now);
    }
    layOut(core, callback.headers, body, this.#maxBodyBytes);
    const { laid } = core;
    const verdict = core.exports.verify(
      numberOf(this),
      laid.signature,
      laid.timestamp,
      laid.nonce,
      laid.algorithm,
      laid.body,
      high(now),
      low(now),
    );
    if (verdict === 0) {
      return accepted(core);
    }
    if (verdict === NO_VERIFIER) {
      throw gone(this);
    }
    return rejected(core, verdict);
  }

  #verifyBy(
    core: Core,
    callback: SignedCallback,
    body: Uint8Array,
    now: number | bigint,
  ): Verdict<SchemeName> {
    const scheme = this.#scheme;
    const laid = layOutRequest(core, scheme, callback, body, this.#maxBodyBytes);
    const verdict = core.exports.verify_by(
      numberOf(this),
      laid.method,
      laid.target,
      laid.body,
      laid.headers,
      high(now),
      low(now),
    );
    if (verdict === NO_VERIFIER) {
      throw gone(this);
    }
    return verdict === 0 ? acceptedBy(core, scheme, body) : rejected(core, verdict);
  }
}

const OPTIONS = [
  "secrets",
  "maxAgeSeconds",
  "maxAheadSeconds",
  "maxBodyBytes",
  "algorithmHeader",
  "verbatimSecrets",
  "strongSecrets",
  "scheme",
  "key",
];

/** A callback's body. @internal */
export function bodyOf(callback: SignedCallback): Uint8Array {
  if (typeof callback !== "object" || callback === null) {
    throw new TypeError(
      "the callback is missing: verify({ headers, body }, { nowMs: Date.now() })",
    );
  }
  return bytes(callback.body);
}

/**
 * A moment in seconds. What else it says would be an option that is passed in the wrong place.
 * @internal
 */
export function momentSeconds(moment: Moment): number | bigint {
  for (const name in moment) {
    if (name !== "nowMs") {
      throw new TypeError(
        `a moment has nowMs and no ${JSON.stringify(name)}: options are those of the constructor`,
      );
    }
  }
  return seconds(moment);
}

/** There is no verifier of this number. */
const NO_VERIFIER = -1;

function make(
  core: Core,
  scheme: SchemeName,
  options: VerifierOptions<SchemeName>,
  maxBodyBytes: number,
): number {
  const { secrets, key, algorithmHeader } = options;
  if (!Array.isArray(secrets)) {
    throw new TypeError("secrets must be an array of one to four, the current one first");
  }
  const needsAlgorithm = algorithmIsRequired(options);
  const maxAge = limit(core, "maxAgeSeconds", options);
  const maxAhead = limit(core, "maxAheadSeconds", options);
  const verbatim = flag(options, "verbatimSecrets");
  const strong = flag(options, "strongSecrets");
  const least = strong === 1 ? defaultOf("leastSecretBytes") : 1;
  const isConversation = scheme === "conversation";
  if (!isConversation && algorithmHeader !== undefined) {
    throw new TypeError("algorithmHeader is for the conversation scheme");
  }
  setScheme(core, scheme, key);
  // All of them before the first is added: what was added would be part of the next verifier.
  const texts = secrets.map((secret: unknown, position) =>
    secretText(secret, `secrets[${position}]`),
  );
  texts.forEach((text, position) => {
    const length = writeSecret(core, text);
    const reason = isConversation
      ? core.exports.add_secret(length, verbatim, strong)
      : core.exports.add_key(length, verbatim, strong);
    if (reason !== 0) {
      // Nothing takes an empty one: anyone could sign with it. Nor is a short one mended that way.
      const helps = isConversation ? length >= least : reason > 0 && length > 0;
      const remedy = helps ? " ({ verbatimSecrets: true } takes it as it is)" : "";
      throw new RangeError(`secrets[${position}]: ${core.text(Math.abs(reason))}${remedy}`);
    }
  });
  const number = isConversation
    ? core.exports.new_verifier(maxAge, maxAhead, maxBodyBytes, needsAlgorithm)
    : core.exports.new_verifier_of(maxAge, maxAhead, maxBodyBytes);
  if (number < 0) {
    throw new RangeError(core.text(-number));
  }
  return number;
}

/** A secret as text or bytes. @internal */
export function secretText(secret: unknown, name: string): string | Uint8Array {
  const text = typeof secret === "string" ? secret : octets(secret);
  if (text === undefined) {
    const hint = secret === undefined ? ": is the variable set?" : "";
    throw new TypeError(`${name} must be a string or a Uint8Array, not ${typeof secret}${hint}`);
  }
  return text;
}

/** Writes a secret at the start of the buffer, and tells its length in bytes. @internal */
export function writeSecret(core: Core, text: string | Uint8Array): number {
  if (typeof text === "string") {
    return core.write(text);
  }
  core.put(text, 0);
  return text.length;
}
