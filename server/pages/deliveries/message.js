/** A message: what became of it, and how that is known. */

import { fragment, h, icon, replace } from "../common/dom.js";
import { deliveries } from "../common/texts.js";
import { ask, askText } from "./api.js";
import { duration } from "./format.js";
import { intentPart } from "./intents.js";
import { badge, facts, problem, time, verdictBox } from "./parts.js";
import { verdictOf } from "./verdict.js";

const texts = deliveries.message;

/** @typedef {import("./api.js").Entry} Entry */
/** @typedef {import("./api.js").Timeline} Timeline */

/**
 * @param {string} id
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function messageView(id, region) {
  /** Asked for by the reader, and forgotten with the view. @type {Map<string, string> | null} */
  let revealed = null;

  async function load() {
    try {
      /** @type {Timeline} */
      const timeline = await ask(`/api/messages/${encodeURIComponent(id)}/timeline`);
      replace(region, page(timeline));
    } catch (error) {
      const isUnknown = error instanceof Error && "status" in error && error.status === 404;
      replace(
        region,
        isUnknown
          ? verdictBox("idle", "question", texts.unknown, texts.unknownAdvice)
          : problem(/** @type {Error} */ (error), load),
      );
    }
  }

  async function reveal() {
    try {
      /** @type {import("./api.js").Message} */
      const message = await ask(`/api/messages/${encodeURIComponent(id)}`, { reveal: 1 });
      revealed = new Map(message.channels.map((leg) => [leg.channel, leg.identity]));
      revealed.set(message.channel, message.identity);
      await load();
    } catch (error) {
      replace(region, problem(/** @type {Error} */ (error), load));
    }
  }

  /** @param {Timeline} timeline */
  function page({ message, entries, intent, events }) {
    const verdict = verdictOf(message, entries, intent, Date.now());
    return fragment(
      h(
        "section",
        { "aria-label": deliveries.verdict.label },
        verdictBox(verdict.tone, verdict.picture, verdict.sentence, verdict.advice),
      ),
      h(
        "div",
        { class: "columns" },
        h(
          "section",
          { class: "card", "aria-labelledby": "timeline" },
          h("h2", { id: "timeline" }, texts.timeline),
          timelineOf(entries),
        ),
        h(
          "div",
          { class: "stack" },
          h(
            "section",
            { class: "card", "aria-labelledby": "facts" },
            h("h2", { id: "facts" }, texts.facts),
            about(message),
          ),
          events.length > 0 &&
            h(
              "section",
              { class: "card", "aria-labelledby": "events" },
              h("h2", { id: "events" }, texts.events),
              h(
                "ul",
                { class: "plain" },
                events.map((event) =>
                  h(
                    "li",
                    {},
                    h("code", {}, event.type),
                    " ",
                    h("span", { class: "quiet small" }, time(event.at)),
                  ),
                ),
              ),
            ),
        ),
      ),
      h(
        "section",
        { class: "card", "aria-labelledby": "intent" },
        h("h2", { id: "intent" }, texts.intent),
        intent ? intentPart(intent, id) : h("p", { class: "quiet" }, texts.noIntent),
      ),
    );
  }

  /** @param {import("./api.js").Message} message */
  function about(message) {
    const { correlation } = message;
    const legs = message.channels.length > 0 ? message.channels : [];
    return facts([
      [texts.recipient, recipient(message)],
      [
        texts.channels,
        legs.length > 0 &&
          h(
            "ul",
            { class: "plain" },
            legs.map((leg) => h("li", {}, deliveries.channel(leg.channel), " ", badge(leg.state))),
          ),
      ],
      [texts.reference, correlation.client_reference],
      [texts.correlation, correlation.correlation_id],
      [texts.metadata, correlation.metadata],
      [texts.conversation, message.conversation_id && h("code", {}, message.conversation_id)],
      [texts.contact, message.contact_id && h("code", {}, message.contact_id)],
      [texts.first, time(message.first_received_at)],
      [texts.last, time(message.updated_at)],
      [
        texts.due,
        (message.dues ?? []).length > 0 &&
          h(
            "ul",
            { class: "plain" },
            (message.dues ?? []).map((due) =>
              h(
                "li",
                {},
                time(due.deadline),
                h(
                  "span",
                  { class: "quiet small" },
                  ` ${deliveries.watches.causeWords(due.cause)}${due.told ? `, ${texts.dueTold}` : ""}`,
                ),
              ),
            ),
          ),
      ],
    ]);
  }

  /** @param {import("./api.js").Message} message */
  function recipient(message) {
    if (!message.identity) return null;
    const shown = revealed?.get(message.channel);
    if (shown)
      return fragment(
        h("span", { class: "mono" }, shown),
        h("p", { class: "quiet small" }, texts.shown),
      );
    return fragment(
      h("span", { class: "mono" }, message.identity),
      " ",
      h(
        "button",
        {
          onclick: reveal,
          class: "small-button",
          "data-key": "reveal",
          "aria-describedby": "reveal-note",
        },
        icon("eye"),
        texts.show,
      ),
      h("p", { class: "quiet small", id: "reveal-note" }, texts.showing),
    );
  }

  return {
    title: texts.heading,
    heading: () => fragment(`${texts.heading} `, h("code", { class: "id" }, id)),
    load,
    // How old it is, and what an intent decides about it, is told by nobody.
    every: 60_000,
    changed: (ids) => (ids.length === 0 || ids.includes(id) ? load() : undefined),
  };
}

