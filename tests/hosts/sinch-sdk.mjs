// Sinch's own signature check. Required by its file: the package's entry asks for another package,
// which its published versions do not bring along.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const folder = new URL("node_modules/@sinch/sdk-client/", import.meta.url);

export const { validateWebhookSignature } = require(
  new URL("dist/utils/authorization.helper.js", folder).pathname,
);
