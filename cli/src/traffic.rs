//! Callbacks as Sinch sends them, for `send` and `demo`.

use clap::ValueEnum;
use fastrand::Rng;
use sinch_callback::scheme::SchemeName;
use sinch_callback_server::ids;

/// What happens to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Queued, then delivered
    Delivered,
    /// Queued, delivered, then read
    Read,
    /// Queued, then failed
    Failed,
    /// Queued on RCS, switched, then queued and delivered by SMS
    Switching,
    /// A day's mixture of the others
    Mixed,
}

/// A message's callbacks, in the order in which they come.
pub(crate) struct Story {
    pub(crate) message_id: String,
    pub(crate) bodies: Vec<String>,
}

/// Reasons that failures are told with.
const REASONS: [&str; 4] = [
    "RECIPIENT_NOT_REACHABLE",
    "RATE_LIMITED",
    "RECIPIENT_NOT_OPTED_IN",
    "CHANNEL_BAD_CONFIGURATION",
];

impl Scenario {
    /// The callbacks of one message.
    pub(crate) fn story(self, rng: &mut Rng) -> Story {
        let message_id = ids::unique();
        let on = |channel, status| Report::new(&message_id, channel, status).body();
        let bodies = match self.resolve(rng) {
            Self::Delivered => vec![on("SMS", "QUEUED_ON_CHANNEL"), on("SMS", "DELIVERED")],
            Self::Read => vec![
                on("WHATSAPP", "QUEUED_ON_CHANNEL"),
                on("WHATSAPP", "DELIVERED"),
                on("WHATSAPP", "READ"),
            ],
            Self::Failed => {
                let reason = rng.choice(REASONS).unwrap_or("UNKNOWN");
                let failed = Report::new(&message_id, "SMS", "FAILED");
                vec![
                    on("SMS", "QUEUED_ON_CHANNEL"),
                    failed.with_reason(reason).body(),
                ]
            }
            Self::Switching | Self::Mixed => {
                let switched = Report::new(&message_id, "RCS", "SWITCHING_CHANNEL");
                vec![
                    on("RCS", "QUEUED_ON_CHANNEL"),
                    switched.with_reason("RECIPIENT_NOT_REACHABLE").body(),
                    on("SMS", "QUEUED_ON_CHANNEL"),
                    on("SMS", "DELIVERED"),
                ]
            }
        };
        Story { message_id, bodies }
    }

    /// Most messages of a day are delivered, some read, few fail or switch.
    fn resolve(self, rng: &mut Rng) -> Self {
        if self != Self::Mixed {
            return self;
        }
        match rng.u8(0..100) {
            0..70 => Self::Delivered,
            70..85 => Self::Read,
            85..95 => Self::Failed,
            _ => Self::Switching,
        }
    }
}

/// What one callback tells of a product that has no delivery reports, or has them signed in another way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Event {
    /// A number was provisioned.
    Numbers,
    /// A call has ended.
    Voice,
    /// The same of the Voice API's version 2.
    VoiceV2,
    /// An e-mail was delivered.
    Mailgun,
    /// A message was delivered.
    Whatsapp,
}

impl Event {
    /// What a scheme's callbacks tell; `None` for the Conversation API's, of which there are stories.
    pub(crate) const fn of(scheme: SchemeName) -> Option<Self> {
        match scheme {
            SchemeName::Numbers => Some(Self::Numbers),
            SchemeName::Application => Some(Self::Voice),
            SchemeName::Service => Some(Self::VoiceV2),
            SchemeName::Mailgun => Some(Self::Mailgun),
            SchemeName::WhatsappLegacy => Some(Self::Whatsapp),
            _ => None,
        }
    }

    /// A body of its own.
    pub(crate) fn body(self) -> String {
        let id = ids::unique();
        match self {
            Self::Numbers => format!(
                r#"{{"eventId":"{id}","timestamp":"2026-01-02T03:04:05.678901234","projectId":"00000000-0000-4000-8000-000000000000","resourceId":"+12025550147","resourceType":"ACTIVE_NUMBER","eventType":"PROVISIONING_TO_VOICE_PLATFORM","status":"SUCCEEDED","failureCode":null}}"#
            ),
            Self::Voice => format!(
                r#"{{"event":"dice","callid":"{id}","timestamp":"2026-01-02T03:04:05Z","reason":"HANGUP","result":"ANSWERED","version":1,"from":"12025550147","duration":12}}"#
            ),
            Self::VoiceV2 => format!(r#"{{"event":"call.hangup","call":{{"callId":"{id}"}}}}"#),
            Self::Mailgun => format!(
                r#"{{"event-data":{{"event":"delivered","id":"{id}","recipient":"made-up@example.com"}}}}"#
            ),
            Self::Whatsapp => format!(
                r#"{{"statuses":[{{"message_id":"{id}","state":"delivered","recipient":"12025550147"}}]}}"#
            ),
        }
    }
}

/// A delivery report of the Conversation API.
pub(crate) struct Report<'a> {
    message_id: &'a str,
    channel: &'a str,
    status: &'a str,
    reason: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub(crate) const fn new(message_id: &'a str, channel: &'a str, status: &'a str) -> Self {
        Self {
            message_id,
            channel,
            status,
            reason: None,
        }
    }

    pub(crate) const fn with_reason(mut self, code: &'a str) -> Self {
        self.reason = Some(code);
        self
    }

    pub(crate) fn body(&self) -> String {
        let Self {
            message_id,
            channel,
            status,
            ..
        } = self;
        let reason = self.reason.map_or_else(String::new, |code| {
            format!(
                r#","reason":{{"code":"{code}","description":"told by the channel","sub_code":"UNSPECIFIED_SUB_CODE"}}"#
            )
        });
        format!(
            r#"{{"app_id":"01EXAMPLEAPP00000000000000","accepted_time":"2026-01-02T03:04:05.678Z","event_time":"2026-01-02T03:04:05.123Z","project_id":"00000000-0000-4000-8000-000000000000","message_delivery_report":{{"message_id":"{message_id}","conversation_id":"01EXAMPLECONVERSATION00000","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"12025550147","app_id":""}},"contact_id":"01EXAMPLECONTACT0000000000"{reason},"metadata":"campaign-7","processing_mode":"CONVERSATION"}},"message_metadata":"campaign-7","correlation_id":"shop.order-{message_id}"}}"#
        )
    }
}
