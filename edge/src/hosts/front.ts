import {
  type Guard,
  Reception,
  ReplayGuard,
  type SchemeName,
  Verifier,
  answer,
  defaultOf,
} from "sinch-callback/edge/schemes";

import { endpoints, schemeOf } from "../endpoints.js";
import { forwardTo } from "../forward.js";
import { createHandler, respond } from "../handler.js";
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
 * - `SINCH_WEBHOOK_SECRET`: the secret, or a JSON array of one to four, the current one first; of all paths
 *   that no endpoint has, and not needed where there are endpoints
 * - `ENDPOINTS`: a JSON array of `{"path", "public_path", "scheme", "secrets", "key"}`; `secrets` are names of
 *   such variables. What comes to an endpoint's path is handed on to that path of the origin
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
  const list = endpoints(read, "ENDPOINTS");
  const secret = "SINCH_WEBHOOK_SECRET";
  if (list.length === 0) {
    read.required(secret, "a webhook secret, or a JSON array of them");
  }
  const address = read.required("ORIGIN_URL", "the address that callbacks are handed on to");
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    throw read.wrong("ORIGIN_URL", "an address that begins with https:// or http://");
  }
  const limits = {
    maxAgeSeconds: read.maxAgeSeconds("MAX_AGE_SECONDS"),
    maxBodyBytes: read.whole(
      "MAX_BODY_BYTES",
      defaultOf("maxBodyBytes"),
      [0, 104_857_600],
      "a number of bytes up to 104857600",
    ),
    retryMismatch: read.retryMismatch("ON_SIGNATURE_MISMATCH"),
  };
  const verbatimSecrets = read.flag("SECRET_VERBATIM");
  const textsIn = (names: readonly string[]): readonly string[] =>
    names.flatMap((name) =>
      textsOf(
        `the environment variable ${name}`,
        read.required(name, "a secret, or a JSON array of them") && (lookup(name) ?? ""),
      ),
    );
  const capacity = read.guardCapacity("GUARD_CAPACITY");
  const { memorySeconds } = new Reception(limits);
  const shared = {
    guard: options.guard?.(memorySeconds) ?? new ReplayGuard({ capacity, memorySeconds }),
    now: () => Date.now(),
    foreignOrigin: read.flag("FOREIGN_ORIGIN"),
  };
  const handlers = new Map(
    list.map((endpoint) => {
      const scheme = schemeOf(endpoint);
      const handle = createHandler<SchemeName>({
        ...shared,
        reception: new Reception<SchemeName>({ ...limits, ...scheme }),
        verifier: new Verifier<SchemeName>({
          ...scheme,
          secrets: textsIn(endpoint.secrets),
          verbatimSecrets,
          strongSecrets: true,
        }),
        publicPath: endpoint.publicPath,
        origin: forwardTo(new URL(endpoint.path, address).href),
      });
      return [endpoint.path, handle];
    }),
  );
  const otherwise =
    read.text(secret) === ""
      ? async ({ method }: Request) =>
          respond(answer(method === "POST" ? "UNKNOWN_PATH" : "METHOD_NOT_ALLOWED"))
      : createHandler({
          ...shared,
          reception: new Reception(limits),
          verifier: new Verifier({
            secrets: textsIn([secret]),
            verbatimSecrets,
            strongSecrets: true,
          }),
          origin: forwardTo(address),
        });
  if (handlers.size === 0) {
    return otherwise;
  }
  return (request) => (handlers.get(new URL(request.url).pathname) ?? otherwise)(request);
}
