import type { Answer } from "./answer.js";
import type { Laid } from "./lay-out.js";
import type { Sentences } from "./scheme.js";

/** What the WebAssembly builds export: the edge build the first part, one of all schemes the second, too. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  reserve(length: number): number;
  header_name(position: number): number;
  add_secret(length: number, isVerbatim: number, isStrong: number): number;
  default_of(option: number): bigint;
  new_verifier(maxAge: bigint, maxAhead: bigint, maxBody: number, needsAlgorithm: number): number;
  memory_secs(verifier: number): number;
  verify(
    verifier: number,
    signature: number,
    timestamp: number,
    nonce: number,
    algorithm: number,
    body: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  new_rules(
    maxAge: bigint,
    maxAhead: bigint,
    maxBody: number,
    needsAlgorithm: number,
    defersMismatch: number,
  ): number;
  begin(
    rules: number,
    signature: number,
    timestamp: number,
    nonce: number,
    algorithm: number,
  ): number;
  receive(
    rules: number,
    verifier: number,
    guard: number,
    signature: number,
    timestamp: number,
    nonce: number,
    algorithm: number,
    body: number,
    isPart: number,
    refreshes: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  refreshed(
    rules: number,
    outcome: number,
    signedAtHigh: number,
    signedAtLow: number,
    readAtHigh: number,
    readAtLow: number,
  ): number;
  claimed(said: number): number;
  handoff_ended(status: number, isMarked: number, isAuthentic: number, hasTicket: number): number;
  answer_text(answer: number, which: number): number;
  answer_status(answer: number): number;
  answer_header(): number;
  content_key(body: number): void;
  new_guard(capacity: number, memory: bigint, inFlight: bigint, refuse: number): number;
  claim(
    guard: number,
    k0: number,
    k1: number,
    k2: number,
    k3: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  confirm(
    guard: number,
    k0: number,
    k1: number,
    k2: number,
    k3: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  release(
    guard: number,
    k0: number,
    k1: number,
    k2: number,
    k3: number,
    claimedHigh: number,
    claimedLow: number,
  ): number;
  guard_length(guard: number): number;
  new_schedule(refresh: bigint, patience: bigint, overlap: bigint, hasPause: number): number;
  secret_step(
    schedule: number,
    ask: number,
    since: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  secret_read_ended(schedule: number, read: number, outcome: number): number;
  is_within_overlap(
    schedule: number,
    replacedHigh: number,
    replacedLow: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  free(item: number): void;

  set_scheme?(name: number, key: number): number;
  scheme_text?(name: number, isNotCovered: number): number;
  scheme_header_name?(position: number): number;
  add_key?(length: number, isVerbatim: number, isStrong: number): number;
  new_verifier_of?(maxAge: bigint, maxAhead: bigint, maxBody: number): number;
  new_rules_of?(maxAge: bigint, maxAhead: bigint, maxBody: number, defersMismatch: number): number;
  verify_by?(
    verifier: number,
    method: number,
    target: number,
    body: number,
    headers: number,
    nowHigh: number,
    nowLow: number,
  ): number;
  begin_by?(rules: number, method: number, target: number, headers: number): number;
  receive_by?(
    rules: number,
    verifier: number,
    guard: number,
    method: number,
    target: number,
    body: number,
    headers: number,
    isPart: number,
    refreshes: number,
    nowHigh: number,
    nowLow: number,
  ): number;

  read_callback?(body: number): number;
  diagnose?(
    signature: number,
    timestamp: number,
    nonce: number,
    algorithm: number,
    body: number,
    secrets: number,
    retired: number,
    nowHigh: number,
    nowLow: number,
    maxAge: bigint,
    maxAhead: bigint,
  ): number;
  new_signer?(length: number, verbatim: number): number;
  sign?(signer: number, nonce: number, body: number, atHigh: number, atLow: number): number;
  new_signer_of?(length: number): number;
  sign_by?(
    signer: number,
    method: number,
    target: number,
    body: number,
    atHigh: number,
    atLow: number,
  ): number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export type HeaderNames = readonly [
  signature: string,
  timestamp: string,
  nonce: string,
  algorithm: string,
];

/** Room that is there from the start: enough for every text that comes out, and most that go in. */
const FIRST_ROOM = 16_384;

