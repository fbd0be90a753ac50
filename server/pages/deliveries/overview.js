/** The overview: whether anything is wrong, and how deliveries go. */

import { fragment, h, icon, replace } from "../common/dom.js";
import { deliveries } from "../common/texts.js";
import { ask, withQuery } from "./api.js";
import { barChart } from "./chart.js";
import { duration, moment, number, share, tick } from "./format.js";
import { lookOf, problem, table } from "./parts.js";
import { findings } from "./wrong.js";

const texts = deliveries.overview;

/** @typedef {import("./api.js").Overview} Overview */
/** @typedef {import("./chart.js").Group} Group */

/** So many parts of a bar are told apart; the rest stand together. */
const PARTS = 5;

/**
 * @param {URLSearchParams} query
 * @param {HTMLElement} region
 * @returns {import("./app.js").View}
 */
export function overviewView(query, region) {
  const range = Number(query.get("range")) || 86_400;
  const by = asBy(query.get("by"));
  const wrong = h("section", { "aria-labelledby": "wrong", class: "stack" });
  const cards = h("div", { class: "cards" });
  const read = h("p", { class: "quiet small readout", "aria-hidden": "true" }, texts.barHint);
  const plot = h("div", {
    class: "plot",
    role: "img",
    "aria-label": texts.chartLabel(texts[`by${by}`]),
  });
  const parts = h("div", {});
  const more = h("div", { class: "cards" });
  const tools = h(
    "div",
    { class: "tools" },
    ranges(),
    h("p", { class: "quiet small", id: "as-of" }),
  );
  const over = h(
    "section",
    { class: "card", "aria-labelledby": "failures", hidden: true },
    h("div", { class: "card-head" }, h("h2", { id: "failures" }, texts.failuresOver), choice()),
    plot,
    read,
    parts,
  );
  replace(region, tools, wrong, cards, over, more);
  /** @type {Overview | undefined} */
  let latest;
  const chart = barChart(plot, {
    chosen: (group, from, to) => (location.hash = listOf(group, from, to)),
    name: (seconds) => tick(seconds, range),
    read: (words) => (read.textContent = words || texts.barHint),
    say: (group, index) => {
      const at = (latest?.from ?? 0) + index * (latest?.bucket_s ?? 0);
      return `${tick(at, range)}: ${group.name}, ${number(group.series[index] ?? 0)}`;
    },
  });

  async function load() {
    try {
      const to = Math.ceil(Date.now() / 1_000);
      /** @type {Overview} */
      const overview = await ask("/api/overview", range === 86_400 ? {} : { from: to - range, to });
      latest = overview;
      show(overview);
    } catch (error) {
      replace(wrong, problem(/** @type {Error} */ (error), load));
    }
  }

  /** @param {Overview} overview */
  function show(overview) {
    const groups = groupsOf(overview);
    replace(
      wrong,
      verdicts(overview),
      overview.is_counting && h("p", { class: "notice" }, icon("clock"), " ", texts.counting),
    );
    replace(cards, funnel(overview), times(overview));
    over.hidden = groups.length === 0;
    if (groups.length > 0) chart.show(overview.from, overview.bucket_s, groups);
    replace(parts, bars(overview, groups));
    replace(more, refusals(overview), ages(overview));
    replace(tools.lastElementChild ?? tools, texts.updated(moment(Date.now() / 1_000)));
  }

  function ranges() {
    return h(
      "nav",
      { class: "segments", "aria-label": texts.range },
      texts.ranges.map(([seconds, name]) =>
        h(
          "a",
          { href: here({ range: seconds }), "aria-current": seconds === range ? "true" : null },
          name,
        ),
      ),
    );
  }

  function choice() {
    return h(
      "nav",
      { class: "segments", "aria-label": `${texts.failuresOver}, ${texts.by}` },
      BY.map((name) =>
        h(
          "a",
          { href: here({ by: name }), "aria-current": name === by ? "true" : null },
          texts[`by${name}`],
        ),
      ),
    );
  }

  /** This page with something changed. @param {{range?: number, by?: string}} change */
  function here(change) {
    const asked = { range, by, ...change };
    return withQuery("#/", {
      range: asked.range === 86_400 ? null : asked.range,
      by: asked.by === "Reason" ? null : asked.by,
    });
  }

  /** The messages of a part, or of all of them where it is the others together. @param {Group} group @param {number} from @param {number} to */
  function listOf(group, from, to) {
    const value = group.value === "" ? "none" : group.value;
    const field = { Reason: "reason", Channel: "channel", Prefix: "prefix" }[by];
    return withQuery("#/messages", { state: "failed", [field]: value, from, to });
  }

  /** @param {Overview} overview @returns {Group[]} */
  function groupsOf({ failures }) {
    const rows =
      by === "Channel"
        ? failures.by_channel.map((row) => ({
            ...row,
            value: row.channel,
            name: deliveries.channel(row.channel),
          }))
        : by === "Prefix"
          ? failures.by_country_prefix.map((row) => ({
              ...row,
              value: row.prefix,
              name: texts.prefix(row.prefix),
            }))
          : failures.by_reason.map((row) => ({ ...row, value: row.reason, name: row.reason }));
    const greatest = rows.filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
    const groups = greatest
      .slice(0, PARTS)
      .map(({ name, value, series, count }) => ({ name, value, series, count }));
    const rest = greatest.slice(PARTS);
    const [first] = rest;
    if (!first) return groups;
    const series = first.series.map((_, index) =>
      rest.reduce((sum, row) => sum + (row.series[index] ?? 0), 0),
    );
    const count = rest.reduce((sum, row) => sum + row.count, 0);
    return [...groups, { name: texts.others, value: null, series, count }];
  }

  /** @param {Overview} overview @param {Group[]} groups */
  function bars(overview, groups) {
    const all = groups.reduce((sum, { count }) => sum + count, 0);
    const { from, to, bucket_s: bucket } = overview;
    const times = groups[0]?.series.map((_, index) => from + index * bucket) ?? [];
    const rows = times
      .map((at, index) => ({ at, index }))
      .filter(({ index }) => groups.some(({ series }) => (series[index] ?? 0) > 0))
      .reverse()
      .map(({ at, index }) =>
        h(
          "tr",
          {},
          h("th", { scope: "row" }, tick(at, range)),
          groups.map((group) => {
            const count = group.series[index] ?? 0;
            return h(
              "td",
              { class: "number" },
              count === 0 ? "0" : h("a", { href: listOf(group, at, at + bucket) }, number(count)),
            );
          }),
        ),
      );
    return fragment(
      h(
        "ol",
        { class: "bars" },
        groups.map((group, index) =>
          h(
            "li",
            {},
            h(
              "a",
              { href: listOf(group, from, to), class: "bar" },
              h("span", { class: `key key-${index + 1}` }),
              h("span", { class: "bar-name" }, label(group), " "),
              h(
                "span",
                { class: "bar-count" },
                `${number(group.count)} (${share(group.count, all)})`,
              ),
              h("span", {
                class: `track key-${index + 1}`,
                share: all === 0 ? 0 : group.count / all,
              }),
            ),
          ),
        ),
      ),
      h(
        "details",
        { "data-key": "failures-table" },
        h("summary", {}, texts.table),
        table(
          texts.tableCaption(texts[`by${by}`]),
          [
            texts.time,
            ...groups.map((group) => /** @type {[string, string]} */ ([group.name, "number"])),
          ],
          rows,
        ),
      ),
    );
  }

  /** @param {Group} group */
  function label({ name, value }) {
    if (by !== "Reason" || value === null || !deliveries.knowsReason(value)) return name;
    return fragment(deliveries.reason(value), " ", h("code", { class: "quiet small" }, value));
  }

  return {
    title: texts.heading,
    load,
    changed: () => load(),
    // Time goes on without changes too: what waits becomes overdue.
    every: 60_000,
    close: () => chart.remove(),
  };
}