/** @param {Entry[]} entries */
function timelineOf(entries) {
  return h("ol", { class: "timeline" }, entries.map(step));
}

/** @param {Entry} entry @param {number} index */
function step(entry, index) {
  // What a report says of its channel is its status; what became of the message stands on top.
  const state =
    entry.step === "moved"
      ? (entry.state ?? entry.status)
      : entry.step === "submitted"
        ? "submitted"
        : entry.state;
  const notes = [
    entry.corrects && note("warn", "arrows", texts.corrects(deliveries.state(entry.corrects))),
    entry.step === "late" && note("idle", "clock", texts.late),
    entry.step === "repeated" && note("idle", "repeat", texts.repeated),
    entry.step === "unknown" && note("warn", "question", texts.unknownStep),
    entry.repeats > 0 && note("idle", "repeat", texts.repeats(entry.repeats)),
    entry.source === "poll" && note("info", "question", texts.polled),
  ].filter((it) => it !== false && it !== null);
  const since = entry.since_previous_ms;
  const gap =
    index === 0 || since === null
      ? null
      : since === 0
        ? texts.atOnce
        : since < 0
          ? texts.before(duration(-since))
          : texts.since(duration(since));
  return h(
    "li",
    {},
    h(
      "div",
      { class: "step-head" },
      badge(state),
      entry.channel && h("span", {}, texts.by(deliveries.channel(entry.channel))),
      gap && h("span", { class: "gap" }, gap),
    ),
    h("p", { class: "quiet small" }, time(entry.at), " · ", h("code", {}, entry.status)),
    notes.length > 0 && h("p", { class: "notes" }, notes),
    entry.reason && reason(entry.reason),
    carrier(entry),
    bodyOf(entry),
  );
}

/**
 * @param {import("./parts.js").Tone} tone
 * @param {import("../common/dom.js").IconName} picture
 * @param {string} words
 */
function note(tone, picture, words) {
  return h("span", { class: `badge ${tone}` }, icon(picture), words);
}

/** @param {import("./api.js").Failure} failure */
function reason(failure) {
  const code = [failure.code, failure.sub_code]
    .filter((part) => part && part !== "UNSPECIFIED_SUB_CODE")
    .join(" / ");
  const words = deliveries.knowsReason(failure.code)
    ? deliveries.reason(failure.code)
    : failure.description;
  return facts([
    [texts.reason, fragment(words && `${words} `, h("code", { class: "quiet" }, code))],
    [texts.remedy, deliveries.remedy(failure.remedy)],
    [texts.permanence, deliveries.permanence(failure.permanence)],
  ]);
}

/** @param {Entry} entry */
function carrier({ carrier: said, reason: failure }) {
  const words = said?.status_message || failure?.status_message || (failure?.description ?? "");
  const code = said?.channel_code || failure?.channel_code || "";
  const more = [
    code && h("code", {}, code),
    said?.operator && texts.operator(said.operator),
    said?.parts && texts.parts(said.parts),
    said?.encoding,
  ].filter(Boolean);
  if (!words && more.length === 0 && !failure) return null;
  const details = more.flatMap((part, index) => (index === 0 ? [part] : [", ", part]));
  return facts([
    [
      texts.carrier,
      words || more.length > 0
        ? fragment(
            words && h("q", {}, words),
            words && more.length > 0 && " ",
            /** @type {Node[]} */ (details),
          )
        : texts.carrierNone,
    ],
  ]);
}

/** @param {Entry} entry */
function bodyOf(entry) {
  const path = entry.body_path;
  if (path === null) {
    return h("p", { class: "quiet small" }, `${texts.body}: ${entry.body}`);
  }
  const place = h("pre", { class: "body", tabindex: 0, "aria-label": texts.body });
  const details = h(
    "details",
    {
      "data-key": `body-${entry.content_key}`,
      ontoggle: async () => {
        if (!details.open || place.textContent) return;
        place.textContent = await askText(path).catch((error) => error.message);
      },
    },
    h("summary", { class: "small" }, texts.bodyShow),
    place,
  );
  return details;
}
