/** Numbers and times as people read them. */

/** @param {number} value */
export const number = (value) => value.toLocaleString("en-GB");

/**
 * A share, with a digit behind the point where it is small.
 * @param {number} part
 * @param {number} whole
 */
export function share(part, whole) {
  if (whole === 0) return "0 %";
  const percent = (part / whole) * 100;
  const digits = percent > 0 && percent < 10 && percent !== Math.round(percent) ? 1 : 0;
  const text = percent.toFixed(digits).replace(/\.0$/, "");
  // A few are not none, and nearly all are not all.
  if (part > 0 && Number(text) === 0) return "under 0.1 %";
  if (part < whole && Number(text) === 100) return "over 99 %";
  return `${text} %`;
}

/** @type {[number, string][]} */
const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/**
 * A duration in its two greatest units.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  const ms = Math.max(0, milliseconds);
  if (ms < 1_000) return ms === 0 ? "0 s" : `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${trimmed(ms / 1_000)} s`;
  const index = UNITS.findIndex(([unit]) => ms >= unit);
  const [unit, name] = /** @type {[number, string]} */ (UNITS[index]);
  const next = UNITS[index + 1];
  if (!next) return `${Math.round(ms / unit)} ${name}`;
  const smaller = Math.round((ms % unit) / next[0]);
  const carried = smaller * next[0] >= unit;
  const whole = Math.floor(ms / unit) + (carried ? 1 : 0);
  return carried || smaller === 0 ? `${whole} ${name}` : `${whole} ${name} ${smaller} ${next[1]}`;
}

/** @param {number} value */
function trimmed(value) {
  return value.toFixed(1).replace(/\.0$/, "");
}

const FULL = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
});

/** @param {number} seconds since 1970 */
export const moment = (seconds) => FULL.format(seconds * 1_000);

/**
 * A time in a chart or its table.
 * @param {number} seconds since 1970
 * @param {number} range in seconds
 */
export const tick = (seconds, range) => (range > 86_400 ? DAY : CLOCK).format(seconds * 1_000);

/** The reader's time zone. */
export const zone = () => FULL.resolvedOptions().timeZone;
