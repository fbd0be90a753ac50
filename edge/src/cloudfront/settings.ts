import type { OnMismatch } from "../judge.js";
import { SettingsReader } from "../settings.js";
import type { CloudFrontRequest } from "./event.js";

/**
 * What the function is set to. Lambda@Edge has no environment variables; the origin's custom headers
 * are what it sees in their place. They reach the origin too, so no secret stands there.
 */
export interface Settings {
  readonly secretParameters: readonly string[];
  readonly secretRegion: string;
  readonly maxAgeSeconds: number;
  readonly maxBodyBytes: number;
  /** What becomes of a well-formed callback while no secret is to be had. */
  readonly withoutSecret: "forward" | 503;
  readonly onMismatch: OnMismatch;
  readonly guardCapacity: number;
  /** Whether the origin is a receiver of another make, which does not mark its answers. */
  readonly foreignOrigin: boolean;
  /** Whether secrets are taken as they are, even those that look like a mistake. */
  readonly verbatimSecrets: boolean;
}

const NAMES = [
  "x-callback-secret-parameters",
  "x-callback-secret-region",
  "x-callback-max-age-seconds",
  "x-callback-max-body-bytes",
  "x-callback-without-secret",
  "x-callback-on-signature-mismatch",
  "x-callback-guard-capacity",
  "x-callback-foreign-origin",
  "x-callback-verbatim-secrets",
] as const;

type Name = (typeof NAMES)[number];

/** 100,000 callbacks at 48 bytes each. */
const DEFAULT_CAPACITY = 100_000;

/** Tells origins and their settings apart; the same text, the same settings. */
export function settingsKey({ origin }: CloudFrontRequest): string {
  const custom = origin?.custom;
  let key = custom === undefined ? "" : `${custom.domainName}${custom.path}`;
  for (const name of NAMES) {
    key += `\n${custom?.customHeaders[name]?.[0]?.value ?? ""}`;
  }
  return key;
}

/** Reads the settings. Throws for the first that cannot be used. */
export function settings({ origin }: CloudFrontRequest): Settings {
  const headers = origin?.custom?.customHeaders ?? {};
  const read = new SettingsReader(
    "the origin's custom header",
    (name) => headers[name]?.[0]?.value,
  );
  const parameters = "x-callback-secret-parameters" satisfies Name;
  const expected = "names of SSM parameters, separated by commas";
  const secretParameters = read
    .required(parameters, expected)
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (secretParameters.length === 0) {
    throw read.wrong(parameters, expected);
  }
  const region = "x-callback-secret-region" satisfies Name;
  const where = "the region of the SSM parameters, as eu-west-1";
  const secretRegion = read.required(region, where);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(secretRegion)) {
    throw read.wrong(region, where);
  }
  return {
    secretParameters,
    secretRegion,
    maxAgeSeconds: read.maxAgeSeconds("x-callback-max-age-seconds" satisfies Name),
    maxBodyBytes: read.whole(
      "x-callback-max-body-bytes" satisfies Name,
      1_000_000,
      [0, 1_000_000],
      "a number of bytes up to 1000000, which is what the edge is shown",
    ),
    withoutSecret: read.one<"forward" | 503>(
      "x-callback-without-secret" satisfies Name,
      "forward",
      {
        forward: "forward",
        503: 503,
      },
    ),
    onMismatch: read.one<OnMismatch>("x-callback-on-signature-mismatch" satisfies Name, 401, {
      401: 401,
      503: 503,
    }),
    guardCapacity: read.whole(
      "x-callback-guard-capacity" satisfies Name,
      DEFAULT_CAPACITY,
      [1, 1_000_000],
      "a number of callbacks from 1 to 1000000, at 48 bytes each",
    ),
    foreignOrigin: read.flag("x-callback-foreign-origin" satisfies Name),
    verbatimSecrets: read.flag("x-callback-verbatim-secrets" satisfies Name),
  };
}
