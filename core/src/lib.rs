#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//! | to | begin with |
//! |---|---|
//! | verify a callback | [`Verifier`] |
//! | read what it says | [`Callback`] |
//! | say where a message stands by all its reports | [`Delivery`] |
//! | absorb replays | [`ReplayGuard`], [`MemoryReplayGuard`] |
//! | write a host of your own, with secrets that change | [`reception`], [`secret_schedule`] |
//! | find out why a signature does not match | [`diagnose`] |
//! | test your own service | [`Signer`] |
//! | verify callbacks of Sinch's other products | [`scheme`] |
//!
//! What is refused, and why, is a value: [`Rejection`]. A callback that passes is [`Authentic`], which
//! only verification makes.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::string_slice,
        clippy::std_instead_of_core,
        reason = "a test may fail loudly"
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

#[macro_use]
mod named;
#[doc(hidden)]
#[macro_use]
pub mod serde_text;

mod algorithm_header;
mod authentic;
mod base64;
#[cfg(feature = "events")]
mod callback;
mod claim;
mod decimal;
mod delivery;
mod detail;
#[cfg(feature = "diagnosis")]
mod diagnosis;
#[cfg(any(feature = "events", feature = "schemes"))]
mod expects_answer;
mod failure;
mod grammar;
mod header_name;
mod header_pair;
mod header_slot;
mod headers;
mod hex;
#[cfg(feature = "rsa")]
mod imf_fixdate;
#[cfg(any(feature = "events", feature = "schemes"))]
mod instant;
#[cfg(any(feature = "events", feature = "schemes"))]
mod json;
mod judged;
mod key;
pub mod limits;
#[cfg(feature = "alloc")]
mod memory_guard;
mod promise;
pub mod reception;
mod rejection;
mod replay_guard;
mod retry_schedule;
#[cfg(feature = "rsa")]
mod rsa_key;
pub mod scheme;
#[cfg(feature = "schemes")]
mod scheme_verifier;
mod secret;
mod secret_ring;
pub mod secret_schedule;
mod secret_slot;
mod sha256;
mod signature;
#[cfg(feature = "signing")]
mod signing;
mod time;
mod verifier;
mod window;

pub use authentic::{Authentic, Proof};
#[cfg(feature = "events")]
pub use callback::{Callback, CallbackKind, Unrecognized};
pub use claim::{Claim, Ticket};
#[doc(hidden)]
pub use decimal::Decimal;
#[cfg(feature = "events")]
pub use delivery::{
    BatchCount, BatchSummary, Carrier, Correlation, DecidingReport, Delivery, DeliveryLeg,
    DeliveryReport, Failure, Origin, ReportSubject, normalized_identity,
};
pub use delivery::{DeliveryState, DeliveryStatus, Leg, Step};
pub use detail::Detail;
#[cfg(feature = "diagnosis")]
pub use diagnosis::{Diagnosis, Evidence, diagnose};
#[cfg(all(feature = "diagnosis", feature = "schemes"))]
pub use diagnosis::{SignedPart, SignedPartName, SignedString, diagnose_by};
pub use failure::{Meaning, Permanence, Remedy};
pub use header_name::HeaderName;
pub use header_pair::HeaderPair;
pub use headers::SignedHeaders;
#[cfg(any(feature = "events", feature = "schemes"))]
pub use instant::millis_between;
pub use key::{ContentKey, InvalidKey, ReplayKey};
#[cfg(feature = "alloc")]
pub use memory_guard::{MemoryReplayGuard, WhenFull};
pub use named::UnknownName;
pub use promise::{CoversBody, Guarded, Promise, Timely, TokenOnly, Untimed};
pub use reception::{
    ANSWER_HEADER, AlgorithmHeader, Answer, AnswerKind, Forwarded, OnMismatch, OriginAnswer, Rules,
};
pub use rejection::{Rejection, RejectionClass};
pub use replay_guard::ReplayGuard;
pub use retry_schedule::RetrySchedule;
#[cfg(feature = "rsa")]
pub use rsa_key::{RsaDigest, RsaKey};
pub use secret::{Key, Secret, text::InvalidSecret};
pub use secret_ring::{InvalidSecretRing, Ring, RingVersion, SecretRing};
pub use secret_slot::SecretSlot;
#[cfg(feature = "signing")]
pub use signing::{SignedAs, Signer, Unsignable};
/// Whole bodies as types, to the last field, of what Sinch has told; [`Callback`] has what moves a
/// delivery.
///
/// # Examples
/// ```
/// use sinch_callback::typed::{Callback, numbers::NumbersStatus};
///
/// let body = br#"{"eventId":"01hpa0","eventType":"DELETE","status":"SUCCEEDED"}"#;
/// let Callback::Numbers(event) = Callback::parse(body)? else {
///     return Err("of another API".into());
/// };
/// assert_eq!(event.status, Some(NumbersStatus::Succeeded));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[cfg(feature = "typed")]
#[doc(inline)]
pub use sinch_callback_events as typed;
pub use time::UnixSeconds;
pub use verifier::Verifier;
pub use window::Window;
