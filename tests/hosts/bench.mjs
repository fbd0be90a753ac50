// Times the whole verdict on a delivery report, guard included, against what a user would take
// instead: node bench.mjs [--json]. All in one process, in turns; the figures are medians of the
// ratios of neighboring turns.
import { createHmac, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { createHMAC, createSHA256 } from "hash-wasm";
import { validateWebhookSignature } from "./sinch-sdk.mjs";

const dist = new URL("../../wasm-adapter/js/dist/", import.meta.url);
const { ReplayGuard, Verifier } = await import(new URL("edge.inline.js", dist).href);

const CALLBACKS = 1024;
const ROUNDS = 400;
const WARM_UP = 40;
const BODY_BYTES = 527;

const secret = "example-secret-not-real-1";
const nowMs = 1_634_579_356_000;

/** Callbacks as Node's server hands them over, each with a nonce of its own. */
function callbacks() {
  const shell = JSON.stringify({
    app_id: "01EXAMPLEAPP0000000000000",
    accepted_time: "2021-10-18T17:49:10.25Z",
    project_id: "00000000-0000-0000-0000-000000000000",
    message_delivery_report: {
      message_id: "01FJA8EXAMPLE1001",
      conversation_id: "01FJA8EXAMPLE2002",
      status: "DELIVERED",
      channel_identity: { channel: "SMS", identity: "4700000000", app_id: "" },
      contact_id: "01FJA8EXAMPLE3003",
      metadata: "",
      processing_mode: "CONVERSATION",
    },
    message_metadata: "",
  });
  const text = shell.replace(
    '"metadata":""',
    `"metadata":"${"x".repeat(BODY_BYTES - shell.length)}"`,
  );
  return Array.from({ length: CALLBACKS }, (_, number) => {
    const body = Buffer.from(text);
    const nonce = `01FJA8B4A7EXAMPLENONCE${String(number).padStart(4, "0")}`;
    const timestamp = "1634579353";
    const signature = createHmac("sha256", secret)
      .update(body)
      .update(`.${nonce}.${timestamp}`)
      .digest("base64");
    const headers = {
      host: "callbacks.example.com",
      "user-agent": "Apache-HttpClient/4.5",
      "content-length": String(body.length),
      "content-type": "application/json",
      accept: "*/*",
      "x-forwarded-for": "192.0.2.1",
      "x-sinch-webhook-signature-timestamp": timestamp,
      "x-sinch-webhook-signature-nonce": nonce,
      "x-sinch-webhook-signature-algorithm": "HmacSHA256",
      "x-sinch-webhook-signature": signature,
    };
    return { headers, body };
  });
}

const sample = callbacks();
if (sample[0].body.length !== BODY_BYTES) {
  throw new Error(`the body has ${sample[0].body.length} bytes`);
}
const texts = sample.map(({ body }) => body.toString());
const verifier = new Verifier({ secrets: [secret] });
const hashWasm = await createHMAC(createSHA256(), secret);

/** One turn each over all callbacks; every one of them must come out as authentic. */
const turns = {
  ours() {
    const guard = new ReplayGuard({ capacity: CALLBACKS, memorySeconds: verifier.memorySeconds });
    return () => {
      for (const callback of sample) {
        const verdict = verifier.verify(callback, { nowMs });
        if (!verdict.ok || guard.claim(verdict, { nowMs }).state !== "first") {
          throw new Error("ours refused an authentic callback");
        }
      }
      guard.dispose();
    };
  },
  node_crypto() {
    return () => {
      for (const { headers, body } of sample) {
        const nonce = headers["x-sinch-webhook-signature-nonce"];
        const timestamp = headers["x-sinch-webhook-signature-timestamp"];
        const tag = createHmac("sha256", secret)
          .update(body)
          .update(`.${nonce}.${timestamp}`)
          .digest();
        const signature = Buffer.from(headers["x-sinch-webhook-signature"], "base64");
        if (!timingSafeEqual(tag, signature)) {
          throw new Error("node:crypto refused an authentic callback");
        }
      }
    };
  },
  sinch_sdk() {
    return () => {
      for (let number = 0; number < CALLBACKS; number++) {
        if (!validateWebhookSignature(secret, sample[number].headers, texts[number])) {
          throw new Error("Sinch's SDK refused an authentic callback");
        }
      }
    };
  },
  hash_wasm() {
    return () => {
      for (const { headers, body } of sample) {
        const nonce = headers["x-sinch-webhook-signature-nonce"];
        const timestamp = headers["x-sinch-webhook-signature-timestamp"];
        hashWasm.init();
        hashWasm.update(body);
        hashWasm.update(`.${nonce}.${timestamp}`);
        const tag = hashWasm.digest("binary");
        const signature = Buffer.from(headers["x-sinch-webhook-signature"], "base64");
        if (!timingSafeEqual(tag, signature)) {
          throw new Error("hash-wasm refused an authentic callback");
        }
      }
    };
  },
};

/** Nanoseconds per callback of one turn. */
function time(turn) {
  const run = turn();
  const start = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - start) / CALLBACKS;
}

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** @type {Record<string, number[]>} */
const times = Object.fromEntries(Object.keys(turns).map((name) => [name, []]));
for (let round = 0; round < ROUNDS + WARM_UP; round++) {
  for (const [name, turn] of Object.entries(turns)) {
    const nanoseconds = time(turn);
    if (round >= WARM_UP) {
      times[name].push(nanoseconds);
    }
  }
}
const ratio = (other) => median(times.ours.map((ours, round) => ours / times[other][round]));

/** Milliseconds from nothing to a verifier, with a fresh module each time. */
const instantiations = [];
for (let number = 0; number < 20; number++) {
  const start = performance.now();
  const { Verifier } = await import(new URL(`edge.inline.js?${number}`, dist).href);
  new Verifier({ secrets: [secret] });
  instantiations.push(performance.now() - start);
}

const edge = readFileSync(new URL("edge.wasm", dist));
const full = readFileSync(new URL("full.wasm", dist));
const schemes = readFileSync(new URL("schemes.wasm", dist));
for (const name of Object.keys(times)) {
  console.log(`${name.padEnd(12)} ${median(times[name]).toFixed(0).padStart(6)} ns a callback`);
}
const figures = {
  wasm_vs_node_crypto: ratio("node_crypto").toFixed(3),
  wasm_vs_sinch_sdk: ratio("sinch_sdk").toFixed(3),
  wasm_vs_hash_wasm: ratio("hash_wasm").toFixed(3),
  edge_wasm_bytes: edge.length,
  edge_wasm_gzip_bytes: gzipSync(edge, { level: 9 }).length,
  schemes_wasm_bytes: schemes.length,
  full_wasm_bytes: full.length,
  instantiate_ms: median(instantiations).toFixed(2),
};
for (const [name, value] of Object.entries(figures)) {
  console.log(`figure ${name} ${value}`);
}
