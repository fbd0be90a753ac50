import { type ReceptionOptions, defaultOf } from "sinch-callback/edge/schemes";

import { type Endpoint, endpoints } from "../endpoints.js";
import { SettingsReader } from "../settings.js";
import type { CloudFrontRequest } from "./event.js";

/**
 * What the function is set to. Lambda@Edge has no environment variables; the origin's custom headers
 * are what it sees in their place. They reach the origin too, so no secret stands there.
 */
export interface Settings {
  /** The origin that they were read from. */
  readonly custom: NonNullable<CloudFrontRequest["origin"]>["custom"];
  /** Those of the callbacks that come to no endpoint; none where there are no others. */
  readonly secretParameters: readonly string[];
  readonly endpoints: readonly Endpoint[];
  readonly secretRegion: string;
  readonly limits: ReceptionOptions;
  /** Whether a well-formed callback goes on while no secret is to be had. */
  readonly forwardsUndecided: boolean;
  readonly guardCapacity: number;
  /** Whether the origin is a receiver of another make, which does not mark its answers. */
  readonly foreignOrigin: boolean;
  /** Whether secrets are taken as they are, even those that look like a mistake. */
  readonly verbatimSecrets: boolean;
}

const NAMES = [
  "x-callback-endpoints",
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

/** Whether these are the settings that a request comes with: its origin, with the same custom headers. */
export function areOf({ custom: kept }: Settings, { origin }: CloudFrontRequest): boolean {
  const custom = origin?.custom;
  if (custom?.domainName !== kept?.domainName || custom?.path !== kept?.path) {
    return false;
  }
  const [headers, others] = [custom?.customHeaders ?? {}, kept?.customHeaders ?? {}];
  let more = Object.keys(others).length;
  for (const name in headers) {
    if (headers[name]?.[0]?.value !== others[name]?.[0]?.value) {
      return false;
    }
    more -= 1;
  }
  return more === 0;
}

/** Reads the settings. Throws for the first that cannot be used. */
export function settings({ origin }: CloudFrontRequest): Settings {
  const custom = origin?.custom;
  const read = new SettingsReader<Name>(
    "the origin's custom header",
    (name) => custom?.customHeaders[name]?.[0]?.value,
  );
  const parameters = "x-callback-secret-parameters";
  const expected = "names of SSM parameters, separated by commas";
  const list = endpoints(read, "x-callback-endpoints");
  const names = list.length === 0 ? read.required(parameters, expected) : read.text(parameters);
  const secretParameters = names
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (secretParameters.length === 0 && names !== "") {
    throw read.wrong(parameters, expected);
  }
  const region = "x-callback-secret-region";
  const where = "the region of the SSM parameters, as eu-west-1";
  const secretRegion = read.required(region, where);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(secretRegion)) {
    throw read.wrong(region, where);
  }
  const shown = defaultOf("edgeBodyBytes");
  return {
    custom,
    secretParameters,
    endpoints: list,
    secretRegion,
    limits: {
      maxAgeSeconds: read.maxAgeSeconds("x-callback-max-age-seconds"),
      maxBodyBytes: read.whole(
        "x-callback-max-body-bytes",
        shown,
        [0, shown],
        `a number of bytes up to ${shown}, which is what the edge is shown`,
      ),
      retryMismatch: read.retryMismatch("x-callback-on-signature-mismatch"),
    },
    forwardsUndecided: read.one("x-callback-without-secret", true, { forward: true, 503: false }),
    guardCapacity: read.guardCapacity("x-callback-guard-capacity"),
    foreignOrigin: read.flag("x-callback-foreign-origin"),
    verbatimSecrets: read.flag("x-callback-verbatim-secrets"),
  };
}
