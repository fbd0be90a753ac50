// When secrets are read, through the WebAssembly build, by the vectors that core runs too:
// node --test secret-schedule.mjs
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const { SecretSchedule } = await import(new URL("edge.inline.js", dist).href);
const scenarios = JSON.parse(
  readFileSync(new URL("../vectors/secret-schedule.json", import.meta.url), "utf8"),
);

/** The vectors count from here: the package takes no moment of 1970. */
const START = 1_700_000_000;
const OUTCOMES = ["same", "other", "failed"];

/** @param {Record<string, number | boolean | null>} timing */
function made({ refresh_secs, patience_secs, overlap_secs, has_pause }) {
  return new SecretSchedule({
    refreshSeconds: refresh_secs === null ? Infinity : refresh_secs,
    patienceSeconds: patience_secs,
    overlapSeconds: overlap_secs,
    withoutPause: has_pause === undefined ? undefined : !has_pause,
  });
}

/** What a step says, as the vectors write it. */
function told({ gaveUp, begin, next, limitMs, readAtSeconds }) {
  const wait = next === "wait" ? ` ${limitMs}` : "";
  const recent = next === "recent" ? ` ${readAtSeconds - START}` : "";
  return (
    (gaveUp ? "gave up, " : "") +
    (begin === undefined ? "" : `begin ${begin}, `) +
    next.replace("_", " ") +
    wait +
    recent
  );
}

/** What is said to one step of a scenario. */
function played(schedule, waiting, [at, who, what]) {
  const moment = { nowMs: (START + at) * 1_000 };
  if (OUTCOMES.includes(what)) {
    return schedule.ended(Number(who.replace("read ", "")), what) ? "kept" : "late";
  }
  if (what === "overlap") {
    const replacedAt = START + Number(who.replace("replaced at ", ""));
    return schedule.isWithinOverlap(replacedAt, moment) ? "accepted" : "dropped";
  }
  const step = asked(schedule, waiting.get(who), what, moment);
  waiting.set(who, step.waiting);
  return told(step);
}

function asked(schedule, waiting, what, moment) {
  switch (what) {
    case "current":
      return schedule.current(moment);
    case "refresh":
    case "refresh other":
      return schedule.refresh(what === "refresh", moment);
    case "waited":
    case "waited other":
      return schedule.waited(waiting, true, what === "waited", moment);
    case "waited in vain":
      return schedule.waited(waiting, false, true, moment);
    default:
      throw new Error(`nobody can ${what}`);
  }
}

for (const { id, timing = {}, hosts, steps } of scenarios) {
  if (hosts !== undefined && !hosts.includes("javascript")) {
    continue;
  }
  test(id, () => {
    const schedule = made(timing);
    const waiting = new Map();
    for (const step of steps) {
      const [at, who, what, expected] = step;
      const times = who.endsWith(" more") ? Number.parseInt(who, 10) : 1;
      for (let time = 0; time < times; time++) {
        assert.equal(played(schedule, waiting, step), expected, `at ${at}, ${who} ${what}`);
      }
    }
  });
}

test("a schedule that has been disposed of says so, and knows no option that nobody set", () => {
  const schedule = new SecretSchedule();
  schedule.dispose();
  assert.throws(() => schedule.current({ nowMs: START * 1_000 }), {
    message: "this SecretSchedule has been disposed of",
  });
  assert.throws(() => new SecretSchedule({ refresh: 1 }), TypeError);
});
