import { type Core, core } from "./core.js";
import { type RawBody, bytes, high, low, seconds } from "./input.js";
import { Item, coreOf, gone, numberOf } from "./item.js";
import { flag, onlyKnown } from "./options.js";
import { type SignedRequest, layOutTexts } from "./request.js";
import { type PathScheme, type SchemeName, schemeIn, setScheme } from "./scheme.js";
import { type KeyOf, type Moment, type Secret, secretText, writeSecret } from "./verifier.js";

export type SignerOptions<S extends SchemeName = "conversation"> = KeyOf<S> & {
  /** How callbacks are signed; as the Conversation and the SMS API do it by default. */
  readonly scheme?: S;
  readonly secret: Secret;
  /** Takes the secret as it is, white space around it included; off by default, and for the scheme
   * `conversation` alone. */
  readonly verbatimSecrets?: boolean;
};

/** What is signed, and when. */
export type Signable<S extends SchemeName = "conversation"> = Moment & {
  readonly body: RawBody;
} & NonceOf<S> &
  LineOf<S>;

/** What makes a signature unique: of `conversation` and `whatsapp-legacy`, 1 to 128 visible ASCII
 * characters without dot or comma, never used before; of `mailgun`, 50 letters and digits. */
type NonceOf<S extends SchemeName> = S extends "conversation" | "whatsapp-legacy" | "mailgun"
  ? { readonly nonce: string }
  : { readonly nonce?: undefined };

type LineOf<S extends SchemeName> = S extends PathScheme
  ? Pick<SignedRequest, "method" | "publicPath"> & {
      readonly url: string;
      /** `application/json` by default. */
      readonly contentType?: string;
    }
  : { readonly method?: undefined; readonly url?: undefined; readonly contentType?: undefined };

/** A request with its proof. */
export interface Signed {
  /** The headers to send, names in lower case; among them the content type, where it is signed. */
  readonly headers: Record<string, string>;
  /** The body to send: what was given, and Mailgun's with the proof in it. */
  readonly body: Uint8Array;
}

/** What a signer gives: the headers of `conversation`, and the request of any other scheme. */
export type SignedBy<S extends SchemeName> = S extends "conversation"
  ? Record<string, string>
  : Signed;

/**
 * Signs callbacks as Sinch does: for your tests and tools.
 *
 * @example
 * import { Signer } from "sinch-callback";
 *
 * const signer = new Signer({ secret: "example-secret-not-real-1" });
 * const body = new TextEncoder().encode("{}");
 * const headers = signer.sign({ body, nonce: "nonce-1", nowMs: 1_634_579_353_000 });
 * console.log(headers["x-sinch-webhook-signature"]); // IoUdIRVGFqztZGct5C+RvchsRxnUXT+40M5P8fV+MhM=
 */
export class Signer<S extends SchemeName = "conversation"> extends Item {
  readonly #scheme: SchemeName;

  /** Throws a `TypeError` or `RangeError` for a secret that cannot be meant. */
  constructor(options: SignerOptions<S>) {
    onlyKnown(options, OPTIONS, "new Signer({ secret })");
    const scheme = schemeIn(options);
    const { key, verbatimSecrets } = options as SignerOptions<SchemeName>;
    const here = core();
    const isConversation = scheme === "conversation";
    const verbatim = flag(options, "verbatimSecrets");
    if (!isConversation && verbatimSecrets !== undefined) {
      throw new TypeError("verbatimSecrets is for the conversation scheme");
    }
    setScheme(here, scheme, key);
    const length = writeSecret(here, secretText(options.secret, "secret"));
    const number = isConversation
      ? here.exports.new_signer(length, verbatim)
      : here.exports.new_signer_of(length);
    if (number < 0) {
      throw new RangeError(here.text(-number));
    }
    super(here, number);
    this.#scheme = scheme;
  }

  /** The headers that the body goes with, names in lower case; of other schemes than `conversation`, the
   * whole request. Throws a `RangeError` for a nonce or a time that no verifier would accept. */
  sign(signable: Signable<S>): SignedBy<S> {
    return this.#signed(signable as AnySignable) as SignedBy<S>;
  }

  #signed(signable: AnySignable): Record<string, string> | Signed {
    const core = coreOf(this);
    const isConversation = this.#scheme === "conversation";
    onlyKnown(signable, isConversation ? SIGNABLE : OF_REQUEST, EXAMPLE);
    const body = bytes(signable.body);
    const now = seconds(signable);
    if (typeof (signable.nonce ?? (isConversation ? undefined : "")) !== "string") {
      throw new TypeError("nonce must be a string that was never used before");
    }
    return isConversation
      ? this.#sign(core, body, signable.nonce ?? "", now)
      : this.#signBy(core, signable, body, now);
  }

  #sign(core: Core, body: Uint8Array, text: string, now: number | bigint): Record<string, string> {
    const nonce = core.write(text);
    core.put(body, nonce);
    const count = core.exports.sign(numberOf(this), nonce, body.length, high(now), low(now));
    return headersOf(core.texts(2 * this.#counted(core, count)));
  }

  #signBy(core: Core, signable: AnySignable, body: Uint8Array, now: number | bigint): Signed {
    const { nonce = "", contentType = "application/json" } = signable;
    const laid = layOutTexts(core, this.#scheme, signable, body, [contentType, nonce]);
    const count = core.exports.sign_by(
      numberOf(this),
      laid.method,
      laid.target,
      laid.body,
      high(now),
      low(now),
    );
    const parts = core.parts(this.#counted(core, count));
    const sent = parts.pop() ?? body;
    const decoder = new TextDecoder();
    return { headers: headersOf(parts.map((part) => decoder.decode(part))), body: sent.slice() };
  }

  #counted(core: Core, count: number): number {
    if (count === 0) {
      throw gone(this);
    }
    if (count < 0) {
      throw new RangeError(core.text(-count));
    }
    return count;
  }
}

/** What may be signed by any scheme. */
interface AnySignable extends Moment, Omit<SignedRequest, "headers"> {
  readonly nonce?: string;
  readonly contentType?: string;
}

const OPTIONS = ["scheme", "key", "secret", "verbatimSecrets"];
const SIGNABLE = ["body", "nonce", "nowMs"];
const OF_REQUEST = [...SIGNABLE, "method", "url", "publicPath", "contentType"];
const EXAMPLE = "sign({ body, nonce, nowMs: Date.now() })";

/** Headers of names and values, one after the other. */
function headersOf(texts: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < texts.length; at += 2) {
    headers[texts[at] ?? ""] = texts[at + 1] ?? "";
  }
  return headers;
}
