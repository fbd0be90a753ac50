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

/** The values of the four headers, in the order of `Core.headerNames`. Several values of one are
 * joined with commas, as HTTP does it. */
export type SignedHeaders = [Value, Value, Value, Value];

/** Finds the four headers among all. */
export function collect(core: Core, headers: HeadersLike): SignedHeaders {
  if (typeof headers !== "object" || headers === null) {
    throw new TypeError(
      "headers must be a Headers, an iterable of name and value, or an object, " +
        `not ${headers === null ? "null" : typeof headers}`,
    );
  }
  const found: SignedHeaders = [undefined, undefined, undefined, undefined];
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
      take(core, found, name, headers[name]);
    }
  }
  return found;
}

function take(core: Core, found: SignedHeaders, name: unknown, value: unknown): void {
  if (typeof name !== "string") {
    throw new TypeError(`the name of a header must be a string, not ${typeof name}`);
  }
  // A look at the length spares most names the search.
  if (!core.isNameLength(name.length)) {
    return;
  }
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
  if (typeof value === "string" || value === undefined) {
    return value;
  }
  if (Array.isArray(value) && value.every((part) => typeof part === "string")) {
    return value.length === 0 ? undefined : value.join(",");
  }
  throw new TypeError(`the value of ${name} must be a string or strings, not ${typeof value}`);
}

/** Writes the headers' values at the start of the shared buffer, and tells where they end. */
export function write(core: Core, found: SignedHeaders): number {
  return core.write((found[0] ?? "") + (found[1] ?? "") + (found[2] ?? "") + (found[3] ?? ""));
}

/** A value's length in bytes, as `write` wrote it; -1 for a header that is absent. */
export function length(value: Value, allAreAscii: boolean): number {
  if (value === undefined) {
    return -1;
  }
  return allAreAscii ? value.length : new TextEncoder().encode(value).length;
}

/** Whether all values took as many bytes as they have characters. */
export function areAscii(found: SignedHeaders, end: number): boolean {
  let characters = 0;
  for (let position = 0; position < 4; position++) {
    characters += found[position]?.length ?? 0;
  }
  return characters === end;
}
