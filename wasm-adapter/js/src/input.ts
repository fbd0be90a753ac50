import { type Core, core } from "./core.js";

/** Checks of what the caller passes. Misuse throws; a bad callback never does. */

/** A body as it was received. */
export type RawBody = Uint8Array | ArrayBuffer | DataView;

/**
 * What a value is, wherever it was made: test runners and edge runtimes have realms of their own.
 * @internal
 */
export function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}

/** The same with its article. @internal */
export function shown(value: unknown): string {
  const kind = kindOf(value);
  return `${/^(?:[AEIO]|Un)/.test(kind) ? "an" : "a"} ${kind}`;
}

/** The bytes of a value that holds bytes, without a copy. @internal */
export function octets(value: unknown): Uint8Array | undefined {
  if (value instanceof Uint8Array) {
    return value;
  }
  const kind = kindOf(value);
  if (ArrayBuffer.isView(value)) {
    if (kind === "Uint8Array") {
      return value as Uint8Array;
    }
    const { buffer, byteOffset, byteLength } = value;
    return kind === "DataView" ? new Uint8Array(buffer, byteOffset, byteLength) : undefined;
  }
  if (kind === "ArrayBuffer" || kind === "SharedArrayBuffer") {
    return new Uint8Array(value as ArrayBufferLike);
  }
  return undefined;
}

/** The bytes of a body. Throws what to change, where it is none. @internal */
export function bytes(body: unknown): Uint8Array {
  const found = octets(body);
  if (found === undefined) {
    throw new TypeError(`the body is ${noBody(body)}`);
  }
  if (found.length === 0 && isDetached(found)) {
    throw new TypeError(
      "the body is empty because its buffer has been transferred: verify it before you hand it on",
    );
  }
  return found;
}

function isDetached({ buffer }: Uint8Array): boolean {
  try {
    return new Uint8Array(buffer).length < 0;
  } catch {
    return true;
  }
}

/** What it is in place of a body, and what to pass. */
function noBody(body: unknown): string {
  if (typeof body === "string") {
    return (
      "a string: the signature covers the bytes as they were received, and a string has been " +
      "decoded from them. Pass the raw body as a Uint8Array"
    );
  }
  if (body === undefined) {
    return (
      "undefined: nothing has read it, or only for other content types (express.raw takes " +
      "`type: () => true`), or something has read it before. Pass the raw body as a Uint8Array"
    );
  }
  if (body === null) {
    return "null: this request has none. Pass new Uint8Array() for an empty body";
  }
  if (typeof body !== "object") {
    return `a ${typeof body}: pass the raw body as a Uint8Array`;
  }
  if (isPromise(body)) {
    return "a Promise: await it, as in new Uint8Array(await request.arrayBuffer())";
  }
  const kind = kindOf(body);
  if (kind === "Blob" || kind === "File" || kind === "Request" || kind === "Response") {
    return `a ${kind}: pass new Uint8Array(await ${kind.toLowerCase()}.arrayBuffer())`;
  }
  const { getReader, pipe, data } = body as Record<string, unknown>;
  if (
    typeof getReader === "function" ||
    typeof pipe === "function" ||
    Symbol.asyncIterator in body
  ) {
    return (
      "a stream: read it to its end first, as in " +
      "new Uint8Array(await new Response(stream).arrayBuffer())"
    );
  }
  if (ArrayBuffer.isView(body)) {
    return `${shown(body)}: pass new Uint8Array(body.buffer, body.byteOffset, body.byteLength)`;
  }
  if (Array.isArray(data)) {
    return "a Buffer that became JSON on its way: pass Uint8Array.from(body.data)";
  }
  return (
    `${Array.isArray(body) ? "an array" : "an object"}, perhaps parsed JSON: pass the raw bytes ` +
    "as a Uint8Array, from before any middleware that parses"
  );
}

/** @internal */
export function isPromise(value: object): boolean {
  return typeof (value as { then?: unknown }).then === "function";
}

/** Milliseconds since 1970 were as few in March 1973; seconds since 1970 will be in the year 5138. */
const FEWEST_MS = 1e11;

/** Seconds of a moment; `high` and `low` are what crosses the boundary. @internal */
export function seconds(moment: { readonly nowMs: number | bigint }): number | bigint {
  const nowMs: unknown = moment?.nowMs;
  if (typeof nowMs === "number" && nowMs >= FEWEST_MS && nowMs <= Number.MAX_SAFE_INTEGER) {
    return Math.floor(nowMs / 1000);
  }
  // Nobody gets seconds as a bigint by accident, but of a time that counts.
  if (typeof nowMs === "bigint" && nowMs >= 0n && !(nowMs >= 100_000_000n && nowMs < FEWEST_MS)) {
    return BigInt.asUintN(64, nowMs / 1000n);
  }
  throw new TypeError(
    "nowMs must be milliseconds since 1970, as in verify(callback, { nowMs: Date.now() })" +
      noMoment(nowMs),
  );
}

function noMoment(nowMs: unknown): string {
  if ((typeof nowMs === "number" || typeof nowMs === "bigint") && nowMs >= 0 && nowMs < FEWEST_MS) {
    return `: ${nowMs} must be seconds`;
  }
  return kindOf(nowMs) === "Date" ? ": a Date has them as getTime()" : "";
}

const WORD = 0x1_0000_0000;

/** The upper 32 bits. @internal */
export function high(seconds: number | bigint): number {
  return typeof seconds === "bigint" ? Number(seconds >> 32n) : Math.floor(seconds / WORD);
}

/** The lower 32 bits. @internal */
export function low(seconds: number | bigint): number {
  return typeof seconds === "bigint" ? Number(seconds & 0xffff_ffffn) : seconds % WORD;
}

/** What has a default, in the order in which core tells it. */
const DEFAULTS = [
  "maxAgeSeconds",
  "maxAheadSeconds",
  "maxBodyBytes",
  "memorySeconds",
  "inFlightSeconds",
  // The greatest age where a log stands behind that remembers as long.
  "loggedAgeSeconds",
  // The largest body that a function of Lambda@Edge is shown.
  "edgeBodyBytes",
  "capacity",
  // That of a guard at the edge.
  "edgeCapacity",
  "refreshSeconds",
  "patienceSeconds",
  "overlapSeconds",
  // The most secrets that are tried.
  "mostSecrets",
  // The fewest bytes of a secret at a host that strangers reach.
  "leastSecretBytes",
] as const;

/**
 * A default of core's, for hosts that show or bound it: seconds, bytes, or a count, as its name says.
 *
 * @example
 * import { defaultOf } from "sinch-callback";
 *
 * console.log(defaultOf("maxBodyBytes"), defaultOf("maxAgeSeconds")); // 2097152 300
 */
export function defaultOf(name: (typeof DEFAULTS)[number]): number {
  return Number(defaultIn(core(), name));
}

function defaultIn(here: Core, name: (typeof DEFAULTS)[number]): bigint {
  return BigInt.asUintN(64, here.exports.default_of(DEFAULTS.indexOf(name)));
}

/** An option that is a number of at least 0, as 64 bits; its default where it is left out. @internal */
export function limit<Name extends (typeof DEFAULTS)[number]>(
  here: Core,
  name: Name,
  options: { readonly [name in Name]?: number | bigint },
): bigint {
  const value: number | bigint | undefined = options[name];
  if (value === undefined) {
    return defaultIn(here, name);
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
