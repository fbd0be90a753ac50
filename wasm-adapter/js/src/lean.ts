import type { Core } from "./core.js";
import { FEWEST_MS, high, low } from "./input.js";
import type { Moment, SignedCallback } from "./verifier.js";

/**
 * The verdict's number, for a callback in the form in which servers hand it over: headers as an
 * object with lower-case names and one text each, a body in a `Uint8Array`, a time in a number.
 * Nothing for any other form, which the general way takes, and tells what is wrong with it.
 */
export function verifyLean(
  core: Core,
  verifier: number,
  maxBodyBytes: number,
  callback: SignedCallback,
  moment: Moment,
): number | undefined {
  const body = callback?.body;
  const headers = callback?.headers as { readonly [name: string]: unknown };
  const nowMs = moment?.nowMs;
  if (
    !(body instanceof Uint8Array) ||
    // A buffer that was transferred looks empty.
    body.length === 0 ||
    body.length > maxBodyBytes ||
    typeof headers !== "object" ||
    headers === null ||
    Symbol.iterator in headers ||
    typeof nowMs !== "number" ||
    !(nowMs >= FEWEST_MS && nowMs <= Number.MAX_SAFE_INTEGER)
  ) {
    return undefined;
  }
  for (const name in moment) {
    if (name !== "nowMs") {
      return undefined;
    }
  }
  const { headerNames } = core;
  const ofSignature = headerNames[0];
  const ofTimestamp = headerNames[1];
  const ofNonce = headerNames[2];
  const ofAlgorithm = headerNames[3];
  let signature: unknown;
  let timestamp: unknown;
  let nonce: unknown;
  let algorithm: unknown;
  for (const name in headers) {
    // Most names are told apart by their length.
    switch (name.length) {
      case ofSignature.length:
        if (name !== ofSignature) return undefined;
        signature = headers[name];
        break;
      case ofTimestamp.length:
        if (name === ofTimestamp) timestamp = headers[name];
        else if (name === ofAlgorithm) algorithm = headers[name];
        else return undefined;
        break;
      case ofNonce.length:
        if (name !== ofNonce) return undefined;
        nonce = headers[name];
        break;
      case ofAlgorithm.length:
        if (name !== ofAlgorithm) return undefined;
        algorithm = headers[name];
    }
  }
  if (
    typeof signature !== "string" ||
    typeof timestamp !== "string" ||
    typeof nonce !== "string" ||
    typeof algorithm !== "string"
  ) {
    return undefined;
  }
  const values = signature + timestamp + nonce + algorithm;
  if (3 * values.length + body.length > core.room) {
    return undefined;
  }
  const end = core.write(values);
  // A letter of more than one byte has lengths of its own.
  if (end !== values.length) {
    return undefined;
  }
  core.bytes.set(body, core.start + end);
  const now = Math.floor(nowMs / 1000);
  return core.exports.verify(
    verifier,
    signature.length,
    timestamp.length,
    nonce.length,
    algorithm.length,
    body.length,
    high(now),
    low(now),
  );
}
