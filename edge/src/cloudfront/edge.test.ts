import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import {
  NAME,
  NEXT_SECRET,
  NOW,
  type Pairs,
  SECRET,
  bodyOf,
  isOfAClock,
  pairsOf,
  signed,
  vectors,
} from "../../test/sinch.js";
import { FakeStore } from "../../test/store.js";

import { Edge } from "./edge.js";
import type { Cf, CloudFrontRequest, Generated, Headers } from "./event.js";

/** A callback as a viewer sends it. */
interface Sent {
  readonly headers: Record<string, string> | Pairs;
  readonly body: string | Uint8Array;
}

/** A request that goes on, a response, or an answer of the edge's own: each test knows which. */
type Outcome = Omit<CloudFrontRequest & Generated, "body"> & { readonly body: never };

const SETTINGS = { "x-callback-secret-parameters": "/a", "x-callback-secret-region": "eu-west-1" };

/** One environment, with a clock and a parameter store. */
function environment({
  settings = {},
  store = new FakeStore(),
  secret = SECRET,
}: {
  settings?: Record<string, string>;
  store?: FakeStore;
  secret?: string;
} = {}) {
  if (secret !== undefined) {
    store.put("/a", 0, secret);
  }
  const lines: string[] = [];
  const regions: string[] = [];
  const clock = { at: NOW };
  const edge = new Edge({
    now: () => clock.at * 1000,
    store: (region) => {
      regions.push(region);
      return store;
    },
    write: (line) => lines.push(line),
    functionName: "edge",
  });
  const customHeaders = Object.fromEntries(
    Object.entries({ ...SETTINGS, ...settings }).map(([key, value]) => [key, [{ key, value }]]),
  );
  const custom = { customHeaders, domainName: "x.lambda-url.eu-west-1.on.aws", path: "" };
  const event = ({ headers, body }: Sent, changes: Partial<CloudFrontRequest> = {}): Cf => ({
    config: { eventType: "origin-request" },
    request: {
      method: "POST",
      uri: "/callbacks",
      headers: entries(headers),
      body: {
        inputTruncated: false,
        action: "read-only",
        encoding: "base64",
        data: Buffer.from(body).toString("base64"),
      },
      origin: { custom },
      ...changes,
    },
  });
  const request = async (callback: Sent, changes?: Partial<CloudFrontRequest>) =>
    (await edge.originRequest(event(callback, changes))) as Outcome;
  /** The origin's answer: a receiver's, unless `headers` say otherwise. */
  const respond = (request: Outcome, status = "200", headers: Headers = MARKED) => {
    const response = { status, headers: structuredClone(headers) };
    const config = { eventType: "origin-response" };
    return edge.originResponse({ config, request, response }) as Outcome;
  };
  return { custom, edge, event, request, respond, lines, clock, store, regions };
}

/** The headers of a receiver's answer. */
const MARKED: Headers = { "x-sinch-callback": [{ key: "x-sinch-callback", value: "accepted" }] };

/** What an association without `IncludeBody` hands over. */
const WITHOUT_BODY = { body: undefined } as object;

/** As CloudFront has them: repeated headers are several entries. */
function entries(headers: Sent["headers"]): Headers {
  const list = Array.isArray(headers) ? headers : Object.entries(headers);
  const found: Headers = {};
  for (const [key, value] of list) {
    (found[key.toLowerCase()] ??= []).push({ key, value });
  }
  return found;
}

const code = ({ status, body }: Outcome) => [status, JSON.parse(String(body)).code];
const mark = ({ headers }: Outcome): string => headers["x-callback-edge"]?.[0]?.value ?? "";
const hashIn = ({ headers }: Outcome) => headers["x-amz-content-sha256"]?.[0]?.value;
const hash = (body: string | Uint8Array) => createHash("sha256").update(body).digest("hex");

test("a callback goes on with the hash of its raw bytes and the edge's mark", async () => {
  const { request, regions } = environment();
  const callback = signed(Uint8Array.of(0x7b, 0xff, 0xfe, 0x00, 0x7d));
  const headers = {
    ...callback.headers,
    "X-Amz-Content-Sha256": "0".repeat(64),
    "X-Callback-Edge": "accepted",
  };
  const went = await request({ ...callback, headers });
  assert.deepEqual(went.headers["x-amz-content-sha256"], [
    { key: "x-amz-content-sha256", value: hash(callback.body) },
  ]);
  assert.match(mark(went), /^accepted; slot=0; claim=first; since=\d+; key=[0-9a-f]{32}$/);
  assert.deepEqual(went.headers[NAME], [{ key: NAME, value: callback.headers[NAME] }]);
  assert.deepEqual(regions, ["eu-west-1"]);
});

