/** A key's four words, little-endian. */
export type Words = readonly [number, number, number, number];

const DIGITS = "0123456789abcdef";
/** The character codes of a byte's two digits. */
const HIGH = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS.charCodeAt(byte >> 4));
const LOW = Uint8Array.from({ length: 256 }, (_, byte) => DIGITS.charCodeAt(byte & 15));

/** 16 bytes as 32 lower-case hexadecimal digits. One call for all of them takes half the time of
 * adding up texts, and every verdict has such a key. */
export function hex(bytes: Uint8Array, at: number): string {
  const digit = (table: Uint8Array, offset: number): number => table[bytes[at + offset]!]!;
  return String.fromCharCode(
    digit(HIGH, 0),
    digit(LOW, 0),
    digit(HIGH, 1),
    digit(LOW, 1),
    digit(HIGH, 2),
    digit(LOW, 2),
    digit(HIGH, 3),
    digit(LOW, 3),
    digit(HIGH, 4),
    digit(LOW, 4),
    digit(HIGH, 5),
    digit(LOW, 5),
    digit(HIGH, 6),
    digit(LOW, 6),
    digit(HIGH, 7),
    digit(LOW, 7),
    digit(HIGH, 8),
    digit(LOW, 8),
    digit(HIGH, 9),
    digit(LOW, 9),
    digit(HIGH, 10),
    digit(LOW, 10),
    digit(HIGH, 11),
    digit(LOW, 11),
    digit(HIGH, 12),
    digit(LOW, 12),
    digit(HIGH, 13),
    digit(LOW, 13),
    digit(HIGH, 14),
    digit(LOW, 14),
    digit(HIGH, 15),
    digit(LOW, 15),
  );
}

/** The key that was written last. It is mostly claimed next, and need not be read back then. */
let lastText = "";
const lastWords: [number, number, number, number] = [0, 0, 0, 0];

/** Writes the replay key that lies at a place of memory. */
export function replayKey(bytes: Uint8Array, view: DataView, at: number): string {
  lastText = hex(bytes, at);
  for (let word = 0; word < 4; word++) {
    lastWords[word] = view.getInt32(at + 4 * word, true);
  }
  return lastText;
}

/** The words that `hex` writes as this text; to be used before the next key is written. */
export function words(text: unknown): Words {
  if (text === lastText && lastText !== "") {
    return lastWords;
  }
  if (typeof text !== "string" || !/^[0-9a-f]{32}$/.test(text)) {
    throw new TypeError(
      "a guard takes an accepted verdict, or a key: 32 hexadecimal digits in lower case",
    );
  }
  const byte = (at: number): number => Number.parseInt(text.slice(at, at + 2), 16);
  const word = (at: number): number =>
    byte(at) | (byte(at + 2) << 8) | (byte(at + 4) << 16) | (byte(at + 6) << 24);
  return [word(0), word(8), word(16), word(24)];
}
