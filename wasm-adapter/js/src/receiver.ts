import { type Answer, answer } from "./answer.js";
import { CachedSecrets } from "./cached-secrets.js";
import { contentKey } from "./content-key.js";
import { ReplayGuard } from "./guard.js";
import { defaultOf, shown } from "./input.js";
import {
  type NodeRequest,
  type NodeResponse,
  headOf,
  readNodeBody,
  retryWhatBreaks,
  write,
} from "./node-host.js";
import { onlyKnown } from "./options.js";
import { type FetchRequest, type ReadBody, readBody } from "./read-body.js";
import {
  type Given,
  type Guard,
  Reception,
  type ReceptionOptions,
  type VerifierSource,
  settle,
} from "./reception.js";
import type { SignedRequest } from "./request.js";
import type { SchemeName } from "./scheme.js";
import type { SecretTiming } from "./secret-schedule.js";
import { type AcceptedBy, guardKey } from "./verdict.js";
import { type Secret, Verifier } from "./verifier.js";

/** `Response`, where the host's types have one. */
export type FetchResponse = typeof globalThis extends { Response: { readonly prototype: infer R } }
  ? R
  : object;

/** What a receiver is made of. */
export type ReceiverOptions<S extends SchemeName = "conversation"> = ReceptionOptions<S> &
  (ReceiverSecrets | ReceiverVerifier<S>) & {
    /**
     * Keeps a callback. Sinch gets its 200 once this has resolved, so the callback has to be durable by then.
     * If this throws, Sinch gets 503 and retries, for up to 22 h 45 min.
     *
     * It may be called again with the same `contentKey`: for a copy that arrives while the first one is being
     * kept, or after a restart. Keep the callback under that key, and it counts once.
     */
    readonly keep: (callback: ReceivedCallback<S>) => unknown;
    /**
     * The path as Sinch calls it, for a scheme that signs paths behind something that rewrites them. By default,
     * the path of the request.
     */
    readonly publicPath?: string;
    /**
     * Recognizes copies of what has been kept, which are answered without a call of `keep`. By default, a
     * `ReplayGuard` in memory; `false` for none. It saves work and proves nothing: it forgets what is too much
     * for it, and everything when the process ends.
     */
    readonly guard?: Guard | false;
    /** How many callbacks the guard in memory remembers, at 48 bytes each; 10,000 by default. */
    readonly capacity?: number;
    /** Milliseconds since 1970; `Date.now` by default. */
    readonly now?: () => number;
    /** Receives what failed inside, and the error behind it; `console.error` by default. */
    readonly warn?: (message: string, error?: unknown) => void;
  };

/** The secrets of a receiver. */
export interface ReceiverSecrets
  extends Pick<SecretTiming, "refreshSeconds" | "patienceSeconds" | "withoutPause"> {
  /**
   * One to four webhook secrets, the current one first. `undefined` among them, as of a variable that is not
   * set, is an error.
   *
   * A function is called at the first callback, again once its secrets are 300 s old (`refreshSeconds`), and
   * when a signature matches none of them. So a rotation needs no restart.
   */
  readonly secrets: GivenSecrets | (() => GivenSecrets | Promise<GivenSecrets>);
  readonly verifier?: undefined;
  /** Accepts secrets that look like a mistake: with white space or quotes around them, a name in front, a line
   * break inside; off by default. */
  readonly verbatimSecrets?: boolean;
  /** Refuses secrets of fewer than 16 bytes, because strangers reach a receiver; on by default. */
  readonly strongSecrets?: boolean;
}

/** Verifiers in place of secrets. */
export interface ReceiverVerifier<S extends SchemeName> {
  /** A verifier, or where verifiers come from. Its secrets count, not its limits. */
  readonly verifier: Verifier<S> | VerifierSource<S>;
  readonly secrets?: undefined;
}

type GivenSecrets = readonly (Secret | undefined)[];

/** A callback to be kept. */
export interface ReceivedCallback<S extends SchemeName = "conversation"> {
  /** The raw body. Read it with `readCallback` after it has been kept, because Sinch may have added its kind
   * since. */
  readonly body: Uint8Array;
  /** The event's key, 32 hexadecimal digits: the same in a retry that was signed afresh. */
  readonly contentKey: string;
  /** What its signature is worth. */
  readonly verdict: AcceptedBy<S>;
  /** When it was received, in milliseconds since 1970. */
  readonly receivedAtMs: number;
}

/** A receiver in two styles. Both functions work without the object that they come from. */
export interface Receiver {
  /**
   * Receives a callback as a `Request`: in Hono, Next.js, Cloudflare Workers, Deno, Bun and others. Hosts may
   * pass more arguments. Where the second one has Node.js's request as `incoming`, as Hono's `env` has, a body
   * that breaks off is answered with 503 on its connection.
   *
   * Rejects only for an argument that is no request.
   */
  readonly fetch: (request: FetchRequest, host?: unknown) => Promise<FetchResponse>;
  /**
   * Receives a callback from Node.js's HTTP server, and answers it: in `node:http`, Express, Fastify (its raw
   * objects) and others. A raw body that a middleware has put into `request.rawBody` or `request.body` is used
   * from there.
   *
   * Rejects only for arguments that are no request and response.
   */
  readonly node: (request: NodeRequest, response: NodeResponse) => Promise<void>;
}