test("what is forged is answered at the edge as the receiver would", async () => {
  const { request } = environment();
  const answer = await request(signed("{}", { secret: "another" }));
  assert.deepEqual(code(answer), ["401", "signature_mismatch"]);
  assert.equal(answer.statusDescription, "Unauthorized");
  assert.equal(answer.bodyEncoding, "text");
  assert.deepEqual(answer.headers, {
    "content-type": [{ key: "content-type", value: "application/json" }],
    "x-sinch-callback": [{ key: "x-sinch-callback", value: "signature_mismatch" }],
  });
});

test("shifted, stale, oversize and other methods end at the edge", async () => {
  const { request } = environment();
  const { headers, body } = signed(`{"a":1.5}`);
  const shifted = { ...headers, [`${NAME}-nonce`]: `5}.${headers[`${NAME}-nonce`]}` };
  assert.deepEqual(code(await request({ headers: shifted, body: body.subarray(0, 6) })), [
    "400",
    "malformed_header",
  ]);
  assert.deepEqual(code(await request(signed("{}", { at: NOW - 86_401 }))), ["401", "stale"]);
  assert.deepEqual(code(await request(signed(new Uint8Array(1_000_001)))), [
    "413",
    "body_too_large",
  ]);
  assert.deepEqual(code(await request(signed(), { method: "PUT" })), ["405", "method_not_allowed"]);
});

test("a truncated body is 413, after what is wrong with the headers", async () => {
  const { request } = environment({ settings: { "x-callback-max-body-bytes": "1000000" } });
  const truncated = (data: string) => ({
    body: { inputTruncated: true, encoding: "base64", data },
  });
  assert.deepEqual(code(await request(signed(), truncated("e30="))), ["413", "body_truncated"]);
  assert.deepEqual(code(await request({ headers: {}, body: "" }, truncated("e30="))), [
    "400",
    "missing_header",
  ]);
  const past = Buffer.alloc(1_000_001).toString("base64");
  assert.deepEqual(code(await request(signed(), truncated(past))), ["413", "body_too_large"]);
});

test("a replay is absorbed once the origin has answered 2xx, and not before", async () => {
  const { request, respond } = environment();
  const first = await request(signed());
  assert.match(mark(await request(signed())), /claim=in_flight/);
  assert.deepEqual(respond(first, "204"), { status: "204", headers: MARKED });
  assert.deepEqual(code(await request(signed())), ["200", "duplicate"]);
});

/** What a Function URL says whose permission is late, as it was seen on AWS. */
const FORBIDDEN: Headers = {
  "content-type": [{ key: "Content-Type", value: "application/json" }],
  "content-length": [{ key: "Content-Length", value: "23" }],
};

for (const [what, status, headers] of [
  ["a Function URL's 403", "403", FORBIDDEN],
  ["a 404", "404", {}],
  ["a redirect", "301", { location: [{ key: "Location", value: "https://elsewhere.example/" }] }],
  ["an unmarked 413", "413", {}],
  ["a catch-all's 200", "200", {}],
  ["a 502", "502", {}],
  ["the 401 of a receiver that lags in a rotation", "401", MARKED],
  ["a receiver's 503", "503", MARKED],
] as [string, string, Headers][]) {
  test(`after ${what} an authentic callback is 503, and the very same one gets through`, async () => {
    const { request, respond } = environment();
    const answer = respond(await request(signed()), status, headers);
    assert.deepEqual(code(answer), ["503", "origin_refused"]);
    assert.deepEqual(answer.headers, {
      "content-type": [{ key: "content-type", value: "application/json" }],
      "x-sinch-callback": [{ key: "x-sinch-callback", value: "origin_refused" }],
    });
    assert.equal(answer.statusDescription, "Service Unavailable");
    assert.match(mark(await request(signed())), /claim=first/);
  });
}

/** What was written of a metric, by its dimension. */
const counted = (lines: readonly string[], metric: string, dimension: string) =>
  lines
    .map((line) => JSON.parse(line))
    .filter((line) => metric in line)
    .map((line) => [line[dimension], line[metric]]);

