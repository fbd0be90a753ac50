// CloudFront's events, mutated at random, against an oracle made of node:crypto and the grammar as it
// is documented. The same seed makes the same events.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import vm from "node:vm";

import { prefilter } from "../../tools/make-prefilter.mjs";
import { MARGIN_SECONDS } from "../../tools/prefilter-table.mjs";
import {
  type Bytes,
  NAME,
  NEXT_SECRET,
  NOW,
  type Pairs,
  SECRET,
  bodyOf,
  signed,
  vectors,
} from "../../test/sinch.js";
import { FakeStore } from "../../test/store.js";

import { Edge } from "./edge.js";
import type { Cf, CloudFrontRequest, CloudFrontResponse, Generated, Headers } from "./event.js";

const SECRETS = [SECRET, NEXT_SECRET];
const STRANGER = "made-up-secret-of-a-stranger";
const SIGNATURE = NAME;
const TIMESTAMP = `${NAME}-timestamp`;
const NONCE = `${NAME}-nonce`;
const ALGORITHM = `${NAME}-algorithm`;
const MARK = "x-callback-edge";
const MAX_AGE = 86_400;
const MAX_AHEAD = 300;
const MAX_BODY = 524_288;
/** Statuses of an origin that has the callback, and of one that has not. */
const TAKEN = ["200", "204", "299"];
const NOT_TAKEN = ["2000", "20", "2xx", "", "200\n", "302", "403", "429", "500", "504"];
/** After which a claim without an outcome is forgotten. */
const IN_FLIGHT_SECONDS = 30;

const BODIES = [
  "",
  "{}",
  `{"a":1.5}`,
  `{"message_delivery_report":{"message_id":"m-1","status":"READ"},"accepted_time":"2023-11-14T22:13:20.25Z"}`,
  Uint8Array.of(0x7b, 0xff, 0xfe, 0x00, 0x2e, 0x7d),
  ...vectors()
    .map(bodyOf)
    .filter(({ length }) => length < 2_000),
];

/** Numbers that look random, the same ones for the same seed (mulberry32). */
class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  one<Item>(list: readonly Item[]): Item {
    return list[this.below(list.length)] as Item;
  }

  /** Whether the one case in so many. */
  chance(cases: number): boolean {
    return this.below(cases) === 0;
  }
}

/** Where the window's limits lie, and the prefilter's wider ones. */
const AGES = [
  0,
  MAX_AGE,
  MAX_AGE + 1,
  MAX_AGE + MARGIN_SECONDS + 1,
  -MAX_AHEAD,
  -MAX_AHEAD - 1,
  -MAX_AHEAD - MARGIN_SECONDS - 1,
];

/** A request as a viewer sends it. */
interface Sent {
  method: string;
  uri: string;
  readonly pairs: Pairs;
  body: Bytes;
  truncated: boolean;
  /** Where it has a signature of ours, what that was made of. */
  readonly signedAs?: string;
}

