/** Messages in a list: of a filter, or found by a search. */

import { fragment, h, icon, replace } from "../common/dom.js";
import { deliveries } from "../common/texts.js";
import { ask, withQuery } from "./api.js";
import {
  badge,
  messageLink,
  orNothing,
  problem,
  reasonWords,
  referenceOf,
  table,
  time,
} from "./parts.js";

const texts = deliveries.list;

/** @typedef {import("./api.js").MessageSummary} MessageSummary */

/** What a list can be filtered by. */
const FILTERS = ["state", "reason", "channel", "prefix", "from", "to"];

/**
 * @param {MessageSummary[]} messages
 * @param {string} caption
 */
function messageTable(messages, caption) {
  const isSearch = messages.some((message) => message.matched);
  const columns = [
    texts.message,
    texts.state,
    texts.channel,
    texts.recipient,
    texts.reason,
    texts.reference,
    texts.when,
  ];
  return h(
    "div",
    { class: "card" },
    table(caption, isSearch ? [...columns, texts.found] : columns, messages.map(row), {
      stacked: true,
    }),
  );
}

/** @param {MessageSummary} message */
function row(message) {
  return h(
    "tr",
    {},
    h(
      "td",
      {},
      h("a", { href: messageLink(message.message_id) }, h("code", {}, message.message_id)),
    ),
    h("td", {}, badge(message.state), message.contradicted && fragment(" ", badge("contradicted"))),
    h("td", {}, deliveries.channel(message.channel)),
    h("td", { class: "mono" }, orNothing(message.identity)),
    h("td", {}, message.reason ? reasonWords(message.reason) : orNothing("")),
    h("td", { class: "reference" }, orNothing(referenceOf(message))),
    h("td", {}, time(message.updated_at)),
    message.matched && h("td", {}, deliveries.foundBy(message.matched)),
  );
}

/**
 * The ways to the newest and to older rows.
 * @param {string} path
 * @param {URLSearchParams} query
 * @param {number | string | null} next
 * @param {string} [name] the parameter that says where a page begins
 */
export function pager(path, query, next, name = "before") {
  const newest = new URLSearchParams(query);
  newest.delete(name);
  const older = new URLSearchParams(query);
  if (next !== null) older.set(name, String(next));
  const isFirst = !query.has(name);
  if (isFirst && next === null) return null;
  return h(
    "p",
    { class: "pager" },
    !isFirst &&
      h("a", { href: withQuery(path, Object.fromEntries(newest)), class: "button" }, texts.newest),
    next !== null &&
      h("a", { href: withQuery(path, Object.fromEntries(older)), class: "button" }, texts.older),
  );
}

/**
 * @param {URLSearchParams} query
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function messagesView(query, region) {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)]));
  const place = h("div", { class: "stack" });
  const news = h("p", { role: "status", class: "news" });
  /** @type {Set<string>} */
  const changed = new Set();
  replace(region, form(), news, place);

  async function load() {
    changed.clear();
    replace(news);
    try {
      /** @type {import("./api.js").MessagePage} */
      const page = await ask("/api/messages", {
        masked: 1,
        ...filter,
        before: query.get("before"),
      });
      replace(
        place,
        page.messages.length === 0
          ? h("p", { class: "empty" }, texts.none)
          : messageTable(page.messages, texts.caption),
        h(
          "p",
          { class: "pager" },
          h(
            "a",
            {
              href: withQuery("/api/messages.csv", filter),
              class: "button",
              download: "messages.csv",
            },
            icon("download"),
            texts.csv,
          ),
          h("span", { class: "quiet small" }, texts.csvNote),
        ),
        pager("#/messages", query, page.next_before),
      );
    } catch (error) {
      replace(place, problem(/** @type {Error} */ (error), load));
    }
  }

  function form() {
    const option = (/** @type {string} */ value, /** @type {string} */ words) =>
      h("option", { value, selected: value === (filter["state"] ?? "") }, words);
    return h(
      "form",
      { class: "filter card", onsubmit: submit, "aria-label": texts.filter },
      field(
        texts.state,
        h(
          "select",
          { name: "state" },
          option("", texts.any),
          deliveries.states.map((state) => option(state, deliveries.state(state))),
        ),
      ),
      field(texts.reason, input("reason")),
      field(texts.channel, input("channel")),
      field(texts.prefix, input("prefix")),
      field(texts.from, input("from", "datetime-local")),
      field(texts.to, input("to", "datetime-local")),
      h("button", { class: "main" }, texts.apply),
      Object.values(filter).some(Boolean) &&
        h("a", { href: "#/messages", class: "button" }, texts.clear),
    );
  }

  /** @param {string} name @param {string} [type] */
  function input(name, type = "text") {
    const value = filter[name] ?? "";
    return h("input", {
      name,
      type,
      value: type === "text" ? value : local(value),
      autocomplete: "off",
      step: type === "text" ? null : 1,
    });
  }

  /** @param {SubmitEvent} event */
  function submit(event) {
    event.preventDefault();
    const entered = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const asked = Object.fromEntries(
      FILTERS.map((name) => {
        const value = String(entered.get(name) ?? "").trim();
        const isMoment = name === "from" || name === "to";
        return [name, isMoment && value ? String(Math.floor(Date.parse(value) / 1_000)) : value];
      }),
    );
    location.hash = withQuery("#/messages", asked);
  }

  return {
    title: texts.heading,
    load,
    // The rows stay while they are read; the reader says when to look again.
    changed(ids) {
      for (const id of ids) changed.add(id);
      const words = ids.length > 0 ? texts.changed(changed.size) : texts.changedSome;
      replace(news, h("button", { class: "link", onclick: load }, words));
    },
  };
}

/** @param {string} label @param {HTMLElement} control */
function field(label, control) {
  return h("label", {}, h("span", { class: "small quiet" }, label), control);
}

/** Unix seconds as the control of a local time takes them. @param {string} seconds */
function local(seconds) {
  const at = Number(seconds);
  if (!seconds || Number.isNaN(at)) return "";
  const date = new Date(at * 1_000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/**
 * @param {{q: string, by: string}} asked
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function searchView(asked, region) {
  async function load() {
    try {
      /** @type {import("./api.js").Found} */
      const found = await ask("/api/search", asked);
      const [only] = found.matches;
      if (only && found.matches.length === 1 && only.message_id === asked.q) {
        location.replace(messageLink(only.message_id));
        return;
      }
      replace(
        region,
        h(
          "p",
          { role: "status" },
          found.matches.length === 0
            ? deliveries.search.none
            : deliveries.search.found(found.matches.length, found.more),
        ),
        found.matches.length > 0 && messageTable(found.matches, texts.results),
        found.more && h("p", { class: "quiet" }, deliveries.search.more),
      );
    } catch (error) {
      replace(region, problem(/** @type {Error} */ (error), load));
    }
  }
  return { title: deliveries.search.heading, load, changed: () => undefined };
}