test("what the origin refused is written within a second, though other counts wait for ten", async () => {
  const { request, respond, lines, clock } = environment();
  const went = await request(signed());
  lines.length = 0;
  clock.at += 1;
  respond(went, "403", FORBIDDEN);
  assert.deepEqual(counted(lines, "OriginRefused", "Status"), [["403", 1]]);
  // A flood of them is a line a second.
  for (let number = 0; number < 100; number++) {
    respond(went, "404", {});
  }
  assert.equal(counted(lines, "OriginRefused", "Status").length, 1);
  clock.at += 1;
  respond(went, "404", {});
  assert.deepEqual(counted(lines, "OriginRefused", "Status"), [
    ["403", 1],
    ["404", 101],
  ]);
});

test("429 goes on whoever says it, and the very same callback gets through", async () => {
  const { request, respond } = environment();
  assert.equal(respond(await request(signed()), "429", {}).status, "429");
  assert.match(mark(await request(signed())), /claim=first/);
});

test("a receiver's answer leads nowhere else", async () => {
  const { request, respond } = environment();
  const location = [{ key: "Location", value: "https://elsewhere.example/" }];
  assert.deepEqual(respond(await request(signed()), "200", { ...MARKED, location }), {
    status: "200",
    headers: MARKED,
  });
});

test("what CloudFront lets no function take off stays on the answer in place of the origin's", async () => {
  const { request, respond } = environment();
  const headers = {
    via: [{ key: "Via", value: "1.1 proxy" }],
    "transfer-encoding": [{ key: "Transfer-Encoding", value: "chunked" }],
  };
  const answer = respond(await request(signed()), "403", {
    ...headers,
    "content-encoding": [{ key: "Content-Encoding", value: "gzip" }],
  });
  assert.deepEqual(Object.keys(answer.headers).sort(), [
    "content-type",
    "transfer-encoding",
    "via",
    "x-sinch-callback",
  ]);
});

test("about a callback that went on undecided the origin's own word counts, and an access layer's does not", async () => {
  const store = new FakeStore();
  store.down = true;
  const { request, respond } = environment({ store });
  const status = async (status: string, headers: Headers) =>
    respond(await request(signed()), status, headers).status;
  for (const [given, headers, told] of [
    ["200", MARKED, "200"],
    ["401", MARKED, "401"],
    ["413", MARKED, "413"],
    ["503", MARKED, "503"],
    ["429", {}, "429"],
    ["500", {}, "500"],
    ["502", {}, "502"],
    ["200", {}, "503"],
    ["403", FORBIDDEN, "503"],
    ["404", {}, "503"],
    ["301", {}, "503"],
  ] as [string, Headers, string][]) {
    assert.equal(await status(given, headers), told, `${given} ${Object.keys(headers)}`);
  }
});

test("of an origin of another make a 2xx counts without the mark", async () => {
  const { request, respond } = environment({ settings: { "x-callback-foreign-origin": "true" } });
  assert.equal(respond(await request(signed()), "403", FORBIDDEN).status, "503");
  assert.equal(respond(await request(signed()), "200", {}).status, "200");
  assert.deepEqual(code(await request(signed())), ["200", "duplicate"]);
});

test("an origin that never answers leaves the claim to age out, and nothing is refused meanwhile", async () => {
  const { request, clock } = environment();
  await request(signed());
  clock.at += 30;
  assert.match(mark(await request(signed())), /claim=in_flight/);
  clock.at += 1;
  assert.match(mark(await request(signed())), /claim=first/);
});

test("an environment that sees only the response absorbs the replay too; the other one forwards", async () => {
  const one = environment();
  const other = environment();
  other.respond(await one.request(signed()));
  assert.deepEqual(code(await other.request(signed())), ["200", "duplicate"]);
  assert.match(mark(await one.request(signed())), /claim=in_flight/);
});

test("a response without the origin's settings is of the one front there is", async () => {
  const { request, respond } = environment();
  const { origin, ...went } = await request(signed());
  assert.ok(origin);
  respond(went);
  assert.deepEqual(code(await request(signed())), ["200", "duplicate"]);
  assert.deepEqual(environment().respond(went), { status: "200", headers: MARKED });
});

test("what is remembered of one origin is not of another", async () => {
  const { custom, edge, event, request, respond } = environment();
  respond(await request(signed()));
  const other = { ...custom, domainName: "y.lambda-url.eu-west-1.on.aws" };
  const elsewhere = event(signed(), { origin: { custom: other } });
  assert.match(mark((await edge.originRequest(elsewhere)) as Outcome), /claim=first/);
});

