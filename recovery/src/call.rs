use core::time::Duration;

use crate::{channel::Channel, content::Content, id::AttemptName, identity::Identity};

/// A call to make, at once and once.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Call {
    /// The attempt: what every callback about the message bears as its `correlation_id`.
    pub attempt: AttemptName,
    /// Where.
    pub channel: Channel,
    /// To whom there.
    pub identity: Identity,
    /// What is said.
    pub content: Content,
    /// What comes back as `metadata` of every report; empty where there is none.
    pub metadata: String,
    /// For how long the provider may try to deliver.
    pub ttl: Duration,
}

/// What came of a call. Reasons are the provider's words, for people; they hold no content and no
/// identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CallAnswer {
    /// Accepted under this message id.
    Accepted(String),
    /// Nothing was sent, and the same call may be made later: name, connection, TLS or token failed, or
    /// the provider had no room.
    NotSent(String),
    /// Nothing was sent, because our own credentials, project or region are wrong: no fault of the
    /// intent.
    AboutUs(String),
    /// Nothing was sent, because the provider does not accept the request.
    Refused(String),
    /// It may have been sent: no answer to a request that left, or one that does not tell.
    Unresolved(String),
}

impl CallAnswer {
    /// What an HTTP status means that comes without a message id.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback_recovery::CallAnswer;
    ///
    /// assert!(matches!(CallAnswer::of_status(429, ""), CallAnswer::NotSent(_)));
    /// assert!(matches!(CallAnswer::of_status(503, ""), CallAnswer::Unresolved(_)));
    /// ```
    #[must_use]
    pub fn of_status(status: u16, words: &str) -> Self {
        let reason = if words.is_empty() {
            format!("status {status}")
        } else {
            format!("status {status}: {words}")
        };
        match status {
            429 | 501 => Self::NotSent(reason),
            401 | 403 | 404 => Self::AboutUs(reason),
            400..=499 => Self::Refused(reason),
            // Another 5xx may come after the message was taken, and of 1xx to 3xx nothing is promised.
            _ => Self::Unresolved(reason),
        }
    }
}

/// What the engine has to do besides storing the intent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct Effects {
    /// Give the reserved budget back: nothing was sent.
    pub gives_back: bool,
    /// Renew the token: it may have been withdrawn.
    pub renews: bool,
    /// Pause all sends, for this reason: a renewed token was refused as well.
    pub pauses: Option<String>,
}
