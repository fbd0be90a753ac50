// With SINCH_TEST_LOGS=DIR, what hosts print is left there, and in markers.txt what must not stand in
// it: tests/check_logs.py looks for the latter in the former.
import { appendFileSync, writeFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

const folder = process.env["SINCH_TEST_LOGS"];

// A shorter text may stand in any line by chance, and one with a line break in none.
const MARKER = /^.{9,}$/;

/** Remembers texts that no log may hold. */
export function plant(...texts: readonly string[]): void {
  if (folder !== undefined) {
    const markers = texts.filter((text) => MARKER.test(text));
    appendFileSync(join(folder, "markers.txt"), markers.map((text) => `${text}\n`).join(""));
  }
}

/** Keeps what a host has printed. */
export function keepLog(host: string, printed: string): void {
  if (folder !== undefined) {
    writeFileSync(join(folder, `${host}-${randomUUID()}.log`), printed);
  }
}
