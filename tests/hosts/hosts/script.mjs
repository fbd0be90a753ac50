/** A module that prints the outcome, for hosts that run files and have a console. */
export const script = (entry) => `
  import * as api from "${entry}";
  import { check } from "./check.mjs";
  import vectors from "./vectors.mjs";
  const loaded = [import.meta.resolve("${entry}")];
  console.log(JSON.stringify({ ...check(api, vectors), loaded }));
`;
