import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";

import {
  type Bytes,
  NOW,
  SECRET,
  type SchemeVector,
  bodyOf,
  pairsOf,
  schemeVectors,
  signed,
} from "../test/sinch.js";
import { FakeStore } from "../test/store.js";

import { Edge } from "./cloudfront/edge.js";
import type { Cf, CloudFrontRequest, Generated } from "./cloudfront/event.js";
import { endpoints } from "./endpoints.js";
import { front } from "./hosts/front.js";
import { SettingsReader } from "./settings.js";

const KEY = "01jexamplekey";
const VOICE = Buffer.from("made-up-for-voice-1");
const NUMBERS = "made-up-for-numbers";
const LIST = [
  { path: "/numbers", scheme: "numbers", secrets: ["NUMBERS"] },
  {
    path: "/voice",
    public_path: "/api/voice",
    scheme: "application",
    secrets: ["VOICE"],
    key: KEY,
  },
];

interface Sent {
  readonly headers: Record<string, string>;
  readonly body: Bytes;
}

/** A callback of Numbers, by Node's own HMAC. */
function ofNumbers(text = `{"eventId":"e-1"}`): Sent {
  const body = new Uint8Array(Buffer.from(text));
  const signature = createHmac("sha1", NUMBERS).update(body).digest("hex");
  return { body, headers: { "x-sinch-signature": signature } };
}

/** One of Voice, to the path as Sinch calls it. */
function ofVoice(event = "dice"): Sent {
  const body = new Uint8Array(Buffer.from(JSON.stringify({ event })));
  const md5 = createHash("md5").update(body).digest("base64");
  const timestamp = new Date(NOW * 1000).toISOString();
  const text = `POST\n${md5}\napplication/json\nx-timestamp:${timestamp}\n/api/voice`;
  const signature = createHmac("sha256", VOICE).update(text).digest("base64");
  return {
    body,
    headers: {
      authorization: `application ${KEY}:${signature}`,
      "content-type": "application/json",
      "x-timestamp": timestamp,
    },
  };
}

/** What comes of a callback at a path: the status, and the code or, of what goes on, where it went. */
type Host = (path: string, callback: Sent) => Promise<[status: number, told: string]>;

/** The function on CloudFront, with or without a secret for other paths. */
function cloudFront(list: unknown, parameters = ""): Host & { last?: CloudFrontRequest } {
  const store = new FakeStore();
  store.put("NUMBERS", 0, NUMBERS);
  store.put("VOICE", 0, VOICE.toString("base64"));
  store.put("OTHERS", 0, SECRET);
  const edge = new Edge({
    now: () => NOW * 1000,
    store: () => store,
    write: () => undefined,
    functionName: "edge",
  });
  const custom = Object.entries({
    "x-callback-endpoints": JSON.stringify(list),
    "x-callback-secret-region": "eu-west-1",
    ...(parameters === "" ? {} : { "x-callback-secret-parameters": parameters }),
  }).map(([key, value]) => [key, [{ key, value }]]);
  const host: Host & { last?: CloudFrontRequest } = async (path, { headers, body }) => {
    const request = {
      method: "POST",
      uri: path,
      headers: Object.fromEntries(
        Object.entries(headers).map(([key, value]) => [key, [{ key, value }]]),
      ),
      body: {
        inputTruncated: false,
        encoding: "base64",
        data: Buffer.from(body).toString("base64"),
      },
      origin: { custom: { customHeaders: Object.fromEntries(custom) } },
    } as unknown as CloudFrontRequest;
    const outcome = await edge.originRequest({
      config: { eventType: "origin-request" },
      request,
    } as unknown as Cf);
    if ("status" in outcome) {
      const { status, body } = outcome as Generated;
      return [Number(status), JSON.parse(body ?? "{}").code];
    }
    host.last = outcome as CloudFrontRequest;
    return [200, path];
  };
  return host;
}

