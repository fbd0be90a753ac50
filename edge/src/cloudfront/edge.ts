import { hash } from "node:crypto";
import { STATUS_CODES } from "node:http";

import {
  type Answer,
  type Arrival,
  type Received,
  Reception,
  ReplayGuard,
  type SchemeName,
  answer,
  answerHeader,
  settle,
} from "sinch-callback/edge/schemes";

import { schemeOf } from "../endpoints.js";
import { MARK, accepted, read, undecided } from "../mark.js";
import type { ParameterStore } from "../secrets.js";
import { StoredVerifiers } from "../verifier-source.js";
import type { Cf, CloudFrontRequest, CloudFrontResponse, Generated, Headers } from "./event.js";
import { Metrics } from "./metrics.js";
import { type Settings, areOf, settings } from "./settings.js";

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
  /** By path. */
  readonly endpoints: ReadonlyMap<string, Gate<SchemeName>>;
  /** For every other path, where there is one. */
  readonly otherwise: Gate<"conversation"> | undefined;
  readonly guard: ReplayGuard;
}

/** What judges the callbacks of one scheme, with secrets of its own. */
interface Gate<S extends SchemeName> {
  readonly reception: Reception<S>;
  readonly verifiers: StoredVerifiers<S>;
  /** The path as Sinch calls it; of no matter where no path is signed. */
  readonly publicPath: string | undefined;
  /** Whether the signature stands in the header in which CloudFront puts its own. */
  readonly signsAuthorization: boolean;
}

/**
 * Age at which secrets are read in front of a request. An environment is frozen once its answer is
 * out, and a read behind a request may never end where requests are rare.
 */
const PATIENCE_SECONDS = 600;

/** The metric that counts an answer, by its kind. */
const METRICS = {
  accepted: "Forwarded",
  absorbed: "Absorbed",
  refused: "Refused",
  deferred: "Deferred",
  unavailable: "Unavailable",
} as const;

/**
 * The Lambda@Edge function, for both of its events: `origin-request` decides, `origin-response` tells
 * what became of it. One function, so that both come to the same environments: what they remember is
 * all there is to a guard.
 */
export class Edge {
  readonly #host: EdgeHost;
  readonly #metrics: Metrics;
  readonly #fronts: Front[] = [];

  constructor(host: EdgeHost) {
    this.#host = host;
    this.#metrics = new Metrics(host.functionName, host.write);
  }

  /** A request on its way to the origin: goes on, or is answered here. */
  async originRequest({ request }: Cf): Promise<CloudFrontRequest | Generated> {
    const nowMs = this.#host.now();
    const decided = this.#decide(request, nowMs);
    const answer = decided instanceof Promise ? await decided : decided;
    if (answer !== undefined) {
      this.#metrics.count(METRICS[answer.kind], "Code", answer.code);
    }
    this.#metrics.flush(nowMs);
    return answer === undefined ? request : generated(answer);
  }

  /** A response of the origin: whether a callback has been handed off, and what Sinch is told. */
  originResponse({ request, response }: Cf): CloudFrontResponse | Generated {
    if (response === undefined) {
      throw new Error("the event has no response: associate the function with origin-response");
    }
    const nowMs = this.#host.now();
    const front = this.#frontBehind(request);
    const forwarded = read(request.headers[MARK]?.[0]?.value);
    const { answer, tell } = settle({
      status: /^\d{3}$/.test(response.status) ? Number(response.status) : NO_STATUS,
      marked:
        front?.settings.foreignOrigin === true || response.headers[answerHeader()] !== undefined,
      callback: forwarded,
    });
    if (front !== undefined) {
      tell(front.guard, { nowMs });
    }
    if (answer !== undefined) {
      this.#metrics.count("OriginRefused", "Status", response.status);
    }
    this.#metrics.flush(nowMs, { urgent: answer !== undefined });
    if (answer !== undefined) {
      return inPlaceOf(response, answer);
    }
    // An answer to a callback leads nowhere else.
    delete response.headers["location"];
    return response;
  }

