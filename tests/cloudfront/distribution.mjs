import { randomBytes } from "node:crypto";
import { STATUS_CODES } from "node:http";

import { Clock } from "./clock.mjs";
import { EdgeFailure } from "./edge-failure.mjs";
import { EdgeFunction } from "./edge-function.mjs";
import { FunctionUrl } from "./function-url.mjs";
import { bytesOf, lambdaHeaders, pairs } from "./headers.mjs";
import { Served, bodyOf, exchange } from "./http.mjs";
import { Network } from "./network.mjs";
import { originRequestEvent, originRequestOutcome } from "./origin-request.mjs";
import { originResponseEvent, originResponseOutcome } from "./origin-response.mjs";
import { sha256, sign } from "./sigv4.mjs";
import { ViewerFunction } from "./viewer-function.mjs";
import { viewerRequestEvent, viewerRequestOutcome } from "./viewer-request.mjs";

const HOP_BY_HOP = [
  "connection",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
];

// Made up, and known to nothing but this emulator.
const OAC = { id: "ASIAMADEUPOAC", secret: "made-up-oac-secret", token: "made-up-oac-token" };
const EDGE_ROLE = {
  id: "ASIAMADEUPEDGE",
  secret: "made-up-edge-secret",
  token: "made-up-edge-token",
};

/**
 * A CloudFront distribution in front of a Function URL, with everything between the viewer and the
 * function. Its configuration is described in README.md.
 */
export class Distribution extends Served {
  /** What became of each request, in the order they ended. */
  exchanges = [];
  /** What the functions wrote: `{ environment, line }`. */
  logs = [];
  clock = new Clock();
  /** The environments that take every invocation of an event, by number; null for any. */
  pins = { originRequest: null, originResponse: null };

  constructor(config) {
    super();
    this.config = config;
    this.distribution = config.distribution;
    this.clock.set(config.clock ?? null);
    this.network = new Network({
      routes: config.network ?? {},
      credentials: EDGE_ROLE,
      standIn: config.functionUrl.credentials,
      clock: this.clock,
    });
    const { id, accountId } = config.distribution;
    this.functionUrl = new FunctionUrl({
      domainName: config.origin.domainName,
      region: config.functionUrl.region,
      policy: config.functionUrl.policy,
      callers: {
        [OAC.id]: {
          ...OAC,
          service: "cloudfront.amazonaws.com",
          sourceArn: `arn:aws:cloudfront::${accountId}:distribution/${id}`,
        },
        ...config.functionUrl.callers,
      },
      upstream: {
        endpoint: config.functionUrl.endpoint,
        credentials: config.functionUrl.credentials,
      },
      clock: this.clock,
    });
    this.viewerFunction = config.prefilter ? new ViewerFunction(config.prefilter) : null;
    const edgeFunction = (name, bundle) =>
      bundle &&
      new EdgeFunction({
        name,
        bundle,
        functionName: `made-up-${name}`,
        limit: config.environments ?? 2,
        memoryMb: config.memoryMb ?? 128,
        timeoutMs: (config.timeoutSeconds ?? 30) * 1000,
        executionRegion: config.executionRegion ?? "eu-central-1",
        credentials: EDGE_ROLE,
        network: this.network,
        onLog: (environment, line) => this.logs.push({ environment, line }),
      });
    this.originRequest = edgeFunction("origin-request", config.originRequest);
    // The same bundle for both is one function, as the same ARN is.
    this.originResponse =
      config.originResponse === config.originRequest
        ? this.originRequest
        : edgeFunction("origin-response", config.originResponse);
  }

  async start() {
    await this.network.start();
    await this.functionUrl.start();
    await this.viewerFunction?.start();
    await super.start();
  }

  async stop() {
    await super.stop();
    await this.originRequest?.stop();
    await this.originResponse?.stop();
    await this.viewerFunction?.stop();
    await this.functionUrl.stop();
    await this.network.stop();
  }

