/** Intents: what had to reach whom, and what was decided about it. */

import { fragment, h, icon, replace, update } from "../common/dom.js";
import { common, deliveries } from "../common/texts.js";
import { ask } from "./api.js";
import { moment } from "./format.js";
import { pager } from "./list.js";
import {
  badge,
  facts,
  intentBadge,
  intentLook,
  messageLink,
  orNothing,
  problem,
  table,
  time,
  verdictBox,
} from "./parts.js";

const texts = deliveries.intents;

/** @typedef {import("./api.js").Intent} Intent */

/** @param {string} key */
const intentLink = (key) => `#/intents/${encodeURIComponent(key)}`;

/** @param {{state: string, reason: string}} intent */
function sentence({ state, reason }) {
  const why = reason && deliveries.message.why(reason);
  const say = /** @type {Record<string, (why: string) => string>} */ (texts.verdict)[state];
  return say ? say(why) : `${texts.stateWords(state)}: ${why}`;
}

/** @param {Record<string, string>} to */
const recipients = (to) =>
  Object.entries(to)
    .map(([channel, identity]) => `${deliveries.channel(channel)} ${identity}`)
    .join(", ");

/**
 * An intent's sends and decisions.
 * @param {Intent} intent
 * @param {string} [here] the message whose page it stands on
 */
export function intentPart(intent, here) {
  return fragment(
    h(
      "p",
      {},
      intentBadge(intent.state),
      " ",
      sentence(intent),
      " ",
      intent.dry_run && h("em", {}, texts.dryRun),
    ),
    facts([
      [deliveries.message.intentOf, h("a", { href: intentLink(intent.key) }, intent.key)],
      [texts.to, recipients(intent.to)],
      [texts.plan, intent.plan.map(deliveries.channel).join(" → ")],
      [texts.accepted, time(intent.accepted_at)],
      [texts.deadline, intent.deadline !== null && time(intent.deadline)],
    ]),
    intent.attempts.length > 0 &&
      table(
        deliveries.message.attempts,
        [["#", "number"], texts.channel, texts.state, texts.message, texts.called],
        intent.attempts.map((attempt) => attemptRow(attempt, here)),
      ),
    h(here ? "h3" : "h2", {}, deliveries.message.decisions),
    h("ol", { class: "decisions" }, intent.log.map(decision)),
  );
}

/** @param {import("./api.js").Attempt} attempt @param {string | undefined} here */
function attemptRow(attempt, here) {
  const id = attempt.message_id;
  const said = [
    attempt.words,
    attempt.failure && deliveries.reason(attempt.failure.code),
    attempt.unresolved && texts.unresolved,
    attempt.doubled && deliveries.message.decision("doubled"),
  ].filter(Boolean);
  return h(
    "tr",
    {},
    h("td", { class: "number" }, attempt.number),
    h("td", {}, deliveries.channel(attempt.channel)),
    h(
      "td",
      {},
      attempt.message_state
        ? badge(attempt.message_state)
        : deliveries.message.decision(attempt.state),
      said.length > 0 && h("p", { class: "quiet small" }, said.join("; ")),
    ),
    h(
      "td",
      {},
      id && id !== here
        ? h("a", { href: messageLink(id) }, h("code", {}, id))
        : h("code", {}, orNothing(id)),
    ),
    h("td", {}, attempt.called_at > 0 ? time(attempt.called_at) : common.nothing),
  );
}

/** @param {import("./api.js").Decision} line */
function decision({ at, what, why, attempt }) {
  const words = deliveries.message.decision(what);
  const reason = why ? deliveries.message.why(why) : "";
  return h(
    "li",
    {},
    h("span", { class: "quiet small decision-time" }, moment(at)),
    h(
      "span",
      {},
      h("strong", {}, words),
      reason && `: ${reason}`,
      attempt !== undefined &&
        h("span", { class: "quiet small" }, ` (${deliveries.message.attempt(attempt)})`),
    ),
  );
}

/**
 * @param {URLSearchParams} query
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function intentsView(query, region) {
  async function load() {
    try {
      const [page, recovery] = await Promise.all([
        ask("/api/intents", { state: query.get("state"), before: query.get("before") }),
        ask("/api/recovery"),
      ]);
      update(region, list(page, recovery));
    } catch (error) {
      replace(region, problem(/** @type {Error} */ (error), load));
    }
  }

  /**
   * @param {{intents: import("./api.js").IntentSummary[], next_before: number | null}} page
   * @param {{mode: string, paused: {why: string, since: number} | null}} recovery
   */
  function list({ intents, next_before }, { mode, paused }) {
    const rows = intents.map((intent) =>
      h(
        "tr",
        {},
        h("td", {}, h("a", { href: intentLink(intent.key) }, intent.key)),
        h("td", {}, intentBadge(intent.state)),
        h("td", {}, intent.reason ? deliveries.message.why(intent.reason) : common.nothing),
        h("td", {}, recipients(intent.to)),
        h("td", {}, time(intent.accepted_at)),
      ),
    );
    return fragment(
      h("p", { class: "quiet" }, texts.intro),
      paused
        ? verdictBox("warn", "pause", deliveries.overview.paused(paused.why, moment(paused.since)))
        : h("p", { class: "notice" }, icon("shield"), " ", texts.modes[mode] ?? mode),
      rows.length === 0
        ? h("p", { class: "empty" }, texts.none)
        : h(
            "div",
            { class: "card" },
            table(
              texts.caption,
              [texts.key, texts.state, texts.why, texts.to, texts.accepted],
              rows,
              { stacked: true },
            ),
          ),
      pager("#/intents", query, next_before),
    );
  }

  return { title: texts.heading, load, changed: () => undefined, every: 15_000 };
}

/**
 * @param {string} key
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function intentView(key, region) {
  async function load() {
    try {
      /** @type {Intent} */
      const intent = await ask(`/api/intents/${encodeURIComponent(key)}`);
      const [tone, picture] = intentLook(intent.state);
      update(
        region,
        verdictBox(tone, picture, sentence(intent)),
        h(
          "section",
          { class: "card", "aria-label": deliveries.message.intentOf },
          intentPart(intent),
        ),
      );
    } catch (error) {
      replace(region, problem(/** @type {Error} */ (error), load));
    }
  }
  return {
    title: deliveries.message.intentOf,
    heading: () => fragment(`${deliveries.message.intentOf} `, h("code", { class: "id" }, key)),
    load,
    changed: load,
    // What is decided moves no message, so nobody tells of it.
    every: 5_000,
  };
}
