// Writes what TypeScript knows of core's answers, as a built module tells it:
//   node generate.mjs MODULE.wasm
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../src/generated/", import.meta.url));
const module = new WebAssembly.Module(readFileSync(process.argv[2]));
/** @type {any} */
const exports = new WebAssembly.Instance(module, {}).exports;
const start = exports.reserve(16_384);

const text = (number, which) => {
  const length = exports.answer_text(number, which);
  return Buffer.from(exports.memory.buffer, start, length).toString();
};

/** The answers that are always in the same words, by name. Of two with one code, the second has its
 * status behind it. */
const answers = new Map();
const kinds = new Set();
for (let number = 1; text(number, 0) !== ""; number++) {
  const name = text(number, 0).toUpperCase();
  answers.set(answers.has(name) ? `${name}_${exports.answer_status(number)}` : name, number);
  kinds.add(text(number, 1));
}

mkdirSync(folder, { recursive: true });
writeFileSync(
  `${folder}answers.ts`,
  `// Written by tools/generate.mjs, out of core.

/** The numbers of the answers that are always in the same words. */
export const ANSWERS = {
${[...answers].map(([name, number]) => `  ${name}: ${number},`).join("\n")}
} as const;

export type AnswerName = keyof typeof ANSWERS;

/** What an answer counts as. */
export type AnswerKind =
${[...kinds].map((kind) => `  | "${kind}"`).join("\n")};
`,
);
