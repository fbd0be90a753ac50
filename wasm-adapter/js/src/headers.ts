import type { Core } from "./core.js";
import { isPromise, kindOf, shown } from "./input.js";

/**
 * A request's headers as hosts give them: a `Headers`, any iterable of name and value, Node's
 * `IncomingHttpHeaders`, a plain object, or CloudFront's lists of key and value. Names in whatever
 * case; values without white space around them, as every HTTP server hands them over: none is taken
 * off here.
 */
export type HeadersLike = Iterable<readonly [name: string, value: string]> | HeaderRecord;

/** Headers by name. */
export interface HeaderRecord {
  readonly [name: string]: string | readonly (string | CloudFrontHeader)[] | null | undefined;
}

/** One value of a header, in an event of CloudFront. */
export interface CloudFrontHeader {
  readonly key?: string | undefined;
  readonly value: string;
}

type Value = string | undefined;

/**
 * The values of the four headers, in the order of `Core.headerNames`. Several values of one are
 * joined with commas, as HTTP does it.
 * @internal
 */
export type SignedHeaders = [Value, Value, Value, Value];

/** Finds the four headers among all. Throws for what cannot be a request's headers. @internal */
export function collect(core: Core, headers: HeadersLike): SignedHeaders {
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError(`headers is ${headers === null ? "null" : `a ${typeof headers}`}: ${PASS}`);
  }
  const found: SignedHeaders = [undefined, undefined, undefined, undefined];
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<unknown>) {
      if (!Array.isArray(pair)) {
        throw new TypeError(
          "headers must be an iterable of name and value: a flat list such as rawHeaders is not",
        );
      }
      take(core, found, pair);
    }
  } else {
    for (const name in headers) {
      // A look at the length spares most names the search, and most getters the call.
      if (core.nameLengths.has(name.length)) {
        put(core, found, name, headers[name]);
      }
    }
  }
  // A request without signature is refused for good, and so would genuine ones be, where the
  // caller passes something else than headers. Only then is it worth a closer look.
  if (found[0] === undefined || found[1] === undefined || found[2] === undefined) {
    const fault = noHeaders(headers);
    if (fault !== undefined) {
      throw new TypeError(`headers is ${fault}`);
    }
  }
  return found;
}

const PASS =
  "pass the request's headers, as a Headers, an iterable of name and value, or an object";

/** What it is in place of headers; nothing, where it may be headers. */
function noHeaders(headers: object): string | undefined {
  const members = headers as { readonly [name: string]: unknown };
  if (isPromise(headers)) {
    return "a Promise: await it, as in verify({ headers: await headers(), body }, …)";
  }
  const kind = kindOf(headers);
  if (kind === "FormData" || kind === "URLSearchParams" || ArrayBuffer.isView(headers)) {
    return `${shown(headers)}: ${PASS}`;
  }
  if (Symbol.iterator in headers) {
    return undefined;
  }
  if (typeof members["headers"] === "object" && members["headers"] !== null) {
    return "an object that has headers, such as the whole request or event: pass its headers";
  }
  if (typeof members["get"] === "function") {
    return `an object with a method "get", which names no header by itself: ${PASS}`;
  }
  let count = 0;
  for (const name in headers) {
    const value = members[name];
    count += 1;
    if (typeof value === "function" || (typeof value === "object" && !isHeaderValue(value))) {
      return `an object whose ${JSON.stringify(name)} is no header's value but ${shown(value)}: ${PASS}`;
    }
  }
  const shape: unknown = Object.getPrototypeOf(headers);
  const isPlain = shape === null || Object.getPrototypeOf(shape) === null;
  return count === 0 && !isPlain ? `an object of a class, without any header: ${PASS}` : undefined;
}

function isHeaderValue(value: object | null): boolean {
  return value === null || Array.isArray(value);
}

/**
 * The headers of these names, in lower case, among all: name and value one after the other. Several
 * values of one are several headers.
 * @internal
 */
export function pairs(names: ReadonlySet<string>, headers: HeadersLike): string[] {
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError(`headers is ${headers === null ? "null" : `a ${typeof headers}`}: ${PASS}`);
  }
  const found: string[] = [];
  const put = (name: unknown, value: unknown): void => {
    if (typeof name !== "string") {
      throw new TypeError(`the name of a header must be a string, not ${shown(name)}`);
    }
    const lower = name.toLowerCase();
    if (names.has(lower)) {
      for (const text of values(name, value)) {
        found.push(lower, text);
      }
    }
  };
  if (Symbol.iterator in headers) {
    for (const pair of headers as Iterable<unknown>) {
      if (!Array.isArray(pair)) {
        throw new TypeError(
          "headers must be an iterable of name and value: a flat list such as rawHeaders is not",
        );
      }
      put(pair[0], pair[1]);
    }
  } else {
    for (const name in headers) {
      put(name, headers[name]);
    }
  }
  const fault = found.length === 0 ? noHeaders(headers) : undefined;
  if (fault !== undefined) {
    throw new TypeError(`headers is ${fault}`);
  }
  return found;
}

function take(core: Core, found: SignedHeaders, pair: readonly unknown[]): void {
  const [name, value] = pair;
  if (typeof name !== "string") {
    throw new TypeError(`the name of a header must be a string, not ${shown(name)}`);
  }
  if (core.nameLengths.has(name.length)) {
    put(core, found, name, value);
  }
}

function put(core: Core, found: SignedHeaders, name: string, value: unknown): void {
  const positions = core.positions;
  const position = positions.get(name) ?? positions.get(name.toLowerCase());
  if (position === undefined) {
    return;
  }
  const text = typeof value === "string" ? value : joined(name, value);
  if (text !== undefined) {
    const before = found[position];
    found[position] = before === undefined ? text : `${before},${text}`;
  }
}

/** A value as one text; nothing for one that is not there. */
function joined(name: string, value: unknown): Value {
  const parts = values(name, value);
  return parts.length === 0 ? undefined : parts.join(",");
}

/** The texts of a value; none for one that is not there. */
function values(name: string, value: unknown): readonly string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (value === undefined || value === null) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.map((part: unknown) => {
      // As CloudFront has it: { key, value }.
      const { value: inner } = (typeof part === "object" && part !== null ? part : {}) as {
        value?: unknown;
      };
      const text = typeof part === "string" ? part : inner;
      if (typeof text !== "string") {
        throw new TypeError(`a value of ${name} must be a string, not ${shown(part)}`);
      }
      return text;
    });
  }
  throw new TypeError(`the value of ${name} must be a string or strings, not ${shown(value)}`);
}
