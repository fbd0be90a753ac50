// Moments and spans, for people.
import { words } from "./texts.js";

/** @param {number} seconds */
export function moment(seconds) {
  const date = new Date(seconds * 1_000);
  return Number.isNaN(date.getTime())
    ? String(seconds)
    : date
        .toISOString()
        .replace("T", " ")
        .replace(/\.000Z$/, " UTC");
}

/** The two largest units of it. @param {number} seconds */
export function span(seconds) {
  /** @type {string[]} */
  const said = [];
  let rest = Math.abs(seconds);
  for (const [name, length] of /** @type {[string, number][]} */ (words.units)) {
    const count = Math.floor(rest / length);
    if (count > 0 && said.length < 2) {
      said.push(`${count} ${name}${count === 1 ? "" : "s"}`);
      rest -= count * length;
    } else if (said.length > 0) {
      break;
    }
  }
  return said.join(" ") || `0 ${words.units.at(-1)?.[0]}s`;
}

/** @param {number} signed @param {number} now */
export function distance(signed, now) {
  if (signed === now) return words.time.atOnce;
  return signed < now ? words.time.ago(span(now - signed)) : words.time.ahead(span(signed - now));
}

/** Unix seconds of what a person writes; null where it is none. @param {string} text */
export function parseMoment(text) {
  const bare = text.trim();
  if (/^\d{1,12}$/.test(bare)) return Number(bare);
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?: ?(?:Z|UTC))?$/i.exec(
    bare,
  );
  const time = match ? Date.parse(`${match[1]}T${match[2]}Z`) : Number.NaN;
  return Number.isNaN(time) || time < 0 ? null : Math.floor(time / 1_000);
}
