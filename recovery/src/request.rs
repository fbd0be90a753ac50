use std::collections::BTreeMap;

use serde::Serialize;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::ForgetKey;

use crate::{
    attempt::Attempt,
    channel::Channel,
    content::Content,
    id::IntentId,
    identity::Identity,
    intent::{Fingerprint, Intent},
    key::IntentKey,
    log::DecisionLog,
    plan::Plan,
    ports::Mode,
    quiet_hours::QuietHours,
};

/// What a business asks for: an intent that is not accepted yet.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_recovery::Request;
///
/// let now = UnixSeconds::new(1_795_600_811);
/// let request = br#"{
///     "key": "login-7f3a",
///     "to": {"SMS": "+15550100"},
///     "content": {"text": "Your code is 271828"},
///     "plan": "otp",
///     "deadline": "PT2M"
/// }"#;
/// let request = Request::parse(request, now)?;
/// assert_eq!(request.key().as_str(), "login-7f3a");
/// # Ok::<(), sinch_callback_recovery::InvalidRequest>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Request {
    pub(crate) key: IntentKey,
    pub(crate) to: BTreeMap<Channel, Identity>,
    /// `None` where nothing is ever sent.
    pub(crate) content: Option<Content>,
    pub(crate) plan: Plan,
    /// Seconds from the acceptance.
    pub(crate) deadline: u64,
    pub(crate) valid_until: Option<UnixSeconds>,
    pub(crate) quiet_hours: Option<QuietHours>,
    pub(crate) metadata: String,
    pub(crate) sent: Option<Sent>,
}

/// The first send, which somebody else has made.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Sent {
    /// Its message.
    pub message_id: String,
    /// Its channel.
    pub channel: Channel,
}

/// For how long an intent is valid that does not say so. Our own choice.
pub(crate) const DEFAULT_VALIDITY: u64 = 86_400;

/// What a fingerprint is made of: the request without `valid_until`, which a client may compute anew
/// from its clock when it asks again.
#[derive(Serialize)]
struct Normalized<'a> {
    key: &'a IntentKey,
    to: &'a BTreeMap<Channel, Identity>,
    content: &'a Option<Content>,
    plan: &'a Plan,
    deadline: u64,
    quiet_hours: &'a Option<QuietHours>,
    metadata: &'a str,
    sent: &'a Option<Sent>,
}

impl Request {
    /// A request by its own parts, valid for a day, to be told after `deadline` seconds. JSON is read by
    /// [`Request::parse`].
    #[must_use]
    pub fn new(
        key: IntentKey,
        to: BTreeMap<Channel, Identity>,
        content: Content,
        plan: Plan,
        deadline: u64,
    ) -> Self {
        Self {
            key,
            to,
            content: Some(content),
            plan,
            deadline,
            valid_until: None,
            quiet_hours: None,
            metadata: String::new(),
            sent: None,
        }
    }

    /// Sends nothing from this moment on.
    #[must_use]
    pub fn with_valid_until(self, moment: UnixSeconds) -> Self {
        Self {
            valid_until: Some(moment),
            ..self
        }
    }

    /// Sends nothing but e-mail in these hours.
    #[must_use]
    pub fn with_quiet_hours(self, hours: QuietHours) -> Self {
        Self {
            quiet_hours: Some(hours),
            ..self
        }
    }

    /// The first send was made by somebody else, as this message.
    #[must_use]
    pub fn with_sent(self, message_id: impl Into<String>, channel: Channel) -> Self {
        let message_id = message_id.into();
        Self {
            sent: Some(Sent {
                message_id,
                channel,
            }),
            ..self
        }
    }

    /// The business's key.
    #[must_use]
    pub const fn key(&self) -> &IntentKey {
        &self.key
    }

    /// In which order channels are tried.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The first send, where somebody else has made it.
    #[must_use]
    pub const fn sent(&self) -> Option<&Sent> {
        self.sent.as_ref()
    }

    /// Under the store's key, so that nobody else can try which content it stands for.
    fn fingerprint(&self, key: &ForgetKey) -> Fingerprint {
        let normalized = Normalized {
            key: &self.key,
            to: &self.to,
            content: &self.content,
            plan: &self.plan,
            deadline: self.deadline,
            quiet_hours: &self.quiet_hours,
            metadata: &self.metadata,
            sent: &self.sent,
        };
        let text = serde_json::to_string(&normalized).unwrap_or_default();
        Fingerprint(key.mark(&format!("intent {text}")))
    }

    /// The intent that it becomes when it is accepted now: under this id, by a store with this key, in
    /// this mode. [`Engine::accept`](crate::Engine::accept) keeps it.
    #[must_use]
    pub fn into_intent(
        self,
        id: IntentId,
        key: &ForgetKey,
        mode: Mode,
        now: UnixSeconds,
    ) -> Intent {
        let fingerprint = self.fingerprint(key);
        let after = |seconds: u64| UnixSeconds::new(now.get().saturating_add(seconds));
        let sent = self.sent.map(|sent| {
            let steps = self.plan.steps().iter();
            let step = steps.clone().position(|step| step.channel == sent.channel);
            Attempt::sent_by_others(step.unwrap_or_default(), sent.channel, sent.message_id, now)
        });
        Intent {
            id,
            key: self.key,
            fingerprint,
            to: self.to,
            content: self.content,
            plan: self.plan,
            accepted_at: now,
            deadline: Some(after(self.deadline)),
            valid_until: self
                .valid_until
                .unwrap_or_else(|| after(self.deadline.max(DEFAULT_VALIDITY))),
            quiet_hours: self.quiet_hours,
            metadata: self.metadata,
            is_rehearsal: mode == Mode::DryRun,
            attempts: sent.into_iter().collect(),
            is_cancelled: false,
            end: None,
            asked: None,
            pardoned: 0,
            round_step: 0,
            version: 1,
            look_at: Some(now),
            owed: Vec::new(),
            log: DecisionLog::default(),
        }
    }
}
