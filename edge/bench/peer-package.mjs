// The SDK as its documentation has it, which is all of its package.
import { ConversationCallbackWebhooks } from "../../tests/hosts/node_modules/@sinch/conversation/dist/index.js";
import { handlerWith } from "./peer.mjs";
import { readByFetch } from "./read-by-fetch.mjs";

export const handler = handlerWith(
  (secret, headers, body) =>
    new ConversationCallbackWebhooks(secret).validateAuthenticationHeader(headers, body),
  readByFetch,
);
