import { core } from "./core.js";
import { type RawBody, bytes, high, low, seconds } from "./input.js";
import { Item, coreOf, gone, numberOf } from "./item.js";
import { flag, onlyKnown } from "./options.js";
import { type Moment, type Secret, secretText, writeSecret } from "./verifier.js";

export interface SignerOptions {
  readonly secret: Secret;
  /** Takes the secret as it is, white space around it included; off by default. */
  readonly verbatimSecrets?: boolean;
}

/** What is signed, and when. */
export interface Signable extends Moment {
  readonly body: RawBody;
  /** 1 to 128 visible ASCII characters without dot or comma, never used before. */
  readonly nonce: string;
}

/** Signs callbacks as Sinch does: for your tests and tools. */
export class Signer extends Item {
  /** Throws a `TypeError` or `RangeError` for a secret that cannot be meant. */
  constructor(options: SignerOptions) {
    onlyKnown(options, ["secret", "verbatimSecrets"], "new Signer({ secret })");
    const here = core();
    const verbatim = flag(options, "verbatimSecrets");
    const length = writeSecret(here, secretText(options.secret, "secret"));
    const number = here.exports.new_signer(length, verbatim);
    if (number < 0) {
      throw new RangeError(here.text(-number));
    }
    super(here, number);
  }

  /** The headers that the body goes with, names in lower case. Throws a `RangeError` for a nonce or
   * a time that no verifier would accept. */
  sign(signable: Signable): Record<string, string> {
    const core = coreOf(this);
    onlyKnown(signable, ["body", "nonce", "nowMs"], "sign({ body, nonce, nowMs: Date.now() })");
    const body = bytes(signable.body);
    const now = seconds(signable);
    if (typeof signable.nonce !== "string") {
      throw new TypeError("nonce must be a string that was never used before");
    }
    const nonce = core.write(signable.nonce);
    core.put(body, nonce);
    const count = core.exports.sign(numberOf(this), nonce, body.length, high(now), low(now));
    if (count === 0) {
      throw gone(this);
    }
    if (count < 0) {
      throw new RangeError(core.text(-count));
    }
    const texts = core.texts(2 * count);
    const headers: Record<string, string> = {};
    for (let at = 0; at < texts.length; at += 2) {
      headers[texts[at] ?? ""] = texts[at + 1] ?? "";
    }
    return headers;
  }
}
