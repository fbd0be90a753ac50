use std::collections::BTreeMap;

use serde::Serialize;
use sinch_callback::{Callback, CallbackKind};
use sinch_callback_events::{
    self as events, Consent, Evidence, Wish, numbers::NumbersCallback,
    verification::VerificationCallback, voice::VoiceCallback, voice_v2::VoiceV2Callback,
};

/// Whether somebody agrees to be sent messages. Whoever sends again must know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConsentEvent {
    /// The channel that it holds for, as the Conversation API calls it; empty where none is named.
    pub channel: String,
    /// Who they are on it; empty where only a contact is named.
    pub identity: String,
    /// The contact at Sinch; empty where none is named.
    pub contact_id: String,
    /// The number or name of yours that they wrote to; empty where none is named.
    pub sender: String,
    /// What tells it: `notification`, Sinch's own, or `word`, a message of one word that means it.
    pub evidence: &'static str,
    /// The word, as it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word: Option<String>,
    /// The app at Sinch; empty where none is named.
    pub app_id: String,
    /// The project at Sinch; empty where none is named.
    pub project_id: String,
}

/// What has happened to a number, a call or a verification. What is not told is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProductEvent {
    /// The callback's kind: `CallbackKind::as_str`.
    pub kind: &'static str,
    /// What has happened, as Sinch calls it.
    pub event: String,
    /// What it is about, by Sinch's ids: `event_id`, `resource_id`, `call_id`, `verification_id`, and
    /// others where they are told.
    pub about: BTreeMap<&'static str, String>,
    /// How it ended, as Sinch wrote it.
    pub status: String,
    /// Why, as Sinch wrote it.
    pub reason: String,
    /// What the app gave as its reference.
    pub reference: String,
    /// What the app gave besides.
    pub custom: String,
    /// When it happened, as Sinch wrote it.
    pub occurred_at: String,
}

