import type { Core } from "./core.js";
import { type HeadersLike, type SignedHeaders, collect } from "./headers.js";

/**
 * How a callback lies in the shared buffer: the lengths in bytes of the four headers' values, -1 for
 * one that is absent, and of the body behind them.
 */
export interface Laid {
  signature: number;
  timestamp: number;
  nonce: number;
  algorithm: number;
  body: number;
}

/**
 * Writes a callback into the shared buffer; `core.laid` then says how it lies there. Of a body that is
 * larger than `most` one byte too many is written, which tells as much as a gigabyte of them.
 */
export function layOut(core: Core, headers: HeadersLike, body: Uint8Array, most: number): void {
  if (!layOutLean(core, headers, body, most)) {
    const found = collect(core, headers);
    const end = write(core, found);
    const written = body.length > most ? body.subarray(0, most + 1) : body;
    core.put(written, end);
    core.laid.body = written.length;
  }
}

/** Writes the values, and tells where they end. */
function write(core: Core, found: SignedHeaders): number {
  const { laid } = core;
  const end = core.write(found.join(""));
  const characters = found.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  const length =
    characters === end
      ? (value: string) => value.length
      : (value: string) => new TextEncoder().encode(value).length;
  const lengths = found.map((value) => (value === undefined ? -1 : length(value)));
  [laid.signature, laid.timestamp, laid.nonce, laid.algorithm] = lengths as Lengths;
  return end;
}

type Lengths = [number, number, number, number];

/**
 * The same for what servers and CloudFront hand over: an object with lower-case names and one text each,
 * and a body for which there is room. False, with nothing decided, for any other form.
 */
function layOutLean(core: Core, headers: HeadersLike, body: Uint8Array, most: number): boolean {
  if (typeof headers !== "object" || headers === null || Symbol.iterator in headers) {
    return false;
  }
  const { headerNames, laid } = core;
  const ofSignature = headerNames[0];
  const ofTimestamp = headerNames[1];
  const ofNonce = headerNames[2];
  const ofAlgorithm = headerNames[3];
  let signature: string | undefined;
  let timestamp: string | undefined;
  let nonce: string | undefined;
  let algorithm: string | undefined;
  for (const name in headers) {
    // Most names are told apart by their length.
    switch (name.length) {
      case ofSignature.length:
        if (name !== ofSignature) return false;
        signature = textOf(headers[name]);
        break;
      case ofTimestamp.length:
        if (name === ofTimestamp) timestamp = textOf(headers[name]);
        else if (name === ofAlgorithm) algorithm = textOf(headers[name]);
        else return false;
        break;
      case ofNonce.length:
        if (name !== ofNonce) return false;
        nonce = textOf(headers[name]);
        break;
      case ofAlgorithm.length:
        if (name !== ofAlgorithm) return false;
        algorithm = textOf(headers[name]);
    }
  }
  if (
    signature === undefined ||
    timestamp === undefined ||
    nonce === undefined ||
    algorithm === undefined
  ) {
    return false;
  }
  const values = signature + timestamp + nonce + algorithm;
  if (body.length > most || 3 * values.length + body.length > core.room) {
    return false;
  }
  // A letter of more than one byte has lengths of its own.
  const end = core.write(values);
  if (end !== values.length) {
    return false;
  }
  core.bytes.set(body, core.start + end);
  laid.signature = signature.length;
  laid.timestamp = timestamp.length;
  laid.nonce = nonce.length;
  laid.algorithm = algorithm.length;
  laid.body = body.length;
  return true;
}

/** The one text of a value; nothing where it has another form. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") {
    return value;
  }
  const only: unknown = Array.isArray(value) && value.length === 1 ? value[0] : undefined;
  // As CloudFront has it: { key, value }.
  const { value: text } = (typeof only === "object" && only !== null ? only : {}) as {
    value?: unknown;
  };
  return typeof text === "string" ? text : undefined;
}
