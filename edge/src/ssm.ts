import { AwsV4Signer } from "aws4fetch";

import type { Parameter, ParameterStore } from "./secrets.js";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Most parameters in one call
 * (https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html). */
const MOST_NAMES = 10;
/** A connection that was frozen with its environment is found out and replaced. */
const ATTEMPTS = 2;
const ATTEMPT_MS = 2_000;

/** SSM's parameter store by `fetch`: Amazon's own client would take longer to load than all else. */
export class SsmStore implements ParameterStore {
  readonly #region: string;
  readonly #credentials: () => Credentials;

  constructor(region: string, credentials: () => Credentials) {
    this.#region = region;
    this.#credentials = credentials;
  }

  async read(selectors: readonly string[]): Promise<readonly Parameter[]> {
    const found: Parameter[] = [];
    for (let at = 0; at < selectors.length; at += MOST_NAMES) {
      const names = selectors.slice(at, at + MOST_NAMES);
      found.push(...parameters(await this.#call({ Names: names, WithDecryption: true })));
    }
    return found;
  }

  async #call(input: object): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(JSON.stringify(input));
      } catch (error) {
        // What SSM has answered it would answer again.
        if (error instanceof Refused || attempt === ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  async #attempt(body: string): Promise<unknown> {
    const signer = new AwsV4Signer({
      ...this.#credentials(),
      service: "ssm",
      region: this.#region,
      method: "POST",
      url: `https://ssm.${this.#region}.amazonaws.com/`,
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonSSM.GetParameters",
      },
      body,
    });
    const { method, url, headers } = await signer.sign();
    const answer = await fetch(url.href, {
      method,
      headers,
      body,
      signal: AbortSignal.timeout(ATTEMPT_MS),
    });
    if (!answer.ok) {
      throw new Refused(`SSM answered ${answer.status}${await reason(answer)}`);
    }
    return answer.json();
  }
}

class Refused extends Error {}

/** What SSM gives as the reason of an error. */
async function reason(answer: Response): Promise<string> {
  try {
    const { __type: type, message, Message } = record(await answer.json());
    const name = typeof type === "string" ? type.slice(type.indexOf("#") + 1) : "";
    return [name, message ?? Message]
      .filter((text) => typeof text === "string" && text !== "")
      .map((text) => `, ${String(text).slice(0, 300)}`)
      .join("");
  } catch {
    return "";
  }
}

function parameters(answer: unknown): Parameter[] {
  const { Parameters: list } = record(answer);
  if (!Array.isArray(list)) {
    throw new Error("SSM's answer has no list of parameters");
  }
  return list.map((entry: unknown) => {
    const { Name, Version, LastModifiedDate, Value } = record(entry);
    if (typeof Name !== "string" || typeof Version !== "number" || typeof Value !== "string") {
      throw new Error("SSM's answer has a parameter without name, version or value");
    }
    const modified = typeof LastModifiedDate === "number" ? LastModifiedDate : 0;
    return { name: Name, version: Version, modifiedAtSeconds: Math.floor(modified), value: Value };
  });
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