test("without any secret what is well-formed goes on unverified, or is 503 by setting", async () => {
  const store = new FakeStore();
  store.down = true;
  const { request, lines, clock } = environment({ store });
  const went = await request(signed());
  assert.equal(mark(went), "unverified; reason=secret_unavailable");
  assert.equal(hashIn(went), hash("{}"));
  assert.deepEqual(code(await request({ headers: {}, body: "{}" })), ["400", "missing_header"]);
  assert.match(JSON.parse(lines[0] ?? "").message, /^the secrets cannot be read: down /);
  store.down = false;
  clock.at += 60;
  assert.match(mark(await request(signed("{}", { at: clock.at }))), /^accepted/);

  const strictStore = new FakeStore();
  strictStore.down = true;
  const strict = environment({
    store: strictStore,
    settings: { "x-callback-without-secret": "503" },
  });
  assert.deepEqual(code(await strict.request(signed())), ["503", "secret_unavailable"]);
});

test("a response to an unverified request is remembered by nobody", async () => {
  const store = new FakeStore();
  store.down = true;
  const { request, respond, clock } = environment({ store });
  respond(await request(signed()));
  store.down = false;
  clock.at += 60;
  assert.match(mark(await request(signed())), /claim=first/);
});

test("ten thousand forgeries reach no origin, and read the secrets once in 30 s", async () => {
  const { request, store, clock, lines } = environment();
  await request(signed("{}"));
  let before = store.reads;
  for (let number = 0; number < 10_000; number++) {
    clock.at = NOW + Math.floor(number / 200);
    // Every other one says that it was signed just now, and so might be of a secret put just now.
    const at = number % 2 === 0 ? clock.at : NOW - 3_600;
    const answer = await request(
      signed("{}", { secret: "another", nonce: `01MADEUPFLOOD${number}`, at }),
    );
    const reads = store.reads;
    const isFinal = at !== clock.at || reads !== before;
    assert.deepEqual(
      code(answer),
      isFinal ? ["401", "signature_mismatch"] : ["503", "secret_may_be_newer"],
    );
    before = reads;
  }
  // One at the start, and one at most in each half minute of the fifty seconds.
  assert.equal(store.reads, 1 + 2);
  assert.ok(lines.length <= 20, `${lines.length} lines`);
});

test("a secret that was put a moment ago is taken at once, and the former one too", async () => {
  const { request, store } = environment();
  await request(signed("1"));
  store.put("/a", NOW, NEXT_SECRET);
  assert.match(mark(await request(signed("2", { secret: NEXT_SECRET }))), /slot=0/);
  assert.match(mark(await request(signed("3"))), /slot=1/);
});

test("a mismatch may be answered 503", async () => {
  const { request } = environment({ settings: { "x-callback-on-signature-mismatch": "503" } });
  assert.deepEqual(code(await request(signed("{}", { secret: "another" }))), [
    "503",
    "signature_mismatch",
  ]);
});

test("every vector gets the verdict that it must get", async () => {
  let compared = 0;
  for (const vector of vectors()) {
    const { options = {}, secrets, verbatim, now, expect } = vector;
    const { max_age_secs: age = "300", max_body_bytes: size = 1_000_000 } = options;
    const settable =
      !verbatim &&
      secrets.every((secret) => typeof secret === "string" && secret.length >= 16) &&
      (age === "unlimited" || age.length <= 15) &&
      size <= 1_000_000 &&
      options.max_ahead_secs === undefined &&
      options.algorithm_header === undefined;
    if (!settable || !isOfAClock(now)) {
      continue;
    }
    const { request, clock } = environment({
      secret: JSON.stringify(secrets),
      settings: {
        "x-callback-max-age-seconds": age,
        "x-callback-max-body-bytes": String(size),
      },
    });
    clock.at = Number(now);
    const outcome = await request({ headers: pairsOf(vector), body: bodyOf(vector) });
    if (expect.verdict === "accepted") {
      assert.equal(
        mark(outcome),
        `accepted; slot=${expect.secret_slot}; claim=first; since=${now}; key=${expect.replay_key}`,
        vector.id,
      );
      assert.equal(hashIn(outcome), hash(bodyOf(vector)), vector.id);
    } else {
      assert.deepEqual(code(outcome), [String(expect.status), expect.code], vector.id);
    }
    compared += 1;
  }
  assert.ok(compared > 200, `${compared} vectors`);
});

