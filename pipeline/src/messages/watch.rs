use sinch_callback::{ContentKey, ReportSubject, UnixSeconds};

use super::{
    attempt::AttemptName,
    due::{Due, DueCause, Telling},
    message::{Change, Changed, Message},
};

/// Somebody asks about a message: to be told where it has not ended by a moment, or, for an intent, of
/// whatever is reported on it. Nothing has to be known of the message yet.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::messages::{Watch, Watched};
///
/// let now = UnixSeconds::new(1_700_000_000);
/// let watch = Watch {
///     message_id: "msg-1".into(),
///     deadline: Some(UnixSeconds::new(1_700_000_300)),
///     attempt: None,
/// };
/// // Nothing is known of the message yet: it is watched all the same.
/// let change = watch.change(None, now);
/// assert_eq!(change.changed.watched, Some(Watched::New));
/// assert_eq!(watch.change(change.write, now).changed.watched, Some(Watched::Same));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// The message, as Sinch names it; a recipient of an SMS batch as `batch_id:digits`.
    pub message_id: String,
    /// The moment by which it has to have ended.
    pub deadline: Option<UnixSeconds>,
    /// The attempt that it was sent by, where it bears no correlation id of ours.
    pub attempt: Option<AttemptName>,
}

sinch_callback::named! {
    /// What came of a watch.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Watched {
        /// It is watched from now on.
        New = "watching",
        /// The same was asked before.
        Same = "same",
        /// The message has ended: there is nothing to wait for.
        Ended = "ended",
        /// It is watched for [`Dues::WATCHES`](super::Dues::WATCHES) other deadlines, or for another
        /// attempt. Nothing has changed.
        Full = "full",
    }
}

impl Watch {
    /// What it does to a message, of which `found` is kept: what is given to
    /// [`Messages::update`](super::Messages::update). Pure: it may run again. What came of it stands in
    /// [`Changed::watched`], which is `None` where the message has been forgotten.
    pub fn change(&self, found: Option<Message>, now: UnixSeconds) -> Change {
        let mut message = found
            .unwrap_or_else(|| Message::new(&self.message_id, subject_of(&self.message_id), now));
        let watched = self.apply(&mut message, now);
        let (watched, is_written) = match watched {
            Some(true) if !message.has_ended() => (Watched::New, true),
            Some(is_written) if message.has_ended() => (Watched::Ended, is_written),
            Some(_) => (Watched::Same, false),
            None => (Watched::Full, false),
        };
        let attempts = message.attempts();
        message.revision = message.revision.saturating_add(1);
        Change {
            write: is_written.then_some(message),
            changed: Changed {
                watched: Some(watched),
                attempts,
                ..Changed::default()
            },
        }
    }

    /// Whether anything has changed; `None` where there is no room for it.
    fn apply(&self, message: &mut Message, now: UnixSeconds) -> Option<bool> {
        let is_another = |known: &AttemptName| self.attempt.as_ref().is_some_and(|it| it != known);
        if message.attempt.as_ref().is_some_and(is_another) {
            return None;
        }
        let deadline = self.deadline.filter(|_| !message.has_ended());
        let is_new = match deadline {
            None => false,
            Some(at) => message.dues.watch(Due {
                at,
                since: now,
                cause: DueCause::Watched,
                key: self.key(at),
                telling: Telling::Waits,
            })?,
        };
        let is_named = message.attempt.is_none() && self.attempt.is_some();
        if is_named {
            message.attempt.clone_from(&self.attempt);
        }
        Some(is_new || is_named)
    }

    /// The same for the same message and deadline, however often they are asked for.
    fn key(&self, deadline: UnixSeconds) -> ContentKey {
        let text = format!("watch {} {}", deadline.get(), self.message_id);
        ContentKey::of_body(text.as_bytes())
    }
}

/// What a message is before any report says so: a recipient of an SMS batch has digits behind a colon,
/// which no other id has.
fn subject_of(message_id: &str) -> ReportSubject {
    let recipient = message_id.split_once(':').map(|(_, recipient)| recipient);
    let is_recipient = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if recipient.is_some_and(is_recipient) {
        ReportSubject::SmsRecipient
    } else {
        ReportSubject::Message
    }
}
