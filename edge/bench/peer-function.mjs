// The one function of the SDK that is needed, out of its own file: the least that the SDK can cost.
import { validateWebhookSignature } from "../../tests/hosts/node_modules/@sinch/sdk-client/dist/utils/authorization.helper.js";
import { handlerWith } from "./peer.mjs";

export const handler = handlerWith(validateWebhookSignature);