/// What a callback tells that is about no message of ours, under the event's type; `None` of all
/// others. `callback` is what its body says.
pub(crate) enum Told {
    Consent(&'static str, ConsentEvent),
    Product(&'static str, ProductEvent),
}

impl Told {
    pub(crate) fn of(callback: &Callback, body: &[u8]) -> Option<Self> {
        let kind = match callback.kind {
            CallbackKind::OptIn
            | CallbackKind::OptOut
            | CallbackKind::MessageInbound
            | CallbackKind::SmsInboundText
            | CallbackKind::SmsInboundMedia => {
                let typed = events::Callback::parse(body).ok()?;
                let consent = typed.consent()?;
                let kind = match consent.wish {
                    Wish::In => "contact.opted_in",
                    Wish::Out => "contact.opted_out",
                };
                return Some(Self::Consent(kind, ConsentEvent::of(&consent, callback)));
            }
            CallbackKind::Numbers => "numbers.event",
            CallbackKind::VoiceIncomingCall
            | CallbackKind::VoiceAnsweredCall
            | CallbackKind::VoiceDisconnectedCall
            | CallbackKind::VoicePromptInput
            | CallbackKind::VoiceNotification
            | CallbackKind::VoiceV2
            | CallbackKind::VoiceV2Ended => "voice.event",
            CallbackKind::VerificationRequest
            | CallbackKind::VerificationResult
            | CallbackKind::VerificationSmsDelivered => "verification.event",
            _ => return None,
        };
        let event = match events::Callback::parse(body) {
            Ok(events::Callback::Numbers(typed)) => ProductEvent::of_numbers(*typed),
            Ok(events::Callback::Voice(typed)) => ProductEvent::of_voice(typed),
            Ok(events::Callback::VoiceV2(typed)) => ProductEvent::of_voice_v2(*typed),
            Ok(events::Callback::Verification(typed)) => ProductEvent::of_verification(typed),
            // Core reads what is no JSON as far as it goes, and has told the kind.
            _ => ProductEvent::default(),
        };
        Some(Self::Product(
            kind,
            ProductEvent {
                kind: callback.kind.as_str(),
                ..event
            },
        ))
    }
}

impl ConsentEvent {
    fn of(consent: &Consent<'_>, callback: &Callback) -> Self {
        let (evidence, word) = match consent.evidence {
            Evidence::Word(word) => ("word", Some(word.to_owned())),
            _ => ("notification", None),
        };
        Self {
            channel: consent.channel.to_owned(),
            identity: consent.identity.to_owned(),
            contact_id: consent.contact_id.to_owned(),
            sender: consent.sender.to_owned(),
            evidence,
            word,
            app_id: callback.app_id.clone(),
            project_id: callback.project_id.clone(),
        }
    }
}

/// A name of an enum as it is on the wire.
macro_rules! written {
    ($name:expr) => {
        $name
            .map(|name| name.as_str().to_owned())
            .unwrap_or_default()
    };
}

/// The ids that are told.
fn about<const N: usize>(
    ids: [(&'static str, Option<String>); N],
) -> BTreeMap<&'static str, String> {
    let told = ids
        .into_iter()
        .filter_map(|(name, id)| Some((name, id.filter(|id| !id.is_empty())?)));
    told.collect()
}

impl ProductEvent {
    fn of_numbers(callback: NumbersCallback) -> Self {
        Self {
            event: written!(callback.event_type),
            about: about([
                ("event_id", callback.event_id),
                ("resource_id", callback.resource_id),
                ("resource_type", Some(written!(callback.resource_type))),
                ("project_id", callback.project_id),
            ]),
            status: written!(callback.status),
            reason: written!(callback.failure_code),
            occurred_at: callback.timestamp.unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of_voice(callback: VoiceCallback) -> Self {
        let call =
            |event: &str, call, conference, app, custom: Option<String>, at: Option<String>| Self {
                event: event.to_owned(),
                about: about([
                    ("call_id", call),
                    ("conference_id", conference),
                    ("application_key", app),
                ]),
                custom: custom.unwrap_or_default(),
                occurred_at: at.unwrap_or_default(),
                ..Self::default()
            };
        match callback {
            VoiceCallback::Dice(it) => Self {
                status: written!(it.result),
                reason: written!(it.reason),
                ..call(
                    "dice",
                    it.callid,
                    it.conference_id,
                    it.application_key,
                    it.custom,
                    it.timestamp,
                )
            },
            VoiceCallback::Notify(it) => Self {
                status: it.r#type.unwrap_or_default(),
                reason: it.error_msg.unwrap_or_default(),
                ..call(
                    "notify",
                    it.callid,
                    it.conference_id,
                    it.application_key,
                    it.custom,
                    None,
                )
            },
            VoiceCallback::Ice(it) => call(
                "ice",
                it.callid,
                it.conference_id,
                it.application_key,
                it.custom,
                it.timestamp,
            ),
            VoiceCallback::Ace(it) => call(
                "ace",
                it.callid,
                it.conference_id,
                it.application_key,
                it.custom,
                it.timestamp,
            ),
            VoiceCallback::Pie(it) => call(
                "pie",
                it.callid,
                it.conference_id,
                it.application_key,
                it.custom,
                it.timestamp,
            ),
            _ => Self::default(),
        }
    }

    fn of_voice_v2(callback: VoiceV2Callback) -> Self {
        let call = callback.call.unwrap_or_default();
        Self {
            event: written!(callback.event),
            about: about([
                ("call_id", call.call_id),
                ("session_id", call.session_id),
                ("service_id", call.service_id),
                ("batch_id", call.batch_id),
                ("project_id", call.project_id),
            ]),
            status: written!(call.call_result),
            reason: written!(call.call_reason),
            occurred_at: call.end_time.or(call.update_time).unwrap_or_default(),
            ..Self::default()
        }
    }

    fn of_verification(callback: VerificationCallback) -> Self {
        let verification =
            |event: &str, id, method, reference: Option<String>, custom: Option<String>| Self {
                event: event.to_owned(),
                about: about([("verification_id", id), ("method", Some(method))]),
                reference: reference.unwrap_or_default(),
                custom: custom.unwrap_or_default(),
                ..Self::default()
            };
        match callback {
            VerificationCallback::VerificationResultEvent(it) => Self {
                status: written!(it.status),
                reason: written!(it.reason),
                ..verification(
                    "VerificationResultEvent",
                    it.id,
                    written!(it.method),
                    it.reference,
                    it.custom,
                )
            },
            VerificationCallback::VerificationSmsDeliveredEvent(it) => Self {
                status: written!(it.sms_result),
                ..verification(
                    "VerificationSmsDeliveredEvent",
                    it.id,
                    written!(it.method),
                    it.reference,
                    it.custom,
                )
            },
            VerificationCallback::VerificationRequestEvent(it) => verification(
                "VerificationRequestEvent",
                it.id,
                written!(it.method),
                it.reference,
                it.custom,
            ),
            _ => Self::default(),
        }
    }
}
