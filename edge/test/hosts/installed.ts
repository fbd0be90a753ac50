// Hosts are installed once, for the npm package's tests.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const folder = new URL("../../../tests/hosts/", import.meta.url);

export const requireHost = createRequire(new URL("package.json", folder));
export const program = (name: string): string =>
  fileURLToPath(new URL(`node_modules/.bin/${name}`, folder));
export const dist = fileURLToPath(new URL("../../dist", import.meta.url));
