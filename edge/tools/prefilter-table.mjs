// What the prefilter knows of core's rules. Names, codes, statuses and texts are asked from the
// WebAssembly build; the forms of the values stand here, and a test holds them against core's.
import {
  Signer,
  Verifier,
  answer,
  answerHeader,
  defaultOf,
  headerNames,
} from "sinch-callback/inline";

/** The forms, in the order of `headerNames()`: length, and what no character may be. Written for
 * regular expressions of every dialect: `$` would also match before a newline. */
const FORMS = [
  // 43 digits of base64 and a pad.
  { least: 44, most: 44, matches: "^[A-Za-z0-9+/]{43}=" },
  // Decimal digits.
  { least: 1, most: 12, excludes: "[^0-9]" },
  // Visible ASCII without dot and comma, which is told apart before.
  { least: 1, most: 128, excludes: "[^!-\\-/-~]" },
  { lowerCase: "hmacsha256" },
];

/** A moment and a secret for the questions. */
const NOW = 1_700_000_000;
const SECRET = "made-up-for-questions";

/**
 * The table for a prefilter with these limits. They must not be narrower than the receiver's:
 *
 * - `maxAgeSeconds`: greatest age, `Infinity` for none
 * - `maxBodyBytes`: largest body
 * - `requireAlgorithm`: whether a callback has to name its algorithm
 * - `paths`: where callbacks come; any path where it is empty, as the receiver takes them
 * - `endpoints`: paths where callbacks of another scheme come, of which it knows no form
 */
export function table(limits = {}) {
  const {
    maxAgeSeconds = defaultOf("loggedAgeSeconds"),
    maxBodyBytes = defaultOf("edgeBodyBytes"),
    requireAlgorithm = false,
    paths = [],
    endpoints = [],
  } = limits;
  const names = headerNames();
  const [, timestamp, , algorithm] = names;
  const signer = new Signer({ secret: SECRET });
  const body = new TextEncoder().encode("{}");
  const signed = signer.sign({ body, nonce: "n", nowMs: NOW * 1000 });
  const good = { [algorithm]: "HmacSHA256", ...signed };

  const verifier = new Verifier({
    secrets: [SECRET],
    maxBodyBytes,
    maxAgeSeconds,
    algorithmHeader: requireAlgorithm ? "required" : "optional",
  });
  const ask = (headers, { with: by = verifier, at = NOW, of = body } = {}) => {
    const verdict = by.verify({ headers, body: of }, { nowMs: at * 1000 });
    if (verdict.ok) {
      throw new Error("core accepts what the table takes for wrong");
    }
    return { status: verdict.status, code: verdict.code, detail: verdict.detail };
  };
  const without = (name) =>
    Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
  const withValue = (name, value) => ({ ...good, [name]: value });

  /** Core's words around the two numbers of a stale callback: its age, and the limit. */
  const stale = () => {
    // Odd enough to be found in the text, and nowhere else in it.
    const [age, limit] = [9_876_543, 7_654_321];
    const narrow = new Verifier({ secrets: [SECRET], maxAgeSeconds: limit });
    const { status, code, detail } = ask(good, { with: narrow, at: NOW + age });
    const [before, between, after] = detail.split(new RegExp(`${age}|${limit}`));
    return { status, code, before, between, after };
  };
  return {
    mark: answerHeader(),
    method: answer("METHOD_NOT_ALLOWED"),
    path: answer("UNKNOWN_PATH"),
    paths,
    endpoints,
    headers: names.map((name, at) => ({
      name,
      ...FORMS[at],
      repeated: ask(withValue(name, `${good[name]},${good[name]}`)),
      missing: name === algorithm && !requireAlgorithm ? undefined : ask(without(name)),
      malformed: ask(withValue(name, "")),
    })),
    timestamp,
    maxBodyBytes,
    tooLarge: ask(good, { of: new Uint8Array(maxBodyBytes + 1) }),
    maxAgeSeconds,
    stale: stale(),
    marginSeconds: MARGIN_SECONDS,
  };
}

/** What the clocks of CloudFront and of the receiver may be apart. Our own choice. */
export const MARGIN_SECONDS = 900;
