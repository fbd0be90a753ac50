// The signature alone, next to Sinch's own Node SDK: for every case of `parity`, what the core finds
// authentic the SDK finds authentic, but for the differences that a rule below explains.
//
//     node parity-sdk.mjs CASES.jsonl      or the cases on the standard input
//
// The SDK knows one secret and no time: it is asked once per secret, and a callback that is refused
// for its time counts as authentic. Exits 1 at a difference that not exactly one rule explains, and
// for a rule that explains none.

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

import { validateWebhookSignature } from "./sinch-sdk.mjs";

const SIGNATURE = "x-sinch-webhook-signature";
const TIMESTAMP = `${SIGNATURE}-timestamp`;
const NONCE = `${SIGNATURE}-nonce`;
const ALGORITHM = `${SIGNATURE}-algorithm`;

const isText = ({ body }) => Buffer.from(body.toString("utf8"), "utf8").equals(body);
const hasDot = ({ headers }) => headers[NONCE].includes(".");
const isLong = ({ headers }) => headers[NONCE].length > 128;

/**
 * What explains a difference: our code, the header that it names, and what there is about the
 * callback itself that makes us differ.
 */
/** @type {{ name: string, reason: string, explains: (it: any) => boolean }[]} */
const RULES = [
  {
    name: "repeated header",
    reason:
      "which of several values is signed is a guess; the SDK never looks at the algorithm, and signs joined nonces",
    explains: ({ code, header, headers }) =>
      code === "repeated_header" && headers[header].includes(","),
  },
  {
    name: "nonce with a dot",
    reason: "the body's tail may have been moved in front of the nonce: boundary shift",
    explains: (it) => it.code === "malformed_header" && it.header === NONCE && hasDot(it),
  },
  {
    name: "nonce too long",
    reason: "our own limit of 128 characters; Sinch's nonces have 26",
    explains: (it) =>
      it.code === "malformed_header" && it.header === NONCE && !hasDot(it) && isLong(it),
  },
  {
    name: "nonce not visible",
    reason:
      "an empty nonce makes nothing unique, and spaces and control characters change on the way",
    explains: (it) =>
      it.code === "malformed_header" &&
      it.header === NONCE &&
      !hasDot(it) &&
      !isLong(it) &&
      !/^[!-~]+$/.test(it.headers[NONCE]),
  },
  {
    name: "timestamp not 1 to 12 digits",
    reason:
      "the window needs a number, and one number has to have one meaning; the SDK never reads it",
    explains: ({ code, header, headers }) =>
      code === "malformed_header" &&
      header === TIMESTAMP &&
      !/^[0-9]{1,12}$/.test(headers[TIMESTAMP]),
  },
  {
    name: "header undefined",
    reason: "the SDK signs the word `undefined` for a nonce or timestamp that is not there",
    explains: ({ code, header, headers }) =>
      code === "missing_header" &&
      [NONCE, TIMESTAMP].includes(header) &&
      headers[header] === undefined,
  },
  {
    name: "algorithm required",
    reason: "the option of ours that demands the header; the SDK never looks at it",
    explains: ({ code, header, headers, line }) =>
      code === "missing_header" &&
      header === ALGORITHM &&
      headers[ALGORITHM] === undefined &&
      line.options.algorithm_header === "required",
  },
  {
    name: "other algorithm",
    reason:
      "a callback that names another algorithm is not one that we can judge; the SDK never looks at it",
    explains: ({ code, headers }) =>
      code === "unsupported_algorithm" && headers[ALGORITHM].toLowerCase() !== "hmacsha256",
  },
  {
    name: "body too large",
    reason: "the option of ours that limits bodies; the SDK has no limit",
    explains: ({ code, body, line }) =>
      code === "body_too_large" && body.length > (line.options.max_body_bytes ?? 2_097_152),
  },
  {
    name: "body is no text, and authentic",
    reason: "the SDK takes a string, and no string has these bytes: it refuses what Sinch signed",
    explains: (it) => it.authentic && !isText(it),
  },
  {
    name: "body is no text, and altered",
    reason:
      "decoded to a string, other bytes become the text that was signed: the SDK accepts what nobody signed",
    explains: (it) => it.code === "signature_mismatch" && !isText(it),
  },
];
const SHOWN = 10;

const text = (value) =>
  typeof value === "string" ? value : Buffer.from(value.hex, "hex").toString("latin1");
const key = (value) => (typeof value === "string" ? value : Buffer.from(value.hex, "hex"));

/** As Node's server hands headers on: names in lower case, the values of one name joined. */
function incoming(pairs) {
  const headers = {};
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    headers[lower] = lower in headers ? `${headers[lower]}, ${text(value)}` : text(value);
  }
  return headers;
}

const source = process.argv[2] === undefined ? process.stdin : createReadStream(process.argv[2]);
const counts = new Map(RULES.map(({ name }) => [name, 0]));
const unexplained = [];
let cases = 0;
let agreed = 0;

for await (const json of createInterface({ input: source, crlfDelay: Infinity })) {
  const line = JSON.parse(json);
  cases += 1;
  const { code, header } = line.expect;
  const headers = incoming(line.headers);
  const body = Buffer.from(line.body, "base64");
  const authentic = ["accepted", "stale", "from_future"].includes(code);
  const asText = body.toString("utf8");
  const accepts = (secret) => validateWebhookSignature(key(secret), headers, asText);
  if (line.secrets.some(accepts) === authentic) {
    agreed += 1;
    continue;
  }
  const matching = RULES.filter(({ explains }) =>
    explains({ line, code, header, headers, body, authentic }),
  );
  if (matching.length === 1) {
    const [{ name }] = matching;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  } else {
    const rules = matching.map(({ name }) => name).join(", ") || "no rule";
    const input = JSON.stringify({ headers: line.headers, body: line.body }).slice(0, 600);
    unexplained.push(
      `line ${cases}: ${code} here, ${authentic ? "refused" : "accepted"} by the SDK: ${rules}\n  ${input}`,
    );
  }
}

const width = Math.max(...RULES.map(({ name }) => name.length));
console.log(`${"rule".padEnd(width)} | cases`);
counts.forEach((count, name) => console.log(`${name.padEnd(width)} | ${count}`));
console.log(`sdk: ${cases} cases, ${agreed} agreed, ${unexplained.length} unexplained differences`);
unexplained.slice(0, SHOWN).forEach((difference) => console.log(difference));
const idle = [...counts].filter(([, count]) => count === 0).map(([name]) => name);
idle.forEach((name) => console.log(`the rule "${name}" explains nothing`));
process.exitCode = cases > 0 && unexplained.length === 0 && idle.length === 0 ? 0 : 1;
