import { core } from "./core.js";
import { type RawBody, bytes } from "./input.js";
import { hex } from "./key.js";

/**
 * Is this the same event again? 32 hexadecimal digits that cover the raw body alone: equal for a
 * retry that was signed afresh and for a second webhook's copy. Safe to log, and valid as a
 * deduplication id. Says nothing of who sent the body.
 *
 * @example
 * import { contentKey } from "sinch-callback";
 *
 * console.log(contentKey(new TextEncoder().encode("{}"))); // 44136fa355b3678a1146ad16f7e8649e
 */
export function contentKey(body: RawBody): string {
  const here = core();
  const content = bytes(body);
  here.put(content, 0);
  here.exports.content_key(content.length);
  here.reserve(0);
  return hex(here.bytes, here.start);
}
