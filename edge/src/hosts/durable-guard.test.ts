// The Durable Object's guard in real workerd, against the package's guard in memory.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Claim, ReplayGuard, type Ticket } from "sinch-callback/edge/schemes";

import { objectAlone } from "../../test/hosts/workerd.js";
import { NOW } from "../../test/sinch.js";

const MEMORY_SECONDS = 600;

let object: Awaited<ReturnType<typeof objectAlone>>;
before(async () => (object = await objectAlone()));
after(() => object?.stop());

/** Numbers that look random and are the same each time. */
function numbers(seed: number) {
  let state = seed;
  return (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % limit;
  };
}

const key = (run: number, number: number): string =>
  `${run}`.padStart(8, "0") + `${number}`.padStart(24, "0");

test("a thousand random steps give the same claims as the guard in memory", async () => {
  const next = numbers(7);
  const model = new ReplayGuard({ memorySeconds: MEMORY_SECONDS });
  const calls: unknown[][] = [];
  const wanted: (Claim | null)[] = [];
  const tickets = new Map<string, Ticket>();
  let now = NOW;
  for (let step = 0; step < 1_000; step++) {
    // Around both limits, too.
    now += [0, 0, 1, 30, 31, 570, 601][next(7)] ?? 0;
    const name = key(1, next(5));
    switch (next(4)) {
      case 0:
        calls.push(["confirm", name, now, MEMORY_SECONDS]);
        model.confirm(name, { nowMs: now * 1000 });
        wanted.push(null);
        break;
      case 1: {
        // The last one of this key, which another claim may have followed.
        const ticket = tickets.get(name);
        if (ticket !== undefined) {
          calls.push(["release", ticket]);
          model.release(ticket);
          wanted.push(null);
        }
        break;
      }
      default: {
        calls.push(["claim", name, now, MEMORY_SECONDS]);
        const claim = model.claim(name, { nowMs: now * 1000 });
        wanted.push(claim);
        if (claim.ticket !== undefined && next(2) === 0) {
          tickets.set(name, claim.ticket);
        }
      }
    }
  }
  assert.deepEqual(await object.ask(calls), wanted);
  const states = new Set(wanted.map((claim) => claim?.state));
  assert.deepEqual([...states].sort(), ["done", "first", "in_flight", undefined].sort());
});

test("what is to be remembered for ever is", async () => {
  const name = key(2, 0);
  const [, , claim] = await object.ask([
    ["claim", name, NOW, 1e300],
    // As JSON has no Infinity; the object bounds whatever is larger.
    ["confirm", name, NOW, 1e300],
    ["claim", name, NOW * 1_000, 1e300],
  ]);
  assert.deepEqual(claim, { state: "done" });
});

test("a sweep takes what has aged out, and nothing else", async () => {
  const now = Math.floor(Date.now() / 1000);
  const [old, young] = [key(3, 0), key(3, 1)];
  const results = await object.ask([
    ["sweep"],
    ["count"],
    ["claim", old, now - 1_000, MEMORY_SECONDS],
    ["confirm", old, now - 1_000, MEMORY_SECONDS],
    ["claim", young, now - 100, MEMORY_SECONDS],
    ["confirm", young, now - 100, MEMORY_SECONDS],
    ["sweep"],
    ["count"],
    ["claim", young, now, MEMORY_SECONDS],
  ]);
  const [, before, , , , , , afterwards, claim] = results;
  assert.equal(afterwards, Number(before) + 1);
  assert.deepEqual(claim, { state: "done" });
});
