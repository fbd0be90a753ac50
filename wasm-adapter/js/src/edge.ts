export { contentKey } from "./content-key.js";
export { type Claim, ReplayGuard, type ReplayGuardOptions, type Ticket } from "./guard.js";
export type { CloudFrontHeader, HeaderRecord, HeadersLike } from "./headers.js";
export { headerNames } from "./header-names.js";
export type { RawBody } from "./input.js";
export {
  type Forwarded,
  type OriginAnswer,
  type OriginRefused,
  answerHeader,
  originRefusal,
} from "./origin.js";
export type { Accepted, Rejected, RejectionClass, RejectionCode, Verdict } from "./verdict.js";
export {
  type Moment,
  type Secret,
  type SignedCallback,
  Verifier,
  type VerifierOptions,
} from "./verifier.js";
