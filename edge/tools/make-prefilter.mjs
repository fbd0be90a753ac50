// Writes the CloudFront Function (runtime cloudfront-js-2.0) that refuses what cannot be a callback:
//   node make-prefilter.mjs [--max-age-seconds N|unlimited] [--max-body-bytes N]
//     [--require-algorithm] [--path PATH ...] [--endpoint PATH ...] [--out FILE]
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";

import { table } from "./prefilter-table.mjs";

/** CloudFront's limit (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-function-restrictions.html). */
export const MOST_BYTES = 10_240;

/**
 * The function's text. It runs before all else and cannot see the body, so it refuses only what the
 * verifier behind it would refuse with the same status, and is never the control.
 */
export function prefilter(limits) {
  const t = table(limits);
  const json = JSON.stringify;
  const lines = [];
  const answer = ({ status, code, detail }) => `refuse(${status}, ${json(code)}, ${json(detail)})`;
  const put = (line) => lines.push(`    ${line}`);

  put(`if (request.method !== 'POST') return ${answer(t.method)};`);
  if (t.endpoints.length > 0) {
    // Of another scheme, by which the function behind judges.
    put(`if (${json(t.endpoints)}.indexOf(request.uri) >= 0) return request;`);
  }
  if (t.paths.length > 0) {
    put(`if (${json(t.paths)}.indexOf(request.uri) < 0) return ${answer(t.path)};`);
  }
  // In core's order: repetition before all else, then one header after the other.
  for (const { name, repeated } of t.headers) {
    put(`if (isRepeated(headers[${json(name)}])) return ${answer(repeated)};`);
  }
  for (const { name, missing, malformed, ...form } of t.headers) {
    put(`h = headers[${json(name)}];`);
    if (missing !== undefined) {
      put(`if (!h) return ${answer(missing)};`);
    }
    const wrong = missing === undefined ? `h && (${unlike(form)})` : unlike(form);
    put(`if (${wrong}) return ${answer(malformed)};`);
  }
  // The order of the checks behind, so that a body that is too large is told before its time. One of
  // unknown size may still be.
  put(`h = headers['content-length'];`);
  put(`var size = h ? Number(h.value) : -1;`);
  put(`if (size > ${t.maxBodyBytes}) return ${answer(t.tooLarge)};`);
  put(`if (!(size >= 0)) return request;`);
  put(`var age = Math.floor(Date.now() / 1000) - Number(headers[${json(t.timestamp)}].value);`);
  // What is ahead of this clock goes on: the clock at fault may be this one, and the answer behind
  // depends on the signature.
  if (Number.isFinite(t.maxAgeSeconds)) {
    const { status, code, before, between, after } = t.stale;
    const most = t.maxAgeSeconds + t.marginSeconds;
    const rest = json(between + t.maxAgeSeconds + after);
    put(
      `if (age > ${most}) return refuse(${status}, ${json(code)}, ${json(before)} + age + ${rest});`,
    );
  }
  put(`return request;`);

  const text = `// Refuses what cannot be a callback of Sinch's. Made by edge/tools/make-prefilter.mjs; saves cost,
// controls nothing: the verifier behind it judges every callback.
function handler(event) {
    var request = event.request;
    var headers = request.headers;
    var h;
${lines.join("\n")}
}

function isRepeated(header) {
    return header && (header.multiValue && header.multiValue.length > 1 || header.value.indexOf(',') >= 0);
}

function refuse(status, code, detail) {
    return {
        statusCode: status,
        statusDescription: REASONS[status],
        headers: { 'content-type': { value: 'application/json' }, '${t.mark}': { value: code } },
        body: { encoding: 'text', data: JSON.stringify({ code: code, detail: detail }) }
    };
}

var REASONS = {
    400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 405: 'Method Not Allowed', 413: 'Content Too Large'
};
`;
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_BYTES) {
    throw new Error(`the prefilter has ${bytes} bytes, and CloudFront takes ${MOST_BYTES}`);
  }
  return text;
}

/** The condition under which the value of `h` is not of the form. */
/** @param {Record<string, any>} form */
function unlike({ least, most, matches, excludes, lowerCase }) {
  if (lowerCase !== undefined) {
    return `h.value.toLowerCase() !== ${JSON.stringify(lowerCase)}`;
  }
  const length =
    least === most
      ? `h.value.length !== ${least}`
      : `h.value.length < ${least} || h.value.length > ${most}`;
  const literal = (pattern) => `/${pattern.replaceAll("/", "\\/")}/`;
  const content =
    matches === undefined
      ? `${literal(excludes)}.test(h.value)`
      : `!${literal(matches)}.test(h.value)`;
  return `${length} || ${content}`;
}

/** Limits as they are written on the command line; those left out have the table's defaults. */
function limitsOf(values) {
  const whole = (name, least) => {
    const text = values[name];
    if (text === undefined) {
      return undefined;
    }
    if (!/^\d{1,15}$/.test(text) || Number(text) < least) {
      console.error(`--${name}: found ${JSON.stringify(text)}, expected a whole number`);
      process.exit(2);
    }
    return Number(text);
  };
  for (const name of ["path", "endpoint"]) {
    for (const path of values[name]) {
      if (!path.startsWith("/")) {
        console.error(
          `--${name}: found ${JSON.stringify(path)}, expected a path that begins with /`,
        );
        process.exit(2);
      }
    }
  }
  return {
    maxAgeSeconds:
      values["max-age-seconds"] === "unlimited" ? Infinity : whole("max-age-seconds", 0),
    maxBodyBytes: whole("max-body-bytes", 0),
    requireAlgorithm: values["require-algorithm"],
    paths: values.path,
    endpoints: values.endpoint,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      "max-age-seconds": { type: "string" },
      "max-body-bytes": { type: "string" },
      "require-algorithm": { type: "boolean", default: false },
      path: { type: "string", multiple: true, default: [] },
      endpoint: { type: "string", multiple: true, default: [] },
      out: { type: "string" },
    },
  });
  const text = prefilter(limitsOf(values));
  if (values.out === undefined) {
    process.stdout.write(text);
  } else {
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(values.out, text);
  }
}