test("an association without the body throws, so that nothing is refused for good", async () => {
  const { request } = environment();
  const callback = signed();
  const headers = { ...callback.headers, "Content-Length": "2" };
  await assert.rejects(request({ headers, body: "" }, WITHOUT_BODY), {
    message: "the event has no body: set IncludeBody on the origin-request association",
  });
  const empty = { ...signed("").headers, "Content-Length": "0" };
  assert.match(mark(await request({ headers: empty, body: "" }, WITHOUT_BODY)), /^accepted/);
});

for (const [name, value, expected] of [
  [
    "x-callback-secret-parameters",
    "",
    "found nothing, expected names of SSM parameters, separated by commas",
  ],
  [
    "x-callback-secret-parameters",
    " , ",
    `found ",", expected names of SSM parameters, separated by commas`,
  ],
  [
    "x-callback-secret-region",
    "Frankfurt",
    `found "Frankfurt", expected the region of the SSM parameters, as eu-west-1`,
  ],
  [
    "x-callback-max-age-seconds",
    "a day",
    `found "a day", expected a number of seconds, or unlimited`,
  ],
  [
    "x-callback-max-body-bytes",
    "1000001",
    `found "1000001", expected a number of bytes up to 1000000, which is what the edge is shown`,
  ],
  ["x-callback-without-secret", "drop", `found "drop", expected 503 or forward`],
  ["x-callback-on-signature-mismatch", "500", `found "500", expected 401 or 503`],
  ["x-callback-foreign-origin", "yes", `found "yes", expected true or false`],
  [
    "x-callback-guard-capacity",
    "0",
    `found "0", expected a number of callbacks from 1 to 1000000, at 48 bytes each`,
  ],
] as [string, string, string][]) {
  test(`the setting ${name} cannot be ${JSON.stringify(value)}`, async () => {
    const { request } = environment({ settings: { [name]: value } });
    const message = `the origin's custom header ${name}: ${expected}`;
    await assert.rejects(request(signed()), { message });
  });
}

test("counts are lines of the embedded metric format, summed up over ten seconds", async () => {
  const { request, respond, lines, clock } = environment();
  respond(await request(signed()));
  const shown = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    shown.map(({ Forwarded, SecretReads }) => [Forwarded, SecretReads]),
    [
      [undefined, 1],
      [1, undefined],
    ],
  );
  assert.deepEqual(shown[1], {
    _aws: {
      Timestamp: NOW * 1000,
      CloudWatchMetrics: [
        {
          Namespace: "SinchCallback",
          Dimensions: [["Function"], ["Function", "Claim"]],
          Metrics: [{ Name: "Forwarded", Unit: "Count" }],
        },
      ],
    },
    Function: "edge",
    Claim: "first",
    Forwarded: 1,
  });
  lines.length = 0;
  for (let number = 0; number < 3; number++) {
    await request(signed());
    await request({ headers: {}, body: "{}" });
  }
  assert.deepEqual(lines, []);
  clock.at += 10;
  await request(signed());
  const counts = lines
    .map((line) => JSON.parse(line))
    .map(({ Absorbed, Refused, Code }) => [Code, Absorbed ?? Refused]);
  assert.deepEqual(counts.sort(), [
    ["duplicate", 4],
    ["missing_header", 3],
  ]);
});

test("no line holds a secret, a body, a nonce or a signature", async () => {
  const { request, store, lines, clock } = environment();
  const planted = { body: "planted-body", nonce: "planted-nonce" };
  store.put("/a", NOW, "[planted-secret");
  const callback = signed(planted.body, { nonce: planted.nonce });
  for (let second = 0; second < 60; second++) {
    clock.at = NOW + second;
    await request(callback);
    await request({ ...callback, body: Buffer.from("other") });
  }
  assert.ok(lines.length > 0);
  assert.doesNotMatch(lines.join("\n"), /planted/);
  assert.ok(!lines.join("\n").includes(String(callback.headers[NAME])));
});

test("a guard of 100,000 live claims takes less than 8 MB", async () => {
  const { ReplayGuard, Verifier } = await import("sinch-callback/edge/schemes/inline");
  const before = process.memoryUsage().arrayBuffers;
  assert.ok(new Verifier({ secrets: ["made-up"] }));
  const guard = new ReplayGuard({ capacity: 100_000, memorySeconds: 86_700 });
  for (let number = 0; number < 100_000; number++) {
    const key = createHash("md5").update(String(number)).digest("hex");
    assert.equal(guard.claim(key, { nowMs: NOW * 1000 }).state, "first");
  }
  assert.equal(guard.size, 100_000);
  const bytes = process.memoryUsage().arrayBuffers - before;
  assert.ok(bytes < 8_000_000, `${bytes} bytes`);
});
