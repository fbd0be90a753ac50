import type { Core } from "./core.js";

/**
 * A request's headers as hosts give them: a `Headers`, any iterable of name and value, Node's
 * `IncomingHttpHeaders`, or a plain object. Names in whatever case; white space around values taken
 * off, as every HTTP server does.
 */
export type HeadersLike =
  | Iterable<readonly [name: string, value: string]>
  | { readonly [name: string]: string | readonly string[] | undefined };

type Value = string | undefined;

/** The values of the four headers. Several values of one are joined with commas, as HTTP does it. */
export interface SignedHeaders {
  signature: Value;
  timestamp: Value;
  nonce: Value;
  algorithm: Value;
}

/** Finds the four headers among all. */
export function collect(core: Core, headers: HeadersLike): SignedHeaders {
  const found: SignedHeaders = {
    signature: undefined,
    timestamp: undefined,
    nonce: undefined,
    algorithm: undefined,
  };
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError(
      "headers must be a Headers, an iterable of name and value, or an object, " +
        `not ${headers === null ? "null" : typeof headers}`,
    );
  }
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<unknown>) {
      if (!Array.isArray(pair)) {
        throw new TypeError(
          "headers must be an iterable of name and value: a flat list such as rawHeaders is not",
        );
      }
      take(core, found, pair[0], pair[1]);
    }
  } else {
    for (const name in headers) {
      // Three lengths for four names: a look at the length spares most comparisons.
      const length = name.length;
      if (length === 25 || length === 31 || length === 35) {
        take(core, found, name, headers[name]);
      }
    }
  }
  return found;
}

function take(core: Core, found: SignedHeaders, name: unknown, value: unknown): void {
  if (typeof name !== "string") {
    throw new TypeError(`the name of a header must be a string, not ${typeof name}`);
  }
  const names = core.headerNames;
  let position = names.indexOf(name);
  if (position < 0 && (position = names.indexOf(name.toLowerCase())) < 0) {
    return;
  }
  const text = joined(name, value);
  if (text === undefined) {
    return;
  }
  switch (position) {
    case 0:
      found.signature = found.signature === undefined ? text : `${found.signature},${text}`;
      break;
    case 1:
      found.timestamp = found.timestamp === undefined ? text : `${found.timestamp},${text}`;
      break;
    case 2:
      found.nonce = found.nonce === undefined ? text : `${found.nonce},${text}`;
      break;
    default:
      found.algorithm = found.algorithm === undefined ? text : `${found.algorithm},${text}`;
  }
}

/** A value as one text; nothing for one that is not there. */
function joined(name: string, value: unknown): Value {
  if (typeof value === "string" || value === undefined) {
    return value;
  }
  if (Array.isArray(value) && value.every((part) => typeof part === "string")) {
    return value.length === 0 ? undefined : value.join(",");
  }
  throw new TypeError(`the value of ${name} must be a string or strings, not ${typeof value}`);
}

/** Writes the headers' values into the shared buffer, and tells their length in bytes. */
export function write(core: Core, found: SignedHeaders): Lengths {
  const { signature = "", timestamp = "", nonce = "", algorithm = "" } = found;
  const all = signature + timestamp + nonce + algorithm;
  const total = core.write(all, 0);
  // As many bytes as characters: all of them are ASCII, and each value is as long as it looks.
  const size = total === all.length ? (text: string) => text.length : bytesOf;
  return {
    signature: found.signature === undefined ? -1 : size(signature),
    timestamp: found.timestamp === undefined ? -1 : size(timestamp),
    nonce: found.nonce === undefined ? -1 : size(nonce),
    algorithm: found.algorithm === undefined ? -1 : size(algorithm),
    total,
  };
}

/** Lengths in bytes; -1 for what is absent. */
export interface Lengths {
  readonly signature: number;
  readonly timestamp: number;
  readonly nonce: number;
  readonly algorithm: number;
  readonly total: number;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
