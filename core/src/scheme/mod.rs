//! How Sinch signs the callbacks of its products: each scheme by itself, and what it can promise.
//!
//! A [`Scheme`] says where the proof stands, of what form it is, what is signed, how the key is read, and
//! what an authentic callback is worth by it. Its promise is a type: what needs timely callbacks takes
//! `Authentic<Timely>`, and does not compile with a scheme that signs no time.
//!
//! | product | scheme | promise | what is not covered |
//! |---|---|---|---|
//! | Conversation, SMS | [`Conversation`] | [`Timely`](crate::Timely) | the other headers |
//! | Voice v1, Verification v1 | `Application` | [`Timely`](crate::Timely) | the query and the other headers |
//! | Voice v2 | `Service` | [`Timely`](crate::Timely) | the query and the other headers, those of CloudEvents included |
//! | Numbers, Hosting, 10DLC | `Numbers` | [`Untimed`](crate::Untimed) | any time: a log has to know it again |
//! | Mailgun | `Mailgun` | [`TokenOnly`](crate::TokenOnly) | the whole content |
//! | Engage (MessageMedia) | `Engage` | [`Timely`](crate::Timely) | the other headers |
//! | WhatsApp API (legacy) | `WhatsappLegacy` | [`Untimed`](crate::Untimed) | any time |
//! | Fax, and what is not signed | `Unsigned` | none | everything |
//!
//! All but the first come with the feature `schemes`, and `Engage` with `rsa`.
//!
//! ```
//! # #[cfg(feature = "schemes")] {
//! use sinch_callback::{Authentic, Timely, Untimed, UnixSeconds, scheme::{Numbers, Request, SchemeVerifier}};
//!
//! // The secret of Sinch's Node SDK's test.
//! let verifier = SchemeVerifier::new(Numbers, ["my-callback-secret"])?;
//! # let body = br#"{"eventId":"01hpa0mww4m79q8j2dwn3ggbgz","timestamp":"2024-02-10T17:22:09.412722588","projectId":"37b62a7b-0177-abcd-efgh-e10f848de123","resourceId":"+17818510001","resourceType":"ACTIVE_NUMBER","eventType":"DEPROVISIONING_FROM_VOICE_PLATFORM","status":"SUCCEEDED","failureCode":null}"#;
//! let headers = [("X-Sinch-Signature", "b93021e0182c2772dbcdf4e8983ae8f409e78c3b")];
//! let request = Request::post("/numbers");
//! let authentic: Authentic<Untimed> =
//!     verifier.authenticate(request, headers, body, UnixSeconds::new(1_707_585_730))?;
//! assert_eq!(authentic.body(), body);
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A handler that relies on the time does not take it:
//!
//! ```compile_fail
//! use sinch_callback::{Authentic, Timely, UnixSeconds, scheme::{Numbers, Request, SchemeVerifier}};
//!
//! fn handle(callback: Authentic<Timely>) {}
//!
//! let verifier = SchemeVerifier::new(Numbers, ["my-callback-secret"]).unwrap();
//! let headers = [("X-Sinch-Signature", "b93021e0182c2772dbcdf4e8983ae8f409e78c3b")];
//! let now = UnixSeconds::new(1_707_585_730);
//! handle(verifier.authenticate(Request::post("/numbers"), headers, b"{}", now).unwrap());
//! ```
//!
//! Nor does what Mailgun signs have a body to rely on:
//!
//! ```compile_fail
//! use sinch_callback::{UnixSeconds, scheme::{Mailgun, Request, SchemeVerifier}};
//!
//! let verifier = SchemeVerifier::new(Mailgun, ["made-up-signing-key"]).unwrap();
//! let headers: [(&str, &str); 0] = [];
//! let now = UnixSeconds::new(1_707_585_730);
//! let _ = verifier.authenticate(Request::post("/"), headers, b"{}", now).unwrap().body();
//! ```

#[cfg(feature = "schemes")]
pub(crate) mod any;
#[cfg(feature = "schemes")]
mod application;
pub(crate) mod conversation;
#[cfg(feature = "schemes")]
pub(crate) mod decoded_secret;
#[cfg(feature = "rsa")]
mod engage;
#[cfg(feature = "schemes")]
mod guess;
#[cfg(feature = "schemes")]
mod hex_tag;
#[cfg(feature = "schemes")]
mod key_id;
#[cfg(feature = "schemes")]
pub(crate) mod mailgun;
pub(crate) mod name;
#[cfg(feature = "schemes")]
pub(crate) mod numbers;
pub(crate) mod request;
#[cfg(feature = "schemes")]
mod request_scheme;
#[cfg(feature = "schemes")]
mod request_signed;
pub(crate) mod scheme_trait;
#[cfg(feature = "schemes")]
mod service;
#[cfg(all(feature = "schemes", feature = "signing"))]
mod sign;
#[cfg(feature = "schemes")]
mod slots;
#[cfg(test)]
#[cfg(all(feature = "schemes", feature = "signing"))]
mod tests;
#[cfg(feature = "schemes")]
mod unsigned;
#[cfg(feature = "schemes")]
mod whatsapp_legacy;
#[cfg(test)]
#[cfg(feature = "schemes")]
mod wycheproof_tests;

pub use crate::judged::Judged;
#[cfg(feature = "schemes")]
pub use crate::scheme_verifier::{InvalidVerifier, SchemeVerifier};
#[cfg(feature = "schemes")]
pub use any::{AnyKey, AnyScheme, InvalidScheme};
#[cfg(feature = "schemes")]
pub use application::Application;
pub use conversation::Conversation;
#[cfg(feature = "rsa")]
pub use engage::Engage;
#[cfg(feature = "schemes")]
pub use key_id::{InvalidKeyId, KeyId};
#[cfg(feature = "schemes")]
pub use mailgun::Mailgun;
pub use name::SchemeName;
#[cfg(feature = "schemes")]
pub use numbers::{Numbers, Sha1Secret};
pub use request::Request;
pub use scheme_trait::Scheme;
#[cfg(feature = "schemes")]
pub use service::Service;
#[cfg(all(feature = "schemes", feature = "signing"))]
pub use sign::{SchemeSigner, SignedRequest, ToSign};
#[cfg(feature = "schemes")]
pub use unsigned::Unsigned;
#[cfg(feature = "schemes")]
pub use whatsapp_legacy::WhatsappLegacy;
