use core::time::Duration;
use std::sync::{Mutex, PoisonError};

use sinch_callback::{
    Answer, ContentKey, Promise, ReplayGuard, Rules, SecretSlot,
    reception::AwaitHandOff,
    scheme::{AnyScheme, Conversation, Scheme},
};

use crate::{
    envelope::Envelope,
    ports::{Handoff, NoReplayGuard, SecretSource},
    reach::{Arrival, Cause, Reached, age_of, reach},
};

/// What became of a callback: what it is answered, and what a log or a counter tells besides.
#[derive(Debug)]
#[non_exhaustive]
#[must_use]
pub struct Verdict {
    /// What the sender is answered.
    pub answer: Answer,
    /// How long ago it was signed, where it is authentic and its signature says it.
    pub age: Option<Duration>,
    /// What was handed off, where it was.
    pub handed_off: Option<HandedOff>,
    /// What failed on our side, where something did. For the log, not for the sender.
    pub cause: Option<Cause>,
}

/// A callback that was handed off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct HandedOff {
    /// Which secret signed it.
    pub secret_slot: SecretSlot,
    /// The key of the event.
    pub content_key: ContentKey,
}

impl Verdict {
    /// This answer, given because something on our side failed.
    pub fn failed(answer: Answer, cause: impl Into<Cause>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..answer.into()
        }
    }
}

impl From<Answer> for Verdict {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            age: None,
            handed_off: None,
            cause: None,
        }
    }
}

/// The first use case: drives a callback's [reception](sinch_callback::reception) over the ports.
///
/// # Examples
/// ```
/// use sinch_callback::{Answer, Rules, Secret, SignedHeaders, Signer, UnixSeconds};
/// use sinch_callback_pipeline::{Arrival, Envelope, FixedSecrets, Handoff, Receiver};
///
/// /// In its place: an INSERT, or a queue's send.
/// struct Printer;
///
/// impl Handoff for Printer {
///     type Error = std::io::Error;
///
///     async fn send(&self, envelope: Envelope<'_>) -> Result<(), Self::Error> {
///         println!("{}", envelope.encode());
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let secrets = FixedSecrets::new(Secret::new("made-up")?);
/// let receiver = Receiver::new(secrets, Printer, Rules::LOGGED);
///
/// // As Sinch signs it.
/// let now = UnixSeconds::new(1_700_000_000);
/// let body = br#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;
/// let signed = Signer::new(Secret::new("made-up")?).sign(body, "a-nonce", now)?;
/// let headers = SignedHeaders::collect(signed.headers());
/// let verdict = receiver.receive(Arrival::new(headers, body, now, "request-1")).await;
/// assert_eq!(verdict.answer, Answer::ACCEPTED);
///
/// let headers = SignedHeaders::collect(signed.headers());
/// let forged = receiver.receive(Arrival::new(headers, b"{}", now, "request-2")).await;
/// assert_eq!(forged.answer, Answer::SIGNATURE_MISMATCH);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Receiver<S, H, G = NoReplayGuard> {
    secrets: S,
    handoff: H,
    guard: Mutex<G>,
    rules: Rules,
    scheme: AnyScheme,
}

impl<S: SecretSource, H: Handoff> Receiver<S, H> {
    /// A receiver of the Conversation and the SMS API's callbacks that leaves replays to the layers
    /// behind it.
    pub const fn new(secrets: S, handoff: H, rules: Rules) -> Self {
        Self {
            secrets,
            handoff,
            guard: Mutex::new(NoReplayGuard),
            rules,
            scheme: AnyScheme::Conversation(Conversation),
        }
    }
}

impl<S: SecretSource, H: Handoff, G: ReplayGuard + Send> Receiver<S, H, G> {
    /// The same receiver with a guard that absorbs replays before the hand-off.
    pub fn with_guard<Other>(self, guard: Other) -> Receiver<S, H, Other> {
        Receiver {
            secrets: self.secrets,
            handoff: self.handoff,
            guard: Mutex::new(guard),
            rules: self.rules,
            scheme: self.scheme,
        }
    }

    /// The same receiver for callbacks of this scheme, by the
    /// [rules of it](sinch_callback::Rules::for_scheme). The secrets have to be keys of it.
    pub fn with_scheme(self, scheme: AnyScheme) -> Self {
        Self {
            scheme,
            rules: self.rules.for_scheme(scheme.name()),
            ..self
        }
    }

    /// The scheme of its callbacks, which reads the head of a request.
    pub const fn scheme(&self) -> &AnyScheme {
        &self.scheme
    }

    /// What it accepts.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Where its secrets come from.
    pub const fn secrets(&self) -> &S {
        &self.secrets
    }

    /// Decides about a callback, and hands it off where it is authentic, timely and not known to
    /// have been handed off before.
    pub async fn receive<'a>(&'a self, arrival: Arrival<'a>) -> Verdict {
        let claim = |key| self.with_guard_locked(|guard| guard.claim(key, arrival.now));
        match reach(&self.rules, &self.scheme, &arrival, &self.secrets, claim).await {
            Reached::HandOff(handoff) => self.hand_off(handoff, &arrival).await,
            // There is nobody behind who could judge it.
            Reached::Undecided(undecided, cause) => Verdict::failed(undecided.unavailable(), cause),
            Reached::Answer(answer, age) => Verdict {
                age,
                ..answer.into()
            },
        }
    }

    async fn hand_off(&self, handoff: AwaitHandOff<'_, Promise>, arrival: &Arrival<'_>) -> Verdict {
        let authentic = *handoff.authentic();
        let scheme = self.scheme.name();
        let envelope = Envelope::seal(scheme, &authentic, arrival.now, arrival.request_id);
        let handed_off = HandedOff {
            secret_slot: authentic.secret_slot(),
            content_key: envelope.content_key(),
        };
        let (settled, handed_off, cause) = match self.handoff.send(envelope).await {
            Ok(()) => (handoff.done(), Some(handed_off), None),
            Err(source) => match H::rejection(&source) {
                Some(rejection) => (handoff.refused(rejection), None, None),
                None => (handoff.failed(), None, Some(source.into())),
            },
        };
        self.with_guard_locked(|guard| settled.guard.tell(guard, arrival.now));
        Verdict {
            answer: settled.answer,
            age: age_of(authentic.promise(), arrival.now),
            handed_off,
            cause,
        }
    }

    fn with_guard_locked<T>(&self, act: impl FnOnce(&mut G) -> T) -> T {
        // A guard that somebody left half-changed can at worst forget, which is safe.
        act(&mut self.guard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
