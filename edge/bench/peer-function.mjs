// The one function of the SDK that is needed, out of its own file.
import { validateWebhookSignature } from "../../tests/hosts/node_modules/@sinch/sdk-client/dist/utils/authorization.helper.js";
import { handlerWith } from "./peer.mjs";
import { readByFetch } from "./read-by-fetch.mjs";

export const handler = handlerWith(validateWebhookSignature, readByFetch);
