import type { Core } from "./core.js";

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

/** Seconds of a moment; `high` and `low` are what crosses the boundary. */
export function seconds(moment: { readonly nowMs: number | bigint }): number | bigint {
  const nowMs = moment?.nowMs;
  if (typeof nowMs === "number" && nowMs >= 0 && nowMs <= Number.MAX_SAFE_INTEGER) {
    return Math.floor(nowMs / 1000);
  }
  if (typeof nowMs === "bigint" && nowMs >= 0n) {
    return BigInt.asUintN(64, nowMs / 1000n);
  }
  throw new TypeError(
    "nowMs must be milliseconds since 1970, as in verify(callback, { nowMs: Date.now() })",
  );
}

const WORD = 0x1_0000_0000;

/** The upper 32 bits. */
export function high(seconds: number | bigint): number {
  return typeof seconds === "bigint" ? Number(seconds >> 32n) : Math.floor(seconds / WORD);
}

/** The lower 32 bits. */
export function low(seconds: number | bigint): number {
  return typeof seconds === "bigint" ? Number(seconds & 0xffff_ffffn) : seconds % WORD;
}

/** The options that have a default, in the order in which core tells it. */
const OPTIONS = [
  "maxAgeSeconds",
  "maxAheadSeconds",
  "maxBodyBytes",
  "memorySeconds",
  "inFlightSeconds",
] as const;

/** An option that is a number of at least 0, as 64 bits; its default where it is left out. */
export function limit<Name extends (typeof OPTIONS)[number]>(
  core: Core,
  name: Name,
  options: { readonly [name in Name]?: number | bigint },
): bigint {
  const value: number | bigint | undefined = options[name];
  if (value === undefined) {
    return BigInt.asUintN(64, core.exports.default_of(OPTIONS.indexOf(name)));
  }
  if (value === Infinity) {
    return MAX;
  }
  if ((typeof value !== "number" && typeof value !== "bigint") || !(value >= 0)) {
    throw new RangeError(`${name} must be a number of at least 0, not ${String(value)}`);
  }
  const whole = typeof value === "bigint" ? value : BigInt(Math.floor(value));
  return whole < MAX ? whole : MAX;
}

const MAX = 0xffff_ffff_ffff_ffffn;