/** One instance of the WebAssembly module, and the buffer that it shares with us. */
export class Core {
  readonly exports: Required<Exports>;
  /** The four header names, in lower case, in the order in which their values are passed. */
  readonly headerNames: HeaderNames;
  /** The position of each name. */
  readonly positions: ReadonlyMap<string, 0 | 1 | 2 | 3>;
  /** The header in which a receiver's answer says its code. */
  readonly answerHeader: string;
  /** Answers by their number, of those whose words have no numbers of their own. */
  readonly answers = new Map<number, Answer>();
  /** What was laid out last. */
  readonly laid: Laid = { signature: -1, timestamp: -1, nonce: -1, algorithm: -1, body: 0 };
  /** Where the shared buffer lies in memory. */
  start = 0;
  /** All of the memory. */
  bytes: Uint8Array;
  view: DataView;
  /** How many bytes can be written from `start`. */
  room = 0;
  /** The shared buffer alone. */
  #buffer: Uint8Array;
  /** The lengths that header names have. */
  readonly nameLengths: ReadonlySet<number>;
  /** What core says of schemes. */
  readonly sentences = new Map<string, Sentences>();
  #schemeHeaders: ReadonlySet<string> | undefined;

  constructor(module: WebAssembly.Module) {
    this.exports = new WebAssembly.Instance(module, {}).exports as unknown as Required<Exports>;
    this.bytes = new Uint8Array(this.exports.memory.buffer);
    this.view = new DataView(this.exports.memory.buffer);
    this.#buffer = this.bytes;
    this.reserve(FIRST_ROOM);
    const names = this.#names((position) => this.exports.header_name(position));
    // As keys of an object they are the engine's own copies, which are compared by address.
    const keys = Object.keys(Object.fromEntries(names.map((name) => [name, true])));
    this.headerNames = keys as unknown as HeaderNames;
    this.positions = new Map(keys.map((name, position) => [name, position as 0 | 1 | 2 | 3]));
    this.answerHeader = this.text(this.exports.answer_header());
    this.nameLengths = new Set(keys.map((name) => name.length));
  }

  /** The names of the headers of all schemes, in lower case. */
  get schemeHeaders(): ReadonlySet<string> {
    this.#schemeHeaders ??= new Set(
      this.#names((position) => this.exports.scheme_header_name(position)),
    );
    return this.#schemeHeaders;
  }

  #names(lengthOf: (position: number) => number): string[] {
    const names: string[] = [];
    for (let length: number; (length = lengthOf(names.length)) > 0; ) {
      names.push(this.text(length));
    }
    return names;
  }

  /** Makes sure that so many bytes can be written from `start`, and that `bytes` is up to date. */
  reserve(length: number): void {
    if (length > this.room) {
      const start = this.exports.reserve(length);
      if (start === 0) {
        throw new RangeError(`there is no memory for a callback of ${length} bytes`);
      }
      this.start = start;
      this.room = length;
      this.#look();
    } else if (this.bytes.byteLength === 0) {
      // Memory that has grown leaves its former views empty.
      this.#look();
    }
  }

  #look(): void {
    const { buffer } = this.exports.memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.#buffer = new Uint8Array(buffer, this.start, this.room);
  }

  /** Writes the text at the start of the buffer, and tells how many bytes it took. */
  write(text: string): number {
    this.reserve(3 * text.length);
    return encoder.encodeInto(text, this.#buffer).written;
  }

  /** Writes bytes at an offset of the buffer. */
  put(bytes: Uint8Array, offset: number): void {
    this.reserve(offset + bytes.length);
    this.bytes.set(bytes, this.start + offset);
  }

  /** The text of so many bytes at the start of the buffer. */
  text(length: number): string {
    if (this.bytes.byteLength === 0) {
      this.#look();
    }
    return decoder.decode(this.bytes.subarray(this.start, this.start + length));
  }

  /** The texts that lie in the buffer, each after its length. */
  texts(count: number): string[] {
    return this.parts(count).map((part) => decoder.decode(part));
  }

  /** The same as bytes, which the next call overwrites. */
  parts(count: number): Uint8Array[] {
    // They may have needed a larger buffer than ours was.
    this.start = this.exports.reserve(0);
    this.#look();
    const parts: Uint8Array[] = [];
    let place = this.start;
    for (let number = 0; number < count; number++) {
      const length = this.view.getUint32(place, true);
      parts.push(this.bytes.subarray(place + 4, place + 4 + length));
      place += 4 + length;
    }
    return parts;
  }
}

let load: (() => WebAssembly.Module) | undefined;
let current: Core | undefined;

/** Says where the module comes from. It is compiled and instantiated at first use. */
export function provide(source: () => WebAssembly.Module): void {
  load = source;
  current = undefined;
}

/** The instance that new objects live in. */
export function core(): Core {
  if (current === undefined) {
    if (load === undefined) {
      throw new Error("there is no module yet: call init(module) first");
    }
    current = new Core(load());
  }
  return current;
}
