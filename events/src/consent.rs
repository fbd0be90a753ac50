use alloc::string::String;

use crate::generated::{
    callback::Callback,
    conversation::{ConversationCallback, ConversationEvent, OptInStatus, OptOutStatus},
    message::ContactMessageContent,
    sms::SmsCallback,
};

/// What a callback tells about whether somebody agrees to be sent messages.
///
/// Whoever sends again must know: a message to somebody who has opted out is a breach of law in many
/// countries, and of every channel's rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Consent<'a> {
    /// What they wish.
    pub wish: Wish,
    /// What tells it.
    pub evidence: Evidence<'a>,
    /// The channel that it holds for, by its name at the Conversation API; empty where none is named.
    pub channel: &'a str,
    /// Who they are on it; empty where only a contact is named.
    pub identity: &'a str,
    /// The contact at Sinch; empty where none is named.
    pub contact_id: &'a str,
    /// The number or name of yours that they wrote to; empty where none is named.
    pub sender: &'a str,
}

/// What somebody wishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wish {
    /// To be sent messages.
    In,
    /// To be sent none.
    Out,
}

/// What tells a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence<'a> {
    /// Sinch, in a notification of its own.
    Notification,
    /// The person, by a message of one word that means it.
    Word(&'a str),
}

impl Callback {
    /// The wish that it tells; `None` for all that tells none.
    ///
    /// - An opt-out counts unless Sinch says that it failed, since sending to somebody who wishes
    ///   otherwise costs more than not sending. An opt-in counts only where Sinch says that it
    ///   succeeded.
    /// - An inbound text counts where it is, without regard to case and to what stands around it, one
    ///   word or phrase that revokes consent by 47 CFR 64.1200(a)(10) (`stop`, `quit`, `end`, `revoke`,
    ///   `opt out`, `cancel`, `unsubscribe`), or `stopall` and `optout`, which carriers of the United
    ///   States know besides; or `start` and `unstop`, which revoke that. `Please stop` is for a
    ///   person to read.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback_events::{Callback, Evidence, Wish};
    ///
    /// let body = br#"{"type":"mo_text","from":"4791","to":"2440","body":" Stop! "}"#;
    /// let callback = Callback::parse(body)?;
    /// let consent = callback.consent().ok_or("no wish")?;
    /// assert_eq!((consent.wish, consent.channel, consent.identity), (Wish::Out, "SMS", "4791"));
    /// assert_eq!((consent.evidence, consent.sender), (Evidence::Word("Stop"), "2440"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn consent(&self) -> Option<Consent<'_>> {
        match self {
            Self::Conversation(callback) => of_conversation(callback),
            Self::Sms(callback) => of_sms(callback),
            _ => None,
        }
    }
}

fn of_conversation(callback: &ConversationCallback) -> Option<Consent<'_>> {
    match callback.event.as_ref()? {
        ConversationEvent::OptOut(notification) => {
            (notification.status != Some(OptOutStatus::OptOutFailed)).then(|| Consent {
                wish: Wish::Out,
                evidence: Evidence::Notification,
                channel: notification
                    .channel
                    .as_ref()
                    .map_or("", |channel| channel.as_str()),
                identity: text(&notification.identity),
                contact_id: text(&notification.contact_id),
                sender: "",
            })
        }
        ConversationEvent::OptIn(notification) => {
            (notification.status == Some(OptInStatus::OptInSucceeded)).then(|| Consent {
                wish: Wish::In,
                evidence: Evidence::Notification,
                channel: notification
                    .channel
                    .as_ref()
                    .map_or("", |channel| channel.as_str()),
                identity: text(&notification.identity),
                contact_id: text(&notification.contact_id),
                sender: "",
            })
        }
        ConversationEvent::MessageInbound(message) => {
            let content = message.contact_message.as_ref()?.content.as_ref()?;
            let ContactMessageContent::Text(words) = content else {
                return None;
            };
            let (wish, word) = wish(text(&words.text))?;
            let identity = message.channel_identity.as_ref();
            let channel = identity.and_then(|identity| identity.channel.as_ref());
            Some(Consent {
                wish,
                evidence: Evidence::Word(word),
                channel: channel.map_or("", |channel| channel.as_str()),
                identity: identity.map_or("", |identity| text(&identity.identity)),
                contact_id: text(&message.contact_id),
                sender: text(&message.sender_id),
            })
        }
        _ => None,
    }
}

fn of_sms(callback: &SmsCallback) -> Option<Consent<'_>> {
    let (words, from, to, channel) = match callback {
        SmsCallback::MoText(message) => (&message.body, &message.from, &message.to, "SMS"),
        SmsCallback::MoMedia(message) => {
            let body = message.body.as_ref()?;
            (&body.message, &message.from, &message.to, "MMS")
        }
        _ => return None,
    };
    let (wish, word) = wish(text(words))?;
    Some(Consent {
        wish,
        evidence: Evidence::Word(word),
        channel,
        identity: text(from),
        contact_id: "",
        sender: text(to),
    })
}

/// The wish that a text is, and the text without what stands around it.
fn wish(text: &str) -> Option<(Wish, &str)> {
    const OUT: [&str; 9] = [
        "stop",
        "quit",
        "end",
        "revoke",
        "opt out",
        "cancel",
        "unsubscribe",
        "stopall",
        "optout",
    ];
    const IN: [&str; 2] = ["start", "unstop"];
    let word = text.trim_matches(|character: char| !character.is_alphanumeric());
    if OUT.iter().any(|out| word.eq_ignore_ascii_case(out)) {
        Some((Wish::Out, word))
    } else if IN.iter().any(|one| word.eq_ignore_ascii_case(one)) {
        Some((Wish::In, word))
    } else {
        None
    }
}

fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or("")
}
