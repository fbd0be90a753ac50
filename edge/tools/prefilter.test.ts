import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, after, test } from "node:test";
import vm from "node:vm";
import { transformSync } from "esbuild";
import { type Verdict, Verifier } from "sinch-callback/edge/schemes";

import { MOST_BYTES, prefilter } from "./make-prefilter.mjs";
import { MARGIN_SECONDS } from "./prefilter-table.mjs";
import {
  NAME,
  NOW,
  type Pairs,
  SECRET,
  type Vector,
  bodyOf,
  pairsOf,
  signed,
  vectors,
} from "../test/sinch.js";

let folder: string;
before(() => (folder = mkdtempSync(join(tmpdir(), "sinch-callback-prefilter-"))));
after(() => rmSync(folder, { recursive: true, force: true }));

/** CloudFront's event for a viewer's request. Of a repeated header `value` has one value, and
 * `multiValue` all. */
function event(
  pairs: Pairs,
  {
    length,
    method = "POST",
    uri = "/callbacks",
  }: { length?: number | string | undefined; method?: string; uri?: string } = {},
) {
  const headers: Record<string, { value: string; multiValue?: { value: string }[] }> = {};
  for (const [key, value] of pairs) {
    const name = key.toLowerCase();
    const before = headers[name];
    headers[name] =
      before === undefined
        ? { value }
        : { value, multiValue: [...(before.multiValue ?? [{ value: before.value }]), { value }] };
  }
  if (length !== undefined) {
    headers["content-length"] = { value: String(length) };
  }
  return {
    version: "1.0",
    context: { eventType: "viewer-request" },
    request: { method, uri, headers },
  };
}

/** An event and a moment, in Unix seconds. */
type Case = [event: ReturnType<typeof event>, now: number];

/** What the prefilter answers in place of the receiver; nothing where a request goes on. */
type Refusal = { status: number; code: string; detail: string } | undefined;

/** What the function makes of each case, in both engines. */
function run(text: string, cases: Case[]): Refusal[] {
  const nodes = inVm(text, cases);
  assert.equal(nodes.length, cases.length);
  assert.deepEqual(inNjs(text, cases), nodes, "the engines agree");
  return nodes.map((answer: Answered | null) => {
    if (answer === null) {
      return undefined;
    }
    const { code, detail } = JSON.parse(answer.body.data);
    assert.deepEqual(answer.headers, {
      "content-type": { value: "application/json" },
      "x-sinch-callback": { value: code },
    });
    return { status: answer.statusCode, code, detail };
  });
}

/** What CloudFront answers by itself. */
interface Answered {
  readonly statusCode: number;
  readonly headers: object;
  readonly body: { readonly data: string };
}

/** Tells of each case the answer, or null where the request goes on. */
const DRIVER = `
var now;
Date.now = function () { return now; };
function each(cases) {
    return cases.map(function (c) {
        now = c[1] * 1000;
        var answer = handler(c[0]);
        return JSON.stringify(answer === c[0].request ? null : answer);
    });
}`;

function inVm(text: string, cases: Case[]): (Answered | null)[] {
  const context = vm.createContext({ cases: JSON.stringify(cases) });
  // Of its own realm, where an array is another Array.
  const lines: string[] = Array.from(
    vm.runInContext(`${text}${DRIVER}\neach(JSON.parse(cases));`, context),
  );
  return lines.map((line) => JSON.parse(line));
}

