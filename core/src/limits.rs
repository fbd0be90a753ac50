//! How large a body each host takes unless it is told otherwise, in bytes: the one table of it.
//!
//! A full delivery report of an SMS batch names each of its recipients; 45,000 of them are about a
//! mebibyte. A genuine callback that is too large is refused for good, so each default is as large
//! as its host can take.
//!
//! | host | largest body | because |
//! |---|---|---|
//! | `sinch-callback serve` | [`SERVE_MAX_BODY_BYTES`], 2 MiB | twice a full report; its memory is bounded over all requests |
//! | AWS: receiver and processor | [`AWS_MAX_BODY_BYTES`], 6 MiB | what a Lambda invocation can carry at most; it goes into the queue compressed, in one message of [`SQS_MESSAGE_BYTES`] |
//! | Lambda@Edge | [`LAMBDA_EDGE_MAX_BODY_BYTES`], 1 MB | CloudFront shows a function no more of a body |
//! | a verifier by itself | [`Rules::DEFAULT_MAX_BODY_BYTES`](crate::Rules::DEFAULT_MAX_BODY_BYTES), 2 MiB | as `serve`; whoever calls it has read the body already |

/// The largest body that `sinch-callback serve` takes: 2 MiB. Our own choice.
pub const SERVE_MAX_BODY_BYTES: usize = 2_097_152;

/// The largest body on AWS: 6 MiB, to which a queued body may grow when it is decompressed. Lambda
/// takes invocations of up to 6 MB.
pub const AWS_MAX_BODY_BYTES: usize = 6_291_456;

/// The largest message that SQS takes: 1 MiB. What does not fit compressed is refused.
pub const SQS_MESSAGE_BYTES: usize = 1_048_576;

/// The largest body that a Lambda@Edge function is shown: 1 MB, before base64.
pub const LAMBDA_EDGE_MAX_BODY_BYTES: usize = 1_000_000;

/// The fewest bytes of a secret that a host takes which strangers reach: 16, what Sinch's own keys have.
/// Whoever records one callback can try guesses of a shorter one. The library itself takes any length.
pub const MIN_SECRET_BYTES: usize = 16;

/// How many callbacks a guard remembers in memory unless it is told otherwise: 10,000, half a megabyte,
/// for a guard in a process that does other things. Our own choice.
pub const GUARD_CAPACITY: usize = 10_000;

/// How many a host's guard remembers whose business it is: 100,000, 5 MB, and an hour's traffic at
/// Sinch's default rate of 25 callbacks a second for each app. The delivery log remembers the rest.
pub const HOST_GUARD_CAPACITY: usize = 100_000;
