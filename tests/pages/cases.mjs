// Callbacks for the inspector: those of the vectors, and one for each cause that a diagnosis names. They
// are signed by Node.js, never by what is tested.
import { createHash, createHmac, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync } from "node:fs";

/**
 * @typedef {Object} Case
 * @property {string} id
 * @property {Buffer} request
 * @property {Buffer | null} body
 * @property {Buffer[]} secrets
 * @property {Buffer[]} [retired]
 * @property {string} [scheme]
 * @property {string} [key]
 * @property {string} [path]
 * @property {number} now
 * @property {number | null} [max_age_secs]
 * @property {number} [max_ahead_secs]
 * @property {number} [max_body_bytes]
 * @property {boolean} [require_algorithm]
 * @property {boolean} [isPossible]
 * @property {any} [expect]
 */

/** @param {any} text */
const bytes = (text) =>
  typeof text === "string" ? Buffer.from(text) : Buffer.from(text.hex, "hex");

/** @param {any} body */
function bodyOf(body) {
  if (body.text !== undefined) return Buffer.from(body.text);
  if (body.base64 !== undefined) return Buffer.from(body.base64, "base64");
  return Buffer.from(body.repeat.repeat(body.count));
}

/**
 * The head of a request as people have it: JSON, or as it goes over the wire where a value is no text.
 * @param {[string, Buffer][]} headers
 * @param {{ method: string, target: string }} line
 */