/** Debian's njs is an old one: what it takes, CloudFront's does. */
function inNjs(text: string, cases: Case[]): unknown[] {
  const file = join(folder, "run.js");
  const given = JSON.stringify(JSON.stringify(cases));
  writeFileSync(
    file,
    `${text}${DRIVER}\neach(JSON.parse(${given})).forEach(function (line) { console.log(line); });`,
  );
  const printed = execFileSync("njs", [file], { encoding: "utf8", maxBuffer: 1 << 28 });
  return printed
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

const MALFORMED = [
  "missing_header",
  "repeated_header",
  "malformed_header",
  "unsupported_algorithm",
];

/** A verdict as the prefilter would tell it. */
function refusalOf(verdict: Verdict): Refusal {
  assert.ok(!verdict.ok);
  const { status, code, detail } = verdict;
  return { status, code, detail };
}

/** Holds one refusal against core's verdict, `{ code, status }` or accepted. */
function hold(refusal: Refusal, verdict: { code: string; status: number }, what: string): void {
  if (refusal === undefined) {
    return;
  }
  assert.notEqual(verdict.code, "accepted", `${what}: refused with ${refusal.code}`);
  assert.equal(refusal.status, verdict.status, `${what}: ${refusal.code}, not ${verdict.code}`);
  // It cannot know a signature: that what is too old is forged besides, only core can tell.
  if (!(refusal.code === "stale" && verdict.code === "signature_mismatch")) {
    assert.equal(refusal.code, verdict.code, what);
  }
}

interface Limits {
  readonly maxAgeSeconds: number;
  readonly maxBodyBytes: number;
  readonly requireAlgorithm: boolean;
}

test("over all vectors it refuses nothing that core takes, and all that is malformed", () => {
  const groups = new Map<string, { limits: Limits; vectors: Vector[] }>();
  for (const vector of vectors()) {
    const { options = {} } = vector;
    if (BigInt(vector.now) > 8_000_000_000_000n) {
      continue;
    }
    const { max_age_secs: age = "300", max_body_bytes: size } = options;
    const seconds = (text: string) => (text === "unlimited" ? Infinity : Number(text));
    const limits = {
      maxAgeSeconds: seconds(age),
      // The verifier's own default, which the prefilter's is larger than.
      maxBodyBytes: size ?? 1_000_000,
      requireAlgorithm: options.algorithm_header === "required",
    };
    const key = JSON.stringify([age, size, limits.requireAlgorithm]);
    const group = groups.get(key) ?? { limits, vectors: [] };
    group.vectors.push(vector);
    groups.set(key, group);
  }
  let refused = 0;
  let judged = 0;
  for (const { limits, vectors } of groups.values()) {
    const text = prefilter(limits);
    const cases = vectors.map(
      (vector): Case => [
        event(pairsOf(vector), { length: bodyOf(vector).length }),
        Number(vector.now),
      ],
    );
    run(text, cases).forEach((refusal, at) => {
      const { id, expect } = vectors[at] ?? assert.fail();
      const verdict =
        expect.verdict === "accepted" ? { code: "accepted", status: 200, header: "" } : expect;
      hold(refusal, verdict, id);
      if (MALFORMED.includes(verdict.code)) {
        assert.equal(refusal?.code, verdict.code, id);
        assert.ok(refusal?.detail.includes(verdict.header ?? `${NAME}-algorithm`), id);
      }
      if (verdict.code === "body_too_large") {
        assert.equal(refusal?.code, "body_too_large", id);
      }
      refused += refusal === undefined ? 0 : 1;
      judged += 1;
    });
  }
  assert.ok(judged > 240 && refused > 100, `${refused} of ${judged} refused`);
});

test("its forms are core's: every byte at every place, every length, every header", () => {
  const verifier = new Verifier({ secrets: [SECRET] });
  const { headers, body } = signed();
  const given: Pairs[] = [];
  const add = (name: string, value: string | undefined) =>
    given.push([
      ...Object.entries(headers).filter(([key]) => key !== name),
      ...(value === undefined ? [] : [[name, value] as Pairs[number]]),
    ]);
  for (const [name, value] of Object.entries(headers)) {
    add(name, undefined);
    for (let length = 0; length <= 140; length++) {
      add(name, value.repeat(1 + Math.ceil(140 / value.length)).slice(0, length));
      add(name, "1".repeat(length));
    }
    for (let byte = 0; byte < 256; byte++) {
      for (const at of [0, Math.floor(value.length / 2), value.length - 1]) {
        add(name, value.slice(0, at) + String.fromCharCode(byte) + value.slice(at + 1));
      }
      add(name, value + String.fromCharCode(byte));
    }
    add(name, value.toUpperCase());
    add(name, value.toLowerCase());
  }
  const cases = given.map((pairs): Case => [event(pairs, { length: body.length }), NOW]);
  let malformed = 0;
  // A window that is no matter here: random digits make all times.
  run(prefilter({ maxAgeSeconds: Infinity }), cases).forEach((refusal, at) => {
    const verdict = verifier.verify({ headers: given[at] ?? [], body }, { nowMs: NOW * 1000 });
    const what = JSON.stringify(given[at]);
    if (!verdict.ok && verdict.class === "malformed") {
      assert.deepEqual(refusal, refusalOf(verdict), what);
      malformed += 1;
    } else {
      hold(refusal, verdict, what);
      assert.equal(refusal, undefined, what);
    }
  });
  assert.ok(malformed > 2_000 && malformed < given.length - 100, `${malformed} of ${given.length}`);
});

test("repetition comes before all else, by several values or one that is joined", () => {
  const verifier = new Verifier({ secrets: [SECRET] });
  const { headers, body } = signed();
  const pairs = Object.entries(headers);
  const given = pairs.flatMap(([name, value]): Pairs[] => [
    [...pairs, [name, value]],
    [...pairs.filter(([key]) => key !== name), [name, `${value}, ${value}`]],
    [
      [name, value],
      [name, value],
    ],
    [[name, ","]],
  ]);
  run(
    prefilter(),
    given.map((pairs) => [event(pairs), NOW]),
  ).forEach((refusal, at) => {
    const callback = { headers: given[at] ?? [], body };
    const verdict = verifier.verify(callback, { nowMs: NOW * 1000 });
    assert.equal(verdict.code, "repeated_header");
    assert.deepEqual(refusal, refusalOf(verdict));
  });
});

test("the greatest age is core's and a margin for clocks that differ, in core's words", () => {
  const limits = { maxAgeSeconds: 600 };
  const verifier = new Verifier({ secrets: [SECRET], ...limits });
  const core = (offset: number): Refusal =>
    refusalOf(verifier.verify(signed(), { nowMs: (NOW + offset) * 1000 }));
  const offsets = [600, 601, 600 + MARGIN_SECONDS, 601 + MARGIN_SECONDS, 1_000_000];
  const cases = offsets.map(
    (offset): Case => [event(Object.entries(signed().headers), { length: 2 }), NOW + offset],
  );
  const refusals = run(prefilter(limits), cases);
  const wanted = offsets.map((offset) =>
    offset > 600 + MARGIN_SECONDS ? core(offset) : undefined,
  );
  assert.deepEqual(refusals, wanted);
  assert.deepEqual(
    wanted.flatMap((refusal) => refusal?.code ?? []),
    ["stale", "stale"],
  );
  const [ancient] = run(prefilter({ maxAgeSeconds: Infinity }), [
    [event(Object.entries(signed().headers), { length: 2 }), NOW * 5],
  ]);
  assert.equal(ancient, undefined);
});

test("what is ahead of its clock goes on, since the clock at fault may be its own", () => {
  const pairs = Object.entries(signed().headers);
  const behind = [300, 301, 900, 1_000_000, NOW];
  const cases = behind.map((seconds): Case => [event(pairs, { length: 2 }), NOW - seconds]);
  assert.deepEqual(
    run(prefilter(), cases),
    behind.map(() => undefined),
  );
});

test("a body that is too large is told before its time, and one of unknown size goes on", () => {
  const old = (length: number | string | undefined): Case => [
    event(Object.entries(signed().headers), { length }),
    NOW + 1_000_000,
  ];
  const [large, right, unknown, odd] = run(prefilter({ maxBodyBytes: 100 }), [
    old(101),
    old(100),
    old(undefined),
    old("x"),
  ]);
  assert.deepEqual(
    [large?.status, large?.code, large?.detail],
    [413, "body_too_large", "the body is larger than the accepted 100 bytes"],
  );
  assert.equal(right?.code, "stale");
  assert.equal(unknown, undefined);
  assert.equal(odd, undefined);
});

test("method and path", () => {
  const pairs = Object.entries(signed().headers);
  const [get, there, elsewhere] = run(prefilter({ paths: ["/callbacks"] }), [
    [event(pairs, { method: "GET" }), NOW],
    [event(pairs), NOW],
    [event(pairs, { uri: "/callbacks/" }), NOW],
  ]);
  assert.deepEqual(get, {
    status: 405,
    code: "method_not_allowed",
    detail: "callbacks come by POST",
  });
  assert.equal(there, undefined);
  assert.deepEqual([elsewhere?.status, elsewhere?.code], [404, "unknown_path"]);
  assert.deepEqual(run(prefilter(), [[event(pairs, { uri: "/any" }), NOW]]), [undefined]);
});

test("it fits, and has no syntax past ECMAScript 5", () => {
  const text = prefilter({ paths: ["/callbacks"] });
  assert.ok(Buffer.byteLength(text) <= MOST_BYTES);
  assert.throws(() => prefilter({ paths: ["/".padEnd(MOST_BYTES)] }), /CloudFront takes 10240/);
  const supported = { "object-extensions": false };
  const as = (target: string) => transformSync(text, { target, supported }).code;
  assert.equal(as("es5"), as("esnext"));
});
