//! From a signed callback to a recorded delivery: the two use cases, over ports.
//!
//! [`Receiver`] decides about a callback and hands it off; [`Processor`] records what was handed
//! off and raises the events that follow. Neither knows HTTP, SQL or a cloud: hosts implement the
//! ports ([`SecretSource`], [`Handoff`], [`DeliveryLog`], [`Notifier`]) and pass the time in.

mod cached_secrets;
mod callback_event;
mod change;
mod envelope;
mod event;
mod forget_key;
mod message;
pub mod messages;
mod ports;
mod process;
mod reach;
mod reason;
mod receive;
mod runtime;
mod secret_texts;
mod view;

pub use cached_secrets::{CachedSecrets, SecretsUnavailable};
pub use callback_event::{BatchCountView, BatchView, CallbackEvent};
pub use change::{Change, Placed, Said, by_message};
pub use envelope::{Envelope, InvalidEnvelope};
pub use event::{DeliveryEvent, EventFilter};
pub use forget_key::ForgetKey;
pub use message::{Due, Message, OVERDUE_AFTER_SECS};
pub use ports::{
    Applied, CallbackRecord, DeliveryLog, Handoff, NoNotifier, NoReplayGuard, Notifier, Novelty,
    Refresh, SecretSource, Secrets,
};
pub use process::{ProcessError, Processed, Processor};
pub use reach::{Arrival, Cause, Reached, reach};
pub use reason::{CarrierWords, Reason};
pub use receive::{HandedOff, Receiver, Verdict};
pub use runtime::Runtime;
#[cfg(feature = "tokio")]
pub use runtime::Tokio;
pub use secret_texts::{SecretReport, SecretText, SecretTexts};
pub use view::{ChannelView, CorrelationView, LogView, MessageSummary, MessageView};
