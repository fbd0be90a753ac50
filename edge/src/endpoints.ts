import type { SchemeName } from "sinch-callback/edge/schemes";

import type { SettingsReader } from "./settings.js";

/** One path where callbacks of one scheme come, with secrets of its own. */
export interface Endpoint {
  /** The path here. */
  readonly path: string;
  /** The path as Sinch calls it, which some schemes sign: another one where something in front rewrites
   * paths. */
  readonly publicPath: string;
  readonly scheme: SchemeName;
  /** The names under which the host keeps the secrets, the current one first. */
  readonly secrets: readonly string[];
  /** The id of the key that callbacks name, in the schemes where they do. */
  readonly key: string | undefined;
}

const EXPECTED =
  'a JSON array of endpoints, as [{"path":"/numbers","scheme":"numbers","secrets":["NAME"]}]';
const MEMBERS = ["path", "public_path", "scheme", "secrets", "key"];

/** Reads endpoints; none where nothing is set. Throws for two on one path. */
export function endpoints<Name extends string>(
  read: SettingsReader<Name>,
  name: Name,
): readonly Endpoint[] {
  const text = read.text(name);
  if (text === "") {
    return [];
  }
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw read.wrong(name, EXPECTED);
  }
  if (!Array.isArray(list)) {
    throw read.wrong(name, EXPECTED);
  }
  const found = new Map<string, Endpoint>();
  for (const [at, member] of list.entries()) {
    const wrong = (reason: string): Error => read.fault(name, `endpoint ${at + 1}: ${reason}`);
    const endpoint = endpointOf(member, wrong);
    if (found.has(endpoint.path)) {
      throw wrong(`there is another one at the path ${endpoint.path}`);
    }
    found.set(endpoint.path, endpoint);
  }
  return [...found.values()];
}

function endpointOf(member: unknown, wrong: (reason: string) => Error): Endpoint {
  if (typeof member !== "object" || member === null || Array.isArray(member)) {
    throw wrong("it is no object");
  }
  for (const name in member) {
    if (!MEMBERS.includes(name)) {
      throw wrong(`there is no ${JSON.stringify(name)}: known are ${MEMBERS.join(", ")}`);
    }
  }
  const {
    path,
    public_path: publicPath = path,
    scheme = "conversation",
    secrets,
    key,
  } = member as {
    readonly [name: string]: unknown;
  };
  for (const [name, value] of [
    ["path", path],
    ["public_path", publicPath],
  ]) {
    if (typeof value !== "string" || !/^\/[^?#\s]*$/.test(value)) {
      throw wrong(`${String(name)} must be a path that begins with /, without a query`);
    }
  }
  if (!Array.isArray(secrets) || secrets.length === 0 || !secrets.every(isName)) {
    throw wrong("secrets must be names of secrets, at least one");
  }
  if (typeof scheme !== "string" || (key !== undefined && typeof key !== "string")) {
    throw wrong("scheme and key must be texts");
  }
  // Whether there is such a scheme, and whether it has a key, the package says.
  return {
    path: path as string,
    publicPath: publicPath as string,
    scheme: scheme as SchemeName,
    secrets,
    key,
  };
}

const isName = (name: unknown): name is string => typeof name === "string" && name !== "";

/** What makes a verifier or a reception one of an endpoint's scheme. */
export function schemeOf({ scheme, key }: Endpoint): { scheme: SchemeName; key: string } {
  return (key === undefined ? { scheme } : { scheme, key }) as { scheme: SchemeName; key: string };
}
