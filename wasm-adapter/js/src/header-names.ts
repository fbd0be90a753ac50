import { core } from "./core.js";

/** The names of the headers that a signed callback has, in lower case: for hosts that have to say
 * which headers they pass on. */
export function headerNames(): readonly string[] {
  return [...core().headerNames];
}
