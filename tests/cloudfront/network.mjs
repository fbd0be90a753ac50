import { Served, answerJson, bodyOf, exchange, joined } from "./http.mjs";
import { split } from "./function-url.mjs";
import { sha256, sign, verify } from "./sigv4.mjs";

/**
 * The network as an environment sees it: AWS's endpoints that stand in a table, and nothing else.
 * Requests are held to their signatures and signed again for the stand-in that answers them.
 */
export class Network extends Served {
  /** Every request: `{ environment, host, target, body, refused, status }`. */
  requests = [];

  /** `routes` is, by host name, the loopback URL that answers for it. */
  constructor({ routes, credentials, standIn, clock }) {
    super();
    this.routes = routes;
    this.credentials = credentials;
    this.standIn = standIn;
    this.clock = clock;
  }

  async answer(request, response) {
    const body = await bodyOf(request);
    const headers = joined(request.rawHeaders);
    const host = headers["x-emulated-host"];
    const environment = headers["x-emulated-environment"];
    delete headers["x-emulated-host"];
    delete headers["x-emulated-environment"];
    const [service, region] = host.split(".");
    const [path, query] = split(request.url);
    const signer = verify({
      method: request.method,
      path,
      query,
      headers: { ...headers, host },
      payloadHash: headers["x-amz-content-sha256"] ?? sha256(body),
      region,
      service,
      known: (id) => (id === this.credentials.id ? this.credentials : undefined),
      nowMs: this.clock.nowMs(),
    });
    /** @type {Record<string, any>} */
    const entry = {
      environment,
      host,
      target: headers["x-amz-target"],
      body: body.toString("utf8"),
      refused: signer.refused ?? null,
      status: 403,
    };
    this.requests.push(entry);
    if (signer.refused) {
      answerJson(response, 403, { __type: "InvalidSignatureException", message: signer.refused });
      return;
    }
    const answered = await this.#forward(request, headers, body, { region, service }).catch(
      () => null,
    );
    if (answered === null) {
      entry.status = null;
      response.destroy();
      return;
    }
    entry.status = answered.status;
    const { "content-type": contentType = "application/x-amz-json-1.1" } = joined(
      answered.rawHeaders,
    );
    response.writeHead(answered.status, {
      "content-type": contentType,
      "content-length": answered.body.length,
    });
    response.end(answered.body);
  }

  #forward(request, headers, body, { region, service }) {
    const endpoint = this.routes[`${service}.${region}.amazonaws.com`];
    const [path, query] = split(request.url);
    const kept = {
      host: new URL(endpoint).host,
      "content-type": headers["content-type"],
      "x-amz-target": headers["x-amz-target"],
      "x-amz-content-sha256": sha256(body),
    };
    const signed = sign({
      method: request.method,
      path,
      query,
      headers: kept,
      payloadHash: kept["x-amz-content-sha256"],
      credentials: this.standIn,
      region,
      service,
      nowMs: Date.now(),
    });
    return exchange(endpoint, {
      method: request.method,
      path: request.url,
      headers: { ...kept, ...signed, "content-length": String(body.length) },
      body,
    });
  }
}
