// The same cases in every host: the bundles of edge/dist over real HTTP, before a real origin.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { edgeLight } from "../../test/hosts/edge-light.js";
import { type Host, bun, deno, node } from "../../test/hosts/process.js";
import { twoIsolates, withObject, workerd } from "../../test/hosts/workerd.js";
import {
  type Origin,
  type Told,
  breakOff,
  halfSent,
  send,
  sendForHead,
  startOrigin,
  stored,
  unmarked,
} from "../../test/http.js";
import type { ServerResponse } from "node:http";
import { type Callback, NAME, SECRET, bodyOf, pairsOf, signed, vectors } from "../../test/sinch.js";

const HOSTS = {
  "Node.js": node,
  Deno: deno,
  Bun: bun,
  workerd,
  "workerd with a Durable Object": withObject,
  "edge-runtime": edgeLight,
};

const now = () => Math.floor(Date.now() / 1000);
let count = 0;
/** A callback that no guard has seen. */
const fresh = (body: string | Uint8Array = `{"a":1.5}`, options = {}): Callback =>
  signed(body, { at: now(), nonce: `01MADEUP${(count += 1)}`, ...options });
/** Which of two isolates. */
const isolate = (number: number): 0 | 1 => (number % 2 === 0 ? 0 : 1);
/** What the edge's mark says of the claim. */
const claimIn = ({ headers }: Origin["taken"][number]): string | undefined =>
  /claim=(\w+)/.exec(String(headers["x-callback-edge"]))?.[1];
const taken = (origin: Origin): number => origin.taken.length;

