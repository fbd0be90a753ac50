// What comes out, on the page. Text goes in as text alone.
import { byId, h, icon } from "../common/dom.js";
import { distance, moment } from "./moments.js";
import { words } from "./texts.js";
import { drawTimeline } from "./timeline.js";

/** @param {string} id @param {boolean} isShown */
export function show(id, isShown) {
  byId(id).hidden = !isShown;
}

/**
 * @param {"empty" | "missing" | "accepted" | "rejected" | "broken" | "failed"} state
 * @param {(Node | string)[]} lines
 */
export function verdict(state, lines) {
  const pictures = /** @type {const} */ ({
    empty: "search",
    missing: "question",
    accepted: "check",
    rejected: "cross",
    broken: "warning",
    failed: "warning",
  });
  const kinds = {
    empty: "idle",
    missing: "warn",
    accepted: "good",
    rejected: "bad",
    broken: "warn",
    failed: "warn",
  };
  const place = byId("verdict");
  place.className = `card verdict ${kinds[state]}`;
  place.dataset["state"] = state;
  place.replaceChildren(
    h("p", { class: "verdict-word" }, icon(pictures[state]), h("strong", {}, words.states[state])),
    ...lines.map((line) => h("p", {}, line)),
  );
}

/** @type {Record<number, string>} */
const SIGNS = { 9: "TAB", 10: "LF", 13: "CR", 160: "NBSP", 65279: "BOM" };

/** White space and what nobody sees, made visible. @param {string} text @param {boolean} isBroken whether lines are broken, too */
function visible(text, isBroken = true) {
  /** @type {(Node | string)[]} */
  const nodes = [];
  let plain = "";
  const flush = () => {
    if (plain) nodes.push(plain);
    plain = "";
  };
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isOdd =
      code < 0x20 ||
      (code >= 0x7f && code < 0xa1) ||
      (code >= 0x200b && code <= 0x200f) ||
      (code >= 0x2028 && code <= 0x202e) ||
      (code >= 0x2060 && code <= 0x206f) ||
      code === 0xfeff ||
      code === 0xad;
    if (!isOdd) {
      plain += character;
      continue;
    }
    flush();
    const sign = SIGNS[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    nodes.push(h("span", { class: "sign" }, sign));
    if (code === 10 && isBroken) nodes.push("\n");
  }
  flush();
  return nodes;
}

/** @typedef {{ text: string, bytes: number, clipped: boolean, is_text: boolean }} Shown */

/** @param {{ name: keyof typeof words.parts, shown: Shown | null }[]} parts */
export function signedString(parts) {
  let number = 0;
  const numbered = parts.map((part) => ({
    ...part,
    number: part.name === "separator" ? 0 : (number += 1),
  }));
  byId("legend").replaceChildren(
    ...numbered
      .filter((part) => part.number > 0)
      .map(({ name, shown, number }) =>
        h(
          "li",
          { class: `part-${number}` },
          h("span", { class: "number", "aria-hidden": "true" }, number),
          h("span", {}, words.parts[name]),
          h(
            "span",
            { class: "small" },
            shown ? words.bytes(shown.bytes) : words.missingPart,
            shown && !shown.is_text ? `, ${words.notText}` : "",
          ),
        ),
      ),
  );
  byId("string").replaceChildren(
    ...numbered.flatMap(({ name, shown, number }) => {
      if (number === 0)
        return [
          h(
            "span",
            { class: "part separator", title: words.parts.separator },
            ...visible(shown?.text ?? ""),
          ),
        ];
      const content =
        shown === null
          ? [h("em", {}, words.missingPart)]
          : shown.bytes === 0
            ? [h("em", {}, words.emptyPart)]
            : visible(shown.text);
      return [
        h(
          "span",
          { class: `part part-${number}${shown ? "" : " missing"}`, title: words.parts[name] },
          h("sup", { "aria-label": `${words.parts[name]}: ` }, number),
          ...content,
          shown?.clipped && h("em", {}, ` ${words.clipped(shown.bytes)}`),
        ),
      ];
    }),
  );
  show("string-card", parts.length > 0);
}

/**
 * A signature with the place marked from which on it differs.
 * @param {string} text
 * @param {number | null} at
 */
function marked(text, at) {
  if (at === null) return h("code", {}, ...visible(text, false));
  return h(
    "code",
    {},
    ...visible(text.slice(0, at), false),
    h("mark", {}, ...visible(text.slice(at, at + 1) || "…", false)),
    h("span", { class: "differs" }, ...visible(text.slice(at + 1), false)),
  );
}

