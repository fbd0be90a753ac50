import { SsmStore } from "../ssm.js";
import { Edge } from "./edge.js";
import type { CloudFrontEvent, CloudFrontRequest, CloudFrontResponse, Generated } from "./event.js";

const { env } = process;

const edge = new Edge({
  now: () => Date.now(),
  store: (region) => new SsmStore(region, credentials),
  // Past Lambda's console, which puts its own words in front of a line.
  write: (line) => process.stdout.write(`${line}\n`),
  functionName: env["AWS_LAMBDA_FUNCTION_NAME"] ?? "edge",
});

/** Answers both events that the function is associated with. */
export function handler(
  event: CloudFrontEvent,
): Promise<CloudFrontRequest | CloudFrontResponse | Generated> {
  const { cf } = event.Records[0];
  switch (cf.config.eventType) {
    case "origin-request":
      return edge.originRequest(cf);
    case "origin-response":
      return Promise.resolve(edge.originResponse(cf));
    default:
      throw new Error(
        `the function is associated with ${cf.config.eventType}, ` +
          "and is for origin-request and origin-response",
      );
  }
}

/** Those of the function's role, which Lambda puts there. */
function credentials() {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = env["AWS_SESSION_TOKEN"];
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new Error(
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: found nothing, expected a role's",
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