for (const [name, start] of Object.entries(HOSTS)) {
  describe(name, () => {
    let origin: Origin;
    let host: Host;
    before(async () => {
      origin = await startOrigin();
      host = await start({ SINCH_WEBHOOK_SECRET: SECRET, ORIGIN_URL: origin.url });
    });
    beforeEach(() => origin.reset());
    after(async () => {
      await host?.stop();
      origin.stop();
    });

    test("a callback reaches the origin byte for byte, UTF-8 or not", async () => {
      const callback = fresh(Uint8Array.of(0x7b, 0xff, 0xc3, 0x00, 0x0d, 0x0a, 0x7d));
      assert.deepEqual(await send(host.url, callback), [200, "stored"]);
      const [{ body, headers } = assert.fail()] = origin.taken;
      assert.deepEqual(new Uint8Array(body), callback.body);
      assert.equal(headers[NAME], callback.headers[NAME]);
      assert.match(
        String(headers["x-callback-edge"]),
        /^accepted; slot=0; claim=first; since=\d+; key=[0-9a-f]{32}$/,
      );
    });

    test("forged, shifted, stale, cut short, oversize: each ends at the edge with its code", async () => {
      const { headers, body } = fresh();
      const shifted = { ...headers, [`${NAME}-nonce`]: `5}.${headers[`${NAME}-nonce`]}` };
      for (const [callback, wanted] of [
        [fresh("{}", { secret: "another" }), [401, "signature_mismatch"]],
        [{ headers: shifted, body: body.subarray(0, 6) }, [400, "malformed_header"]],
        [fresh("{}", { at: now() - 86_500 }), [401, "stale"]],
        [fresh("{}", { at: now() + 400 }), [503, "from_future"]],
        [{ headers, body: body.subarray(0, -1) }, [401, "signature_mismatch"]],
        [{ headers: {}, body }, [400, "missing_header"]],
        [fresh(new Uint8Array(2_097_153)), [413, "body_too_large"]],
      ] as [Callback, Told][]) {
        assert.deepEqual(await send(host.url, callback), wanted);
      }
      assert.deepEqual(await send(host.url, { headers }, "GET"), [405, "method_not_allowed"]);
      assert.equal(taken(origin), 0);
      assert.deepEqual(await send(host.url, fresh(new Uint8Array(2_097_152))), [200, "stored"]);
    });

    test("a body that breaks off reaches nobody", async () => {
      await breakOff(host.url, fresh());
      assert.deepEqual(await send(host.url, fresh()), [200, "stored"]);
      assert.equal(taken(origin), 1);
    });

    if (name === "Node.js") {
      test("a sender that ends its body too soon and waits is told 503, and not Node's 400", async () => {
        assert.match(await halfSent(host.url, fresh()), /^HTTP\/1\.1 503 /);
        assert.equal(taken(origin), 0);
      });
    }

    test("a replay of what the origin has taken is absorbed", async () => {
      const callback = fresh();
      assert.deepEqual(await send(host.url, callback), [200, "stored"]);
      assert.deepEqual(await send(host.url, callback), [200, "duplicate"]);
      assert.equal(taken(origin), 1);
    });

    test("after 500 of the origin the very same callback gets through", async () => {
      const callback = fresh();
      origin.respond = (outgoing: ServerResponse) => outgoing.writeHead(500).end("no");
      assert.deepEqual(await send(host.url, callback), [503, "origin_refused"]);
      origin.respond = stored;
      assert.deepEqual(await send(host.url, callback), [200, "stored"]);
      assert.equal(taken(origin), 2);
    });

    test("what stands in front of the origin refuses nothing for good, and the retry gets through", async () => {
      for (const [status, headers] of [
        [403],
        [404],
        [413],
        [200],
        [301, { location: "https://elsewhere.example/" }],
      ] as [number, Record<string, string>?][]) {
        const callback = fresh();
        origin.respond = unmarked(status, headers);
        const answer = await sendForHead(host.url, callback);
        assert.deepEqual(
          [answer.status, answer.headers["x-sinch-callback"]],
          [503, "origin_refused"],
          `${status}`,
        );
        assert.equal(answer.headers.location, undefined);
        origin.respond = stored;
        const again = await sendForHead(host.url, callback);
        assert.deepEqual([again.status, again.headers["x-sinch-callback"]], [200, "accepted"]);
      }
    });

    test("an origin that breaks off is 503, and the very same callback gets through", async () => {
      const callback = fresh();
      origin.respond = (outgoing: ServerResponse) => outgoing.destroy();
      assert.deepEqual(await send(host.url, callback), [503, "handoff_unavailable"]);
      origin.respond = stored;
      assert.deepEqual(await send(host.url, callback), [200, "stored"]);
    });

    test("of two copies at once both reach the origin, and a third does not", async () => {
      const callback = fresh();
      const waiting: ServerResponse[] = [];
      origin.respond = (outgoing: ServerResponse) => {
        waiting.push(outgoing);
        if (waiting.length === 2) {
          waiting.forEach(stored);
        }
      };
      const both = await Promise.all([send(host.url, callback), send(host.url, callback)]);
      assert.deepEqual(both, [
        [200, "stored"],
        [200, "stored"],
      ]);
      assert.deepEqual(await send(host.url, callback), [200, "duplicate"]);
      assert.equal(taken(origin), 2);
    });
  });

  describe(`${name}, Sinch's published callbacks`, () => {
    const published = vectors().filter(
      ({ source, secrets, expect }) =>
        source !== undefined &&
        // Most were published with a secret so short that no host takes it.
        secrets.every((secret) => typeof secret === "string" && secret.length >= 16) &&
        (expect.verdict === "accepted" || !["stale", "from_future"].includes(expect.code)),
    );
    const secrets = new Set(published.map(({ secrets }) => JSON.stringify(secrets)));
    for (const secret of secrets) {
      const ours = published.filter(
        ({ secrets, options }) =>
          JSON.stringify(secrets) === secret && options?.algorithm_header === undefined,
      );
      test(`${ours.length} get the verdict that they must get`, async () => {
        const origin = await startOrigin();
        const host = await start({
          SINCH_WEBHOOK_SECRET: secret,
          ORIGIN_URL: origin.url,
          MAX_AGE_SECONDS: "unlimited",
        });
        try {
          assert.ok(ours.length > 0);
          for (const vector of ours) {
            origin.reset();
            const { expect, id } = vector;
            const callback = {
              headers: Object.fromEntries(pairsOf(vector)),
              body: bodyOf(vector),
            };
            const accepted = expect.verdict === "accepted";
            const wanted: Told = accepted ? [200, "stored"] : [expect.status, expect.code];
            const [status, code] = await send(host.url, callback);
            if (accepted && code === "duplicate") {
              // Two SDKs publish the same callback.
              continue;
            }
            assert.deepEqual([status, code], wanted, id);
            assert.equal(taken(origin), accepted ? 1 : 0, id);
            if (accepted) {
              const mark = origin.taken[0]?.headers["x-callback-edge"];
              assert.ok(mark?.includes(expect.replay_key), id);
            }
          }
        } finally {
          await host.stop();
          origin.stop();
        }
      });
    }
  });
}

