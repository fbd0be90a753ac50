/** A key's four words, little-endian. */
export type Words = readonly [number, number, number, number];

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** 32 lower-case hexadecimal digits. */
export function hex(words: Words): string {
  let text = "";
  for (const word of words) {
    for (let shift = 0; shift < 32; shift += 8) {
      text += DIGITS[(word >>> shift) & 0xff];
    }
  }
  return text;
}

/** The words that `hex` writes as this text. */
export function words(text: string): Words {
  if (typeof text !== "string" || !/^[0-9a-f]{32}$/.test(text)) {
    throw new TypeError("a key has 32 hexadecimal digits in lower case");
  }
  const word = (at: number): number => {
    const [a, b, c, d] = [0, 2, 4, 6].map((step) => text.slice(at + step, at + step + 2));
    return Number.parseInt(`${d}${c}${b}${a}`, 16) | 0;
  };
  return [word(0), word(8), word(16), word(24)];
}
