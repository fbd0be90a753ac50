import type { Forwarded, Ticket } from "sinch-callback/edge";

/**
 * The header that tells the origin what the edge made of a callback. For its log alone: the origin
 * verifies again and trusts nothing. What a sender wrote there is overwritten.
 */
export const MARK = "x-callback-edge";

/** The mark of an accepted callback; with the moment of its claim, where this copy made it. */
export function accepted(
  slot: number,
  claim: string,
  replayKey: string,
  ticket: Ticket | undefined,
): string {
  const since = ticket === undefined ? "" : ` since=${ticket.sinceSeconds};`;
  return `accepted; slot=${slot}; claim=${claim};${since} key=${replayKey}`;
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

/** The ticket of the claim, where the mark is of the copy that made it. */
export function ticketOf(mark: string | undefined): Ticket | undefined {
  const replayKey = replayKeyOf(mark);
  const since = /; since=(\d{1,15});/.exec(mark ?? "")?.[1];
  return replayKey === undefined || since === undefined
    ? undefined
    : { replayKey, sinceSeconds: Number(since) };
}