describe("a Durable Object's guard between two isolates", () => {
  let origin: Origin;
  let host: Awaited<ReturnType<typeof twoIsolates>>;
  before(async () => {
    origin = await startOrigin();
    host = await twoIsolates({ SINCH_WEBHOOK_SECRET: SECRET, ORIGIN_URL: origin.url });
  });
  beforeEach(() => origin.reset());
  after(async () => {
    await host?.stop();
    origin.stop();
  });

  test("what one isolate has handed on, the other absorbs, a hundred times over", async () => {
    for (let number = 0; number < 100; number++) {
      const callback = fresh();
      assert.deepEqual(await host.send(isolate(number), callback), [200, "stored"]);
      assert.deepEqual(await host.send(isolate(number + 1), callback), [200, "duplicate"]);
    }
    assert.equal(taken(origin), 100);
  });

  test("of copies at once in both isolates exactly one has the claim", async () => {
    const callback = fresh();
    await Promise.all(
      Array.from({ length: 10 }, (_, number) => host.send(isolate(number), callback)),
    );
    const claims = origin.taken.map(claimIn);
    assert.equal(claims.filter((claim) => claim === "first").length, 1);
    assert.deepEqual(await host.send(1, callback), [200, "duplicate"]);
  });

  test("what one isolate could not hand on, the other hands on", async () => {
    const callback = fresh();
    origin.respond = (outgoing: ServerResponse) => outgoing.writeHead(503).end();
    assert.equal((await host.send(0, callback))[0], 503);
    origin.respond = stored;
    assert.deepEqual(await host.send(1, callback), [200, "stored"]);
    assert.equal(origin.taken.map(claimIn)[1], "first");
  });
});

test("isolates without a Durable Object know nothing of each other", async () => {
  const origin = await startOrigin();
  const variables = { SINCH_WEBHOOK_SECRET: SECRET, ORIGIN_URL: origin.url };
  const hosts = await Promise.all([workerd(variables), workerd(variables)]);
  try {
    const callback = fresh();
    for (const { url } of hosts) {
      assert.deepEqual(await send(url, callback), [200, "stored"]);
    }
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
    origin.stop();
  }
});

test("a wrong setting stops the start and says what is expected", async () => {
  for (const [variables, told] of [
    [{}, "SINCH_WEBHOOK_SECRET: found nothing, expected a webhook secret, or a JSON array of them"],
    [
      { SINCH_WEBHOOK_SECRET: "s", ORIGIN_URL: "ftp://x" },
      `ORIGIN_URL: found "ftp://x", expected an address that begins with https:// or http://`,
    ],
    [
      { SINCH_WEBHOOK_SECRET: "s", ORIGIN_URL: "http://x", ON_SIGNATURE_MISMATCH: "500" },
      `ON_SIGNATURE_MISMATCH: found "500", expected 401 or 503`,
    ],
  ] as [Record<string, string>, string][]) {
    await assert.rejects(node(variables), (error: Error) =>
      error.message.includes(`the environment variable ${told}`),
    );
  }
});
