// What the receivers beside this file do with a callback: write it down under its key, then read it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readCallback } from "sinch-callback";

/**
 * Keeps callbacks as files of a folder. In place of this: a row of a table whose key is unique, or a queue.
 * @returns {(callback: import("sinch-callback").ReceivedCallback) => Promise<void>}
 */
export function keepIn(folder) {
  return async ({ contentKey, body }) => {
    // The same event has the same key, so a copy overwrites itself. `flush`: it is on the disk before
    // Sinch is told so.
    await writeFile(join(folder, `${contentKey}.json`), body, { flush: true });
    // Read only after it has been kept: it may be of a kind that Sinch has added since.
    const callback = readCallback(body);
    console.log(contentKey, callback.recognized ? callback.kind : callback.reason);
  };
}
