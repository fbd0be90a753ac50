// Sinch's side, by Node's own HMAC: nothing here is of the code under test.
import { createHmac } from "node:crypto";

import { bodyOf as vectorBody, textOf } from "../../tests/hosts/check.mjs";
import { allVectors, schemeVectors as vectorsByScheme } from "../../tests/hosts/vectors.mjs";
import { plant } from "./kept-logs.js";

export const SECRET = "made-up-secret-1";
export const NEXT_SECRET = "made-up-secret-2";
plant(SECRET, NEXT_SECRET);
/** A moment, in Unix seconds. */
export const NOW = 1_700_000_000;
export const NAME = "x-sinch-webhook-signature";

export type Bytes = Uint8Array<ArrayBuffer>;
export type Pairs = [name: string, value: string][];

/** A callback as it is sent. */
export interface Callback {
  readonly headers: Record<string, string>;
  readonly body: Bytes;
}

/** Headers and bytes of a signed callback. */
export function signed(
  body: string | Uint8Array = "{}",
  { secret = SECRET, nonce = "01MADEUPNONCE", at = NOW } = {},
): Callback {
  const bytes = Buffer.from(body);
  const text = Buffer.concat([bytes, Buffer.from(`.${nonce}.${at}`)]);
  const signature = createHmac("sha256", secret).update(text).digest("base64");
  plant(nonce, signature);
  return {
    body: new Uint8Array(bytes),
    headers: {
      [NAME]: signature,
      [`${NAME}-timestamp`]: String(at),
      [`${NAME}-nonce`]: nonce,
      [`${NAME}-algorithm`]: "HmacSHA256",
    },
  };
}

/** A text, or bytes in hexadecimal digits. */
type Text = string | { readonly hex: string };

/** A vector of the repository; tests/vectors/README.md says what its members are. */
export interface Vector {
  readonly id: string;
  readonly source?: string;
  readonly secrets: readonly Text[];
  readonly verbatim?: boolean;
  readonly options?: {
    readonly max_age_secs?: string;
    readonly max_ahead_secs?: string;
    readonly max_body_bytes?: number;
    readonly algorithm_header?: "optional" | "required";
  };
  readonly now: string;
  readonly headers: readonly [name: string, value: Text][];
  readonly body: Parameters<typeof vectorBody>[0];
  readonly expect:
    | { readonly verdict: "accepted"; readonly secret_slot: number; readonly replay_key: string }
    | {
        readonly verdict: "rejected";
        readonly code: string;
        readonly status: number;
        readonly header?: string;
      };
}

/** A vector of tests/vectors/schemes.json. */
export interface SchemeVector extends Vector {
  readonly scheme: string;
  readonly key?: string;
  readonly secrets: readonly string[];
  readonly request: { readonly method: string; readonly target: string };
}

/** The vectors of the schemes that the package knows. */
export const schemeVectors: () => SchemeVector[] = vectorsByScheme;

/** All vectors of the repository. */
export const vectors: () => Vector[] = allVectors;

export const bodyOf = ({ body }: Vector): Bytes => new Uint8Array(vectorBody(body));

/** Name and value of each header, one character for each byte. */
export const pairsOf = ({ headers }: Vector): Pairs =>
  headers.map(([name, value]) => [name, textOf(value)]);

/** Whether a host's clock may tell this second: in milliseconds it is exact, and not taken for
 * seconds. */
export const isOfAClock = (second: string): boolean =>
  BigInt(second) >= 100_000_000n && BigInt(second) <= 8_000_000_000_000n;
