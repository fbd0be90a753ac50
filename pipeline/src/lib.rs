//! From a signed callback to a recorded delivery: the two use cases, over ports.
//!
//! [`Receiver`] decides about a callback and hands it off; [`messages::Processor`] records what was handed
//! off and raises the events that follow. Neither knows HTTP, SQL or a cloud: hosts implement the
//! ports ([`SecretSource`], [`Handoff`], [`messages::Messages`], [`messages::Callbacks`], [`Notifier`]) and pass the time in.
//! A port is implemented by `&T` and by `Arc<T>` where `T` implements it. Its futures are `Send`, and it
//! is no `dyn` trait: a host that chooses among stores as it starts wraps them in an enum.
//!
//! A whole receiver in memory, which is `examples/in_memory.rs`:
//!
//! ```
#![doc = include_str!("../examples/in_memory.rs")]
//! ```

mod cached_secrets;
mod callback_event;
mod calling_code;
mod deadline;
mod endpoint;
mod envelope;
mod fixed_secrets;
mod forget_key;
pub mod listening;
mod masked;
pub mod messages;
mod ports;
mod reach;
mod receive;
mod runtime;
mod said;
mod secret_texts;
mod secrets_unavailable;
mod shared;
mod subject;
mod timeline;
mod told;
mod view;

pub use cached_secrets::CachedSecrets;
pub use callback_event::{BatchCountView, BatchView, CallbackEvent, EventContent};
pub use calling_code::calling_code;
pub use deadline::{Deadline, InvalidDeadline};
pub use endpoint::{Endpoint, InvalidEndpoint};
pub use envelope::{Envelope, InvalidEnvelope, Promise};
pub use fixed_secrets::FixedSecrets;
pub use forget_key::ForgetKey;
pub use masked::masked_identity;
pub use messages::{
    event::{DeliveryEvent, EventFilter},
    notifier::{NoNotifier, Notifier},
};
pub use ports::{Handoff, NoReplayGuard, Refresh, SecretSource, Secrets};
pub use reach::{Arrival, Cause, Reached, reach};
pub use receive::{HandedOff, Receiver, Verdict};
pub use runtime::Runtime;
#[cfg(feature = "tokio")]
pub use runtime::Tokio;
pub use said::{Placed, Said};
pub use secret_texts::{SecretReport, SecretText, SecretTexts};
pub use secrets_unavailable::SecretsUnavailable;
pub use subject::{Forgotten, Subject, TooShort};
pub use timeline::{TimelineEntry, TimelineView};
pub use told::{ConsentEvent, ProductEvent};
pub use view::{ChannelView, CorrelationView, DueView, LogView, MessageSummary, MessageView};
