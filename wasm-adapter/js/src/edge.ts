export { type Answer, answer, answerHeader } from "./answer.js";
export { contentKey } from "./content-key.js";
export { type Claim, ReplayGuard, type ReplayGuardOptions, type Ticket } from "./guard.js";
export type { CloudFrontHeader, HeaderRecord, HeadersLike } from "./headers.js";
export { headerNames } from "./header-names.js";
export type {
  AnswerCode,
  AnswerKind,
  AnswerName,
  RejectionClass,
  RejectionCode,
} from "./generated/names.js";
export { type RawBody, defaultOf } from "./input.js";
export type { CallbackOf, SignedRequest } from "./request.js";
export type { KeyedScheme, PathScheme, PromiseOf, SchemeName } from "./scheme.js";
export {
  type Arrival,
  type Given,
  type Guard,
  type Means,
  type Outcome,
  type Received,
  Reception,
  type ReceptionLimits,
  type ReceptionOptions,
  type Refresh,
  type Settled,
  type VerifierSource,
  settle,
} from "./reception.js";
export {
  SecretSchedule,
  type SecretStep,
  type SecretTiming,
  type SecretWaiting,
} from "./secret-schedule.js";
export {
  type Accepted,
  type AcceptedBy,
  type Rejected,
  type TokenOnly,
  type Untimed,
  type Verdict,
  guardKey,
} from "./verdict.js";
export {
  type KeyOf,
  type Limits,
  type Moment,
  type Secret,
  type SignedCallback,
  Verifier,
  type VerifierOptions,
} from "./verifier.js";