/**
 * @param {{ theirs: Shown | null, ours: { slot: number, text: string | null, differs_at: number | null, key: string | null }[] }} signature
 * @param {number} count of secrets
 */
export function signatures({ theirs, ours }, count) {
  const first = ours.length === 1 ? (ours[0]?.differs_at ?? null) : null;
  /** @param {string} term @param {...(Node | string)} detail */
  const row = (term, ...detail) => [h("dt", {}, term), h("dd", {}, ...detail)];
  const rows = row(
    words.signature.theirs,
    theirs ? marked(theirs.text, first) : words.signature.none,
  );
  for (const { slot, text, differs_at: at, key } of ours) {
    const term = words.signature.ours(words.secretName(slot, count));
    if (key !== null) rows.push(...row(term, words.signature.onlyVerifies(key)));
    else if (text === null) rows.push(...row(term, words.signature.unknown));
    else {
      const note =
        theirs === null ? "" : at === null ? words.signature.same : words.signature.differs(at + 1);
      rows.push(
        ...row(
          term,
          marked(text, at),
          h(
            "span",
            { class: `badge ${at === null ? "good" : "bad"}` },
            icon(at === null ? "check" : "cross"),
            note,
          ),
        ),
      );
    }
  }
  if (ours.length === 0)
    rows.push(...row(words.signature.ours(words.secretName(0, 1)), words.signature.needsSecret));
  byId("signatures").replaceChildren(...rows);
  show("signature-card", true);
}

/** @param {any} scheme @param {any} time */
export function times(scheme, time) {
  const svg = /** @type {SVGElement} */ (/** @type {unknown} */ (byId("timeline")));
  svg.toggleAttribute("hidden", time === null);
  show("use-signed-row", time !== null && !time.is_timely);
  if (time === null) {
    byId("times").replaceChildren(
      h("dd", { class: "whole" }, scheme.signs_time ? words.time.unread : words.time.none),
    );
    return show("time-card", true);
  }
  show("time-card", true);
  drawTimeline(svg, time);
  const to = moment(time.now + time.max_ahead_secs);
  byId("times").replaceChildren(
    h("dt", {}, words.time.signed),
    h(
      "dd",
      {},
      `${moment(time.signed_at)}, ${distance(time.signed_at, time.now)}: `,
      h("strong", {}, time.is_timely ? words.time.within : words.time.outside),
    ),
    h("dt", {}, words.time.clock),
    h("dd", {}, moment(time.now)),
    h("dt", {}, words.time.window),
    h(
      "dd",
      {},
      time.max_age_secs === null
        ? words.time.always(to)
        : words.time.from(moment(time.now - time.max_age_secs), to),
    ),
  );
  byId("use-signed").textContent = words.time.useSigned;
}

/** @param {any} inspection @param {number} count of secrets */
export function facts(inspection, count) {
  const { scheme, report, form } = inspection;
  /** @type {(HTMLElement | undefined)[]} */
  const rows = [];
  /** @param {string} term @param {...(Node | string)} detail */
  const row = (term, ...detail) => rows.push(h("dt", {}, term), h("dd", {}, ...detail));
  const found = words.found[/** @type {keyof typeof words.found} */ (scheme.found)];
  row(words.facts.scheme, `${scheme.name} (${scheme.products})${found && `, ${found}`}`);
  if (form) row(words.facts.form, form);
  row(words.facts.worth, scheme.worth);
  row(words.facts.notCovered, scheme.not_covered);
  if (report?.verdict === "accepted") {
    row(words.facts.secret, words.secretName(report.secret_slot, count));
    row(words.facts.replayKey, h("code", {}, report.replay_key));
    if (report.content_key) row(words.facts.contentKey, h("code", {}, report.content_key));
  }
  byId("facts-title").textContent =
    report?.verdict === "accepted" ? words.worth.accepted : words.worth.other;
  byId("facts").replaceChildren(...rows.filter((row) => row !== undefined));
  show("facts-card", true);
}

/**
 * @param {{ code: string | null, detail: string }[]} causes
 */
export function causes(causes) {
  byId("cause-list").replaceChildren(
    ...causes.map(({ code, detail }) =>
      h(
        "li",
        {},
        h("p", {}, `${detail.charAt(0).toUpperCase()}${detail.slice(1)}.`),
        code && h("code", { class: "small quiet" }, code),
      ),
    ),
  );
  show("causes", causes.length > 0);
}