const BY = /** @type {const} */ (["Reason", "Channel", "Prefix"]);

/** @param {string | null} name */
const asBy = (name) => BY.find((known) => known === name) ?? "Reason";

/** @param {Overview} overview */
function verdicts(overview) {
  const found = findings(overview, Date.now() / 1_000);
  const isWell = found.every(({ tone }) => tone === "good");
  const [first, ...others] = found;
  const rest = isWell ? found : others;
  return fragment(
    h("h2", { id: "wrong", class: "visually-hidden" }, texts.verdicts),
    h(
      "div",
      { role: "status", class: `verdict ${isWell || !first ? "good" : first.tone}` },
      icon(isWell || !first ? "check" : first.picture),
      h(
        "div",
        {},
        h("p", { class: "verdict-sentence" }, isWell || !first ? texts.allWell : first.sentence),
        !isWell && first && h("p", { class: "verdict-advice" }, more(first)),
      ),
    ),
    h(
      "ul",
      { class: "findings" },
      rest.map((finding) =>
        h(
          "li",
          {},
          h(
            "span",
            { class: `badge ${finding.tone}` },
            icon(finding.picture),
            texts[finding.about],
          ),
          h("span", {}, finding.sentence, " ", more(finding)),
        ),
      ),
    ),
  );
}

/** @param {import("./wrong.js").Finding} finding */
function more({ about, advice, href }) {
  return fragment(
    advice && h("span", { class: "quiet" }, advice, " "),
    href && h("a", { href }, texts.more[about]),
  );
}

