// The signature alone, by the other schemes, next to Sinch's SDKs for Node.js and Python: for every vector
// and for callbacks that are damaged at random, what the core finds authentic an SDK finds authentic, but
// for the differences that a rule below explains.
//
//     node parity-sdk-schemes.mjs [--count N] [--seed N] [--python PROGRAM]
//
// An SDK knows one secret and no time: it is asked once per secret, and a callback that is refused for its
// time counts as authentic. Node's knows Numbers and application-signed callbacks, Python's Numbers and
// service-signed ones; the Conversation API's are those of parity-sdk.mjs. Exits 1 at a difference that not
// exactly one rule explains, and for a rule that explains none.

import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { bodyOf, textOf } from "./check.mjs";
import { validateAuthenticationHeader, validateSignatureHeader } from "./sinch-sdk.mjs";
import { schemeVectors } from "./vectors.mjs";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const { Signer, Verifier } = await import(new URL("full.inline.js", dist).href);

const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "20000" },
    seed: { type: "string", default: "13" },
    // With the package `sinch` of tests/hosts/requirements.txt; without it, Python is left out.
    python: { type: "string" },
  },
});
const SHOWN = 10;

const isText = ({ body }) => Buffer.from(body.toString("utf8"), "utf8").equals(body);
/** Whether Python's SDK decodes none of these secrets. */
const isUndecoded = ({ sdk, scheme, secrets }) =>
  sdk === "python" &&
  scheme === "service" &&
  secrets.some((secret) => secret.length % 4 !== 0 || /[-_]/.test(secret));
const authorization = ({ headers }) => headers["authorization"] ?? "";

/**
 * What explains a difference: the SDK, our code, and what there is about the callback itself that makes us
 * differ.
 */
/** @type {{ name: string, reason: string, explains: (it: any) => boolean }[]} */
const RULES = [
  {
    name: "body is no text",
    reason:
      "Node's SDK takes a string of an application-signed body, and no string has these bytes",
    explains: (it) => it.sdk === "node" && it.scheme === "application" && !isText(it),
  },
  {
    name: "time that is none",
    reason: "the SDKs sign whatever the header says, and never read it",
    explains: ({ code, header, headers }) =>
      code === "malformed_header" && header === "x-timestamp" && headers[header] !== undefined,
  },
  {
    name: "password in place of a signature",
    reason: "Node's SDK takes key and secret in the clear, which prove nothing of the callback",
    explains: (it) =>
      it.sdk === "node" && it.code === "malformed_header" && /^basic /i.test(authorization(it)),
  },
  {
    name: "content type of no form",
    reason: "an empty, long or unprintable one is not what a sender sends; the SDKs sign it",
    explains: ({ code, header, headers }) =>
      code === "malformed_header" && header === "content-type" && headers[header] !== undefined,
  },
  {
    name: "repeated header",
    reason: "which of several values is signed is a guess; the SDKs take what the server joined",
    explains: ({ code, header, headers }) =>
      code === "repeated_header" && headers[header].includes(","),
  },
  {
    name: "empty body",
    reason: "Node's SDK signs nothing in place of its digest, Python's the digest of nothing",
    explains: ({ code, body }) => code === "empty_body" && body.length === 0,
  },
  {
    name: "query in the target",
    reason: "the documentation signs the path without it; the SDKs sign what they are given",
    explains: (it) =>
      it.target.includes("?") &&
      ((it.isAuthentic && !isUndecoded(it)) || it.code === "signature_mismatch"),
  },
  {
    name: "method in another case",
    reason: "methods are told apart by case; the SDKs write them in capitals",
    explains: ({ code, method, target }) =>
      code === "signature_mismatch" && method !== method.toUpperCase() && !target.includes("?"),
  },
  {
    name: "line break in method or path",
    reason: "with it the lines that are signed could be cut elsewhere: no request has one",
    explains: ({ code, method, target }) =>
      code === "signature_mismatch" &&
      method === method.toUpperCase() &&
      /[\s\x7f]/.test(method + target) &&
      !target.includes("?"),
  },
  {
    name: "spaces behind the word",
    reason: "HTTP allows several; the SDKs allow one",
    explains: (it) =>
      it.isAuthentic &&
      / [ \t]/.test(authorization(it)) &&
      !it.target.includes("?") &&
      !isUndecoded(it),
  },
  {
    name: "secret that Python does not decode",
    reason: "Sinch's other SDKs decode url-safe and unpadded base64; Python's takes padded alone",
    explains: (it) => it.isAuthentic && isUndecoded(it),
  },
];

