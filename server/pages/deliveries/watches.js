/** Messages that have to end by a moment. */

import { fragment, h, icon, replace, update } from "../common/dom.js";
import { deliveries } from "../common/texts.js";
import { ask } from "./api.js";
import { pager } from "./list.js";
import { badge, messageLink, orNothing, problem, referenceOf, table, time } from "./parts.js";

const texts = deliveries.watches;

/** @typedef {import("./api.js").MessageSummary & {dues: import("./api.js").Due[]}} Watched */

/**
 * @param {URLSearchParams} query
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function watchesView(query, region) {
  async function load() {
    try {
      /** @type {{watches: Watched[], next_after: string | null}} */
      const page = await ask("/api/watches", { masked: 1, after: query.get("after") });
      update(
        region,
        fragment(
          h("p", { class: "quiet" }, texts.intro),
          page.watches.length === 0
            ? h("p", { class: "empty" }, texts.none)
            : h(
                "div",
                { class: "card" },
                table(
                  texts.caption,
                  [
                    deliveries.list.message,
                    deliveries.list.state,
                    texts.deadline,
                    texts.cause,
                    deliveries.list.reference,
                  ],
                  page.watches.map(row),
                  { stacked: true },
                ),
              ),
          pager("#/watches", query, page.next_after, "after"),
        ),
      );
    } catch (error) {
      replace(region, problem(/** @type {Error} */ (error), load));
    }
  }
  return { title: texts.heading, load, changed: () => load(), every: 60_000 };
}

/** @param {Watched} message */
function row(message) {
  const [due] = message.dues;
  const isPast = due !== undefined && (due.told || due.deadline * 1_000 < Date.now());
  return h(
    "tr",
    {},
    h(
      "td",
      {},
      h("a", { href: messageLink(message.message_id) }, h("code", {}, message.message_id)),
    ),
    h("td", {}, badge(message.state)),
    h(
      "td",
      {},
      due ? time(due.deadline) : orNothing(""),
      isPast && fragment(" ", h("span", { class: "badge warn" }, icon("warning"), texts.overdue)),
    ),
    h("td", {}, due ? texts.causeWords(due.cause) : orNothing("")),
    h("td", { class: "reference" }, orNothing(referenceOf(message))),
  );
}