/** The handler that variables set, before an origin that takes everything. */
function byVariables(list: unknown, secret = ""): Host {
  const variables: Record<string, string> = {
    ENDPOINTS: JSON.stringify(list),
    ORIGIN_URL: "https://origin.example/callbacks",
    NUMBERS,
    VOICE: VOICE.toString("base64"),
    SINCH_WEBHOOK_SECRET: secret,
    MAX_AGE_SECONDS: "unlimited",
  };
  const handle = front((name) => variables[name]);
  return async (path, { headers, body }) => {
    const { fetch } = globalThis;
    let told = "";
    globalThis.fetch = async (input) => {
      told = new URL(String(input)).pathname;
      return new Response(null, { headers: { "x-sinch-callback": "accepted" } });
    };
    try {
      const init = { method: "POST", headers, body };
      const response = await handle(new Request(`https://edge.example${path}`, init));
      const text = await response.text();
      return [response.status, text === "" ? told : JSON.parse(text).code];
    } finally {
      globalThis.fetch = fetch;
    }
  };
}

for (const [name, alone, withOthers, others] of [
  ["CloudFront", () => cloudFront(LIST), () => cloudFront(LIST, "OTHERS"), "/anywhere"],
  ["fetch", () => byVariables(LIST), () => byVariables(LIST, SECRET), "/callbacks"],
] as [string, () => Host, () => Host, string][]) {
  test(`${name}: each path takes the callbacks of its scheme, and of no other`, async () => {
    const host = alone();
    assert.deepEqual(await host("/numbers", ofNumbers()), [200, "/numbers"]);
    assert.deepEqual(await host("/voice", ofVoice()), [200, "/voice"]);
    assert.deepEqual(await host("/voice", ofNumbers()), [400, "missing_header"]);
    assert.deepEqual(await host("/numbers", ofVoice()), [400, "missing_header"]);
    const { headers } = ofNumbers();
    assert.deepEqual(await host("/numbers", { ...ofNumbers("{}"), headers }), [
      401,
      "signature_mismatch",
    ]);
  });

  test(`${name}: what waits for an answer is refused with the reason`, async () => {
    assert.deepEqual(await alone()("/voice", ofVoice("ice")), [422, "answer_expected"]);
  });

  test(`${name}: another path takes nothing, or what the secret for all others signs`, async () => {
    assert.deepEqual(await alone()("/anywhere", signed()), [404, "unknown_path"]);
    assert.deepEqual(await withOthers()("/anywhere", signed()), [200, others]);
    assert.deepEqual(await withOthers()("/numbers", signed()), [400, "missing_header"]);
  });
}

test("CloudFront: the origin finds the sender's authorization beside CloudFront's own", async () => {
  const host = cloudFront(LIST);
  const callback = ofVoice();
  const forged = { ...callback.headers, "x-callback-authorization": "made up" };
  await host("/voice", { ...callback, headers: forged });
  const found = host.last?.headers["x-callback-authorization"]?.[0]?.value;
  assert.equal(found, callback.headers["authorization"]);
});

test("CloudFront: a secret that is too short is broken, and the remedy is told", async () => {
  const list = [{ path: "/numbers", scheme: "numbers", secrets: ["SHORT"] }];
  const store = new FakeStore();
  store.put("SHORT", 0, "fifteen-bytes-x");
  const lines: string[] = [];
  const edge = new Edge({
    now: () => NOW * 1000,
    store: () => store,
    write: (line) => lines.push(line),
    functionName: "edge",
  });
  const entry = (key: string, value: string) => [key, [{ key, value }]];
  const { headers, body } = ofNumbers();
  const request = {
    method: "POST",
    uri: "/numbers",
    headers: Object.fromEntries(Object.entries(headers).map(([key, value]) => entry(key, value))),
    body: { inputTruncated: false, encoding: "base64", data: Buffer.from(body).toString("base64") },
    origin: {
      custom: {
        customHeaders: Object.fromEntries([
          entry("x-callback-endpoints", JSON.stringify(list)),
          entry("x-callback-secret-region", "eu-west-1"),
          entry("x-callback-without-secret", "503"),
        ]),
      },
    },
  } as unknown as CloudFrontRequest;
  const answer = (await edge.originRequest({ request } as unknown as Cf)) as Generated;
  assert.equal(answer.status, "503");
  assert.ok(lines.some((line) => line.includes("fewer than 16 bytes: set a longer one at Sinch")));
});

