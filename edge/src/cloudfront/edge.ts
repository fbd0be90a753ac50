import { hash } from "node:crypto";

import {
  type Accepted,
  type OriginRefused,
  ReplayGuard,
  answerHeader,
  headerNames,
  originRefusal,
} from "sinch-callback/edge";

import {
  type Answer,
  DUPLICATE,
  METHOD_NOT_ALLOWED,
  SECRET_UNAVAILABLE,
  headersOf,
  text,
} from "../answer.js";
import { type Arrival, judge } from "../judge.js";
import { MARK, UNVERIFIED, accepted, forwardedAs, replayKeyOf, ticketOf } from "../mark.js";
import type { ParameterStore } from "../secrets.js";
import { StoredVerifiers } from "../verifier-source.js";
import type { Cf, CloudFrontRequest, CloudFrontResponse, Generated, Headers } from "./event.js";
import { Metrics } from "./metrics.js";
import { type Settings, settings, settingsKey } from "./settings.js";

/** What one environment of Lambda@Edge gives. */
export interface EdgeHost {
  readonly now: () => number;
  readonly store: (region: string) => ParameterStore;
  /** Takes one line of JSON for the log. */
  readonly write: (line: string) => void;
  readonly functionName: string;
}

/** What is kept between requests, for each origin with its settings. */
interface Front {
  readonly settings: Settings;
  readonly verifiers: StoredVerifiers;
  readonly guard: ReplayGuard;
}

/**
 * Age at which secrets are read in front of a request. An environment is frozen once its answer is
 * out, and a read behind a request may never end where requests are rare.
 */
const PATIENCE_SECONDS = 600;

/**
 * The Lambda@Edge function, for both of its events: `origin-request` decides, `origin-response` tells
 * what became of it. One function, so that both come to the same environments: what they remember is
 * all there is to a guard.
 */
export class Edge {
  readonly #host: EdgeHost;
  readonly #metrics: Metrics;
  readonly #fronts = new Map<string, Front>();

  constructor(host: EdgeHost) {
    this.#host = host;
    this.#metrics = new Metrics(host.functionName, host.write);
  }

  /** A request on its way to the origin: goes on, or is answered here. */
  async originRequest({ request }: Cf): Promise<CloudFrontRequest | Generated> {
    const nowMs = this.#host.now();
    const answer = await this.#decide(request, nowMs);
    this.#metrics.flush(nowMs);
    return answer === undefined ? request : generated(answer);
  }

  /** A response of the origin: whether a callback has been handed off, and what Sinch is told. */
  originResponse({ request, response }: Cf): CloudFrontResponse | Generated {
    if (response === undefined) {
      throw new Error("the event has no response: associate the function with origin-response");
    }
    const nowMs = this.#host.now();
    const mark = request.headers[MARK]?.[0]?.value;
    const front = this.#frontBehind(request);
    const foreign = front?.settings.foreignOrigin ?? false;
    const status = /^\d{3}$/.test(response.status) ? Number(response.status) : 0;
    const marked = foreign || response.headers[answerHeader()] !== undefined;
    const refused = originRefusal({ status, marked }, forwardedAs(mark));
    const key = replayKeyOf(mark);
    if (key !== undefined && front !== undefined) {
      if (refused === undefined && status < 300) {
        // Claimed in another environment perhaps; that it is handed off is true in this one too.
        front.guard.confirm(key, { nowMs });
      } else {
        front.guard.release(ticketOf(mark));
      }
    }
    if (refused !== undefined) {
      this.#metrics.count("OriginRefused", "Status", response.status);
    }
    this.#metrics.flush(nowMs, { urgent: refused !== undefined });
    if (refused !== undefined) {
      return inPlaceOf(response, refused);
    }
    // An answer to a callback leads nowhere else.
    delete response.headers["location"];
    return response;
  }

