import type { Core } from "./core.js";
import { SCHEMES, UNSIGNED, UNSIGNED_REASON } from "./generated/names.js";

/** The name of a way in which Sinch signs callbacks. */
export type SchemeName = keyof typeof SCHEMES & string;

/** What an authentic callback of a scheme is worth. */
export type PromiseOf<S extends SchemeName> = (typeof SCHEMES)[S]["promise"];

type Where<Trait extends "namesKey" | "signsPath"> = {
  [S in SchemeName]: (typeof SCHEMES)[S][Trait] extends true ? S : never;
}[SchemeName];

/** The schemes whose callbacks name a key: an application's key, or a service's id. */
export type KeyedScheme = Where<"namesKey">;
/** The schemes that sign method and path. */
export type PathScheme = Where<"signsPath">;

/** What says of which scheme something is. */
export interface OfScheme {
  readonly scheme?: SchemeName;
  readonly key?: string | undefined;
}

/** The scheme that options name. @internal */
export function schemeIn({ scheme = "conversation" }: OfScheme): SchemeName {
  if (!Object.hasOwn(SCHEMES, scheme)) {
    throw new RangeError(
      UNSIGNED.includes(scheme)
        ? `there is no scheme ${JSON.stringify(scheme)}: ${UNSIGNED_REASON}`
        : `there is no scheme ${JSON.stringify(scheme)}: known are ${Object.keys(SCHEMES).join(", ")}`,
    );
  }
  return scheme;
}

/** Sets the scheme of what is made next; `conversation` needs none. @internal */
export function setScheme(core: Core, scheme: SchemeName, key: unknown): void {
  if (key !== undefined && !SCHEMES[scheme].namesKey) {
    throw new TypeError(
      `callbacks of the scheme ${scheme} name no key: leave key off (what they are signed with are secrets)`,
    );
  }
  if (scheme === "conversation") {
    return;
  }
  needsSchemes(core, scheme);
  if (key !== undefined && typeof key !== "string") {
    throw new TypeError(`key must be the id of a key, a string, not ${typeof key}`);
  }
  const length = core.write(scheme + (key ?? "")) - scheme.length;
  const reason = core.exports.set_scheme(scheme.length, key === undefined ? -1 : length);
  if (reason > 0) {
    throw new RangeError(core.text(reason));
  }
}

/** What core says of a scheme. @internal */
export interface Sentences {
  /** What an authentic callback is worth. */
  readonly promise: string;
  readonly notCovered: string;
}

/** @internal */
export function sentencesOf(core: Core, scheme: SchemeName): Sentences {
  let found = core.sentences.get(scheme);
  if (found === undefined) {
    needsSchemes(core, scheme);
    const text = (which: 0 | 1): string =>
      core.text(core.exports.scheme_text(core.write(scheme), which));
    found = { promise: text(0), notCovered: text(1) };
    core.sentences.set(scheme, found);
  }
  return found;
}

function needsSchemes(core: Core, what: string): void {
  if ((core.exports.set_scheme as unknown) === undefined) {
    throw new Error(
      `this entry knows the conversation scheme alone, and nothing of ${JSON.stringify(what)}: ` +
        "import sinch-callback/edge/schemes, or sinch-callback",
    );
  }
}
