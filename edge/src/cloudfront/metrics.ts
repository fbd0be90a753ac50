/** A count, told apart by a dimension besides the function. */
interface Count {
  readonly metric: string;
  readonly dimension: string;
  readonly value: string;
  count: number;
}

/** The receiver's. */
const NAMESPACE = "SinchCallback";
/** Least time between two writes: a flood of forgeries must not become one of log lines. */
const INTERVAL_MS = 10_000;
/** The same where an alarm waits for it, and the environment may see no other request. */
const URGENT_INTERVAL_MS = 1_000;

/**
 * Counts as CloudWatch's embedded metric format: JSON lines in the log, of which CloudWatch makes
 * metrics, in the region where the function happens to run. Counts since the last write are lost
 * with the environment.
 */
export class Metrics {
  readonly #functionName: string;
  readonly #write: (line: string) => void;
  /** By metric and value. */
  readonly #counts = new Map<string, Map<string, Count>>();
  #writtenAt = -Infinity;

  constructor(functionName: string, write: (line: string) => void) {
    this.#functionName = functionName;
    this.#write = write;
  }

  count(metric: string, dimension: string, value: string): void {
    let counts = this.#counts.get(metric);
    if (counts === undefined) {
      this.#counts.set(metric, (counts = new Map()));
    }
    const found = counts.get(value);
    if (found === undefined) {
      counts.set(value, { metric, dimension, value, count: 1 });
    } else {
      found.count += 1;
    }
  }

  /** Writes what has gathered, where it is time. */
  flush(nowMs: number, { urgent = false } = {}): void {
    const interval = urgent ? URGENT_INTERVAL_MS : INTERVAL_MS;
    if (nowMs - this.#writtenAt < interval && nowMs >= this.#writtenAt) {
      return;
    }
    this.#writtenAt = nowMs;
    const counts = [...this.#counts.values()].flatMap((counts) => [...counts.values()]);
    for (const { metric, dimension, value, count } of counts) {
      this.#write(
        JSON.stringify({
          _aws: {
            Timestamp: nowMs,
            CloudWatchMetrics: [
              {
                Namespace: NAMESPACE,
                Dimensions: [["Function"], ["Function", dimension]],
                Metrics: [{ Name: metric, Unit: "Count" }],
              },
            ],
          },
          Function: this.#functionName,
          [dimension]: value,
          [metric]: count,
        }),
      );
    }
    this.#counts.clear();
  }
}
