/** Checks of what a caller sets. An option that nobody knows would otherwise leave a default in
 * force that the caller believes to have changed. */

/** Throws unless `options` is an object with no other members than these. */
export function onlyKnown(
  options: unknown,
  known: readonly string[],
  example: string,
): asserts options is object {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`the options must be an object, as in ${example}`);
  }
  for (const name in options) {
    if (!known.includes(name)) {
      throw new TypeError(unknown(name, known));
    }
  }
}

/** An option that is on or off; off where it is left out. */
export function flag<Name extends string>(
  options: { readonly [name in Name]?: boolean },
  name: Name,
): 0 | 1 {
  const value: unknown = options[name];
  if (value !== undefined && typeof value !== "boolean") {
    throw new TypeError(`${name} must be true or false, not ${typeof value}`);
  }
  return value === true ? 1 : 0;
}

/** Whether a callback has to name its algorithm. */
export function algorithmIsRequired({
  algorithmHeader,
}: {
  readonly algorithmHeader?: "optional" | "required";
}): 0 | 1 {
  if (
    algorithmHeader !== undefined &&
    algorithmHeader !== "optional" &&
    algorithmHeader !== "required"
  ) {
    throw new TypeError(`algorithmHeader must be "optional" or "required"`);
  }
  return algorithmHeader === "required" ? 1 : 0;
}

function unknown(name: string, known: readonly string[]): string {
  const meant = likely(name, known);
  return meant === undefined
    ? `there is no option ${JSON.stringify(name)}: known are ${known.join(", ")}`
    : `there is no option ${JSON.stringify(name)}: did you mean ${meant}?`;
}

/** What other packages call it, and what it may be here. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  maxage: ["maxAgeSeconds"],
  maxbody: ["maxBodyBytes"],
  clock: ["maxAheadSeconds", "nowMs"],
  skew: ["maxAheadSeconds"],
  leeway: ["maxAheadSeconds"],
  future: ["maxAheadSeconds"],
  tolerance: ["maxAgeSeconds"],
  window: ["maxAgeSeconds", "memorySeconds"],
  key: ["secrets", "secret"],
  limit: ["maxBodyBytes", "capacity"],
  size: ["maxBodyBytes", "capacity"],
  entries: ["capacity"],
  max: ["capacity"],
  ttl: ["memorySeconds"],
  expir: ["memorySeconds"],
  lock: ["inFlightSeconds"],
  timeout: ["inFlightSeconds"],
  evict: ["whenFull"],
  overflow: ["whenFull"],
  full: ["whenFull"],
  date: ["nowMs"],
  time: ["nowMs"],
  old: ["retiredSecrets"],
  previous: ["retiredSecrets"],
  raw: ["body", "verbatimSecrets"],
  trim: ["verbatimSecrets"],
  payload: ["body"],
  handle: ["keep"],
  handoff: ["keep"],
  callback: ["keep"],
  store: ["keep"],
  save: ["keep"],
  replay: ["guard"],
  log: ["warn"],
  error: ["warn"],
  path: ["publicPath"],
};

/** The option that was likely meant. */
function likely(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const wanted = plain(name);
  if (wanted === "") {
    return undefined;
  }
  const nearest = known
    .map((option) => ({ option, distance: distance(wanted, plain(option)) }))
    .sort((one, other) => one.distance - other.distance)[0];
  if (nearest !== undefined && nearest.distance <= Math.max(1, nearest.option.length / 4)) {
    return nearest.option;
  }
  for (const [word, options] of Object.entries(ELSEWHERE)) {
    const option = options.find((option) => known.includes(option));
    if (wanted.includes(word) && option !== undefined) {
      return option;
    }
  }
  // `maxAge` and `age` for `maxAgeSeconds`.
  const within = known.filter(
    (option) =>
      wanted.length >= 3 && (plain(option).includes(wanted) || wanted.includes(plain(option))),
  );
  if (within.length === 1) {
    return within[0];
  }
  const shared = known
    .map((option) => ({ option, length: sharedStart(wanted, plain(option)) }))
    .sort((one, other) => other.length - one.length)[0];
  if (shared !== undefined && shared.length >= 5) {
    return shared.option;
  }
  return undefined;
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  return length;
}

/** How many characters have to be put in, taken out or changed. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const change = row[column - 1]! + (one[line - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(change, row[column]! + 1, next[column - 1]! + 1));
    }
    row = next;
  }
  return row[other.length]!;
}
