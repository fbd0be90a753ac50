// The one function that `ConversationCallbackWebhooks.validateAuthenticationHeader` calls, out of its
// own file: the package as a whole does not load, as it requires one that it does not depend on.
import { createRequire } from "node:module";

const here = createRequire(import.meta.url);
const conversation = createRequire(here.resolve("@sinch/conversation"));
const client = createRequire(conversation.resolve("@sinch/sdk-client"));

export const { validateAuthenticationHeader, validateSignatureHeader, validateWebhookSignature } =
  client("./utils/authorization.helper.js");
