// Compares the package's verdicts with those of the vectors. Imports nothing, to run in every host.

/** Judges every vector, and tells how many came out right and what is wrong with the others. */
export function check(api, vectors) {
  const failed = [];
  let carried = 0;
  for (const vector of vectors) {
    try {
      const { faults, viaHeaders } = judge(api, vector);
      if (faults.length > 0) {
        failed.push(`${vector.id}: ${faults.join("; ")}`);
      }
      carried += viaHeaders ? 1 : 0;
    } catch (error) {
      failed.push(`${vector.id}: threw ${error}`);
    }
  }
  const passed = vectors.length - failed.length;
  // A host whose Headers never carried a vector would prove nothing about Headers.
  if (carried === 0) {
    failed.push("no vector at all went through Headers");
  }
  return { passed, failed };
}

function judge(api, vector) {
  return vector.scheme === undefined ? judgeConversation(api, vector) : judgeByScheme(api, vector);
}

/** A vector of tests/vectors/schemes.json. */
function judgeByScheme(api, vector) {
  const { scheme, key, secrets, request, expect } = vector;
  const body = bodyOf(vector.body);
  const nowMs = BigInt(vector.now) * 1000n;
  const verifier = new api.Verifier({ scheme, ...(key === undefined ? {} : { key }), secrets });
  try {
    const { method, target } = request;
    const verdictOn = (headers, line) => verifier.verify({ headers, body, ...line }, { nowMs });
    const pairs = vector.headers.map(([name, value]) => [name, textOf(value)]);
    const verdict = verdictOn(pairs, { method, url: target });
    const faults = compareByScheme(expect, verdict, verifier, () => api.contentKey(body));
    const same = (form, headers, line) => {
      const other = JSON.stringify(verdictOn(headers, line));
      if (other !== JSON.stringify(verdict)) {
        faults.push(`as ${form} it is ${other}`);
      }
    };
    const url = target.startsWith("/") ? `https://callbacks.example${target}` : target;
    same("a plain object", objectOf(pairs), { method, url });
    // A media type may have a comma of its own: of two that were joined, the signature alone can tell.
    const headers = expect.code === "repeated_header" ? undefined : headersOf(pairs);
    if (headers !== undefined) {
      same("Headers", headers, { method, url: "/rewritten", publicPath: target });
    }
    return { faults, viaHeaders: headers !== undefined };
  } finally {
    verifier.dispose();
  }
}

function compareByScheme(expected, verdict, verifier, contentKey) {
  if (expected.verdict !== "accepted") {
    return compare(expected, verdict);
  }
  const { promise, secret_slot: secretSlot, replay_key: key } = expected;
  const age = Number(expected.age_secs);
  const { notCovered } = verifier;
  const wanted = {
    timely: { replayKey: key, ageSeconds: age },
    untimed: { signatureKey: key, notCovered },
    token_only: { tokenKey: key, tokenAgeSeconds: age, notCovered },
  }[promise];
  const found = { ...verdict };
  delete found.received;
  const all = { ok: true, code: "accepted", status: 200, promise, secretSlot, ...wanted };
  const inOrder = (it) => JSON.stringify(Object.entries(it).sort());
  const faults = inOrder(found) === inOrder(all) ? [] : [`it is ${inOrder(found)}`];
  if (expected.content_key !== undefined && contentKey() !== expected.content_key) {
    faults.push(`contentKey is ${contentKey()}, not ${expected.content_key}`);
  }
  return faults;
}

