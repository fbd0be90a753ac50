/** Changes as they happen: one stream for the page, none while nobody looks at it. */

/** @typedef {{messages: string[], count: number}} Change of so many messages, of which some are named */

/** How long it waits before it asks again for a stream that was refused, in milliseconds. */
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 120_000;

/**
 * Listens for changes as long as the page is visible.
 * @param {(change: Change) => void} changed
 * @param {(state: "on" | "off" | "paused") => void} told how it stands with the stream
 */
export function listen(changed, told) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let again;
  let wait = FIRST_WAIT;

  function open() {
    clearTimeout(again);
    source?.close();
    const opened = new EventSource("/api/stream");
    source = opened;
    opened.addEventListener("open", () => {
      wait = FIRST_WAIT;
      told("on");
    });
    opened.addEventListener("changed", (event) => changed(JSON.parse(event.data)));
    opened.addEventListener("error", () => {
      told("off");
      // A refused stream is closed for good by the browser; one that broke off it opens again by itself.
      if (opened.readyState !== EventSource.CLOSED) return;
      again = setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  }

  function close() {
    clearTimeout(again);
    source?.close();
    source = null;
    told("paused");
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
    } else if (!source) {
      open();
      // What has changed meanwhile was not told.
      changed({ messages: [], count: 0 });
    }
  });
  if (document.hidden) told("paused");
  else open();
}
