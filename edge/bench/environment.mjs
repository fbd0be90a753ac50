// What an environment of Lambda@Edge gives a function: a role's credentials, and SSM, which answers at
// once here, so that what is measured is the function's own.
import { SECRET } from "./events.mjs";

export const CREDENTIALS = {
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLENOTREAL00",
  AWS_SECRET_ACCESS_KEY: "example-key-not-real",
  AWS_SESSION_TOKEN: "example-token-not-real",
};

/** Puts a stand-in in the place of `fetch`. There is no other network. */
export function standInForSsm() {
  Object.assign(process.env, CREDENTIALS);
  const parameters = { ok: true, status: 200, json: async () => answer };
  globalThis.fetch = async (url) => {
    if (!String(url).startsWith("https://ssm.eu-central-1.amazonaws.com/")) {
      throw new Error(`${url}: nothing is called here but SSM`);
    }
    return parameters;
  };
}

const answer = {
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
};

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
