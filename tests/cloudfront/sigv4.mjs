import { createHash, createHmac, timingSafeEqual } from "node:crypto";

// AWS Signature Version 4, as far as a header can carry it:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html

const ALGORITHM = "AWS4-HMAC-SHA256";
const SKEW_MS = 5 * 60 * 1000;
// CloudFront and proxies add headers behind the signature, so not all that begin with `x-amz-`.
const MUST_BE_SIGNED = ["host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"];

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

const encode = (text) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Every service but S3 encodes the path, which is encoded already, once more. */
const canonicalPath = (path) => (path || "/").split("/").map(encode).join("/");

function canonicalQuery(query) {
  const parameters = [...new URLSearchParams(query)].map(
    ([name, value]) => `${encode(name)}=${encode(value)}`,
  );
  return parameters.sort().join("&");
}

function signatureOf({
  method,
  path,
  query,
  headers,
  signedNames,
  payloadHash,
  scope,
  stamp,
  secret,
}) {
  const canonical = [
    method,
    canonicalPath(path),
    canonicalQuery(query ?? ""),
    ...signedNames.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    signedNames.join(";"),
    payloadHash,
  ].join("\n");
  const [day, region, service, end] = scope.split("/");
  const key = [day, region, service, end].reduce(hmac, `AWS4${secret}`);
  return hmac(key, [ALGORITHM, stamp, scope, sha256(canonical)].join("\n")).toString("hex");
}

/**
 * The headers that sign a request. `headers` are by lower-case name; those in it that begin with
 * `x-amz-`, and `host`, are signed.
 */
export function sign({
  method,
  path,
  query,
  headers,
  payloadHash,
  credentials,
  region,
  service,
  nowMs,
}) {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
  const added = { "x-amz-date": stamp };
  if (credentials.token) {
    added["x-amz-security-token"] = credentials.token;
  }
  const all = { ...headers, ...added };
  const signedNames = Object.keys(all)
    .filter((name) => name === "host" || name.startsWith("x-amz-"))
    .sort();
  const signature = signatureOf({
    method,
    path,
    query,
    headers: all,
    signedNames,
    payloadHash,
    scope,
    stamp,
    secret: credentials.secret,
  });
  const authorization =
    `${ALGORITHM} Credential=${credentials.id}/${scope}, ` +
    `SignedHeaders=${signedNames.join(";")}, Signature=${signature}`;
  return { ...added, authorization };
}

/**
 * Whose signature this is, or the reason why it is nobody's: `{ id }` or `{ refused }`.
 * `known` gives the secret and token of an access key's id.
 * @returns {{ id: string, refused?: undefined } | { id?: undefined, refused: string }}
 */
export function verify({
  method,
  path,
  query,
  headers,
  payloadHash,
  region,
  service,
  known,
  nowMs,
}) {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/;
  const found = form.exec(headers.authorization ?? "");
  if (!found) {
    return { refused: "no signature of version 4" };
  }
  const [, id, scope, signed, signature] = found;
  const stamp = headers["x-amz-date"] ?? "";
  const signedNames = signed.split(";");
  const credentials = known(id);
  if (!credentials) {
    return { refused: "an unknown access key" };
  }
  if (scope !== `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`) {
    return { refused: `signed for ${scope}, not for ${service} in ${region}` };
  }
  const signedAt = Date.parse(
    stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  if (!(Math.abs(nowMs - signedAt) <= SKEW_MS)) {
    return { refused: "signed more than five minutes away from now" };
  }
  if (credentials.token && headers["x-amz-security-token"] !== credentials.token) {
    return { refused: "without the session's token" };
  }
  const unsigned = MUST_BE_SIGNED.filter(
    (name) => headers[name] !== undefined && !signedNames.includes(name),
  );
  if (unsigned.length > 0 || signedNames.some((name) => headers[name] === undefined)) {
    return { refused: `signed over other headers: ${unsigned.join(", ")}` };
  }
  const expected = signatureOf({
    method,
    path,
    query,
    headers,
    signedNames,
    payloadHash,
    scope,
    stamp,
    secret: credentials.secret,
  });
  if (!timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
    return { refused: "a signature that does not match" };
  }
  return { id };
}
