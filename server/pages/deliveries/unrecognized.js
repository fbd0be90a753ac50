/** Callbacks that were not understood, which are kept. */

import { fragment, h, icon, replace, update } from "../common/dom.js";
import { deliveries } from "../common/texts.js";
import { ask } from "./api.js";
import { number } from "./format.js";
import { pager } from "./list.js";
import { problem, table, time } from "./parts.js";

const texts = deliveries.unrecognized;

/**
 * @param {URLSearchParams} query
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function unrecognizedView(query, region) {
  async function load() {
    try {
      /** @type {{callbacks: import("./api.js").UnrecognizedRow[], next_before: number | null}} */
      const page = await ask("/api/unrecognized", { before: query.get("before") });
      const rows = page.callbacks.map((row) =>
        h(
          "tr",
          {},
          h(
            "td",
            {},
            deliveries.unrecognizedWhy(row.why),
            " ",
            h("code", { class: "quiet small" }, row.why),
          ),
          h("td", {}, time(row.received_at)),
          h("td", { class: "number" }, texts.bytes(row.body_bytes)),
          h("td", { class: "number" }, number(row.repeats)),
          h(
            "td",
            {},
            h(
              "a",
              { href: `/api/unrecognized/${row.content_key}`, download: `${row.content_key}.txt` },
              icon("download"),
              ` ${texts.download}`,
            ),
          ),
        ),
      );
      update(
        region,
        fragment(
          h("p", { class: "quiet" }, texts.intro),
          rows.length === 0
            ? h("p", { class: "empty" }, texts.none)
            : h(
                "div",
                { class: "card" },
                table(
                  texts.caption,
                  [
                    texts.why,
                    texts.when,
                    [texts.size, "number"],
                    [texts.repeats, "number"],
                    texts.body,
                  ],
                  rows,
                  { stacked: true },
                ),
              ),
          pager("#/not-understood", query, page.next_before),
        ),
      );
    } catch (error) {
      replace(region, problem(/** @type {Error} */ (error), load));
    }
  }
  // What was not understood moves no message, so nobody tells of it.
  return { title: texts.heading, load, changed: () => undefined, every: 5_000 };
}
