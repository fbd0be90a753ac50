import { readFile } from "node:fs/promises";

const GUIDE = new URL("../../docs/src/guides/frameworks.md", import.meta.url);
const BLOCK = /<!-- test: file=(\S+\.m?js) [^\n]*-->\n```js\n([\s\S]*?)\n```/g;

/**
 * The JavaScript programs of the guide to frameworks, exactly as they stand there, by their files' names.
 * @returns {Promise<Record<string, string>>}
 */
export async function guidePrograms() {
  const blocks = (await readFile(GUIDE, "utf8")).matchAll(BLOCK);
  return Object.fromEntries([...blocks].map(([, file, program]) => [file, `${program}\n`]));
}