const OF_SCHEME = ["scheme", "key"];
const OF_LIMITS = [
  "maxAgeSeconds",
  "maxAheadSeconds",
  "maxBodyBytes",
  "algorithmHeader",
  "retryMismatch",
];
const OF_SECRETS = ["verbatimSecrets", "strongSecrets"];
const TIMING = ["refreshSeconds", "patienceSeconds", "withoutPause"];
const OWN = ["secrets", "verifier", "keep", "publicPath", "guard", "capacity", "now", "warn"];

/**
 * Makes a receiver, which verifies each callback, has it kept, and answers it: 200 once it or an earlier copy
 * has been kept; 503 where `keep` failed or the body broke off, so that Sinch retries; 4xx where no retry can
 * help. Every answer has the header `answerHeader()`.
 *
 * By default, a callback may be a day old, because Sinch retries that long and may send a retry as it was
 * signed. Throws a `TypeError` or `RangeError` for options that cannot be meant.
 *
 * @example
 * import { createReceiver, Signer } from "sinch-callback";
 *
 * const secret = "example-secret-not-real-1"; // process.env.SINCH_WEBHOOK_SECRET
 * const kept = new Map();
 * const receiver = createReceiver({
 *   secrets: [secret],
 *   keep: ({ contentKey, body }) => kept.set(contentKey, body),
 * });
 *
 * // As Sinch calls it.
 * const body = new TextEncoder().encode("{}");
 * const headers = new Signer({ secret }).sign({ body, nonce: "nonce-1", nowMs: Date.now() });
 * const request = new Request("https://example.com/", { method: "POST", headers, body });
 * const response = await receiver.fetch(request);
 * console.log(response.status, kept.size); // 200 1
 */
export function createReceiver<S extends SchemeName = "conversation">(
  options: ReceiverOptions<S>,
): Receiver {
  const receiving = new Receiving(options);
  const { publicPath } = options;
  const line = publicPath === undefined ? {} : { publicPath };
  return {
    fetch: async (request, host) => {
      isRequest(request);
      const { method, url, headers, bodyUsed } = request;
      // Adapters from Node.js's server to `fetch` pass Node.js's request here.
      const ended = retryWhatBreaks((host as { incoming?: NodeRequest } | undefined)?.incoming);
      const answer = await receiving.answer({ method, url, headers, ...line }, (most) => {
        if (bodyUsed) {
          throw new TypeError(HAS_BEEN_READ);
        }
        return readBody(request, most);
      });
      ended();
      return new Response(answer.body, answer);
    },
    node: async (request, response) => {
      areNodes(request, response);
      const ended = retryWhatBreaks(request);
      const head = { ...headOf(request), ...line };
      const answer = await receiving.answer(head, (most) => readNodeBody(request, most));
      ended();
      write(response, answer);
    },
  };
}

/** Receives callbacks for both styles. */
class Receiving<S extends SchemeName> {
  readonly #reception: Reception<S>;
  readonly #verifier: Verifier<S> | VerifierSource<S>;
  readonly #guard: Guard | undefined;
  readonly #keep: (callback: ReceivedCallback<S>) => unknown;
  readonly #now: () => number;
  readonly #warn: (message: string, error?: unknown) => void;

  constructor(options: ReceiverOptions<S>) {
    const known = [...OWN, ...OF_LIMITS, ...OF_SCHEME, ...OF_SECRETS, ...TIMING];
    onlyKnown(options, known, "createReceiver({ secrets: [secret], keep })");
    const { keep, now = Date.now, warn = warnOnConsole } = options;
    areFunctions({ keep, now, warn });
    this.#reception = new (Reception as new (options: object) => Reception<S>)({
      maxAgeSeconds: defaultOf("loggedAgeSeconds"),
      ...picked(options, [...OF_LIMITS, ...OF_SCHEME]),
    });
    this.#verifier = verifierOf(options, warn);
    this.#guard = guardOf(options, this.#reception.memorySeconds);
    this.#keep = keep;
    this.#now = now;
    this.#warn = warn;
  }

  /** Decides what a callback is answered; never rejects. `read` reads its body, up to so many bytes. */
  async answer(head: Head, read: (most: number) => Promise<ReadBody>): Promise<Answer> {
    try {
      return await this.#receive(head, read);
    } catch (error) {
      this.#warn("a callback could not be received, and Sinch will retry it:", error);
      return answer("HANDOFF_UNAVAILABLE");
    }
  }

  async #receive(head: Head, read: (most: number) => Promise<ReadBody>): Promise<Answer> {
    // What cannot be a callback is rejected by its headers, before any of its body is held.
    const refused = this.#reception.begin(head);
    if (refused !== undefined) {
      return refused;
    }
    let arrived: ReadBody;
    try {
      arrived = await read(this.#reception.maxBodyBytes);
    } catch (error) {
      this.#warn("the body cannot be read, and Sinch will retry it:", error);
      return answer("REQUEST_BROKEN");
    }
    const nowMs = this.#now();
    const means = { nowMs, verifier: this.#verifier, guard: this.#guard, warn: this.#warn };
    const received = await this.#reception.receive({ ...head, ...arrived }, means);
    switch (received.is) {
      case "answer":
        return received.answer;
      case "undecided":
        this.#warn("there is no secret to verify with, and Sinch will retry:", received.reason);
        return received.answer;
      case "hand_off": {
        const { verdict, claim } = received;
        const { body } = arrived;
        const callback = { body, contentKey: contentKey(body), verdict, receivedAtMs: nowMs };
        return this.#handOff(callback, claim);
      }
    }
  }

  async #handOff(callback: ReceivedCallback<S>, claim: Given | undefined): Promise<Answer> {
    const done = answer("ACCEPTED");
    let { status } = done;
    try {
      await this.#keep(callback);
    } catch (error) {
      this.#warn("the callback could not be kept, and Sinch will retry it:", error);
      status = 0;
    }
    const claimed = { replayKey: guardKey(callback.verdict), ticket: claim?.ticket };
    const { answer: instead, tell } = settle({ status, marked: true, callback: claimed });
    try {
      await (this.#guard && tell(this.#guard, { nowMs: this.#now() }));
    } catch (error) {
      this.#warn("the guard cannot be told what became of a callback:", error);
    }
    return instead ?? done;
  }
}

