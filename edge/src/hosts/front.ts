import { type Guard, Reception, ReplayGuard, Verifier, defaultOf } from "sinch-callback/edge";

import { forwardTo } from "../forward.js";
import { createHandler } from "../handler.js";
import { textsOf } from "../secrets.js";
import { SettingsReader } from "../settings.js";

/** What a host may bring along. */
export interface FrontOptions {
  /** A guard in place of the one in memory, told how long it has to remember. */
  readonly guard?: (memorySeconds: number) => Guard;
}

/**
 * The handler, set by environment variables:
 *
 * - `SINCH_WEBHOOK_SECRET`: the secret, or a JSON array of one to four, the current one first
 * - `ORIGIN_URL`: where callbacks are handed on to
 * - `MAX_AGE_SECONDS`: greatest age, or `unlimited`; 86400, which asks for an origin that remembers a day
 * - `MAX_BODY_BYTES`: largest body; 2097152
 * - `ON_SIGNATURE_MISMATCH`: 401 or 503; 401
 * - `SECRET_VERBATIM`: `true` takes secrets as they are, even those that look like a mistake
 * - `GUARD_CAPACITY`: how many callbacks the guard in memory remembers; 100000
 * - `FOREIGN_ORIGIN`: `true` for an origin that does not mark its answers with `x-sinch-callback`; false
 */
export function front(
  lookup: (name: string) => string | undefined,
  options: FrontOptions = {},
): (request: Request) => Promise<Response> {
  const read = new SettingsReader("the environment variable", lookup);
  const secret = "SINCH_WEBHOOK_SECRET";
  read.required(secret, "a webhook secret, or a JSON array of them");
  const address = read.required("ORIGIN_URL", "the address that callbacks are handed on to");
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    throw read.wrong("ORIGIN_URL", "an address that begins with https:// or http://");
  }
  const reception = new Reception({
    maxAgeSeconds: read.maxAgeSeconds("MAX_AGE_SECONDS"),
    maxBodyBytes: read.whole(
      "MAX_BODY_BYTES",
      defaultOf("maxBodyBytes"),
      [0, 104_857_600],
      "a number of bytes up to 104857600",
    ),
    retryMismatch: read.retryMismatch("ON_SIGNATURE_MISMATCH"),
  });
  const verifier = new Verifier({
    secrets: textsOf(`the environment variable ${secret}`, lookup(secret) ?? ""),
    verbatimSecrets: read.flag("SECRET_VERBATIM"),
  });
  const capacity = read.guardCapacity("GUARD_CAPACITY");
  const { memorySeconds } = reception;
  return createHandler({
    reception,
    verifier,
    guard: options.guard?.(memorySeconds) ?? new ReplayGuard({ capacity, memorySeconds }),
    origin: forwardTo(address),
    now: () => Date.now(),
    foreignOrigin: read.flag("FOREIGN_ORIGIN"),
  });
}