function judgeConversation(api, vector) {
  const body = bodyOf(vector.body);
  const nowMs = BigInt(vector.now) * 1000n;
  const verifier = new api.Verifier(optionsOf(vector));
  try {
    const verdictOn = (headers, moment = { nowMs }) => verifier.verify({ headers, body }, moment);
    const pairs = vector.headers.map(([name, value]) => [name, textOf(value)]);
    const verdict = verdictOn(pairs);
    const faults = compare(vector.expect, verdict, () => api.contentKey(body));

    const same = (form, headers, moment) => {
      const other = JSON.stringify(verdictOn(headers, moment));
      if (other !== JSON.stringify(verdict)) {
        faults.push(`as ${form} it is ${other}`);
      }
    };
    same("a plain object", objectOf(pairs));
    same("Node's headers", objectOf(lowerCase(pairs)), { nowMs: numberOf(nowMs) });
    const headers = headersOf(pairs);
    if (headers !== undefined) {
      same("Headers", headers);
    }
    return { faults, viaHeaders: headers !== undefined };
  } finally {
    verifier.dispose();
  }
}

function compare(expected, verdict, contentKey) {
  const wanted =
    expected.verdict === "accepted"
      ? {
          ok: true,
          code: "accepted",
          status: 200,
          secretSlot: expected.secret_slot,
          replayKey: expected.replay_key,
          ageSeconds: Number(expected.age_secs),
        }
      : {
          ok: false,
          code: expected.code,
          status: expected.status,
          header: headerAtFault(expected),
        };
  const faults = Object.entries(wanted)
    .filter(([name, value]) => verdict[name] !== value)
    .map(([name, value]) => `${name} is ${String(verdict[name])}, not ${String(value)}`);
  if (expected.verdict === "accepted" && contentKey() !== expected.content_key) {
    faults.push(`contentKey is ${contentKey()}, not ${expected.content_key}`);
  }
  return faults;
}

/** The vectors name a header only where its presence or form is wrong; the package also names the
 * one whose algorithm is unknown. */
function headerAtFault({ code, header }) {
  return code === "unsupported_algorithm" ? "x-sinch-webhook-signature-algorithm" : header;
}

/** @param {Record<string, any>} vector */
export function optionsOf({ secrets, verbatim = false, options = {} }) {
  const seconds = (text) => (text === "unlimited" ? Infinity : BigInt(text));
  const { max_age_secs, max_ahead_secs, max_body_bytes, algorithm_header } = options;
  return {
    secrets: secrets.map((secret) => (typeof secret === "string" ? secret : unhex(secret.hex))),
    verbatimSecrets: verbatim,
    // What a vector leaves out is left out here, so that the package's defaults are checked too.
    ...(max_age_secs === undefined ? {} : { maxAgeSeconds: seconds(max_age_secs) }),
    ...(max_ahead_secs === undefined ? {} : { maxAheadSeconds: seconds(max_ahead_secs) }),
    ...(max_body_bytes === undefined ? {} : { maxBodyBytes: max_body_bytes }),
    ...(algorithm_header === undefined ? {} : { algorithmHeader: algorithm_header }),
  };
}

export function bodyOf({ text, base64, repeat, count }) {
  if (base64 !== undefined) {
    return Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0));
  }
  return new TextEncoder().encode(text ?? repeat.repeat(count));
}

/** A header's value as HTTP servers hand it over: one character for each byte. */
export function textOf(value) {
  return typeof value === "string" ? value : String.fromCharCode(...unhex(value.hex));
}

function unhex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Milliseconds as `Date.now()` gives them, where they are as many. */
function numberOf(nowMs) {
  return nowMs >= 1e11 && nowMs <= Number.MAX_SAFE_INTEGER ? Number(nowMs) : nowMs;
}

function lowerCase(pairs) {
  return pairs.map(([name, value]) => [name.toLowerCase(), value]);
}

/** As Node's `headersDistinct` has them: several values of one name are an array. */
function objectOf(pairs) {
  const values = new Map();
  for (const [name, value] of pairs) {
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]),
  );
}

/** A `Headers`, unless it refuses a value or changes it: then it is not the vector any more. */
function headersOf(pairs) {
  let headers;
  try {
    headers = new Headers(pairs);
  } catch {
    return undefined;
  }
  const intact = pairs.every(([name]) => {
    const values = pairs
      .filter(([other]) => other.toLowerCase() === name.toLowerCase())
      .map(([, value]) => value);
    return headers.get(name) === values.join(", ");
  });
  return intact ? headers : undefined;
}
