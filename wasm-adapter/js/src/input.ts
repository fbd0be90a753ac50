/** Checks of what the caller passes. Misuse throws; a bad callback never does. */

/** The bytes, where they are bytes. */
export function bytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array) {
    return body;
  }
  // One of another realm, as test runners and edge runtimes have them.
  if (Object.prototype.toString.call(body) === "[object Uint8Array]") {
    return body as Uint8Array;
  }
  if (typeof body === "string") {
    throw new TypeError(
      "the body is a string: the signature covers the bytes as they were received, and a string " +
        "has been decoded from them. Pass the raw body as a Uint8Array",
    );
  }
  if (Object.prototype.toString.call(body) === "[object ArrayBuffer]") {
    throw new TypeError("the body is an ArrayBuffer: pass new Uint8Array(body)");
  }
  if (typeof body === "object" && body !== null) {
    throw new TypeError(
      "the body is an object, perhaps parsed JSON: pass the raw bytes as a Uint8Array, from before " +
        "any middleware that parses",
    );
  }
  throw new TypeError(`the body must be a Uint8Array, not ${typeof body}`);
}

/** The moment in whole seconds. */
export function seconds(moment: { readonly nowMs: number | bigint }): number {
  const nowMs = moment?.nowMs;
  if (typeof nowMs === "number" && nowMs >= 0) {
    return Math.floor(nowMs / 1000);
  }
  if (typeof nowMs === "bigint" && nowMs >= 0n) {
    return Number(nowMs / 1000n);
  }
  throw new TypeError(
    "nowMs must be milliseconds since 1970, as in verify(callback, { nowMs: Date.now() })",
  );
}

/** An option that is a number of at least `least`; NaN, which stands for the default, where it is
 * left out. */
export function atLeast(least: number, name: string, value: number | undefined): number {
  if (value === undefined) {
    return NaN;
  }
  if (typeof value !== "number" || !(value >= least)) {
    throw new RangeError(`${name} must be a number of at least ${least}, not ${String(value)}`);
  }
  return value;
}
