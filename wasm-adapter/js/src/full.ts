export * from "./schemes.js";
export {
  type Callback,
  type DeliveryReport,
  type Unrecognized,
  readCallback,
} from "./callback.js";
export type {
  DeliveryStatus,
  Permanence,
  Remedy,
  ReportSubject,
  UnrecognizedReason,
} from "./generated/names.js";
export type { NodeRequest, NodeResponse } from "./node-host.js";
export {
  type FetchResponse,
  type ReceivedCallback,
  type Receiver,
  type ReceiverOptions,
  type ReceiverSecrets,
  type ReceiverVerifier,
  createReceiver,
} from "./receiver.js";
export { type Diagnosis, type Evidence, diagnose } from "./diagnosis.js";
export {
  type Signable,
  type Signed,
  type SignedBy,
  Signer,
  type SignerOptions,
} from "./signer.js";
