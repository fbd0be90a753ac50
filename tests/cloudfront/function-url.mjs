import { Served, answerJson, bodyOf, exchange, joined } from "./http.mjs";
import { allows } from "./resource-policy.mjs";
import { sha256, sign, verify } from "./sigv4.mjs";

/**
 * The front of a Function URL with AuthType AWS_IAM: checks the signature, the payload's hash, and the
 * resource policy, and hands the request on to the stand-in that runs the function, which checks
 * none of the three. Takes no other Host than its own.
 */
export class FunctionUrl extends Served {
  /** Every call: `{ requestId, refused, status }`. `refused` is the reason, told to nobody but tests. */
  calls = [];
  /**
   * What happens to the next calls.
   * @type {{ how: "status" | "hang-before" | "hang-after", status?: number, times: number } | null}
   */
  fault = null;

  /**
   * `policy` are the statements of the function's resource policy; `callers` is, by access key id,
   * `{ secret, token?, service, sourceArn }`; `upstream` is `{ endpoint, credentials }`.
   */
  constructor({ domainName, region, policy, callers, upstream, clock }) {
    super();
    this.domainName = domainName;
    this.region = region;
    this.policy = policy;
    this.callers = callers;
    this.upstream = upstream;
    this.clock = clock;
  }

  async answer(request, response) {
    const body = await bodyOf(request);
    const headers = joined(request.rawHeaders);
    /** @type {{ requestId: string, refused: string | null, status: number | null, made?: boolean }} */
    const call = {
      requestId: headers["x-amz-cf-id"],
      refused: this.#refusal(request, headers, body),
      status: 403,
    };
    this.calls.push(call);
    if (call.refused) {
      answerJson(response, 403, { Message: "Forbidden" });
      return;
    }
    const fault = this.#nextFault();
    if (fault?.how === "status") {
      call.status = fault.status ?? 500;
      call.made = true;
      answerJson(response, call.status, { Message: "made to fail" });
      return;
    }
    if (fault?.how === "hang-before") {
      call.status = null;
      return;
    }
    const answer = await this.#invoke(request, headers, body);
    call.status = answer.status;
    if (fault?.how === "hang-after") {
      return;
    }
    const hop = ["connection", "keep-alive", "transfer-encoding", "content-length"];
    const kept = answer.rawHeaders.filter(
      (_, n, all) => !hop.includes(all[n - (n % 2)].toLowerCase()),
    );
    response.writeHead(answer.status, [...kept, "Content-Length", String(answer.body.length)]);
    response.end(answer.body);
  }

  #nextFault() {
    const { fault } = this;
    if (fault === null || fault.times <= 0) {
      return null;
    }
    fault.times -= 1;
    return fault;
  }

  /** Why Lambda would not invoke the function, or null. */
  #refusal(request, headers, body) {
    if (headers.host !== this.domainName) {
      return "another Host";
    }
    const [path, query] = split(request.url);
    const sent = headers["x-amz-content-sha256"];
    const signer = verify({
      method: request.method,
      path,
      query,
      headers,
      payloadHash: sent ?? sha256(body),
      region: this.region,
      service: "lambda",
      known: (id) => this.callers[id],
      nowMs: this.clock.nowMs(),
    });
    if (signer.id === undefined) {
      return signer.refused;
    }
    if (sent !== undefined && sent !== sha256(body)) {
      return "a payload with another hash";
    }
    const { service, sourceArn } = this.callers[signer.id];
    const asked = { service, sourceArn };
    if (
      !allows(this.policy, {
        ...asked,
        action: "lambda:InvokeFunctionUrl",
        context: { "lambda:FunctionUrlAuthType": "AWS_IAM" },
      }) ||
      !allows(this.policy, {
        ...asked,
        action: "lambda:InvokeFunction",
        context: { "lambda:InvokedViaFunctionUrl": true },
      })
    ) {
      return "the resource policy does not allow it";
    }
    return null;
  }

  #invoke(request, headers, body) {
    const { endpoint, credentials } = this.upstream;
    const [path, query] = split(request.url);
    const forwarded = {
      ...headers,
      "x-forwarded-proto": "https",
      "x-forwarded-port": "443",
      "x-amz-content-sha256": sha256(body),
      "content-length": String(body.length),
    };
    for (const name of [
      "authorization",
      "x-amz-date",
      "x-amz-security-token",
      "connection",
      "transfer-encoding",
    ]) {
      delete forwarded[name];
    }
    const signed = sign({
      method: request.method,
      path,
      query,
      headers: forwarded,
      payloadHash: forwarded["x-amz-content-sha256"],
      credentials,
      region: this.region,
      service: "lambda",
      nowMs: Date.now(),
    });
    return exchange(endpoint, {
      method: request.method,
      path: request.url,
      headers: { ...forwarded, ...signed },
      body,
    });
  }
}

export function split(target) {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 1)];
}