/** @param {Overview} overview */
function funnel({ funnel: counts, from, to }) {
  const of = (/** @type {string} */ state) => counts[state] ?? 0;
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const bar = (
    /** @type {string} */ name,
    /** @type {number} */ count,
    /** @type {string | null} */ state,
    /** @type {string} */ tone,
  ) =>
    h(
      "li",
      {},
      h(
        "a",
        { href: withQuery("#/messages", { state, from, to }), class: "bar" },
        state
          ? h("span", { class: `bar-icon ${tone}` }, icon(lookOf(state)[1]))
          : h("span", { class: "bar-icon" }),
        h("span", { class: "bar-name" }, name, " "),
        h(
          "span",
          { class: "bar-count" },
          state === null ? number(count) : `${number(count)} (${share(count, all)})`,
        ),
        h("span", { class: `track ${tone}`, share: all === 0 ? 0 : count / all }),
      ),
    );
  const others = ["failed", "queued", "switching", "unconfirmed"].filter((state) => of(state) > 0);
  return h(
    "section",
    { class: "card", "aria-labelledby": "funnel" },
    h("h2", { id: "funnel" }, texts.funnel),
    h("p", { class: "quiet small" }, texts.funnelNote),
    h(
      "ol",
      { class: "bars" },
      bar(texts.all, all, null, "idle"),
      bar(texts.arrived, of("delivered") + of("read"), "arrived", "good"),
      bar(texts.read, of("read"), "read", "best"),
    ),
    others.length > 0 &&
      h(
        "ol",
        { class: "bars others" },
        others.map((state) => bar(deliveries.state(state), of(state), state, lookOf(state)[0])),
      ),
  );
}

/** @param {Overview} overview */
function times({ times: measured, overdue }) {
  const row = (/** @type {string} */ name, /** @type {import("./api.js").Times | null} */ it) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, name),
      h("td", { class: "number large" }, it && it.count > 0 ? duration(it.p50_ms) : "–"),
      h("td", { class: "number large" }, it && it.count > 0 ? duration(it.p95_ms) : "–"),
      h("td", { class: "number" }, number(it?.count ?? 0)),
    );
  return h(
    "section",
    { class: "card", "aria-labelledby": "times" },
    h("h2", { id: "times" }, texts.times),
    table(
      texts.times,
      [
        texts.step,
        [texts.median, "number"],
        [texts.p95, "number"],
        [deliveries.list.heading, "number"],
      ],
      [
        row(texts.queuedDelivered, measured.queued_delivered),
        row(texts.deliveredRead, measured.delivered_read),
      ],
      { hidden: true },
    ),
    h("h3", {}, texts.waiting),
    h(
      "p",
      {},
      h(
        "a",
        { href: "#/messages?state=overdue" },
        `${texts.overdueLabel}: ${overdue === 0 ? texts.none : number(overdue)}`,
      ),
    ),
  );
}

/** What is counted in memory is known since the receiver has started. @param {number} since @param {number} from */
const counted = (since, from) => (since > from ? texts.since(moment(since)) : "");

/** @param {Overview} overview */
function refusals({ refusals: rows, counted_since: since, from }) {
  const sorted = [...rows].filter(({ count }) => count > 0).sort((a, b) => b.count - a.count);
  return h(
    "section",
    { class: "card", "aria-labelledby": "refusals" },
    h("h2", { id: "refusals" }, texts.refusals),
    h("p", { class: "quiet small" }, `${texts.refusalsNote} ${counted(since, from)}`),
    sorted.length === 0
      ? h("p", {}, texts.noRefusals)
      : table(
          texts.refusals,
          [texts.code, [texts.count, "number"], texts.means],
          sorted.map(({ code, count }) =>
            h(
              "tr",
              {},
              h("td", {}, h("code", {}, code)),
              h("td", { class: "number" }, number(count)),
              h("td", {}, deliveries.refusal(code)),
            ),
          ),
          { hidden: true },
        ),
  );
}

/** @param {Overview} overview */
function ages({ ages: measured, counted_since: since, from }) {
  const all = measured?.buckets ?? [];
  const buckets = all.slice(0, all.findLastIndex(({ count }) => count > 0) + 1);
  const most = Math.max(1, ...buckets.map(({ count }) => count));
  return h(
    "section",
    { class: "card", "aria-labelledby": "ages" },
    h("h2", { id: "ages" }, texts.ages),
    h("p", { class: "quiet small" }, `${texts.agesNote} ${counted(since, from)}`),
    !measured || measured.count === 0
      ? h("p", {}, texts.agesNone)
      : fragment(
          h(
            "p",
            {},
            texts.agesOf(duration(measured.p50_s * 1_000), duration(measured.p95_s * 1_000)),
          ),
          table(
            texts.ages,
            [texts.age, [texts.callbacks, "number"]],
            buckets.map(({ le_s: upTo, count }, index) => {
              const last = buckets[index - 1]?.le_s ?? 0;
              const name =
                upTo === null
                  ? texts.over(duration(last * 1_000))
                  : texts.upTo(duration(upTo * 1_000));
              return h(
                "tr",
                {},
                h("th", { scope: "row" }, name),
                h(
                  "td",
                  { class: "number" },
                  number(count),
                  h("span", { class: "track info", share: count / most }),
                ),
              );
            }),
            { hidden: true },
          ),
        ),
  );
}