/** The function on CloudFront at a vector's time, with its endpoint alone. */
function at({ scheme, key, secrets, request, now }: SchemeVector): Edge["originRequest"] {
  const names = secrets.map((_, slot) => `SECRET_${slot}`);
  const store = new FakeStore();
  for (const [slot, secret] of secrets.entries()) {
    store.put(`SECRET_${slot}`, 0, secret);
  }
  const edge = new Edge({
    now: () => Number(now) * 1000,
    store: () => store,
    write: () => undefined,
    functionName: "edge",
  });
  const list = [{ path: "/here", public_path: request.target, scheme, secrets: names, key }];
  const settings = {
    "x-callback-endpoints": JSON.stringify(list),
    "x-callback-secret-region": "eu-west-1",
    "x-callback-max-age-seconds": "300",
  };
  const entries = Object.entries(settings).map(([key, value]) => [key, [{ key, value }]]);
  const customHeaders = Object.fromEntries(entries);
  return ({ request }) =>
    edge.originRequest({ request: { ...request, origin: { custom: { customHeaders } } } } as never);
}

test("CloudFront: every vector of a scheme gets the verdict that it must get", async () => {
  const compared = new Map<string, number>();
  for (const vector of schemeVectors()) {
    const { method, target } = vector.request;
    // What no distribution hands over, no endpoint can be set to, or no host takes as a secret.
    const isPath = /^\/[^?#\s]*$/.test(target);
    if (method !== "POST" || !isPath || vector.secrets.some((secret) => secret.length < 16)) {
      continue;
    }
    const headers: Record<string, { key: string; value: string }[]> = {};
    for (const [key, value] of pairsOf(vector)) {
      (headers[key.toLowerCase()] ??= []).push({ key, value });
    }
    const data = Buffer.from(bodyOf(vector)).toString("base64");
    const body = { inputTruncated: false, encoding: "base64", data };
    const request = { method, uri: "/here", headers, body };
    const outcome = await at(vector)({ request } as unknown as Cf);
    const told =
      "status" in outcome
        ? [Number(outcome.status), JSON.parse((outcome as Generated).body ?? "{}").code]
        : "accepted";
    const { expect } = vector;
    // Of the events in the vectors, these steer a call that goes on.
    const isSteering = /"event":"(?:ace|call\.(?:incoming|hungup))"/.test(
      Buffer.from(bodyOf(vector)).toString(),
    );
    const accepted = isSteering ? [422, "answer_expected"] : "accepted";
    const wanted = expect.verdict === "accepted" ? accepted : [expect.status, expect.code];
    assert.deepEqual(told, wanted, vector.id);
    compared.set(vector.scheme, (compared.get(vector.scheme) ?? 0) + 1);
  }
  const most = { conversation: 3, numbers: 31, application: 53, service: 54, mailgun: 29 };
  assert.deepEqual(Object.fromEntries(compared), { ...most, "whatsapp-legacy": 23 });
});

for (const [list, reason] of [
  ["{}", /expected a JSON array of endpoints/],
  ["[", /expected a JSON array of endpoints/],
  ["[1]", /endpoint 1: it is no object/],
  [[{ ...LIST[0], colour: 1 }], /endpoint 1: there is no "colour": known are path, public_path/],
  [
    [LIST[0], { ...LIST[1], path: "/numbers" }],
    /endpoint 2: there is another one at the path \/numb/,
  ],
  [[{ ...LIST[0], path: "numbers" }], /path must be a path that begins with \//],
  [[{ ...LIST[0], path: "/numbers?a=1" }], /path must be a path .*without a query/],
  [[{ ...LIST[0], public_path: "" }], /public_path must be a path/],
  [[{ ...LIST[0], secrets: [] }], /secrets must be names/],
  [[{ ...LIST[0], secrets: "NUMBERS" }], /secrets must be names/],
  [[{ ...LIST[0], key: 7 }], /scheme and key must be texts/],
] as [unknown, RegExp][]) {
  test(`endpoints are refused: ${reason.source}`, () => {
    const text = typeof list === "string" ? list : JSON.stringify(list);
    const read = new SettingsReader("the environment variable", () => text);
    assert.throws(() => endpoints(read, "ENDPOINTS"), reason);
  });
}

test("a host does not start with a scheme that is none, a key too many or a secret too short", () => {
  const start = (change: object) => () => byVariables([{ ...LIST[0], ...change }]);
  assert.throws(start({ scheme: "fax" }), /no scheme "fax": these callbacks are not signed/);
  assert.throws(start({ scheme: "application" }), /name a key: give its id/);
  assert.throws(start({ key: KEY }), /name no key/);
  assert.throws(start({ secrets: ["NOWHERE"] }), /NOWHERE: found nothing, expected a secret/);
});
