/** Whether anything is wrong, in sentences: of failures, forgeries, callbacks and sends. */

import { deliveries } from "../common/texts.js";
import { duration, number, share } from "./format.js";

const texts = deliveries.overview;

/** @typedef {import("./api.js").Overview} Overview */

/**
 * @typedef {object} Finding
 * @property {"failures" | "attacks" | "callbacks" | "sends"} about
 * @property {import("./parts.js").Tone} tone
 * @property {import("../common/dom.js").IconName} picture
 * @property {string} sentence
 * @property {string} [advice]
 * @property {string} [href] where more of it is seen
 */

/** Answers to what cannot be Sinch's, or is a recording. */
const FORGED = new Set([
  "signature_mismatch",
  "stale",
  "malformed_header",
  "repeated_header",
  "unsupported_algorithm",
]);
/** Answers that are our own trouble: Sinch retries these. */
const OURS = new Set(["handoff_unavailable", "secret_unavailable", "overloaded"]);

/** Below so many, chance says more than a rate. Our own choice, as the others here. */
const FEWEST_ENDED = 20;
const FEWEST_FAILED = 5;
/** A rise is told from this factor and this difference on. */
const FACTOR = 1.5;
const DIFFERENCE = 0.02;
/** What is above it is told even where there is nothing to compare with. */
const HIGH = 0.2;
/** Fewer refusals in the range are what any public address sees. */
const FEWEST_FORGED = 20;
/** A part that makes up so much is what it mostly is. */
const MOSTLY = 0.5;

/**
 * How recent "recent" is, by how long a range is looked at.
 * @param {number} range in seconds
 */
export const recentOf = (range) => (range < 43_200 ? 900 : range < 259_200 ? 3_600 : 86_400);

/**
 * All that is to be said, the worst first.
 * @param {Overview} overview
 * @param {number} now in seconds
 */
export function findings(overview, now) {
  const found = [
    failures(overview, now),
    attacks(overview),
    callbacks(overview, now),
    sends(overview),
  ].filter((finding) => finding !== null);
  const order = ["bad", "warn", "info", "good"];
  return found.sort((a, b) => order.indexOf(a.tone) - order.indexOf(b.tone));
}

/** @param {number[]} series */
const sum = (series) => series.reduce((total, count) => total + count, 0);

/** @param {Overview} overview @param {number} at @returns {Finding} */
function failures(overview, at) {
  const { from, to, bucket_s: bucket } = overview;
  const recent = recentOf(to - from);
  const cut = Math.max(0, Math.floor((Math.min(to, at) - recent - from) / bucket));
  const failed = total(overview.failures.by_reason);
  const delivered = overview.delivered_series;
  const now = { failed: sum(failed.slice(cut)), delivered: sum(delivered.slice(cut)) };
  const before = { failed: sum(failed.slice(0, cut)), delivered: sum(delivered.slice(0, cut)) };
  const ended = now.failed + now.delivered;
  const endedBefore = before.failed + before.delivered;
  const href = "#/messages?state=failed";
  const base = { about: /** @type {const} */ ("failures"), href };
  const span = texts.recent(recent);
  if (ended + endedBefore === 0)
    return { ...base, tone: "good", picture: "check", sentence: texts.noTraffic };
  if (now.failed + before.failed === 0) {
    return { ...base, tone: "good", picture: "check", sentence: texts.failuresNone };
  }
  const rate = ended === 0 ? 0 : now.failed / ended;
  const rateBefore = endedBefore === 0 ? 0 : before.failed / endedBefore;
  const words = share(now.failed, ended);
  const wordsBefore = share(before.failed, endedBefore);
  if (endedBefore < FEWEST_ENDED) {
    const all = now.failed + before.failed;
    const of = ended + endedBefore;
    const isHigh = all >= FEWEST_FAILED && all / of >= HIGH;
    return {
      ...base,
      tone: isHigh ? "bad" : "info",
      picture: isHigh ? "cross" : "clock",
      sentence: texts.failuresOnly(share(all, of), mostly(overview, 0)),
    };
  }
  const isEnough = ended >= FEWEST_ENDED && now.failed >= FEWEST_FAILED;
  if (isEnough && rate > rateBefore * FACTOR && rate > rateBefore + DIFFERENCE) {
    return {
      ...base,
      tone: "bad",
      picture: "cross",
      sentence: texts.failuresRose(words, wordsBefore, span, mostly(overview, cut)),
      href: `${href}&from=${from + cut * bucket}`,
    };
  }
  if (ended >= FEWEST_ENDED && rateBefore > rate * FACTOR && rateBefore > rate + DIFFERENCE) {
    return {
      ...base,
      tone: "good",
      picture: "check",
      sentence: texts.failuresFell(words, wordsBefore, span),
    };
  }
  if (ended === 0)
    return {
      ...base,
      tone: "good",
      picture: "check",
      sentence: texts.failuresQuiet(wordsBefore, span),
    };
  return {
    ...base,
    tone: "good",
    picture: "check",
    sentence: texts.failuresSteady(words, wordsBefore, span, mostly(overview, cut)),
  };
}

