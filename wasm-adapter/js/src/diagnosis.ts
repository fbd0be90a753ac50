import { core } from "./core.js";
import { high, limit, low, seconds } from "./input.js";
import { layOut } from "./lay-out.js";
import { onlyKnown } from "./options.js";
import { type Moment, type Secret, type SignedCallback, bodyOf, secretText } from "./verifier.js";

/** A likely cause why a callback was refused: with it undone, the signature matches. */
export interface Diagnosis {
  /** The cause's stable name, as `body_reserialized`. */
  readonly code: string;
  /** The cause and what to do about it. */
  readonly detail: string;
}

/** What is known of a refused callback, besides the callback. */
export interface Evidence extends Moment {
  /** The secrets in use. */
  readonly secrets: readonly Secret[];
  /** Secrets that are no longer in use. */
  readonly retiredSecrets?: readonly Secret[];
  readonly maxAgeSeconds?: number | bigint;
  readonly maxAheadSeconds?: number | bigint;
}

/**
 * Names what makes the signature match once it is undone; empty where nothing usual does, which
 * most often means another secret. For consoles and command lines: it computes up to a few thousand
 * signatures and says of secrets what a stranger must not learn.
 *
 * @example
 * import { Signer, diagnose } from "sinch-callback";
 *
 * const secret = "example-secret-not-real-1";
 * const moment = { nowMs: Date.now() };
 * const sent = new TextEncoder().encode(`{"a": 1, "b": 2}`);
 * const headers = new Signer({ secret }).sign({ body: sent, nonce: "nonce-1", ...moment });
 *
 * const parsed = JSON.parse(new TextDecoder().decode(sent));
 * const body = new TextEncoder().encode(JSON.stringify(parsed));
 * const [cause] = diagnose({ headers, body }, { secrets: [secret], ...moment });
 * console.log(cause?.code); // body_reserialized
 */
export function diagnose(callback: SignedCallback, evidence: Evidence): Diagnosis[] {
  const here = core();
  onlyKnown(evidence, KNOWN, "diagnose(callback, { secrets: [secret], nowMs: Date.now() })");
  const body = bodyOf(callback);
  const now = seconds(evidence);
  const maxAge = limit(here, "maxAgeSeconds", evidence);
  const maxAhead = limit(here, "maxAheadSeconds", evidence);
  const secrets = list(evidence.secrets, "secrets");
  const retired = list(evidence.retiredSecrets ?? [], "retiredSecrets");
  layOut(here, callback.headers, body, body.length);
  const { laid } = here;
  const lengths = [laid.signature, laid.timestamp, laid.nonce, laid.algorithm] as const;
  let end = lengths.reduce((sum, length) => sum + Math.max(0, length), body.length);
  for (const secret of [...secrets, ...retired]) {
    here.reserve(end + 4 + secret.length);
    here.view.setUint32(here.start + end, secret.length, true);
    here.put(secret, end + 4);
    end += 4 + secret.length;
  }
  const count = here.exports.diagnose(
    ...lengths,
    body.length,
    secrets.length,
    retired.length,
    high(now),
    low(now),
    maxAge,
    maxAhead,
  );
  const texts = here.texts(2 * count);
  return Array.from({ length: count }, (_, cause) => ({
    code: texts[2 * cause] ?? "",
    detail: texts[2 * cause + 1] ?? "",
  }));
}

const KNOWN = ["secrets", "retiredSecrets", "nowMs", "maxAgeSeconds", "maxAheadSeconds"];

function list(secrets: unknown, name: string): Uint8Array[] {
  if (!Array.isArray(secrets)) {
    throw new TypeError(`${name} must be an array of secrets`);
  }
  return secrets.map((secret: unknown, position) => {
    const text = secretText(secret, `${name}[${position}]`);
    return typeof text === "string" ? new TextEncoder().encode(text) : text;
  });
}
