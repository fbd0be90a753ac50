// Keeps the pages small enough for a phone.
import assert from "node:assert/strict";
import { test } from "node:test";

import { deliveries, inspector } from "./sizes.mjs";

const LIMIT = 150_000;

test("the pages are smaller than 150 kB together, and so is the inspector", () => {
  assert.ok(deliveries() > 10_000 && deliveries() <= LIMIT, `pages: ${deliveries()} bytes`);
  assert.ok(inspector() > 10_000 && inspector() <= LIMIT, `inspector: ${inspector()} bytes`);
});
