import type { Core } from "./core.js";
import { SCHEMES } from "./generated/names.js";
import { pairs } from "./headers.js";
import type { PathScheme, SchemeName } from "./scheme.js";
import type { SignedCallback } from "./verifier.js";

/** A callback with its first line, which some schemes sign. */
export interface SignedRequest extends SignedCallback {
  /** The method; POST where it is left out. */
  readonly method?: string;
  /** The request's address or target, as `request.url` has it: of it, the path counts. */
  readonly url?: string;
  /** The path as Sinch called it, where something in front of you has rewritten the one in `url`. */
  readonly publicPath?: string | undefined;
}

/** What a verifier of a scheme judges. */
export type CallbackOf<S extends SchemeName> = S extends PathScheme
  ? SignedRequest & ({ readonly url: string } | { readonly publicPath: string })
  : SignedRequest;

/** The lengths of what was laid out, in bytes; and how many headers there are. */
export interface LaidRequest {
  readonly method: number;
  readonly target: number;
  readonly body: number;
  readonly headers: number;
}

/** Writes a request into the shared buffer, as `layOut` does a callback. @internal */
export function layOutRequest(
  core: Core,
  scheme: SchemeName,
  callback: Omit<SignedRequest, "body">,
  body: Uint8Array,
  most: number,
): LaidRequest {
  const texts = pairs(core.schemeHeaders, callback.headers);
  const written = body.length > most ? body.subarray(0, most + 1) : body;
  return layOutTexts(core, scheme, callback, written, texts);
}

/** The same with texts in place of headers, two of each. @internal */
export function layOutTexts(
  core: Core,
  scheme: SchemeName,
  { method = "POST", url, publicPath }: Omit<SignedRequest, "body" | "headers">,
  body: Uint8Array,
  texts: readonly string[],
): LaidRequest {
  const target = SCHEMES[scheme].signsPath ? targetOf(publicPath ?? url) : "/";
  const parts = [encoder.encode(method), encoder.encode(target), body];
  const sized = texts.map((text) => encoder.encode(text));
  const length = [...parts, ...sized].reduce((sum, part) => sum + part.length, 4 * sized.length);
  core.reserve(length);
  let at = core.start;
  const put = (part: Uint8Array): void => {
    core.bytes.set(part, at);
    at += part.length;
  };
  parts.forEach(put);
  for (const part of sized) {
    core.view.setUint32(at, part.length, true);
    at += 4;
    put(part);
  }
  return {
    method: parts[0]!.length,
    target: parts[1]!.length,
    body: body.length,
    headers: texts.length / 2,
  };
}

const encoder = new TextEncoder();

/** Path and query of an address, or of a target without one. */
function targetOf(url: unknown): string {
  if (typeof url !== "string") {
    throw new TypeError(
      "this scheme signs the path: pass url, as request.url has it, or publicPath where something " +
        "in front of you rewrites paths",
    );
  }
  const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(url);
  if (authority === null) {
    return url;
  }
  const [target = ""] = url.slice(authority[0].length).split("#");
  return target.startsWith("/") ? target : `/${target}`;
}
