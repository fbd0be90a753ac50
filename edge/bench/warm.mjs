import { hash } from "node:crypto";
import { createRequire } from "node:module";

import { Verifier } from "sinch-callback/edge/schemes";

import { SECRET, eventOf, expectAccepted, nextCallback } from "./events.mjs";

/** Few enough events that one that was just parsed is in the processor's cache, as on Lambda. */
const GROUP = 64;
const GROUPS = 32;
/** Rounds until the code is compiled for good. */
const WARM_UP = 10;
const MAX_AGE_SECONDS = 86_400;

/**
 * Microseconds for each callback, CPU and wall time, in turns that every contender has in every round,
 * each over callbacks of its own that nobody has seen before.
 */
export async function warm({ bundle, peer, rounds }) {
  const require = createRequire(import.meta.url);
  const contenders = {
    handler: handing(require(bundle).handler),
    bare: bare(),
    sdk: handing(require(peer).handler),
    json: parsing(),
  };
  /** @type {Record<string, any[]>} */
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round < rounds + WARM_UP; round++) {
    const names = Object.keys(contenders);
    // Who begins changes.
    for (const name of round % 2 === 0 ? names : names.reverse()) {
      const took = await turn(name, contenders[name]);
      if (round >= WARM_UP) {
        times[name].push(took);
      }
    }
  }
  return times;
}

/** Only what runs is timed, not the preparation of what it runs on. */
async function turn(name, { prepare, run, check }) {
  let cpuUs = 0;
  let wallNs = 0n;
  for (let group = 0; group < GROUPS; group++) {
    const prepared = Array.from({ length: GROUP }, () => prepare(nextCallback()));
    const wall = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const last = await run(prepared);
    const { user, system } = process.cpuUsage(cpu);
    wallNs += process.hrtime.bigint() - wall;
    cpuUs += user + system;
    check(name, last);
  }
  const callbacks = GROUP * GROUPS;
  return { cpu: cpuUs / callbacks, wall: Number(wallNs) / 1e3 / callbacks };
}

/** A function of Lambda@Edge, called with one event after the other. */
function handing(handler) {
  return {
    prepare: (callback) => JSON.parse(eventOf(callback)),
    async run(events) {
      let answer;
      for (const event of events) {
        answer = await handler(event);
        // Only what is answered at the edge has a status.
        if (answer.status !== undefined) {
          break;
        }
      }
      return answer;
    },
    check: expectAccepted,
  };
}

/** The least that has to be done: the verdict alone, and the hash of the body. */
function bare() {
  const verifier = new Verifier({ secrets: [SECRET], maxAgeSeconds: MAX_AGE_SECONDS });
  return {
    prepare: (callback) => callback,
    run(callbacks) {
      let digest;
      for (const callback of callbacks) {
        if (!verifier.verify(callback, { nowMs: Date.now() }).ok) {
          return undefined;
        }
        digest = hash("sha256", callback.body, "hex");
      }
      return digest;
    },
    check(name, digest) {
      if (digest === undefined) {
        throw new Error(`${name}: an authentic callback was refused`);
      }
    },
  };
}

/** What Lambda's runtime does before a function is called. */
function parsing() {
  return {
    prepare: eventOf,
    run(texts) {
      let event;
      for (const text of texts) {
        event = JSON.parse(text);
      }
      return event;
    },
    check() {},
  };
}
