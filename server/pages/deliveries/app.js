/** The page: which view is shown, the search above all of them, and what keeps them up to date. */

import { byId, h, icon, replace } from "../common/dom.js";
import { deliveries as texts } from "../common/texts.js";
import { ask } from "./api.js";
import { zone } from "./format.js";
import { intentsView, intentView } from "./intents.js";
import { messagesView, searchView } from "./list.js";
import { listen } from "./live.js";
import { messageView } from "./message.js";
import { overviewView } from "./overview.js";
import { unrecognizedView } from "./unrecognized.js";
import { watchesView } from "./watches.js";

/**
 * @typedef {object} View
 * @property {string} title
 * @property {() => Node} [heading] where it is more than the title
 * @property {() => Promise<void>} load
 * @property {(ids: string[]) => unknown} changed what to do when messages have changed; none are named
 *   where it is not known which
 * @property {number} [every] milliseconds after which it is loaded again
 * @property {() => void} [close]
 */

/** At most so often a view is loaded again, in milliseconds: a busy receiver tells of changes each second. */
const AT_MOST = 2_000;

const main = byId("main");
const heading = byId("heading");
const search = /** @type {HTMLFormElement} */ (byId("search"));
const box = /** @type {HTMLInputElement} */ (byId("q"));
const within = /** @type {HTMLSelectElement} */ (byId("by"));

/** @type {View | undefined} */
let view;
/** @type {ReturnType<typeof setInterval> | undefined} */
let timer;

/** What a search asked for is kept beside the address, so that nobody's number is in a link or a log. */
function asked() {
  const { q, by } = history.state ?? {};
  return { q: String(q ?? ""), by: String(by ?? "") };
}

/**
 * The view that an address names.
 * @param {HTMLElement} region
 * @returns {View | null}
 */
function route(region) {
  const [path = "", text = ""] = location.hash.replace(/^#/, "").split("?", 2);
  const query = new URLSearchParams(text);
  const [, first = "", second] = path.split("/");
  const id = second === undefined ? undefined : decoded(second);
  if (first === "message" && id) return messageView(id, region);
  if (first === "intents" && id) return intentView(id, region);
  if (id !== undefined) return null;
  switch (first) {
    case "":
      return overviewView(query, region);
    case "messages":
      return messagesView(query, region);
    case "search":
      return searchView(asked(), region);
    case "not-understood":
      return unrecognizedView(query, region);
    case "watches":
      return watchesView(query, region);
    case "intents":
      return intentsView(query, region);
    default:
      return null;
  }
}

/** @param {string} part */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Shows what the address names. @param {boolean} isFirst whether the page has just been opened */
function show(isFirst = false) {
  view?.close?.();
  clearInterval(timer);
  const region = h("div", { class: "stack", id: "content" });
  const shown = route(region);
  view = shown ?? undefined;
  document.title = texts.title(shown?.title ?? texts.errors.notFound);
  replace(heading, shown?.heading?.() ?? shown?.title ?? texts.errors.notFound);
  byId("content").replaceWith(region);
  for (const link of document.querySelectorAll("#nav a")) {
    const here = `#/${location.hash.split("/")[1]?.split("?")[0] ?? ""}`;
    if (link.getAttribute("href") === here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (!shown) return;
  if (shown.every) timer = setInterval(() => document.hidden || shown.load(), shown.every);
  main.setAttribute("aria-busy", "true");
  shown.load().finally(() => {
    if (view === shown) main.setAttribute("aria-busy", "false");
  });
  // Whoever has followed a link goes on reading at its heading.
  if (!isFirst) {
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
}

search.addEventListener("submit", (event) => {
  event.preventDefault();
  const q = box.value.trim();
  if (!q) return;
  history.pushState({ q, by: within.value }, "", "#/search");
  show();
});

byId("skip").addEventListener("click", (event) => {
  // Its address names no view, and would take the reader to another one.
  event.preventDefault();
  heading.focus();
});

document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const isTyping = target.closest("input, select, textarea");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
  event.preventDefault();
  box.focus();
  box.select();
});

/** @type {{due: number, ids: Set<string>, isAll: boolean, timer?: ReturnType<typeof setTimeout> | undefined}} */
const pending = { due: 0, ids: new Set(), isAll: false };

/** Tells the view of changes, no more often than it is worth. @param {string[]} ids */
function changed(ids) {
  for (const id of ids) pending.ids.add(id);
  pending.isAll ||= ids.length === 0;
  if (pending.timer) return;
  pending.timer = setTimeout(
    () => {
      const told = pending.isAll ? [] : [...pending.ids];
      pending.timer = undefined;
      pending.due = Date.now() + AT_MOST;
      pending.ids.clear();
      pending.isAll = false;
      view?.changed(told);
    },
    Math.max(0, pending.due - Date.now()),
  );
}

function followLive() {
  const live = byId("live");
  listen(
    ({ messages, count }) => changed(count > messages.length ? [] : messages),
    (state) => {
      const [words, tone] = /** @type {const} */ ({
        on: [texts.liveOn, "good"],
        off: [texts.liveOff, "warn"],
        paused: [texts.livePaused, "idle"],
      })[state];
      live.className = `badge ${tone}`;
      replace(live, icon(state === "on" ? "dot" : state === "off" ? "warning" : "pause"), words);
    },
  );
}

addEventListener("hashchange", () => show());
addEventListener("popstate", () => {
  // Between two searches only what was asked for differs, which changes no address.
  if (location.hash === "#/search") show();
});

byId("zone").textContent = texts.time.zone(zone());
if (location.hash === "#/search") {
  box.value = asked().q;
  within.value = asked().by;
}
show(true);
followLive();
ask("/api/session")
  .then(({ login }) => {
    byId("logout").hidden = !login;
  })
  .catch(() => undefined);