/**
 * The sums of all rows, by bucket.
 * @param {{series: number[]}[]} rows
 */
function total(rows) {
  /** @type {number[]} */
  const all = [];
  for (const { series } of rows)
    series.forEach((count, index) => (all[index] = (all[index] ?? 0) + count));
  return all;
}

/**
 * What most of the failures have in common, from a bucket on.
 * @param {Overview} overview
 * @param {number} cut
 */
function mostly({ failures: by }, cut) {
  /** @template {{series: number[]}} Row @param {Row[]} rows @returns {Row | undefined} */
  const greatest = (rows) => {
    const all = sum(total(rows).slice(cut));
    return rows.find(({ series }) => all > 0 && sum(series.slice(cut)) > all * MOSTLY);
  };
  const reason = greatest(by.by_reason)?.reason;
  if (!reason) return "";
  const channel = greatest(by.by_channel)?.channel;
  const prefix = greatest(by.by_country_prefix)?.prefix;
  return texts.mostly(reason, channel ? deliveries.channel(channel) : "", prefix ?? "");
}

/** @param {Overview} overview @returns {Finding} */
function attacks({ refusals, ages, counted_since: since, from }) {
  const of = (/** @type {(code: string) => boolean} */ is) =>
    sum(refusals.filter(({ code }) => is(code)).map(({ count }) => count));
  const forged = of((code) => FORGED.has(code));
  const mismatched = of((code) => code === "signature_mismatch");
  const strays = of((code) => !FORGED.has(code) && !OURS.has(code));
  const about = /** @type {const} */ ("attacks");
  if (mismatched > 0 && (ages?.count ?? 0) === 0) {
    const advice = texts.secretWrongTodo;
    return {
      about,
      tone: "bad",
      picture: "shield",
      sentence: texts.secretWrong(mismatched),
      advice,
      href: "/inspector",
    };
  }
  if (forged >= FEWEST_FORGED) {
    const advice = texts.attackedTodo;
    return {
      about,
      tone: "warn",
      picture: "shield",
      sentence: texts.attacked(forged),
      advice,
      href: "/inspector",
    };
  }
  if (forged + strays > 0)
    return { about, tone: "good", picture: "shield", sentence: texts.strays(forged + strays) };
  return { about, tone: "good", picture: "shield", sentence: texts.calm(since <= from) };
}

/** @param {Overview} overview @param {number} now @returns {Finding} */
function callbacks({ callbacks_stopped: stopped, overdue, refusals }, now) {
  const about = /** @type {const} */ ("callbacks");
  if (stopped) {
    const since = stopped.since === null ? "" : duration((now - stopped.since) * 1_000);
    return {
      about,
      tone: "bad",
      picture: "warning",
      sentence: texts.stopped(since),
      advice: texts.stoppedTodo,
    };
  }
  const deferred = sum(refusals.filter(({ code }) => OURS.has(code)).map(({ count }) => count));
  if (overdue > 0) {
    return {
      about,
      tone: "warn",
      picture: "clock",
      sentence: texts.overdue(overdue),
      href: "#/messages?state=overdue",
    };
  }
  if (deferred > 0) {
    return { about, tone: "warn", picture: "warning", sentence: texts.deferred(number(deferred)) };
  }
  return { about, tone: "good", picture: "check", sentence: texts.noOverdue };
}

/** @param {Overview} overview @returns {Finding | null} */
function sends({ paused }) {
  if (!paused) return null;
  const since = new Date(paused.since * 1_000).toISOString().slice(0, 16).replace("T", " ");
  return {
    about: "sends",
    tone: "warn",
    picture: "pause",
    sentence: texts.paused(paused.why, `${since} UTC`),
    href: "#/intents",
  };
}
