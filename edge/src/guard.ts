import type { Accepted, Claim, Moment, Ticket } from "sinch-callback/edge";

/**
 * Remembers which callbacks have been handed off: the package's `ReplayGuard`, or one that is asked
 * over a network. It saves work and proves nothing, so one that fails is passed by.
 */
export interface Guard {
  claim(callback: Accepted, moment: Moment): Claim | Promise<Claim>;
  confirm(callback: Accepted, moment: Moment): void | Promise<void>;
  release(ticket: Ticket): void | Promise<void>;
}
