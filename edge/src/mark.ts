import {
  type AcceptedBy,
  type Answer,
  type Given,
  type SchemeName,
  type Ticket,
  guardKey,
} from "sinch-callback/edge/schemes";

/**
 * The header that tells the origin what the edge made of a callback. For its log, and for the edge when
 * the answer comes back; the origin verifies again and trusts nothing. What a sender wrote there is
 * overwritten.
 */
export const MARK = "x-callback-edge";

/** The mark of an accepted callback. Where no guard was asked, or it failed, the claim is unknown. */
export function accepted(verdict: AcceptedBy<SchemeName>, claim: Given | undefined): string {
  const { state = "unknown", ticket } = claim ?? {};
  const since = ticket === undefined ? "" : ` since=${ticket.sinceSeconds};`;
  const { secretSlot } = verdict;
  return `accepted; slot=${secretSlot}; claim=${state};${since} key=${guardKey(verdict)}`;
}

/** The mark of a callback that could not be judged, by the answer that says why. */
export function undecided({ code }: Answer): string {
  return `unverified; reason=${code}`;
}

/** What a mark says of an accepted callback; nothing where it is none. */
export function read(mark = ""): { replayKey: string; ticket: Ticket | undefined } | undefined {
  const found = /^accepted; .*?(?:since=(\d+); )?key=([0-9a-f]{32})$/.exec(mark);
  if (found === null) {
    return undefined;
  }
  const [, since, replayKey = ""] = found;
  const ticket = since === undefined ? undefined : { replayKey, sinceSeconds: Number(since) };
  return { replayKey, ticket };
}