/** As Node's server hands headers on: names in lower case, the values of one name joined. */
function incoming(pairs) {
  const headers = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    headers[lower] = lower in headers ? `${headers[lower]}, ${value}` : value;
  }
  return headers;
}

/** What Node's SDK says: `undefined` where it does not know the scheme.
 * @param {any} it */
function byNode(it) {
  const { scheme, key, secrets, headers, body, method, target } = it;
  switch (scheme) {
    case "numbers":
      return secrets.some((secret) => validateSignatureHeader(secret, headers, body));
    case "application": {
      const text = body.toString("utf8");
      return secrets.some((secret) =>
        validateAuthenticationHeader(key, secret, headers, text, target, method),
      );
    }
    default:
      return undefined;
  }
}

/** What Python's SDK says of all of them. */
function byPython(cases) {
  const script = fileURLToPath(new URL("sinch_sdk.py", import.meta.url));
  const known = cases.filter(({ scheme }) => scheme === "numbers" || scheme === "service");
  const input = known.map((it) => JSON.stringify({ ...it, body: it.body.toString("base64") }));
  const { status, stdout, stderr } = spawnSync(String(options.python), [script], {
    input: input.join("\n"),
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const said = stdout.trim().split("\n");
  if (status !== 0 || said.length !== known.length) {
    throw new Error(
      `Python's SDK: exit ${status}, ${said.length} answers: ${stderr.slice(-2_000)}`,
    );
  }
  return new Map(known.map((it, at) => [it, said[at] === "true"]));
}

/** Numbers that look random, the same ones for the same seed (mulberry32). */
function random(seed) {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  };
}

const CHARACTERS = [..."aZ09+/=:;,.-_ \t?&%", "é"];

/** A text with one character changed, left out, doubled, put in, or in another case. */
function damagedText(text, below) {
  const at = below(text.length + 1);
  const [front, here, back] = [text.slice(0, at), text.slice(at, at + 1), text.slice(at + 1)];
  const other = CHARACTERS[below(CHARACTERS.length)];
  const turned = here === here.toLowerCase() ? here.toUpperCase() : here.toLowerCase();
  return front + [other, "", here + here, other + here, turned][below(5)] + back;
}

/** Bytes with one bit turned. */
function flipped(body, place, bit) {
  return Buffer.from(body.map((byte, at) => (at === place ? byte ^ (1 << bit) : byte)));
}

/** A callback with one thing wrong, or with nothing. */
function damaged(it, below) {
  const pairs = it.pairs.map((pair) => [...pair]);
  const some = pairs.length === 0 ? undefined : pairs[below(pairs.length)];
  const copy = { ...it, pairs };
  switch (below(10)) {
    case 0:
      return copy;
    case 1:
      return { ...copy, target: damagedText(it.target, below) };
    case 2:
      return { ...copy, method: damagedText(it.method, below) };
    case 3:
      return { ...copy, body: flipped(it.body, below(it.body.length), below(8)) };
    case 4:
      return { ...copy, body: it.body.subarray(0, below(it.body.length + 1)) };
    case 5:
      return { ...copy, pairs: pairs.filter((pair) => pair !== some) };
    case 6:
      return { ...copy, pairs: some === undefined ? pairs : [...pairs, [...some]] };
    default:
      if (some !== undefined) {
        some[1] = damagedText(some[1], below);
      }
      return copy;
  }
}

/** The callback with what the core says of it.
 * @param {any} given */
function judged(given) {
  const { pairs, nowMs, ...it } = given;
  const { scheme, key, secrets, body, method, target } = it;
  const id = JSON.stringify([scheme, key, secrets]);
  let verifier = verifiers.get(id);
  if (verifier === undefined) {
    verifier = new Verifier({ scheme, ...(key === undefined ? {} : { key }), secrets });
    verifiers.set(id, verifier);
  }
  const callback = { headers: pairs, body, method, publicPath: target };
  const { code, header } = verifier.verify(callback, { nowMs });
  const isAuthentic = ["accepted", "stale", "from_future"].includes(code);
  return { ...it, headers: incoming(pairs), code, header, isAuthentic };
}

const verifiers = new Map();
const vectors = schemeVectors()
  .filter(({ scheme }) => ["numbers", "application", "service"].includes(scheme))
  .map(({ scheme, key, secrets, request, headers, body, now }) => ({
    scheme,
    key,
    secrets,
    method: request.method,
    target: request.target,
    pairs: headers.map(([name, value]) => [name, textOf(value)]),
    body: Buffer.from(bodyOf(body)),
    nowMs: BigInt(now) * 1000n,
  }));

/** What no vector has, and a rule is about. */
function crafted() {
  const [key, secret] = ["01jexamplekey", "ZXhhbXBsZS1ub3QtcmVhbA=="];
  const [target, nowMs] = ["/voice", 1_790_000_000_000n];
  const body = Buffer.from([...Buffer.from(`{"event":"dice","a":"`), 0xff, 0xfe, 0x22, 0x7d]);
  return ["application", "service"].flatMap((scheme) => {
    const signer = new Signer({ scheme, key, secret });
    const of = (body, change = (headers) => headers) => ({
      scheme,
      key,
      secrets: [secret],
      method: "POST",
      target,
      pairs: Object.entries(change({ ...signer.sign({ body, url: target, nowMs }).headers })),
      body,
      nowMs,
    });
    const text = Buffer.from(`{"event":"dice"}`);
    return [
      of(body),
      of(text, (headers) => ({
        ...headers,
        authorization: headers.authorization.replace(" ", "  "),
      })),
      of(text, (headers) => ({ ...headers, authorization: `Basic ${key}:${secret}` })),
    ];
  });
}

const below = random(Number(options.seed));
const cases = [
  ...vectors,
  ...crafted(),
  ...Array.from({ length: Number(options.count) }, () =>
    damaged(vectors[below(vectors.length)], below),
  ),
].map(judged);

const counts = new Map(RULES.map(({ name }) => [name, 0]));
const unexplained = [];

/** Compares what one SDK says with what the core has said. */
function compare(sdk, it, accepts) {
  if (accepts === it.isAuthentic) {
    return true;
  }
  const matching = RULES.filter(({ explains }) => explains({ ...it, sdk }));
  if (matching.length === 1) {
    const [{ name }] = matching;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  } else {
    const rules = matching.map(({ name }) => name).join(", ") || "no rule";
    const input = JSON.stringify({ ...it, body: it.body.toString("base64") }).slice(0, 700);
    unexplained.push(`${it.code} here, ${accepts} by ${sdk}'s SDK: ${rules}\n  ${input}`);
  }
  return false;
}

const said = { node: new Map(cases.map((it) => [it, byNode(it)])) };
if (options.python !== undefined) {
  said.python = byPython(cases);
}
const width = Math.max(...RULES.map(({ name }) => name.length));
for (const [sdk, verdicts] of Object.entries(said)) {
  const known = [...verdicts].filter(([, accepts]) => accepts !== undefined);
  const agreed = known.filter(([it, accepts]) => compare(sdk, it, accepts)).length;
  const authentic = known.filter(([it]) => it.isAuthentic).length;
  console.log(`${sdk}: ${known.length} cases, ${authentic} authentic, ${agreed} agreed`);
}
console.log(`${"rule".padEnd(width)} | cases`);
counts.forEach((count, name) => console.log(`${name.padEnd(width)} | ${count}`));
console.log(`${unexplained.length} unexplained differences`);
unexplained.slice(0, SHOWN).forEach((difference) => console.log(difference));
const idle = [...counts]
  .filter(
    ([name, count]) => count === 0 && (options.python !== undefined || !name.includes("Python")),
  )
  .map(([name]) => name);
idle.forEach((name) => console.log(`the rule "${name}" explains nothing`));
process.exitCode = unexplained.length === 0 && idle.length === 0 ? 0 : 1;