function head(headers, { method, target }) {
  const isText = headers.every(([, value]) => Buffer.from(value.toString()).equals(value));
  if (isText) {
    const pairs = headers.map(([name, value]) => [name, value.toString()]);
    return Buffer.from(JSON.stringify({ method, url: target, headers: pairs }));
  }
  const lines = headers.flatMap(([name, value]) => [
    Buffer.from(`${name}: `),
    value,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n`),
    ...lines,
    Buffer.from("\r\n"),
  ]);
}

/** @param {string} name @returns {Case[]} */
function read(name) {
  const list = JSON.parse(
    readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"),
  );
  return list.map((/** @type {any} */ vector) => {
    const options = vector.options ?? {};
    const age = options.max_age_secs;
    return {
      id: `${name}/${vector.id}`,
      request: head(
        vector.headers.map((/** @type {any} */ [header, value]) => [header, bytes(value)]),
        vector.request ?? { method: "POST", target: "/" },
      ),
      body: bodyOf(vector.body),
      secrets: vector.secrets.map(bytes),
      scheme: vector.scheme ?? "conversation",
      key: vector.key,
      now: Number(vector.now),
      max_age_secs: age === undefined ? 300 : age === "unlimited" ? null : Number(age),
      max_ahead_secs: Number(options.max_ahead_secs ?? 300),
      max_body_bytes: options.max_body_bytes,
      require_algorithm: options.algorithm_header === "required",
      isPossible: isPossible(vector),
      expect: vector.expect,
    };
  });
}

/**
 * Whether a page can be given it: numbers that JavaScript has, and a request line as requests have it.
 * @param {any} vector
 */
function isPossible({ now, options = {}, request = { method: "POST", target: "/" } }) {
  const numbers = [now, options.max_age_secs ?? 0, options.max_ahead_secs ?? 0];
  return (
    numbers.every((number) => number === "unlimited" || Number.isSafeInteger(Number(number))) &&
    request.target.startsWith("/") &&
    !request.method.includes(" ")
  );
}

const all = ["published", "made", "schemes"].flatMap(read);
export const vectors = all.filter(({ isPossible }) => isPossible);
/** What no page can be given, by name, so that none more goes missing. */
export const impossible = all.filter(({ isPossible }) => !isPossible).map(({ id }) => id);

/** @param {Case} one */
export function message(one) {
  /** @param {Buffer} bytes */
  const written = (bytes) => ({ base64: bytes.toString("base64") });
  return {
    ask: "inspect",
    request: written(one.request),
    body: one.body && written(one.body),
    secrets: one.secrets.map(written),
    retired: (one.retired ?? []).map(written),
    scheme: one.scheme,
    key: one.key,
    path: one.path,
    now: one.now,
    max_age_secs: one.max_age_secs === undefined ? 300 : one.max_age_secs,
    max_ahead_secs: one.max_ahead_secs ?? 300,
    ...(one.max_body_bytes === undefined ? {} : { max_body_bytes: one.max_body_bytes }),
    require_algorithm: one.require_algorithm ?? false,
  };
}

// ---- A callback for each cause

const NOW = 1_700_000_000;
// A text that is base64, too.
const SECRET = "bWFkZS11cC1zZWNyZXQtMTY=";
const BODY = '{"b":1,"a":"x/y"}';
const NONCE = "01FJA8B4A7EXAMPLENONCE0001";

/** @param {string | Buffer} secret @param {(string | Buffer)[]} parts @param {string} [hash] */
function hmac(secret, parts, hash = "sha256") {
  const mac = createHmac(hash, secret);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/**
 * The Conversation API's: signed by what `by` says, sent as what `sent` says.
 * @param {{ secret?: string | Buffer, body?: string | Buffer, nonce?: string, time?: string, signature?: (tag: Buffer) => string }} by
 * @param {{ secret?: string | Buffer, body?: string | Buffer, nonce?: string, time?: string, retired?: string, now?: number }} sent
 */
function conversation(by, sent = {}) {
  const [secret, body, nonce, time] = [
    by.secret ?? SECRET,
    by.body ?? BODY,
    by.nonce ?? NONCE,
    by.time ?? String(NOW),
  ];
  const tag = hmac(secret, [body, ".", nonce, ".", time]);
  const signature = by.signature?.(tag) ?? tag.toString("base64");
  const headers = [
    ["x-sinch-webhook-signature", signature],
    ["x-sinch-webhook-signature-nonce", sent.nonce ?? nonce],
    ["x-sinch-webhook-signature-timestamp", sent.time ?? time],
  ];
  return {
    request: Buffer.from(JSON.stringify(headers)),
    body: Buffer.from(sent.body ?? body),
    secrets: [Buffer.from(sent.secret ?? SECRET)],
    retired: sent.retired === undefined ? [] : [Buffer.from(sent.retired)],
    now: sent.now ?? NOW,
  };
}

const TIME = "2023-11-14T22:13:20.0000000Z";
const TYPE = "application/json; charset=utf-8";

/**
 * Voice v1's.
 * @param {{ key?: Buffer, method?: string, type?: string, path?: string, time?: string }} by
 * @param {{ word?: string, method?: string, type?: string, target?: string, time?: string, key?: string, scheme?: string }} sent
 */
function application(by, sent = {}) {
  const path = by.path ?? "/voice";
  const lines = [
    by.method ?? "POST",
    createHash("md5").update(BODY).digest("base64"),
    by.type ?? TYPE,
    `x-timestamp:${by.time ?? TIME}`,
    path,
  ];
  const tag = hmac(by.key ?? Buffer.from(SECRET, "base64"), [lines.join("\n")]).toString("base64");
  return {
    request: head(
      Object.entries({
        authorization: `${sent.word ?? "application"} my-key:${tag}`,
        "content-type": sent.type ?? TYPE,
        "x-timestamp": sent.time ?? by.time ?? TIME,
      }).map(([name, value]) => [name, Buffer.from(value)]),
      { method: sent.method ?? "POST", target: sent.target ?? path },
    ),
    body: Buffer.from(BODY),
    secrets: [Buffer.from(SECRET)],
    scheme: sent.scheme ?? "application",
    key: sent.key ?? "my-key",
    now: NOW,
  };
}

const pair = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const spki = pair.publicKey.export({ type: "spki", format: "der" }).toString("base64");
const DATE = "Tue, 14 Nov 2023 22:13:20 GMT";

/**
 * Engage's.
 * @param {(line: string) => string} signed
 * @param {{ target?: string, path?: string, digest?: string }} sent
 */
function engage(signed, sent = {}) {
  const target = "/engage?tenant=7";
  const signature = sign("sha256", Buffer.from(signed(`POST ${target} HTTP/1.1`)), pair.privateKey);
  return {
    request: head(
      Object.entries({
        "X-Messagemedia-Signature": signature.toString("base64"),
        "X-Messagemedia-Key-Id": "a-key",
        Date: DATE,
      }).map(([name, value]) => [name, Buffer.from(value)]),
      { method: "POST", target: sent.target ?? target },
    ),
    body: Buffer.from(BODY),
    secrets: [Buffer.from(`a-key ${sent.digest ?? "SHA256"} ${spki}`)],
    path: sent.path,
    now: NOW,
  };
}

function parentOfMailgun() {
  const token = "a".repeat(50);
  const proof = (/** @type {string} */ key) => ({
    timestamp: String(NOW),
    token,
    signature: hmac(key, [String(NOW), token]).toString("hex"),
  });
  const body = {
    signature: proof("of-the-subaccount"),
    "parent-signature": proof(SECRET),
    "event-data": {},
  };
  return {
    request: Buffer.from('{"content-type":"application/json"}'),
    body: Buffer.from(JSON.stringify(body)),
    secrets: [Buffer.from(SECRET)],
    now: NOW,
  };
}

const pretty = JSON.stringify(JSON.parse(BODY), null, 2);
const sorted = '{"a":1,"b":{"c":1,"d":2}}';

/** @type {Record<string, Omit<Case, "id">>} */
export const causes = {
  secret_has_whitespace: conversation({}, { secret: `${SECRET}\n` }),
  secret_lost_whitespace: conversation({ secret: `${SECRET} ` }),
  secret_quoted: conversation({}, { secret: `"${SECRET}"` }),
  secret_named: conversation({}, { secret: `SINCH_SECRET=${SECRET}` }),
  secret_prefixed: conversation({}, { secret: `whsec_${SECRET}` }),
  secret_has_line_break: conversation({}, { secret: `of another app\n${SECRET}` }),
  secret_has_byte_order_mark: conversation({}, { secret: `\u{feff}${SECRET}` }),
  secret_was_decoded: conversation({}, { secret: Buffer.from(SECRET, "base64") }),
  signer_decodes_secret: conversation({ secret: Buffer.from(SECRET, "base64") }),
  previous_secret: conversation({ secret: "of last year" }, { retired: "of last year" }),
  body_reserialized: conversation({}, { body: pretty }),
  newline_added: conversation({}, { body: `${BODY}\n` }),
  newline_lost: conversation({ body: "plain\n" }, { body: "plain" }),
  line_endings_changed: conversation({ body: "a\r\nb" }, { body: "a\nb" }),
  byte_order_mark_added: conversation({ body: "plain" }, { body: "\u{feff}plain" }),
  byte_order_mark_lost: conversation({ body: "\u{feff}plain" }, { body: "plain" }),
  body_still_encoded: conversation({}, { body: Buffer.from(BODY).toString("base64") }),
  body_is_json_string: conversation({}, { body: JSON.stringify(BODY) }),
  body_empty: conversation({}, { body: "" }),
  body_compressed: conversation({}, { body: Buffer.from([0x1f, 0x8b, 8, 0]) }),
  keys_sorted: conversation({ body: '{"b":{"d":2,"c":1},"a":1}' }, { body: sorted }),
  boundary_shift: conversation({ body: '{"v":"1.5"}' }, { body: '{"v":"1', nonce: `5"}.${NONCE}` }),
  header_not_trimmed: conversation({}, { nonce: `"${NONCE}"` }),
  header_trimmed: conversation({ nonce: `${NONCE} ` }, { nonce: NONCE }),
  signature_encoding: conversation({ signature: (tag) => tag.toString("hex") }),
  secret_not_decoded: application({ key: Buffer.from(SECRET) }),
  path_rewritten: application({ path: "/prod/voice" }, { target: "/voice" }),
  path_encoding: application({ path: "/a~b" }, { target: "/a%7Eb" }),
  query_signed: application({ path: "/voice?a=b" }, { target: "/voice?a=b" }),
  query_added: engage((line) => line.replace("?tenant=7", "") + DATE + BODY),
  query_lost: engage((line) => line + DATE + BODY, { path: "/engage" }),
  method_changed: application({ method: "GET" }, { method: "POST" }),
  content_type_changed: application({}, { type: "application/json;charset=UTF-8" }),
  other_word: application({}, { word: "application", scheme: "service" }),
  other_key_id: application({}, { key: "another-key" }),
  other_digest: engage((line) => line + DATE + BODY, { digest: "SHA512" }),
  body_signed_alone: engage(() => BODY),
  joined_by_line_breaks: engage((line) => [line, DATE, BODY].join("\n")),
  parent_signature: parentOfMailgun(),
  header_name_in_value: application({ time: TIME }, { time: `x-timestamp:${TIME}` }),
  milliseconds: conversation({ time: `${NOW}000` }),
  clock_behind: conversation({}, { now: NOW - 4_000 }),
  too_old: conversation({}, { now: NOW + 4_000 }),
};
