import { DurableObject } from "cloudflare:workers";
import {
  type Claim,
  type Guard,
  ReplayGuard,
  type Ticket,
  defaultOf,
} from "sinch-callback/edge/schemes";

/** What stands for ever in a column of integers. */
const FOR_EVER_SECONDS = 1e15;
/** Time between two sweeps of what has aged out. */
const SWEEP_MS = 3_600_000;

/** What is kept of a callback. */
interface Row {
  /** When it was claimed, in Unix seconds. */
  readonly since: number;
  /** Whether it has been handed off. */
  readonly done: boolean;
}

/**
 * A guard that all of the world's isolates share, in a Durable Object's own database: exact, and
 * still there when the object has slept. The database keeps what core's guard knows of each callback,
 * which decides by it.
 */
export class CallbackGuard extends DurableObject {
  #sweeps = false;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    // `until`: when nothing asks for the row any more.
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS claims (
         key TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, done INTEGER NOT NULL
       ) WITHOUT ROWID`,
    );
    ctx.storage.sql.exec("CREATE INDEX IF NOT EXISTS by_end ON claims (until)");
  }

  async claim(key: string, now: number, memorySeconds: number): Promise<Claim> {
    const claim = this.#claim(key, now, memorySeconds);
    await this.#sweepLater();
    return claim;
  }

  /** What has aged out, or was claimed where this object was not asked, is remembered from now on. */
  async confirm(key: string, now: number, memorySeconds: number): Promise<void> {
    this.#claim(key, now, memorySeconds);
    this.#rows("UPDATE claims SET done = 1 WHERE key = ?", key);
    await this.#sweepLater();
  }

  async release(ticket: Ticket): Promise<void> {
    const { replayKey: key } = ticket;
    const left = decided(key, this.#row(key), Infinity, (guard) => {
      guard.release(ticket);
      return guard.size;
    });
    if (left === 0) {
      this.#rows("DELETE FROM claims WHERE key = ?", key);
    }
  }

  async alarm(): Promise<void> {
    this.#sweeps = false;
    this.#rows("DELETE FROM claims WHERE until < ?", Math.floor(Date.now() / 1000));
    if (this.#rows("SELECT 1 FROM claims LIMIT 1").length > 0) {
      await this.#sweepLater();
    }
  }

  async #sweepLater(): Promise<void> {
    if (!this.#sweeps && (await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
    }
    this.#sweeps = true;
  }

  #claim(key: string, now: number, memorySeconds: number): Claim {
    const claim = decided(key, this.#row(key), memorySeconds, (guard) => guard.claim(key, at(now)));
    if (claim.state === "first") {
      const life = Math.max(memorySeconds, defaultOf("inFlightSeconds"));
      const until = Math.min(now + life, FOR_EVER_SECONDS);
      this.#rows("INSERT OR REPLACE INTO claims VALUES (?, ?, ?, 0)", key, now, until);
    }
    return claim;
  }

  #row(key: string): Row | undefined {
    const [found] = this.#rows("SELECT since, done FROM claims WHERE key = ?", key);
    return found && { since: Number(found["since"]), done: found["done"] === 1 };
  }

  #rows(query: string, ...values: (string | number)[]) {
    return this.ctx.storage.sql.exec(query, ...values).toArray();
  }
}

/** What core's guard decides that knows this one row. */
function decided<Decision>(
  key: string,
  row: Row | undefined,
  memorySeconds: number,
  ask: (guard: ReplayGuard) => Decision,
): Decision {
  const guard = new ReplayGuard({ capacity: 1, memorySeconds });
  try {
    if (row !== undefined) {
      guard.claim(key, at(row.since));
    }
    if (row?.done === true) {
      guard.confirm(key, at(row.since));
    }
    return ask(guard);
  } finally {
    guard.dispose();
  }
}

const at = (seconds: number) => ({ nowMs: seconds * 1000 });

/** A binding of `CallbackGuard`. */
export interface GuardNamespace {
  idFromName(name: string): object;
  get(id: object): Pick<CallbackGuard, "claim" | "confirm" | "release">;
}

/** Asks Durable Objects: 256 of them, each for the keys of one beginning. */
export function durableGuard(namespace: GuardNamespace, memorySeconds: number): Guard {
  const ask = (key: string) => namespace.get(namespace.idFromName(`callbacks-${key.slice(0, 2)}`));
  const seconds = (nowMs: number | bigint): number => Math.floor(Number(nowMs) / 1000);
  return {
    claim: (key, { nowMs }) => ask(key).claim(key, seconds(nowMs), memorySeconds),
    confirm: (key, { nowMs }) => ask(key).confirm(key, seconds(nowMs), memorySeconds),
    release: (ticket) => ask(ticket.replayKey).release(ticket),
  };
}