  /** What the request is answered; nothing where it goes on. */
  async #decide(request: CloudFrontRequest, nowMs: number): Promise<Answer | undefined> {
    if (request.method !== "POST") {
      return this.#refuse(METHOD_NOT_ALLOWED);
    }
    const front = this.#front(request);
    const arrival = arrivalOf(request);
    const judgement = await judge(front.verifiers, arrival, nowMs, front.settings.onMismatch);
    for (const read of front.verifiers.takeReads()) {
      // A broken secret is a failed read, and one that waiting does not mend.
      this.#metrics.count("SecretReads", "Outcome", read === "ok" ? "ok" : "failed");
      if (read === "broken") {
        this.#metrics.count("SecretsBroken", "Outcome", "failed");
      }
    }
    switch (judgement.is) {
      case "refused":
        return this.#refuse(judgement.answer);
      case "deferred":
        this.#metrics.count("Deferred", "Code", judgement.answer.code);
        return judgement.answer;
      case "accepted":
        return this.#claim(front, judgement.verdict, request, arrival.body, nowMs);
      case "undecided":
        if (front.settings.withoutSecret === 503) {
          this.#metrics.count("Unavailable", "Code", SECRET_UNAVAILABLE.code);
          return SECRET_UNAVAILABLE;
        }
        this.#forward(request, arrival.body, UNVERIFIED, "unverified");
        return undefined;
    }
  }

  #claim(
    { guard }: Front,
    verdict: Accepted,
    request: CloudFrontRequest,
    body: Uint8Array,
    nowMs: number,
  ): Answer | undefined {
    const { state, ticket } = guard.claim(verdict, { nowMs });
    if (state === "done") {
      this.#metrics.count("Absorbed", "Code", DUPLICATE.code);
      return DUPLICATE;
    }
    const mark = accepted(verdict.secretSlot, state, verdict.replayKey, ticket);
    this.#forward(request, body, mark, state);
    return undefined;
  }

  #forward({ headers }: CloudFrontRequest, body: Uint8Array, mark: string, claim: string): void {
    // A Function URL behind origin access control takes no unsigned payload. Of the raw bytes: a
    // decoded text need not give them back.
    headers["x-amz-content-sha256"] = [
      { key: "x-amz-content-sha256", value: hash("sha256", body, "hex") },
    ];
    headers[MARK] = [{ key: MARK, value: mark }];
    this.#metrics.count("Forwarded", "Claim", claim);
  }

  #refuse(answer: Answer): Answer {
    this.#metrics.count("Refused", "Code", answer.code);
    return answer;
  }

  #front(request: CloudFrontRequest): Front {
    const key = settingsKey(request);
    let front = this.#fronts.get(key);
    if (front === undefined) {
      this.#fronts.set(key, (front = this.#newFront(settings(request))));
    }
    return front;
  }

  /** The front that a response came by. An event without its origin can be of one only. */
  #frontBehind(request: CloudFrontRequest): Front | undefined {
    if (request.origin !== undefined) {
      return this.#front(request);
    }
    const [front, ...others] = this.#fronts.values();
    return others.length === 0 ? front : undefined;
  }

  #newFront(settings: Settings): Front {
    const { maxAgeSeconds, maxBodyBytes, verbatimSecrets } = settings;
    const limits = { maxAgeSeconds, maxBodyBytes, verbatimSecrets };
    const policy = { names: settings.secretParameters, patienceSeconds: PATIENCE_SECONDS };
    const warn = (message: string): void =>
      this.#host.write(JSON.stringify({ level: "error", message }));
    const store = this.#host.store(settings.secretRegion);
    const verifiers = new StoredVerifiers(store, policy, limits, warn);
    const guard = new ReplayGuard({
      capacity: settings.guardCapacity,
      memorySeconds: verifiers.form.memorySeconds,
    });
    return { settings, verifiers, guard };
  }
}

let names: readonly string[] | undefined;

/** The raw bytes of the body, and the headers that were signed. */
function arrivalOf({ headers, body }: CloudFrontRequest): Arrival {
  const signed: Record<string, string | string[]> = {};
  for (const name of (names ??= headerNames())) {
    const entries = headers[name];
    if (entries !== undefined && entries.length > 0) {
      const [first] = entries;
      signed[name] =
        entries.length === 1 && first !== undefined
          ? first.value
          : entries.map(({ value }) => value);
    }
  }
  if (body === undefined && hasBody(headers)) {
    // Judged without its body, every callback would be refused, for good.
    throw new Error("the event has no body: set IncludeBody on the origin-request association");
  }
  return {
    headers: signed,
    body: Buffer.from(body?.data ?? "", body?.encoding === "text" ? "utf8" : "base64"),
    truncated: body?.inputTruncated ?? false,
  };
}

/** Whether a request says that it has a body. */
function hasBody(headers: Headers): boolean {
  const length = headers["content-length"]?.[0]?.value ?? "0";
  return length !== "0" || headers["transfer-encoding"] !== undefined;
}

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  401: "Unauthorized",
  405: "Method Not Allowed",
  413: "Content Too Large",
  503: "Service Unavailable",
};

function generated(answer: Answer): Generated {
  const headers: Headers = {};
  for (const [key, value] of headersOf(answer)) {
    headers[key] = [{ key, value }];
  }
  return {
    status: String(answer.status),
    statusDescription: DESCRIPTIONS[answer.status] ?? "",
    headers,
    body: text(answer),
    bodyEncoding: "text",
  };
}

/** What CloudFront does not let a function take off a response. */
const READ_ONLY = ["transfer-encoding", "via"];

/** The answer in place of the origin's, of which nothing else goes on. */
function inPlaceOf(response: CloudFrontResponse, refused: OriginRefused): Generated {
  const answer = generated(refused);
  for (const name of READ_ONLY) {
    const entries = response.headers[name];
    if (entries !== undefined) {
      answer.headers[name] = entries;
    }
  }
  return answer;
}
