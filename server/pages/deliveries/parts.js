/** Pieces that several views are made of. */

import { fragment, h, icon } from "../common/dom.js";
import { common, deliveries as texts } from "../common/texts.js";
import { duration, moment } from "./format.js";

/** @typedef {import("../common/dom.js").IconName} IconName */
/** @typedef {"good" | "best" | "bad" | "warn" | "info" | "idle"} Tone */

/** How a state looks: never by color alone. @type {Record<string, [Tone, IconName]>} */
const LOOKS = {
  queued: ["info", "clock"],
  submitted: ["info", "clock"],
  arrived: ["good", "check"],
  delivered: ["good", "check"],
  read: ["best", "double"],
  failed: ["bad", "cross"],
  switching: ["warn", "arrows"],
  switched: ["warn", "arrows"],
  unconfirmed: ["warn", "question"],
  contradicted: ["warn", "warning"],
};

/** @param {string | null} state @returns {[Tone, IconName]} */
export const lookOf = (state) => LOOKS[state ?? ""] ?? ["idle", "dot"];

/** @param {string | null} state */
export function badge(state) {
  const [tone, picture] = lookOf(state);
  return h(
    "span",
    { class: `badge ${tone}`, title: texts.stateMeans(state) },
    icon(picture),
    texts.state(state),
  );
}

/** @type {Record<string, [Tone, IconName]>} */
const INTENT_LOOKS = {
  done: ["good", "check"],
  given_up: ["bad", "cross"],
  needs_person: ["warn", "person"],
  sending: ["info", "arrows"],
  waiting: ["info", "clock"],
};

/** @param {string} state @returns {[Tone, IconName]} */
export const intentLook = (state) => INTENT_LOOKS[state] ?? ["idle", "dot"];

/** @param {string} state */
export function intentBadge(state) {
  const [tone, picture] = intentLook(state);
  return h("span", { class: `badge ${tone}` }, icon(picture), texts.intents.stateWords(state));
}

/**
 * A moment, with the exact one for machines and for a pointer.
 * @param {number} seconds
 */
export function time(seconds) {
  const iso = new Date(seconds * 1_000).toISOString();
  return h("time", { datetime: iso, title: iso }, moment(seconds));
}

/** How long ago it is. @param {number} seconds @param {number} [now] */
export const age = (seconds, now = Date.now()) => duration(Math.max(0, now - seconds * 1_000));

/**
 * Terms with what they are; those without anything are left out.
 * @param {[string, import("../common/dom.js").Child | import("../common/dom.js").Child[]][]} pairs
 */
export function facts(pairs) {
  const given = pairs.filter(
    ([, value]) => value !== null && value !== undefined && value !== "" && value !== false,
  );
  return h(
    "dl",
    { class: "facts" },
    given.map(([term, value]) => h("div", {}, h("dt", {}, term), h("dd", {}, value))),
  );
}

/**
 * The sentence that answers the question, with what to do.
 * @param {Tone} tone
 * @param {IconName} picture
 * @param {string} sentence
 * @param {import("../common/dom.js").Child} [advice]
 */
export function verdictBox(tone, picture, sentence, advice) {
  return h(
    "div",
    { class: `verdict ${tone}` },
    icon(picture),
    h(
      "div",
      {},
      h("p", { class: "verdict-sentence" }, sentence),
      advice
        ? h("p", { class: "verdict-advice" }, h("strong", {}, `${texts.verdict.todo}: `), advice)
        : null,
    ),
  );
}

/**
 * A table that says what it is, in a place that is scrolled where it is too narrow.
 * @param {string} caption
 * @param {(string | [string, string])[]} columns names, or names with a class
 * @param {HTMLTableRowElement[]} rows
 * @param {{hidden?: boolean, stacked?: boolean}} [how] whether the caption is for screen readers alone, and
 *   whether its cells stand below each other where it is narrow
 */
export function table(caption, columns, rows, { hidden = false, stacked = false } = {}) {
  const names = columns.map((column) => (typeof column === "string" ? [column, null] : column));
  const heads = names.map(([name, kind]) =>
    h("th", { scope: "col", role: "columnheader", class: kind }, name),
  );
  // The roles are said, since a table whose cells are stacked is none to a browser. A name that a cell
  // is stacked under is for the eyes alone: to others it has its head.
  for (const row of rows) {
    row.setAttribute("role", "row");
    [...row.cells].forEach((cell, index) => {
      cell.setAttribute("role", cell.localName === "th" ? "rowheader" : "cell");
      if (cell.textContent === common.nothing) cell.classList.add("nothing");
      cell.dataset["name"] = String(names[index]?.[0] ?? "");
    });
  }
  return h(
    "div",
    {
      class: stacked ? "scroll stacked" : "scroll",
      tabindex: 0,
      role: "group",
      "aria-label": caption,
      "data-key": caption,
    },
    h(
      "table",
      { role: "table" },
      h("caption", { class: hidden ? "visually-hidden" : "quiet small" }, caption),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, heads)),
      h("tbody", { role: "rowgroup" }, rows),
    ),
  );
}

/** @param {string} id */
export const messageLink = (id) => `#/message/${encodeURIComponent(id)}`;

/** @param {string | null | undefined} text */
export const orNothing = (text) => text || common.nothing;

/**
 * Why it failed, in words where there are some and in Sinch's own else.
 * @param {import("./api.js").Failure | null} failure
 * @param {string} [channel] as people call it
 */
export function reasonWords(failure, channel) {
  if (!failure) return texts.reason("UNKNOWN");
  const isKnown = texts.knowsReason(failure.code) || !failure.description;
  return isKnown ? texts.reason(failure.code, channel) : failure.description;
}

/** The correlation that people know a message by. @param {import("./api.js").MessageSummary} message */
export const referenceOf = ({ correlation }) =>
  correlation.client_reference || correlation.correlation_id || correlation.metadata;

/** @param {import("./api.js").ApiError | Error} error @param {() => void} again */
export function problem(error, again) {
  const status = "status" in error ? error.status : null;
  if (status === 401) {
    return verdictBox(
      "warn",
      "warning",
      texts.errors[401],
      h("a", { href: "/login" }, texts.errors.logIn),
    );
  }
  if (status === 501)
    return verdictBox("idle", "question", `${texts.errors.notHere}: ${error.message}`);
  const sentence = status === 0 ? texts.errors.network : error.message || texts.errors.heading;
  return fragment(
    verdictBox("bad", "warning", sentence),
    h("p", {}, h("button", { onclick: again }, texts.errors.retry)),
  );
}
