// How large the pages are, as `gzip -9` makes them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const PAGES = fileURLToPath(new URL("../../server/pages", import.meta.url));
const INSPECTOR = join(PAGES, "inspector");

/** @param {string} path */
const compressed = (path) => gzipSync(readFileSync(path), { level: 9 }).length;

/** Bytes of the inspector: one file, which holds all of it. */
export const inspector = () => compressed(join(INSPECTOR, "inspector.html"));

/** Bytes of all other pages. */
export const deliveries = () =>
  readdirSync(PAGES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !path.startsWith(INSPECTOR))
    .reduce((sum, path) => sum + compressed(path), 0);