  async answer(viewer, response) {
    const requestId = `${randomBytes(40).toString("base64url")}==`;
    const body = await bodyOf(viewer);
    const note = {
      requestId,
      method: viewer.method,
      stage: "prefilter",
      status: null,
      /** @type {string | null} */
      cause: null,
      environments: {},
    };
    let answer;
    try {
      answer = await this.#answer(viewer, body, requestId, note);
    } catch (error) {
      if (!(error instanceof EdgeFailure)) {
        throw error;
      }
      note.cause = error.message;
      answer = {
        status: error.status,
        cache: error.name,
        headers: { "content-type": [{ key: "Content-Type", value: "text/html" }] },
        body: Buffer.from(`<title>ERROR</title> ${error.name}`),
      };
    }
    note.status = answer.status;
    note.cache = answer.cache;
    this.exchanges.push(note);
    const headers = Object.entries(answer.headers)
      .filter(([name]) => !HOP_BY_HOP.includes(name) && name !== "content-length")
      .flatMap(([name, entries]) =>
        entries.flatMap(({ key, value }) => [
          key ?? name,
          bytesOf(name, value, answer.rawPairs ?? []),
        ]),
      );
    response.writeHead(answer.status, answer.statusDescription || STATUS_CODES[answer.status], [
      ...headers,
      ...["Content-Length", String(answer.body.length)],
      ...["X-Cache", `${answer.cache} from cloudfront`],
      ...["X-Amz-Cf-Id", requestId],
      ...["Via", `1.1 made-up.cloudfront.net (CloudFront)`],
    ]);
    response.end(answer.body);
  }

  async #answer(viewer, body, requestId, note) {
    const { distribution, clock } = this;
    const rawPairs = pairs(viewer.rawHeaders);
    const at = viewer.url.indexOf("?");
    let request = {
      clientIp: viewer.socket.remoteAddress,
      method: viewer.method,
      uri: at < 0 ? viewer.url : viewer.url.slice(0, at),
      querystring: at < 0 ? "" : viewer.url.slice(at + 1),
      headers: lambdaHeaders(rawPairs),
    };

    if (this.viewerFunction) {
      const { clientIp } = request;
      const event = viewerRequestEvent({ distribution, requestId, clientIp, request, rawPairs });
      const outcome = viewerRequestOutcome(
        event,
        await this.viewerFunction.run(event, clock.nowMs()),
        request,
      );
      if (outcome.response) {
        return { ...outcome.response, cache: "FunctionGeneratedResponse" };
      }
      request = outcome.request;
    }

    note.stage = "origin-request";
    request = this.#atOrigin(request);
    let sent = body;
    if (this.originRequest) {
      const event = originRequestEvent({ distribution, requestId, request, body });
      const { environment, result } = await this.originRequest.invoke(
        requestId,
        event,
        clock.fixedMs,
        this.pins.originRequest,
      );
      note.environments.originRequest = environment;
      const outcome = originRequestOutcome(event, result, body);
      if (outcome.response) {
        return { ...outcome.response, cache: "LambdaGeneratedResponse" };
      }
      ({ request, body: sent } = outcome);
    }

    note.stage = "origin";
    const response = await this.#askOrigin(request, sent, rawPairs, requestId, note);