  /** What the request is answered; nothing where it goes on. */
  #decide(
    request: CloudFrontRequest,
    nowMs: number,
  ): Answer | undefined | Promise<Answer | undefined> {
    const front = this.#front(request);
    const endpoint = front.endpoints.get(request.uri ?? "");
    if (endpoint !== undefined) {
      return this.#judge(front, endpoint, request, nowMs);
    }
    if (front.otherwise !== undefined) {
      return this.#judge(front, front.otherwise, request, nowMs);
    }
    return answer(request.method === "POST" ? "UNKNOWN_PATH" : "METHOD_NOT_ALLOWED");
  }

  #judge<S extends SchemeName>(
    { settings, guard }: Front,
    gate: Gate<S>,
    request: CloudFrontRequest,
    nowMs: number,
  ): Answer | undefined | Promise<Answer | undefined> {
    const arrival = arrivalOf(request, gate.publicPath);
    const { reception, verifiers: verifier } = gate;
    const received = reception.receive(arrival, { nowMs, verifier, guard });
    return received instanceof Promise
      ? received.then((received) => this.#act(settings, gate, request, arrival.body, received))
      : this.#act(settings, gate, request, arrival.body, received);
  }

  #act<S extends SchemeName>(
    settings: Settings,
    { verifiers, signsAuthorization }: Gate<S>,
    request: CloudFrontRequest,
    body: Uint8Array,
    received: Received<S>,
  ): Answer | undefined {
    const authorization = request.headers["authorization"]?.[0];
    if (signsAuthorization && authorization !== undefined) {
      request.headers[AUTHORIZATION] = [{ key: AUTHORIZATION, value: authorization.value }];
    }
    for (const read of verifiers.takeReads()) {
      // A broken secret is a failed read, and one that waiting does not mend.
      this.#metrics.count("SecretReads", "Outcome", read === "ok" ? "ok" : "failed");
      if (read === "broken") {
        this.#metrics.count("SecretsBroken", "Outcome", "failed");
      }
    }
    if (received.is === "hand_off") {
      const { verdict, claim } = received;
      this.#forward(request, body, accepted(verdict, claim), claim?.state ?? "unknown");
      return undefined;
    }
    if (received.is === "undecided" && settings.forwardsUndecided) {
      this.#forward(request, body, undecided(received.answer), "unverified");
      return undefined;
    }
    return received.answer;
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

  #front(request: CloudFrontRequest): Front {
    let front = this.#fronts.find(({ settings }) => areOf(settings, request));
    if (front === undefined) {
      this.#fronts.push((front = this.#newFront(settings(request))));
    }
    return front;
  }

  /** The front that a response came by. An event without its origin can be of one only. */
  #frontBehind(request: CloudFrontRequest): Front | undefined {
    if (request.origin !== undefined) {
      return this.#front(request);
    }
    return this.#fronts.length === 1 ? this.#fronts[0] : undefined;
  }

  #newFront(settings: Settings): Front {
    const { limits, secretParameters, verbatimSecrets, guardCapacity: capacity } = settings;
    const warn = (message: string): void =>
      this.#host.write(JSON.stringify({ level: "error", message }));
    const store = this.#host.store(settings.secretRegion);
    const strong = { verbatimSecrets, strongSecrets: true };
    const policyOf = (names: readonly string[]) => ({ names, patienceSeconds: PATIENCE_SECONDS });
    const otherwise = {
      reception: new Reception(limits),
      publicPath: undefined,
      signsAuthorization: false,
    };
    const { memorySeconds } = otherwise.reception;
    return {
      settings,
      endpoints: new Map(
        settings.endpoints.map((endpoint) => {
          const scheme = schemeOf(endpoint);
          const gate: Gate<SchemeName> = {
            reception: new Reception<SchemeName>({ ...limits, ...scheme }),
            verifiers: new StoredVerifiers<SchemeName>(
              store,
              policyOf(endpoint.secrets),
              { ...strong, ...scheme },
              warn,
            ),
            publicPath: endpoint.publicPath,
            signsAuthorization: endpoint.key !== undefined,
          };
          return [endpoint.path, gate];
        }),
      ),
      otherwise:
        secretParameters.length === 0
          ? undefined
          : {
              ...otherwise,
              verifiers: new StoredVerifiers(store, policyOf(secretParameters), strong, warn),
            },
      guard: new ReplayGuard({ capacity, memorySeconds }),
    };
  }
}

/** Where the origin finds the header of this name as the sender wrote it: origin access control puts a
 * signature of its own in the sender's place. */
const AUTHORIZATION = "x-callback-authorization";

/** What an origin has said that is no status: it passes as little as any that is not known. */
const NO_STATUS = 1;

/** The raw bytes of the body, and the headers. */
function arrivalOf(
  { method, headers, body }: CloudFrontRequest,
  publicPath: string | undefined,
): Arrival & { body: Uint8Array } {
  if (body === undefined && hasBody(headers)) {
    // Judged without its body, every callback would be refused, for good.
    throw new Error("the event has no body: set IncludeBody on the origin-request association");
  }
  return {
    method,
    publicPath,
    headers,
    body: Buffer.from(body?.data ?? "", body?.encoding === "text" ? "utf8" : "base64"),
    truncated: body?.inputTruncated ?? false,
  };
}

/** Whether a request says that it has a body. */
function hasBody(headers: Headers): boolean {
  const length = headers["content-length"]?.[0]?.value ?? "0";
  return length !== "0" || headers["transfer-encoding"] !== undefined;
}

function generated(answer: Answer): Generated {
  const headers: Headers = {};
  for (const [key, value] of Object.entries(answer.headers)) {
    headers[key] = [{ key, value }];
  }
  return {
    status: String(answer.status),
    statusDescription: STATUS_CODES[answer.status] ?? "",
    headers,
    body: answer.body,
    bodyEncoding: "text",
  };
}

/** What CloudFront does not let a function take off a response. */
const READ_ONLY = ["transfer-encoding", "via"];

/** The answer in place of the origin's, of which nothing else goes on. */
function inPlaceOf(response: CloudFrontResponse, instead: Answer): Generated {
  const answer = generated(instead);
  for (const name of READ_ONLY) {
    const entries = response.headers[name];
    if (entries !== undefined) {
      answer.headers[name] = entries;
    }
  }
  return answer;
}
