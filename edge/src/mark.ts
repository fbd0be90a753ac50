import type { Forwarded } from "sinch-callback/edge";

/**
 * The header that tells the origin what the edge made of a callback. For its log alone: the origin
 * verifies again and trusts nothing. What a sender wrote there is overwritten.
 */
export const MARK = "x-callback-edge";

/** The mark of an accepted callback. */
export function accepted(slot: number, claim: string, replayKey: string): string {
  return `accepted; slot=${slot}; claim=${claim}; key=${replayKey}`;
}

/** The mark of a callback that could not be judged for want of a secret. */
export const UNVERIFIED = "unverified; reason=secret_unavailable";

/** What was known of the callback, by its mark; nothing where there is none. */
export function forwardedAs(mark: string | undefined): Forwarded {
  return replayKeyOf(mark) === undefined ? "undecided" : "authentic";
}

/** The replay key in a mark; nothing where it was not accepted. */
export function replayKeyOf(mark: string | undefined): string | undefined {
  return mark === undefined ? undefined : /^accepted; .*; key=([0-9a-f]{32})$/.exec(mark)?.[1];
}
