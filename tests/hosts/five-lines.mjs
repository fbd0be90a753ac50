import { readFileSync } from "node:fs";

import { command } from "./command.mjs";
import { install, withFolder } from "./project.mjs";

/** All that a stranger has to write. */
const SCRIPT = `\
import { readFileSync } from "node:fs";
import { Verifier } from "sinch-callback";
const { secrets, headers, body, now } = JSON.parse(readFileSync("published.json"))[0];
const callback = { headers, body: new TextEncoder().encode(body.text) };
console.log(new Verifier({ secrets }).verify(callback, { nowMs: now * 1000 }).code);
`;

/** Verifies a callback that Sinch's SDKs publish in a fresh project, with five lines. */
export function fiveLines(tarball) {
  return withFolder(async (folder) => {
    const published = readFileSync(new URL("../vectors/published.json", import.meta.url));
    await install(folder, tarball, { "published.json": published, "five.mjs": SCRIPT });
    const printed = await command("node", ["five.mjs"], { cwd: folder });
    if (printed !== "accepted\n") {
      throw new Error(`they printed ${JSON.stringify(printed)}`);
    }
  });
}
