import { DurableObject } from "cloudflare:workers";
import { type Claim, type Guard, type Ticket, defaultOf } from "sinch-callback/edge";

/** What stands for ever in a column of integers. */
const FOR_EVER_SECONDS = 1e15;
/** Time between two sweeps of what has aged out. */
const SWEEP_MS = 3_600_000;

/**
 * A guard that all of the world's isolates share, in a Durable Object's own database: exact, and
 * still there when the object has slept. The rules are those of the guard in memory.
 */
export class CallbackGuard extends DurableObject {
  #sweeps = false;

  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS callbacks (
         key TEXT PRIMARY KEY, since INTEGER NOT NULL, until INTEGER NOT NULL, done INTEGER NOT NULL
       ) WITHOUT ROWID`,
    );
    ctx.storage.sql.exec("CREATE INDEX IF NOT EXISTS by_until ON callbacks (until)");
  }

  async claim(key: string, now: number): Promise<Claim> {
    // Nothing else runs between these two.
    const query = "SELECT since, done FROM callbacks WHERE key = ? AND until >= ?";
    const [found] = this.#rows(query, key, now);
    if (found !== undefined) {
      return found["done"] === 1
        ? { state: "done" }
        : { state: "in_flight", sinceSeconds: Number(found["since"]) };
    }
    // A claim without outcome holds for longer than an origin may take.
    const until = now + defaultOf("inFlightSeconds");
    this.#rows("INSERT OR REPLACE INTO callbacks VALUES (?, ?, ?, 0)", key, now, until);
    await this.#sweepLater();
    return { state: "first", ticket: { replayKey: key, sinceSeconds: now } };
  }

  /** What has aged out, or was claimed where this object was not asked, is remembered from now on. */
  async confirm(key: string, now: number, memorySeconds: number): Promise<void> {
    const memory = Math.min(memorySeconds, FOR_EVER_SECONDS);
    this.#rows("DELETE FROM callbacks WHERE key = ? AND until < ?", key, now);
    this.#rows(
      `INSERT INTO callbacks VALUES (?1, ?2, ?2 + ?3, 1)
         ON CONFLICT (key) DO UPDATE SET done = 1, until = since + ?3`,
      key,
      now,
      memory,
    );
    await this.#sweepLater();
  }

  async release({ replayKey, sinceSeconds }: Ticket): Promise<void> {
    const query = "DELETE FROM callbacks WHERE key = ? AND since = ? AND done = 0";
    this.#rows(query, replayKey, sinceSeconds);
  }

  async alarm(): Promise<void> {
    this.#sweeps = false;
    this.#rows("DELETE FROM callbacks WHERE until < ?", Math.floor(Date.now() / 1000));
    if (this.#rows("SELECT 1 FROM callbacks LIMIT 1").length > 0) {
      await this.#sweepLater();
    }
  }

  async #sweepLater(): Promise<void> {
    if (!this.#sweeps && (await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Date.now() + SWEEP_MS);
    }
    this.#sweeps = true;
  }

  #rows(query: string, ...values: (string | number)[]) {
    return this.ctx.storage.sql.exec(query, ...values).toArray();
  }
}

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
    claim: (key, { nowMs }) => ask(key).claim(key, seconds(nowMs)),
    confirm: (key, { nowMs }) => ask(key).confirm(key, seconds(nowMs), memorySeconds),
    release: (ticket) => ask(ticket.replayKey).release(ticket),
  };
}