    // Only an answer of the origin's is an origin response.
    if (this.originResponse) {
      const event = originResponseEvent({ distribution, requestId, request, response });
      const { environment, result } = await this.originResponse.invoke(
        requestId,
        event,
        clock.fixedMs,
        this.pins.originResponse,
      );
      note.environments.originResponse = environment;
      const outcome = originResponseOutcome(event, result, response.body);
      return { ...outcome, rawPairs: response.rawPairs, cache: response.cache };
    }
    return response;
  }

  /**
   * The request as CloudFront would send it: every viewer header but Host (policy
   * AllViewerExceptHostHeader). The origin's custom headers take the place of the viewer's.
   */
  #atOrigin(request) {
    const { domainName, customHeaders = {}, readTimeoutSeconds = 30 } = this.config.origin;
    const headers = { ...request.headers };
    const custom = {};
    for (const [key, value] of Object.entries(customHeaders)) {
      delete headers[key.toLowerCase()];
      custom[key.toLowerCase()] = [{ key, value }];
    }
    headers.host = [{ key: "Host", value: domainName }];
    const forwarded = headers["x-forwarded-for"]?.map(({ value }) => `${value}, `).join("") ?? "";
    headers["x-forwarded-for"] = [
      { key: "X-Forwarded-For", value: `${forwarded}${request.clientIp}` },
    ];
    const via = headers.via?.map(({ value }) => `${value}, `).join("") ?? "";
    headers.via = [{ key: "Via", value: `${via}1.1 made-up.cloudfront.net (CloudFront)` }];
    return {
      ...request,
      headers,
      origin: {
        custom: {
          customHeaders: custom,
          domainName,
          keepaliveTimeout: 5,
          path: "",
          port: 443,
          protocol: "https",
          readTimeout: readTimeoutSeconds,
          sslProtocols: ["TLSv1.2"],
        },
      },
    };
  }

  async #askOrigin(request, body, rawPairs, requestId, note) {
    const { origin } = this.config;
    const flat = [];
    for (const [name, entries] of [
      ...Object.entries(request.headers),
      ...Object.entries(request.origin.custom.customHeaders),
    ]) {
      if (!HOP_BY_HOP.includes(name) && name !== "content-length" && name !== "host") {
        entries.forEach(({ key, value }) =>
          flat.push([key ?? name, bytesOf(name, value, rawPairs)]),
        );
      }
    }
    const headers = [
      ["Host", origin.domainName],
      ...this.#signed(request, flat),
      ["Content-Length", String(body.length)],
      ["X-Amz-Cf-Id", requestId],
    ];
    let answer;
    try {
      answer = await exchange(this.functionUrl.url, {
        method: request.method,
        path: request.querystring ? `${request.uri}?${request.querystring}` : request.uri,
        headers: headers.flat(),
        body,
        timeoutMs: request.origin.custom.readTimeout * 1000,
      });
    } catch (error) {
      // A POST is not sent a second time.
      throw error.code === "ETIMEDOUT"
        ? EdgeFailure.origin(504, "the origin did not answer in time")
        : EdgeFailure.origin(502, `the origin cannot be reached: ${error.message}`);
    } finally {
      const call = this.functionUrl.calls.findLast((one) => one.requestId === requestId);
      if (call && (call.refused || call.made)) {
        note.stage = "function-url";
        note.cause = call.refused;
      }
    }
    const answerPairs = pairs(answer.rawHeaders);
    return {
      status: answer.status,
      statusDescription: STATUS_CODES[answer.status] ?? "",
      headers: lambdaHeaders(answerPairs),
      rawPairs: answerPairs,
      body: answer.body,
      cache: answer.status >= 400 ? "Error" : "Miss",
    };
  }

  /** Origin access control: signing always, over whatever hash the request states. */
  #signed(request, flat) {
    if (this.config.origin.accessControl === false) {
      return flat;
    }
    const overwritten = ["authorization", "x-amz-date", "x-amz-security-token"];
    const kept = flat.filter(([name]) => !overwritten.includes(name.toLowerCase()));
    const byName = { host: this.config.origin.domainName };
    for (const [key, value] of kept) {
      const name = key.toLowerCase();
      byName[name] = name in byName ? `${byName[name]},${value}` : value;
    }
    const signed = sign({
      method: request.method,
      path: request.uri,
      query: request.querystring,
      headers: byName,
      payloadHash: byName["x-amz-content-sha256"] ?? sha256(""),
      credentials: OAC,
      region: this.config.functionUrl.region,
      service: "lambda",
      nowMs: this.clock.nowMs(),
    });
    return [...kept, ...Object.entries(signed)];
  }
}
