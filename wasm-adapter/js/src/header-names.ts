import { core } from "./core.js";

/**
 * The names of the headers that a signed callback has, in lower case: for hosts that have to say which
 * headers they pass on.
 *
 * @example
 * import { headerNames } from "sinch-callback";
 *
 * console.log(headerNames()[0]); // x-sinch-webhook-signature
 */
export function headerNames(): readonly string[] {
  return [...core().headerNames];
}