type Head = Omit<SignedRequest, "body" | "method"> & { readonly method: string };

const HAS_BEEN_READ =
  "something has read the request before the receiver could. The signature covers the raw bytes: pass " +
  "the request on before anything reads it, or read a clone of it";

/** The verifier, or where verifiers come from. */
function verifierOf<S extends SchemeName>(
  options: ReceiverOptions<S>,
  warn: (message: string) => void,
): Verifier<S> | VerifierSource<S> {
  const { secrets, verifier } = options;
  const [own] = Object.keys(picked(options, ["secrets", ...OF_SECRETS, ...TIMING]));
  const [timing] = Object.keys(picked(options, TIMING));
  if (verifier !== undefined) {
    if (own !== undefined) {
      throw new TypeError(`${own} is beside a verifier, which has its own: leave one of them off`);
    }
    const { scheme = "conversation" } = options;
    if (verifier instanceof Verifier && verifier.scheme !== scheme) {
      throw new TypeError(
        `the verifier is of the scheme ${verifier.scheme}: set scheme to it, too`,
      );
    }
    return verifier;
  }
  const others = { strongSecrets: true, ...picked(options, [...OF_SCHEME, ...OF_SECRETS]) };
  const make = (secrets: unknown): Verifier<S> =>
    new (Verifier as new (options: object) => Verifier<S>)({ ...others, secrets });
  if (typeof secrets === "function") {
    const read = async (): Promise<readonly Secret[]> => (await secrets()) as readonly Secret[];
    return new CachedSecrets({ read, make, warn }, picked(options, TIMING));
  }
  if (timing !== undefined) {
    throw new TypeError(`${timing} is for secrets that a function gives, and secrets is none`);
  }
  return make(secrets);
}

/** The guard; nothing where there is to be none. */
function guardOf<S extends SchemeName>(
  options: ReceiverOptions<S>,
  memorySeconds: number,
): Guard | undefined {
  const { guard, capacity } = options;
  if (guard === undefined) {
    return new ReplayGuard({ ...picked(options, ["capacity"]), memorySeconds });
  }
  if (capacity !== undefined) {
    throw new TypeError("capacity is that of the guard in memory: leave it off beside a guard");
  }
  return guard === false ? undefined : guard;
}

/** Those of the options that are set. */
function picked(options: object, names: readonly string[]): object {
  const given = options as Readonly<Record<string, unknown>>;
  const set = names.filter((name) => given[name] !== undefined);
  return Object.fromEntries(set.map((name) => [name, given[name]]));
}

function areFunctions(given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (typeof value !== "function") {
      throw new TypeError(`${name} must be a function, not ${shown(value)}`);
    }
  }
}

function isRequest(request: FetchRequest): void {
  const { headers, method, socket } = (request ?? {}) as Partial<FetchRequest & NodeRequest>;
  if (socket !== undefined) {
    throw new TypeError("fetch takes a Request, and this is Node.js's: pass it to node");
  }
  if (typeof headers !== "object" || typeof method !== "string") {
    throw new TypeError(
      `fetch takes a Request, not ${shown(request)}: in Hono that is context.req.raw`,
    );
  }
}

function areNodes(request: NodeRequest, response: NodeResponse): void {
  if (typeof request?.iterator !== "function" || typeof response?.setHeader !== "function") {
    throw new TypeError(
      "node takes Node.js's request and response: in Fastify those are request.raw and reply.raw, and " +
        "what has a Request is for fetch",
    );
  }
}

function warnOnConsole(message: string, ...error: unknown[]): void {
  console.error(message, ...error);
}
