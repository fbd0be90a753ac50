// What an environment of Lambda@Edge gives a function: a role's credentials, and SSM, which answers at
// once here, so that what is measured is the function's own.
import { EventEmitter } from "node:events";
import Module from "node:module";

import { SECRET } from "./events.mjs";

export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLENOTREAL00",
  AWS_SECRET_ACCESS_KEY: "example-key-not-real",
  AWS_SESSION_TOKEN: "example-token-not-real",
};

/**
 * Puts a stand-in in the place of `fetch`, and of the calls of `node:https`, which is loaded as ever.
 * There is no other network.
 */
export function standInForSsm() {
  Object.assign(process.env, CREDENTIALS);
  /** @type {any} */
  const network = globalThis;
  network.fetch = async ({ url }) => {
    expectSsm(new URL(url).host);
    return { ok: true, status: 200, json: async () => JSON.parse(answer) };
  };
  /** @type {any} */
  const loader = Module;
  const { _load } = loader;
  loader._load = function (name, ...rest) {
    const loaded = _load.call(this, name, ...rest);
    return name === "node:https" ? { ...loaded, request } : loaded;
  };
}

function expectSsm(host) {
  if (host !== "ssm.eu-central-1.amazonaws.com") {
    throw new Error(`${host}: nothing is called here but SSM`);
  }
}

function request({ host }, answered) {
  expectSsm(host);
  const response = Object.assign(new EventEmitter(), { statusCode: 200, setEncoding() {} });
  const call = new EventEmitter();
  const end = () => {
    answered(response);
    response.emit("data", answer);
    response.emit("end");
    call.emit("close");
  };
  return Object.assign(call, { end });
}

const answer = JSON.stringify({
  InvalidParameters: [],
  Parameters: [
    {
      Name: "/example/sinch/secret",
      Type: "SecureString",
      Version: 1,
      LastModifiedDate: 1_634_579_356.123,
      Value: SECRET,
    },
  ],
});

/** Runs something without the functions' log lines on standard output. */
export async function withoutLog(run) {
  const { write } = process.stdout;
  process.stdout.write = () => true;
  try {
    return await run();
  } finally {
    process.stdout.write = write;
  }
}
