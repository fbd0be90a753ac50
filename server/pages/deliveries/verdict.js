/** The sentence on top of a message: did it arrive? */

import { deliveries } from "../common/texts.js";
import { duration } from "./format.js";
import { lookOf, reasonWords } from "./parts.js";

const texts = deliveries.verdict;

/**
 * @typedef {object} Verdict
 * @property {import("./parts.js").Tone} tone
 * @property {import("../common/dom.js").IconName} picture
 * @property {string} sentence
 * @property {string} advice
 */

/**
 * What became of a message, in a sentence, and what to do.
 * @param {import("./api.js").Message} message
 * @param {import("./api.js").Entry[]} entries oldest first
 * @param {import("./api.js").Intent | null} intent whose sends include it
 * @param {number} now in milliseconds
 * @returns {Verdict}
 */
export function verdictOf(message, entries, intent, now) {
  const { state } = message;
  const [tone, picture] = lookOf(state);
  const channel = deliveries.channel(message.channel);
  const due = message.dues?.some((due) => due.told || due.deadline * 1_000 < now) ?? false;
  const hasArrived = state === "delivered" || state === "read";
  const isOverdue = due && !hasArrived && state !== "failed";
  const said = say();
  if (!hasArrived && intent?.state === "done") return { ...said, advice: texts.reachedAdvice };
  if (!hasArrived && (intent?.state === "waiting" || intent?.state === "sending")) {
    return { ...said, advice: texts.followedAdvice };
  }
  if (message.contradicted) {
    return {
      ...said,
      tone: "warn",
      picture: "warning",
      sentence: `${said.sentence} ${texts.contradicted}`,
      advice: texts.contradictedAdvice,
    };
  }
  if (!isOverdue) return said;
  return {
    tone: "warn",
    picture: "warning",
    sentence: `${said.sentence} ${texts.overdue}`,
    advice: texts.overdueAdvice,
  };

  /** @returns {Verdict} */
  function say() {
    switch (state) {
      case "delivered":
      case "read": {
        const after = timeUntil(entries, message.channel, state);
        const failed = message.channels.find(
          (other) =>
            other.channel !== message.channel &&
            (other.state === "failed" || other.state === "switched"),
        );
        const instead = failed ? texts.failedThere(deliveries.channel(failed.channel)) : null;
        const sentence = texts[state](channel, after, instead);
        return { tone, picture, sentence, advice: texts.arrivedAdvice };
      }
      case "failed": {
        const why = reasonWords(message.reason, message.channel && channel);
        const advice = deliveries.remedy(message.reason?.remedy ?? "unknown");
        return { tone, picture, sentence: texts.failed(why), advice };
      }
      case "queued": {
        const age = duration(now - message.updated_at * 1_000);
        return { tone, picture, sentence: texts.queued(channel, age), advice: texts.queuedAdvice };
      }
      case "unconfirmed":
        return {
          tone,
          picture,
          sentence: texts.unconfirmed(channel),
          advice: texts.unconfirmedAdvice,
        };
      case "switching": {
        const why = message.reason ? reasonWords(message.reason) : "";
        return {
          tone,
          picture,
          sentence: texts.switching(channel, why),
          advice: texts.switchingAdvice,
        };
      }
      default:
        return { tone, picture, sentence: texts.none, advice: texts.noneAdvice };
    }
  }
}

/**
 * How long it took from queued to a state on a channel, by the moments that Sinch wrote; null where one
 * of them is missing.
 * @param {import("./api.js").Entry[]} entries
 * @param {string} channel
 * @param {string} state
 */
function timeUntil(entries, channel, state) {
  const queued = entries.find((entry) => entry.step === "moved" && entry.state === "queued");
  const there = entries.find(
    (entry) => entry.step === "moved" && entry.state === state && entry.channel === channel,
  );
  if (!queued || !there) return null;
  const spent = happenedAt(there) - happenedAt(queued);
  return spent > 0 ? duration(spent) : null;
}

/**
 * When it happened, in milliseconds: as Sinch wrote it, or else when it was received.
 * @param {import("./api.js").Entry} entry
 */
export function happenedAt(entry) {
  const written = Date.parse(entry.occurred_at);
  return Number.isNaN(written) ? entry.at * 1_000 : written;
}
