/**
 * Elements made of data. Text goes in as text alone, so that nothing that a callback holds becomes
 * markup.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * An element. A name that begins with `on` is a listener, `data` and `style` hold properties, true is an
 * attribute without a value, and false, null and undefined are none.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (name === "share") {
      // How long a bar is: by the object model, since the policy allows no inline style.
      element.style.setProperty("--share", `${Math.round(Number(value) * 1000) / 10}%`);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  return add(element, children);
}

/**
 * @template {Element | DocumentFragment} Parent
 * @param {Parent} parent
 * @param {(Child | Child[])[]} children
 * @returns {Parent}
 */
function add(parent, children) {
  for (const child of children.flat()) {
    if (child === false || child === null || child === undefined) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
  return parent;
}

/** @param {...(Child | Child[])} children */
export function fragment(...children) {
  return add(document.createDocumentFragment(), children);
}

const SVG = "http://www.w3.org/2000/svg";

/** Icons of a 24 by 24 grid, drawn with a pen. */
const PATHS = {
  check: "M5 13l4 4L19 7",
  double: "M2 13l4 4L15 8M11 16l1 1L22 7",
  cross: "M6 6l12 12M18 6L6 18",
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18",
  arrows: "M4 9h13l-4-4M20 15H7l4 4",
  question:
    "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.5M12 2a10 10 0 1 0 0 20a10 10 0 0 0 0-20",
  warning: "M12 4L2.5 20h19zM12 10v4M12 17v.5",
  shield: "M12 3l8 3v6c0 5-3.5 8-8 9c-4.5-1-8-4-8-9V6z",
  dot: "M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
  pause: "M8 5v14M16 5v14",
  repeat: "M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14M16.5 16.5L21 21",
  eye: "M2 12c3-5 6-7 10-7s7 2 10 7c-3 5-6 7-10 7s-7-2-10-7M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
  download: "M12 4v11M7 11l5 5 5-5M4 20h16",
  person: "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4 21c0-4 3.5-6 8-6s8 2 8 6",
};

/**
 * A picture beside words, which is why it says nothing itself.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** @typedef {keyof typeof PATHS} IconName */

/**
 * Puts new content in place of old. Focus, what is open and how far it is scrolled stay where they were,
 * by `data-key` or a link's address: a live page must not take the reader's place away.
 * @param {Element} region
 * @param {...(Child | Child[])} children
 */
export function replace(region, ...children) {
  const active = region.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const open = [...region.querySelectorAll("details[data-key]")].filter(isOpen).map(keyOf);
  const scrolled = [...region.querySelectorAll(".scroll[data-key]")].map(
    (element) => /** @type {const} */ ([keyOf(element), element.scrollLeft]),
  );
  region.replaceChildren(fragment(...children));
  for (const key of open) {
    const details = key && region.querySelector(key);
    if (details instanceof HTMLDetailsElement) details.open = true;
  }
  for (const [key, left] of scrolled) {
    const element = key && left > 0 ? region.querySelector(key) : null;
    if (element) element.scrollLeft = left;
  }
  const again = active && region.querySelector(active);
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/**
 * As `replace`, where anything differs: what a reader is about to click on stays the element that it is.
 * It is for content that nobody draws into later.
 * @param {Element} region
 * @param {...(Child | Child[])} children
 */
export function update(region, ...children) {
  const next = /** @type {Element} */ (region.cloneNode(false));
  next.append(fragment(...children));
  if (!next.isEqualNode(region)) replace(region, ...next.childNodes);
}

/** @param {Element} element */
function isOpen(element) {
  return element instanceof HTMLDetailsElement && element.open;
}

/**
 * A selector by which an element is found again.
 * @param {Element | null} element
 */
function keyOf(element) {
  const keyed = element?.closest("[data-key]") === element ? element : null;
  const key = keyed?.getAttribute("data-key");
  if (key) return `[data-key="${CSS.escape(key)}"]`;
  const summary = element?.localName === "summary" ? element.parentElement : null;
  const around = summary?.getAttribute("data-key");
  if (around) return `[data-key="${CSS.escape(around)}"] > summary`;
  const href = element?.getAttribute("href");
  return href ? `a[href="${CSS.escape(href)}"]` : null;
}

/**
 * The element of this id, which the page's own markup has.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}
