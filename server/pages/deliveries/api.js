/**
 * What the server is asked, and the shapes of what it answers.
 *
 * @typedef {object} Failure
 * @property {string} code
 * @property {string} sub_code
 * @property {string} description
 * @property {string} channel_code
 * @property {string} status_message
 * @property {string} permanence
 * @property {string} remedy
 *
 * @typedef {object} Carrier
 * @property {string} channel_code
 * @property {string} status_message
 * @property {string} operator
 * @property {number | null} parts
 * @property {string} encoding
 *
 * @typedef {object} MessageSummary
 * @property {string} message_id
 * @property {string} subject
 * @property {string | null} state
 * @property {number} version
 * @property {string} channel
 * @property {string} identity
 * @property {Failure | null} reason
 * @property {Carrier | null} carrier
 * @property {boolean} contradicted
 * @property {{metadata: string, correlation_id: string, client_reference: string}} correlation
 * @property {string} conversation_id
 * @property {string} contact_id
 * @property {number} first_received_at
 * @property {number} updated_at
 * @property {string} [matched]
 *
 * @typedef {object} ChannelView
 * @property {string} channel
 * @property {string} identity
 * @property {string} state
 * @property {Failure | null} reason
 * @property {Carrier | null} carrier
 * @property {boolean} contradicted
 * @property {string} occurred_at
 * @property {number} updated_at
 *
 * @typedef {{deadline: number, cause: string, since: number, told: boolean}} Due
 *
 * @typedef {object} MessageExtra
 * @property {ChannelView[]} channels
 * @property {Due[]} [dues]
 *
 * @typedef {MessageSummary & MessageExtra} Message
 *
 * @typedef {object} Entry
 * @property {number} at
 * @property {number | null} since_previous_ms
 * @property {string} channel
 * @property {string} status
 * @property {string | null} state
 * @property {string} step
 * @property {Failure | null} reason
 * @property {Carrier | null} carrier
 * @property {number} repeats
 * @property {string | null} corrects
 * @property {string} source
 * @property {string} content_key
 * @property {string} occurred_at
 * @property {string} body
 * @property {string | null} body_path
 *
 * @typedef {object} Attempt
 * @property {number} number
 * @property {string} channel
 * @property {string} state
 * @property {number} called_at
 * @property {string | null} message_id
 * @property {string | null} message_state
 * @property {{code: string} | null} failure
 * @property {string} words
 * @property {boolean} unresolved
 * @property {boolean} doubled
 *
 * @typedef {object} IntentSummary
 * @property {string} key
 * @property {string} state
 * @property {string} reason
 * @property {boolean} dry_run
 * @property {boolean} cancelled
 * @property {Record<string, string>} to
 * @property {number} accepted_at
 * @property {number | null} deadline
 *
 * @typedef {{at: number, what: string, why?: string, attempt?: number}} Decision
 *
 * @typedef {IntentSummary & {plan: string[], attempts: Attempt[], log: Decision[]}} Intent
 *
 * @typedef {object} ToldEvent
 * @property {string} id
 * @property {string} type
 * @property {number} at
 * @property {number} attempts
 * @property {boolean} given_up
 *
 * @typedef {{message: Message, entries: Entry[], intent: Intent | null, events: ToldEvent[]}} Timeline
 *
 * @typedef {{p50_ms: number, p95_ms: number, count: number}} Times
 * @typedef {{count: number, series: number[]}} Series
 *
 * @typedef {object} Overview
 * @property {number} from
 * @property {number} to
 * @property {number} bucket_s
 * @property {Record<string, number>} funnel
 * @property {{queued_delivered: Times | null, delivered_read: Times | null}} times
 * @property {object} failures
 * @property {(Series & {reason: string})[]} failures.by_reason
 * @property {(Series & {channel: string})[]} failures.by_channel
 * @property {(Series & {prefix: string})[]} failures.by_country_prefix
 * @property {number[]} delivered_series
 * @property {{code: string, count: number}[]} refusals
 * @property {{p50_s: number, p95_s: number, count: number, buckets: {le_s: number | null, count: number}[]} | null} ages
 * @property {number} overdue
 * @property {{why: string, since: number} | null} paused
 * @property {{since: number | null} | null} callbacks_stopped
 * @property {boolean} is_counting a store of an earlier version is still being counted
 * @property {number} counted_since since when refusals and ages are counted
 *
 * @typedef {{messages: MessageSummary[], next_before: number | null}} MessagePage
 * @typedef {{by: string | null, matches: MessageSummary[], more: boolean}} Found
 *
 * @typedef {object} UnrecognizedRow
 * @property {string} content_key
 * @property {string} why
 * @property {number} received_at
 * @property {number} body_bytes
 * @property {number} repeats
 */

/** An answer that is not what was asked for. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 where there was no answer
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/**
 * Asks for a path. `undefined`, null and empty parameters are left out.
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(path, query = {}, signal) {
  const response = await request(withQuery(path, query), signal);
  return response.json();
}

/**
 * The text of a callback's body, as far as it is text.
 * @param {string} path
 */
export async function askText(path) {
  const response = await request(path);
  return response.text();
}

/**
 * @param {string} path
 * @param {Record<string, string | number | null | undefined>} query
 */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== "",
  );
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function request(path, signal) {
  let response;
  try {
    response = await fetch(path, {
      signal: signal ?? null,
      headers: { accept: "application/json" },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "network", "");
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  throw new ApiError(response.status, told.code ?? "", told.detail ?? response.statusText);
}
