export * from "./edge.js";
export {
  type Callback,
  type DeliveryReport,
  type DeliveryStatus,
  type Permanence,
  type Remedy,
  type Unrecognized,
  readCallback,
} from "./callback.js";
export { type Diagnosis, type Evidence, diagnose } from "./diagnosis.js";
export { type Signable, Signer, type SignerOptions } from "./signer.js";
