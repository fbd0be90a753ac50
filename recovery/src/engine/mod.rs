//! Carries out what [`decide`](crate::decide()) says, over ports.

mod accept;
mod ask;
mod failure;
mod look;
mod send;

use sinch_callback_pipeline::ForgetKey;

use crate::ports::Ports;

pub use accept::Accepted;
pub use failure::{Failing, PortFailure};
pub use look::{Looked, Swept};

/// Carries out what is decided about intents: looks at those that are due, makes the calls, records what
/// came of them, and tells of it.
///
/// Any number of engines may run over the same stores. Whatever tells one to look, and however often,
/// changes when something is done, and not what.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::ForgetKey;
/// use sinch_callback_recovery::{
///     Accepted, Call, CallAnswer, Engine, Request, memory::Memory, ports::Sender,
/// };
///
/// struct Printer;
///
/// impl Sender for Printer {
///     async fn send(&self, call: &Call) -> CallAnswer {
///         CallAnswer::Accepted(format!("message of {}", call.channel))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let now = UnixSeconds::new(1_795_600_811);
/// let request = br#"{
///     "key": "login-7f3a",
///     "to": {"SMS": "+15550100"},
///     "content": {"text": "Your code is 271828"},
///     "plan": "otp",
///     "deadline": "PT2M"
/// }"#;
/// let request = Request::parse(request, now)?;
/// let engine = Engine::new(Memory::new(Printer, now), ForgetKey::new([7; ForgetKey::LEN]));
/// let Accepted::Created(intent) = engine.accept(request.clone()).await? else {
///     return Err("its key is in use".into());
/// };
/// engine.look(intent.id()).await?;
/// // Whoever asks again, because an answer was lost, asks for the same intent.
/// let Accepted::Same(intent) = engine.accept(request).await? else {
///     return Err("it was accepted before".into());
/// };
/// assert_eq!(intent.attempts().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Engine<P> {
    ports: P,
    key: ForgetKey,
}

impl<P: Ports> Engine<P> {
    /// An engine over a host's ports. The key is the store's own, and the same for all engines over one
    /// store: under it the hash is made by which a request is known again.
    #[must_use]
    pub const fn new(ports: P, key: ForgetKey) -> Self {
        Self { ports, key }
    }

    /// The host's ports.
    #[must_use]
    pub const fn ports(&self) -> &P {
        &self.ports
    }
}