function genuine(random: Random, now: number): Sent {
  const at = now - (random.chance(3) ? random.one(AGES) : random.below(MAX_AGE));
  const secret = random.one([...SECRETS, ...SECRETS, STRANGER]);
  const nonce = `n${random.below(1_000_000)}`;
  const { body, headers } = signed(random.one(BODIES), { secret, nonce, at });
  const pairs: Pairs = [
    ...Object.entries(headers),
    ["content-length", String(body.length)],
    ["accept", "*/*"],
  ];
  const request = { method: "POST", uri: "/callbacks", pairs, body, truncated: false };
  return secret === STRANGER ? request : { ...request, signedAs: identity(request) };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const NAMES = [
  SIGNATURE,
  TIMESTAMP,
  NONCE,
  ALGORITHM,
  MARK,
  "x-amz-content-sha256",
  "__proto__",
  "constructor",
  "accept",
];
const VALUES = [
  "",
  ",",
  "HMACSHA256",
  "HmacSHA1",
  "a".repeat(128),
  "a".repeat(129),
  "9".repeat(12),
  "9".repeat(13),
  "-1",
  "1e9",
  " 1700000000",
  "\u00e9",
  "=".repeat(44),
  `${"A".repeat(43)}=`,
  `accepted; slot=0; claim=first; key=${"0".repeat(32)}`,
];

/** Each changes a request in one way. */
const CHANGES: ((request: Sent, random: Random) => void)[] = [
  (request, random) => {
    const pair = random.one(request.pairs);
    const at = random.below(pair[1].length);
    const character = String.fromCharCode((pair[1].charCodeAt(at) || 0) ^ (1 << random.below(8)));
    pair[1] = pair[1].slice(0, at) + character + pair[1].slice(at + 1);
  },
  (request, random) => void request.pairs.splice(random.below(request.pairs.length), 1),
  (request, random) => void request.pairs.push([...random.one(request.pairs)]),
  (request, random) => void request.pairs.push([random.one(NAMES), random.one(VALUES)]),
  (request, random) => void (random.one(request.pairs)[1] = random.one(VALUES)),
  (request, random) => {
    const pair = random.one(request.pairs);
    pair[1] += random.one([",", ", "]) + pair[1];
  },
  (request, random) => {
    const body = Uint8Array.from(request.body);
    const at = random.below(body.length);
    body.fill((body[at] ?? 0) ^ (1 << random.below(8)), at, at + 1);
    request.body = body;
  },
  (request, random) =>
    void (request.body = request.body.subarray(0, random.below(request.body.length + 1))),
  (request, random) =>
    void (request.body = Buffer.concat([request.body, Uint8Array.of(random.below(256))])),
  // The signed string, cut elsewhere.
  (request, random) => {
    const from = random.below(request.body.length + 1);
    const dot = request.body.indexOf(0x2e, from);
    const nonce = request.pairs.find(([name]) => name === NONCE);
    if (dot >= 0 && nonce !== undefined) {
      nonce[1] = `${Buffer.from(request.body.subarray(dot + 1)).toString("latin1")}.${nonce[1]}`;
      request.body = request.body.subarray(0, dot);
    }
  },
  // The signature's bytes, spelt otherwise.
  (request, random) => {
    const signature = request.pairs.find(([name]) => name === SIGNATURE);
    const digit = ALPHABET.indexOf(signature?.[1][42] ?? "none");
    if (signature !== undefined && digit >= 0) {
      signature[1] = `${signature[1].slice(0, 42)}${ALPHABET[digit ^ random.below(4)]}=`;
    }
  },
  (request, random) => void (request.method = random.one(["GET", "PUT", "post", "OPTIONS", ""])),
  (request, random) =>
    void (request.uri = random.one(["/", "//", "/callbacks?a=b", "/%00", "/../.."])),
  (request) => void (request.truncated = true),
];

function mutated(random: Random, now: number): Sent {
  const request = genuine(random, now);
  // One in four stays as it is.
  for (let changes = random.below(4); changes > 0; changes--) {
    random.one(CHANGES)(request, random);
  }
  return request;
}

/** What a receiver must say, as it is documented; slot and replay key where it is to accept. */
type Expected =
  | { readonly status: string; readonly code: string; readonly key?: undefined }
  | { readonly slot: number; readonly key: string; readonly code?: undefined };

function oracle({ method, pairs, body, truncated }: Omit<Sent, "uri">, now: number): Expected {
  const refused = (status: number, code: string) => ({ status: String(status), code });
  const values = (name: string): string[] =>
    pairs.filter(([found]) => found === name).map(([, value]) => value);
  if (method !== "POST") {
    return refused(405, "method_not_allowed");
  }
  const all = [SIGNATURE, TIMESTAMP, NONCE, ALGORITHM].map(values);
  if (all.some((found) => found.length > 1 || found.join("").includes(","))) {
    return refused(400, "repeated_header");
  }
  const [signature, timestamp, nonce, algorithm] = all.map(([value]) => value);
  for (const [value, form] of [
    [signature, /^[A-Za-z0-9+/]{43}=$/],
    [timestamp, /^[0-9]{1,12}$/],
    [nonce, /^[!-\-/-~]{1,128}$/],
  ] as [string | undefined, RegExp][]) {
    if (value === undefined) {
      return refused(400, "missing_header");
    }
    if (!form.test(value)) {
      return refused(400, "malformed_header");
    }
  }
  if (algorithm !== undefined && algorithm.toLowerCase() !== "hmacsha256") {
    return refused(400, "unsupported_algorithm");
  }
  if (body.length > MAX_BODY) {
    return refused(413, "body_too_large");
  }
  if (truncated) {
    return refused(413, "body_truncated");
  }
  const text = Buffer.concat([body, Buffer.from(`.${nonce}.${timestamp}`)]);
  const tags = SECRETS.map((secret) => createHmac("sha256", secret).update(text).digest());
  const slot = tags.findIndex((tag) => tag.toString("base64") === signature);
  if (slot < 0) {
    return refused(401, "signature_mismatch");
  }
  if (now - Number(timestamp) > MAX_AGE) {
    return refused(401, "stale");
  }
  if (Number(timestamp) - now > MAX_AHEAD) {
    return refused(503, "from_future");
  }
  return { slot, key: String(tags[slot]?.toString("hex", 0, 16)) };
}

/** What was signed, and the signature: equal for callbacks that are the same. */
function identity({ pairs, body }: Pick<Sent, "pairs" | "body">): string {
  const value = (name: string) => pairs.find(([found]) => found === name)?.[1];
  return JSON.stringify([
    value(SIGNATURE),
    value(TIMESTAMP),
    value(NONCE),
    Buffer.from(body).toString("hex"),
  ]);
}

/** The headers as CloudFront hands them over. */
function entries(pairs: Pairs): Headers {
  const found = new Map<string, { key: string; value: string }[]>();
  for (const [key, value] of pairs) {
    found.set(key, [...(found.get(key) ?? []), { key, value }]);
  }
  return Object.fromEntries(found);
}

function environment(store: FakeStore) {
  const clock = { at: NOW };
  const edge = new Edge({
    now: () => clock.at * 1000,
    store: () => store,
    write: () => undefined,
    functionName: "edge",
  });
  return { clock, edge };
}

const ORIGIN = {
  custom: {
    customHeaders: Object.fromEntries(
      [
        ["x-callback-secret-parameters", "/a"],
        ["x-callback-secret-region", "eu-west-1"],
      ].map(([key, value]) => [key, [{ key, value }]]),
    ),
    domainName: "x.lambda-url.eu-west-1.on.aws",
    path: "",
  },
};

/** An origin-request event, parsed anew as Lambda does. */
function originRequest({ method, uri, pairs, body, truncated }: Sent, random: Random): Cf {
  const asText =
    random.chance(8) && Buffer.from(body).equals(Buffer.from(Buffer.from(body).toString("utf8")));
  const data = Buffer.from(body).toString(asText ? "utf8" : "base64");
  const request = {
    clientIp: "192.0.2.1",
    method,
    uri,
    querystring: "",
    headers: entries(pairs),
    body: {
      inputTruncated: truncated,
      action: "read-only",
      encoding: asText ? "text" : "base64",
      data,
    },
    origin: ORIGIN,
  };
  return JSON.parse(JSON.stringify({ config: { eventType: "origin-request" }, request }));
}

/** What the edge does with an event. */
type Outcome = CloudFrontRequest | CloudFrontResponse | Generated;

function isWellFormed(outcome: Outcome): void {
  const { status, statusDescription, headers, body, bodyEncoding, ...rest } = outcome as Generated;
  assert.match(status, /^(200|400|401|405|413|503)$/);
  assert.match(statusDescription, /^[A-Z][A-Za-z ]+$/);
  const answer = JSON.parse(body);
  assert.deepEqual(headers, {
    "content-type": [{ key: "content-type", value: "application/json" }],
    "x-sinch-callback": [{ key: "x-sinch-callback", value: answer.code }],
  });
  assert.deepEqual(Object.keys(answer), ["code", "detail"]);
  assert.match(answer.code, /^[a-z_]+$/);
  assert.match(answer.detail, /^\S.*\S$/);
  assert.equal(bodyEncoding, "text");
  assert.deepEqual(rest, {});
}

/** The status and the code of an answer of the edge's own. */
function answered(outcome: Outcome): [status: string, code: string] {
  const { status, body } = outcome as Generated;
  return [status, JSON.parse(body).code];
}

/** The request went on, with nothing changed but the two headers that the edge writes. */
function isForwarded(outcome: Outcome, event: Cf, { body }: Sent, mark: RegExp): void {
  const { [MARK]: marks, "x-amz-content-sha256": hashes, ...others } = outcome.headers;
  const { [MARK]: _, "x-amz-content-sha256": __, ...before } = event.request.headers;
  assert.deepEqual({ ...outcome, headers: others }, { ...event.request, headers: before });
  const hash = createHash("sha256").update(body).digest("hex");
  assert.deepEqual(hashes, [{ key: "x-amz-content-sha256", value: hash }]);
  assert.deepEqual(marks, [{ key: MARK, value: marks?.[0]?.value }]);
  assert.match(marks[0]?.value ?? "", mark);
}

/** Each round has cases of its own: FUZZ_ROUND=N takes those of another one. scripts/fuzz counts it up. */
const FIRST_SEED = Number(process.env["FUZZ_ROUND"] ?? 0) * 1_000_000 + 1;

/** Runs `check` so many times; a failure tells the seed of its case. */
async function each(
  count: number,
  check: (random: Random, seed: number) => void | Promise<void>,
): Promise<void> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    try {
      await check(new Random(seed), seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
}

test("12,000 mutated origin requests and responses: nothing forged is verified, nothing intact refused", async () => {
  const store = new FakeStore();
  store.put("/a", 0, JSON.stringify(SECRETS));
  const { clock, edge } = environment(store);
  /** What the guard must remember: of each key, when it was claimed, or that it is done. */
  const claims = new Map<string, number | "done">();
  const sent: Sent[] = [];
  const counts = { forwarded: 0, refused: 0, deferred: 0, duplicate: 0, in_flight: 0 };

  await each(12_000, async (random) => {
    clock.at += random.chance(10) ? random.below(40) : 0;
    const replayed = sent.length > 0 && random.chance(4);
    const request = replayed ? random.one(sent.slice(-20)) : mutated(random, clock.at);
    if (!replayed) {
      sent.push(request);
    }
    const expected = oracle(request, clock.at);
    const event = originRequest(request, random);
    const outcome = await edge.originRequest(structuredClone(event));
    if (expected.key === undefined) {
      isWellFormed(outcome);
      // In the pause between reads a signature may be of a secret that was put since.
      const [status, code] = answered(outcome);
      if (expected.code === "signature_mismatch" && status === "503") {
        assert.equal(code, "secret_may_be_newer");
        const [, timestamp] = request.pairs.find(([name]) => name === TIMESTAMP) ?? [];
        assert.ok(clock.at - Number(timestamp) <= 600 + 60, "signed long before the last read");
        counts.deferred += 1;
        return;
      }
      assert.deepEqual(answered(outcome), [expected.status, expected.code]);
      counts.refused += 1;
      return;
    }
    const claim = claims.get(expected.key);
    if (claim === "done") {
      isWellFormed(outcome);
      assert.deepEqual(answered(outcome), ["200", "duplicate"]);
      counts.duplicate += 1;
      return;
    }
    const state =
      claim !== undefined && clock.at - claim <= IN_FLIGHT_SECONDS ? "in_flight" : "first";
    isForwarded(
      outcome,
      event,
      request,
      new RegExp(
        `^accepted; slot=${expected.slot}; claim=${state};` +
          `${state === "first" ? ` since=${clock.at};` : ""} key=${expected.key}$`,
      ),
    );
    counts.forwarded += 1;
    counts.in_flight += state === "in_flight" ? 1 : 0;
    // Without the oracle: what is verified is what was signed, to the last byte.
    assert.equal(identity(request), request.signedAs);
    if (state === "first") {
      claims.set(expected.key, clock.at);
    }
    if (random.chance(3)) {
      return;
    }
    const status = random.one(random.chance(2) ? TAKEN : NOT_TAKEN);
    const marked = !random.chance(4);
    const headers = marked
      ? { "x-sinch-callback": [{ key: "X-Sinch-Callback", value: "made_up" }] }
      : {};
    const response = { status, statusDescription: "", headers };
    // Some configurations hand over no origin.
    const { origin, ...bare } = outcome as CloudFrontRequest;
    const told = {
      config: { eventType: "origin-response" },
      request: random.chance(2) ? { ...bare, origin } : bare,
      response,
    };
    const returned = await edge.originResponse(JSON.parse(JSON.stringify(told)));
    const taken = marked && TAKEN.includes(status);
    if (taken || status === "429") {
      assert.deepEqual(returned, response);
    } else {
      isWellFormed(returned);
      assert.deepEqual(answered(returned), ["503", "origin_refused"]);
    }
    if (taken) {
      claims.set(expected.key, "done");
    } else if (state === "first") {
      // Of several copies, only the one that claimed takes the claim back.
      claims.delete(expected.key);
    }
  });
  for (const [what, count] of Object.entries(counts)) {
    assert.ok(count > 100, `${what}: ${count}`);
  }
});

test("2,000 mutated responses are handed on as they are or are 503, and none throws", async () => {
  const store = new FakeStore();
  store.put("/a", 0, JSON.stringify(SECRETS));
  const { edge } = environment(store);
  await each(2_000, async (random) => {
    const request = mutated(random, NOW);
    if (random.chance(2)) {
      request.pairs.push([
        MARK,
        random.one([...VALUES, "accepted; key=", "unverified; reason=secret_unavailable"]),
      ]);
    }
    const { request: told } = originRequest(request, random);
    const marked = random.chance(2);
    const mark: Pairs = marked ? [["x-sinch-callback", "made_up"]] : [];
    const headers = entries([...request.pairs, ...mark]);
    const status = random.one(["200", "404", "429", "500", "", "5", "abc", "-1", "70000"]);
    const event = {
      config: { eventType: "origin-response" },
      request: told,
      response: { status, headers },
    };
    const returned = await edge.originResponse(structuredClone(event));
    // Some of what is mutated is the mark of a callback that was found authentic.
    const authentic = /^accepted; .*; key=[0-9a-f]{32}$/.test(told.headers[MARK]?.[0]?.value ?? "");
    const final = authentic ? ["200"] : ["200", "404"];
    const { location, ...others } = JSON.parse(JSON.stringify(headers));
    if (
      status === "429" ||
      (status === "500" && !authentic) ||
      (marked && final.includes(status))
    ) {
      assert.deepEqual(returned, { status, headers: others });
    } else {
      assert.deepEqual(answered(returned), ["503", "origin_refused"]);
    }
  });
});

test("2,000 mutated origin requests without a secret: never verified, and refused for their form alone", async () => {
  const store = new FakeStore();
  store.down = true;
  const { edge } = environment(store);
  let forwarded = 0;
  await each(2_000, async (random) => {
    const request = mutated(random, NOW);
    const expected = oracle(request, NOW);
    const event = originRequest(request, random);
    const outcome = await edge.originRequest(structuredClone(event));
    const needsSecret = ["signature_mismatch", "stale", "from_future"].includes(
      expected.code ?? "",
    );
    if (expected.key === undefined && !needsSecret) {
      isWellFormed(outcome);
      assert.deepEqual(answered(outcome), [expected.status, expected.code]);
    } else {
      isForwarded(outcome, event, request, /^unverified; reason=secret_unavailable$/);
      forwarded += 1;
    }
  });
  assert.ok(forwarded > 500, `${forwarded} forwarded`);
});

test("4,000 mutated viewer requests: the prefilter refuses nothing that the receiver would accept", async () => {
  const context = vm.createContext({ at: NOW });
  vm.runInContext(`${prefilter()}\nDate.now = function () { return at * 1000; };`, context);
  const handler = (event: object) =>
    JSON.parse(vm.runInContext(`JSON.stringify(handler(${JSON.stringify(event)}))`, context));
  let dropped = 0;
  await each(4_000, (random) => {
    const request = mutated(random, NOW);
    // HTTP's servers let no other length through.
    const pairs = request.pairs.filter(([name]) => name !== "content-length");
    if (!random.chance(4)) {
      pairs.push(["content-length", String(request.body.length)]);
    }
    const headers: Record<string, object | undefined> = {};
    for (const [name, list] of Object.entries(entries(pairs))) {
      const values = list.map(({ value }) => ({ value }));
      headers[name] = values.length === 1 ? values[0] : { ...values.at(-1), multiValue: values };
    }
    const viewer = {
      method: request.method,
      uri: request.uri,
      querystring: {},
      headers,
      cookies: {},
    };
    const event = { version: "1.0", context: { eventType: "viewer-request" }, request: viewer };
    const outcome = handler(event);
    if (outcome.statusCode === undefined) {
      assert.deepEqual(outcome, JSON.parse(JSON.stringify(viewer)));
      return;
    }
    dropped += 1;
    const { code, detail } = JSON.parse(outcome.body.data);
    assert.deepEqual(outcome.headers, {
      "content-type": { value: "application/json" },
      "x-sinch-callback": { value: code },
    });
    assert.match(detail, /^\S.*\S$/);
    const expected = oracle({ ...request, pairs, truncated: false }, NOW);
    assert.ok(expected.key === undefined);
    assert.equal(String(outcome.statusCode), expected.status);
    // It sees no body, and so cannot tell a forged signature from an old one.
    const stale = code === "stale" && expected.code === "signature_mismatch";
    assert.ok(stale || code === expected.code, `${code}, not ${expected.code}`);
  });
  assert.ok(dropped > 1_000, `${dropped} dropped`);
});
