// The window on a line of time.
import { distance } from "./moments.js";
import { words } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function shape(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

const [LEFT, AXIS] = [20, 46];

/**
 * @param {SVGElement} svg
 * @param {{ signed_at: number, now: number, max_age_secs: number | null, max_ahead_secs: number, is_timely: boolean }} time
 */
export function drawTimeline(svg, time) {
  const drawn = Math.max(svg.clientWidth, 240);
  const right = drawn - LEFT;
  svg.setAttribute("viewBox", `0 0 ${drawn} 84`);
  const { signed_at: signed, now, max_age_secs: age, max_ahead_secs: ahead } = time;
  const end = now + ahead;
  // Without a limit the window begins left of all that is drawn.
  const start = age === null ? Number.NEGATIVE_INFINITY : now - age;
  const width = Math.max(age ?? 0, ahead, 60);
  const reach = age === null ? Math.max(width, (now - signed) * 1.3) : width * 1.9;
  const [from, to] = [now - reach, now + Math.max(ahead * 1.6, reach * 0.35)];
  /** @param {number} at */
  const x = (at) => LEFT + Math.min(Math.max((at - from) / (to - from), 0), 1) * (right - LEFT);
  const isOff = signed < from || signed > to;
  const place = x(signed);
  const kind = time.is_timely ? "within" : "outside";
  const label = `${words.time.signed} ${distance(signed, now)}`;
  const [nowX, endX, startX] = [x(now), x(end), x(start)];
  /** @param {number} at */
  const anchor = (at) => (at < 120 ? "start" : at > drawn - 120 ? "end" : "middle");
  const shapes = [
    shape("line", { x1: LEFT, x2: right, y1: AXIS, y2: AXIS, class: "axis" }),
    shape("rect", {
      x: startX,
      width: Math.max(endX - startX, 2),
      y: AXIS - 9,
      height: 18,
      rx: 4,
      class: "window",
    }),
    shape("text", { x: startX, y: AXIS + 27, class: "label" }, words.time.window.toLowerCase()),
    shape("line", { x1: nowX, x2: nowX, y1: AXIS - 14, y2: AXIS + 14, class: "now" }),
    shape("path", { d: `M${place} ${AXIS - 8}l8 8-8 8-8-8z`, class: `signed ${kind}` }),
    shape("text", { x: place, y: 18, "text-anchor": anchor(place), class: "label strong" }, label),
  ];
  if (nowX - startX > 90) {
    shapes.push(
      shape(
        "text",
        { x: nowX, y: AXIS + 27, "text-anchor": anchor(nowX), class: "label" },
        words.time.clock.toLowerCase(),
      ),
    );
  }
  if (isOff) {
    const [tip, turn] = signed < from ? [LEFT - 16, 1] : [right + 16, -1];
    shapes.push(
      shape("path", {
        d: `M${tip + turn * 6} ${AXIS - 5}l${-turn * 6} 5l${turn * 6} 5`,
        class: "off",
      }),
    );
  }
  svg.replaceChildren(...shapes);
  svg.setAttribute(
    "aria-label",
    `${label}: ${time.is_timely ? words.time.within : words.time.outside}`,
  );
}
