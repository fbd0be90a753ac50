import { createHash, createHmac } from "node:crypto";
import { request } from "node:https";

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

/** SSM's parameter store by `node:https`: `fetch` and Amazon's own client each take longer to load than
 * all else. */
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
      const answer = await this.#call(JSON.stringify({ Names: names, WithDecryption: true }));
      found.push(...parameters(answer));
    }
    return found;
  }

  async #call(body: string): Promise<unknown> {
    for (let attempt = 1; ; attempt++) {
      let answer: Answer;
      try {
        answer = await this.#attempt(body);
      } catch (error) {
        if (attempt === ATTEMPTS) {
          throw error;
        }
        continue;
      }
      const found = json(answer.text);
      // What SSM has answered it would answer again.
      if (answer.status !== 200) {
        throw new Error(`SSM answered ${answer.status}${reason(record(found))}`);
      }
      return found;
    }
  }

  #attempt(body: string): Promise<Answer> {
    const host = `ssm.${this.#region}.amazonaws.com`;
    const headers = signed(host, this.#region, body, this.#credentials());
    return new Promise((resolve, reject) => {
      const call = request({ host, method: "POST", headers }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (text += part));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        response.on("error", reject);
      });
      const late = new Error(`SSM has not answered within ${ATTEMPT_MS} ms`);
      const timer = setTimeout(() => call.destroy(late), ATTEMPT_MS);
      call.on("close", () => clearTimeout(timer));
      call.on("error", reject);
      call.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest();

/** The headers of a call, signed with version 4
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html). */
function signed(
  host: string,
  region: string,
  body: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
): Record<string, string> {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = [stamp.slice(0, 8), region, "ssm", "aws4_request"];
  // By name, as the signature has them.
  const headers: Record<string, string> = {
    "content-type": "application/x-amz-json-1.1",
    host,
    "x-amz-date": stamp,
    ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
    "x-amz-target": "AmazonSSM.GetParameters",
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`);
  const canonical = ["POST", "/", "", ...lines, "", names, hash(body)].join("\n");
  const text = ["AWS4-HMAC-SHA256", stamp, scope.join("/"), hash(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, text).toString("hex");
  const credential = `${accessKeyId}/${scope.join("/")}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  };
}

/** What a text is as JSON; nothing where it is none. The error of the parser would quote a secret. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What SSM gives as the reason of an error. */
function reason({ __type: type, message, Message }: Record<string, unknown>): string {
  const name = typeof type === "string" ? type.slice(type.indexOf("#") + 1) : "";
  return [name, message ?? Message]
    .filter((part) => typeof part === "string" && part !== "")
    .map((part) => `, ${String(part).slice(0, 300)}`)
    .join("");
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
