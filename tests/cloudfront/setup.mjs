import assert from "node:assert/strict";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";

import { Distribution } from "./distribution.mjs";
import { bodyOf, exchange, joined, listen } from "./http.mjs";

export const fixture = (name) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export const DOMAIN = "madeup.lambda-url.us-east-1.on.aws";
const ARN = "arn:aws:cloudfront::000000000000:distribution/EDFDVBD6EXAMPLE";
const statement = (action, condition) => ({
  Effect: "Allow",
  Principal: { Service: "cloudfront.amazonaws.com" },
  Action: action,
  Condition: { ArnLike: { "AWS:SourceArn": ARN }, ...condition },
});
export const POLICY = [
  statement("lambda:InvokeFunctionUrl", {
    StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" },
  }),
  statement("lambda:InvokeFunction", { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
];

/** A function that remembers what reached it, and answers 200 unless told otherwise. */
async function startReceiver() {
  /** @type {{ received: any[], answer: any }} */
  const receiver = { received: [], answer: { status: 200, headers: {}, body: "taken" } };
  const server = await listen(async (request, response) => {
    const body = await bodyOf(request);
    receiver.received.push({
      headers: joined(request.rawHeaders),
      rawHeaders: request.rawHeaders,
      body,
      url: request.url,
    });
    const { status, headers, body: text } = receiver.answer;
    response.writeHead(status, headers);
    response.end(text);
  });
  return Object.assign(receiver, server);
}

/**
 * For a suite: a distribution of the fixtures' functions before a receiver, and `send` to ask it.
 * What it gives is filled in before the first test.
 */
export function world(changes) {
  const found = {};
  before(async () => Object.assign(found, await started(changes)));
  after(async () => {
    await found.distribution?.stop();
    await found.receiver?.close();
  });
  return found;
}

async function started(changes = {}) {
  const receiver = await startReceiver();
  const distribution = new Distribution({
    distribution: {
      id: "EDFDVBD6EXAMPLE",
      domainName: "d111111abcdef8.cloudfront.net",
      accountId: "000000000000",
    },
    prefilter: null,
    originRequest: fixture("origin-request.js"),
    originResponse: null,
    ...changes,
    origin: { domainName: DOMAIN, customHeaders: { "X-Setting": "made-up" }, ...changes.origin },
    functionUrl: {
      endpoint: receiver.url,
      region: "us-east-1",
      policy: POLICY,
      credentials: { id: "test", secret: "test" },
      ...changes.functionUrl,
    },
  });
  await distribution.start();

  /** `act` tells the fixture what to do. */
  async function send(
    act,
    { headers = [], body = "{}", method = "POST", path = "/callbacks" } = {},
  ) {
    const answer = await exchange(distribution.url, {
      method,
      path,
      headers: ["Host", "d111111abcdef8.cloudfront.net", ...(act ? ["X-Do", act] : []), ...headers],
      body: method === "GET" ? undefined : body,
    });
    return {
      ...answer,
      headers: joined(answer.rawHeaders),
      text: answer.body.toString(),
      cause: distribution.exchanges.at(-1).cause,
    };
  }
  return { distribution, receiver, send };
}

/** What a viewer gets from the edge itself, without the origin being asked. */
export async function endsHere(at, act, { status, cache, cause }, how) {
  const before = at.receiver.received.length;
  const answer = await at.send(act, how);
  assert.deepEqual(
    [answer.status, answer.headers["x-cache"]],
    [status, `${cache} from cloudfront`],
    answer.cause,
  );
  assert.equal(answer.cause, cause);
  assert.equal(at.receiver.received.length, before, "it reached the origin");
  return answer;
}
