// The same with SSM as our function reads it, so that the two differ in what judges and remembers alone.
import { validateWebhookSignature } from "../../tests/hosts/node_modules/@sinch/sdk-client/dist/utils/authorization.helper.js";
import { SsmStore } from "../src/ssm.ts";
import { handlerWith } from "./peer.mjs";

export const handler = handlerWith(validateWebhookSignature, async (region, name, credentials) => {
  const [parameter] = await new SsmStore(region, () => credentials).read([name]);
  return parameter.value;
});
