use std::collections::BTreeMap;

use serde_json::Value;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::Deadline;

use super::{
    fault::{Fault, InvalidRequest},
    plan::{self, Asked, duration},
    reader::{Faults, Fields, read_text},
};
use crate::{
    channel::Channel,
    content::Content,
    identity::Identity,
    key::IntentKey,
    plan::{InvalidPlan, Plan},
    plans::PlanName,
    quiet_hours::{MinuteOfDay, QuietHours},
    request::{DEFAULT_VALIDITY, Request, Sent},
    zone::Zone,
};

/// The longest validity, and so the longest deadline: 30 days. Our own choice: after it what is kept of a
/// message has gone.
pub(crate) const MAX_VALIDITY: u64 = 30 * 86_400;
/// The most characters of metadata: Sinch's limit of `message_metadata`.
pub(crate) const MAX_METADATA: usize = 1_024;
/// The most characters of an identity and of a message id. Our own choice.
pub(crate) const MAX_IDENTITY: usize = 254;

const FIELDS: [&str; 9] = [
    "key",
    "to",
    "content",
    "plan",
    "deadline",
    "valid_until",
    "quiet_hours",
    "metadata",
    "sent",
];

impl Request {
    /// Reads a request from JSON, which is accepted at this moment.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::UnixSeconds;
    /// use sinch_callback_recovery::Request;
    ///
    /// let now = UnixSeconds::new(1_795_600_811);
    /// let request = Request::parse(br#"{"key": "login-7f3a", "to": {"SMS": "+15550100"},
    ///     "content": {"text": "Your code is 271828"}, "plan": "otp", "deadline": "PT1M"}"#, now)?;
    /// assert_eq!(request.key().as_str(), "login-7f3a");
    ///
    /// let error = Request::parse(br#"{"key": "a b", "to": {}, "plan": "opt", "deadline": "PT1M"}"#, now);
    /// assert_eq!(error.unwrap_err().to_string(), "key: expected 1 to 100 visible ASCII characters; \
    ///     to: names no way to reach the person; expected one of SMS, WHATSAPP, RCS, MMS, VIBERBM, \
    ///     MESSENGER, INSTAGRAM, TELEGRAM, KAKAOTALK, LINE, WECHAT, APPLEBC, EMAIL; content: is missing; \
    ///     plan: expected one of otp, notification, receipt-only, or an object with steps");
    /// # Ok::<(), sinch_callback_recovery::InvalidRequest>(())
    /// ```
    ///
    /// # Errors
    ///
    /// All that is wrong, each with its field.
    pub fn parse(json: &[u8], now: UnixSeconds) -> Result<Self, InvalidRequest> {
        let mut faults = Faults::default();
        let request = match serde_json::from_slice(json) {
            Ok(value) => read(value, now, &mut faults),
            Err(_) => {
                faults.add("", "expected a JSON object");
                None
            }
        };
        match request {
            Some(request) if faults.0.is_empty() => Ok(request),
            _ => Err(InvalidRequest {
                faults: unique(faults.0),
            }),
        }
    }
}

fn unique(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.dedup();
    faults
}

fn read(value: Value, now: UnixSeconds, faults: &mut Faults) -> Option<Request> {
    let mut fields = Fields::of("", value, faults)?;
    let key = fields.require_text("key", faults, str::parse::<IntentKey>);
    let to_value = fields.take("to");
    let content_value = fields.take("content");
    let to = to_value.map(|value| to(value, faults));
    let asked_value = fields.take("plan");
    let is_receipt_only =
        asked_value.as_ref().and_then(Value::as_str) == Some(PlanName::ReceiptOnly.as_str());
    // Where nothing is sent, nobody has to be reached and nothing has to be said.
    if !is_receipt_only
        && to
            .as_ref()
            .is_none_or(|to| to.as_ref().is_some_and(BTreeMap::is_empty))
    {
        let channels = Channel::NAMES.join(", ");
        faults.add(
            "to",
            format!("names no way to reach the person; expected one of {channels}"),
        );
    }
    let to = to.flatten();
    let content = match content_value {
        Some(value) => content(value, faults),
        None if is_receipt_only => None,
        None => {
            faults.add("content", "is missing");
            None
        }
    };
    let asked = match asked_value {
        Some(value) => plan::read(value, faults),
        None => {
            faults.add("plan", "is missing");
            None
        }
    };
    let deadline = fields.require_text("deadline", faults, |text| {
        let seconds = duration(text)?.as_secs();
        match seconds {
            0 => Err("has passed: expected a duration of at least a second"),
            1..=MAX_VALIDITY => Ok(seconds),
            _ => Err("expected at most 30 days"),
        }
    });
    let valid_until = valid_until(&mut fields, now, deadline, faults);
    let quiet_hours = fields
        .take("quiet_hours")
        .and_then(|value| quiet_hours(value, faults));
    let metadata = fields.text("metadata", faults, |text| {
        limited(text, 0, MAX_METADATA, true)
    });
    let sent = fields.take("sent").and_then(|value| sent(value, faults));
    fields.end(&FIELDS, faults);
    let to = to.unwrap_or_default();
    let plan = asked.and_then(|asked| plan_of(asked, &to, sent.as_ref(), faults));
    Some(Request {
        key: key?,
        to,
        content,
        plan: plan?,
        deadline: deadline?,
        valid_until,
        quiet_hours,
        metadata: metadata.unwrap_or_default(),
        sent,
    })
}

/// `None` where something is wrong with it.
fn to(value: Value, faults: &mut Faults) -> Option<BTreeMap<Channel, Identity>> {
    let fields = Fields::of("to", value, faults)?;
    let mut to = BTreeMap::new();
    let found = faults.0.len();
    for (name, value) in fields.into_entries() {
        let shown: String = name.chars().take(40).collect();
        let path = format!("to.{shown}");
        match name.parse::<Channel>() {
            Ok(channel) => {
                let identity = read_text(path, &value, faults, |text| identity(channel, text));
                to.extend(identity.map(|identity| (channel, identity)));
            }
            Err(unknown) => faults.add(path, unknown),
        }
    }
    (faults.0.len() == found).then_some(to)
}

fn identity(channel: Channel, text: &str) -> Result<Identity, String> {
    let is_number = || {
        let digits = text.strip_prefix('+').unwrap_or(text);
        (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    // A server's own rules come behind it; what could end a line of a mail's head stands in none.
    let is_address = || {
        let parts = text.rsplit_once('@');
        let is_plain =
            |c: char| !c.is_whitespace() && !c.is_control() && !"<>,;:\"()[]\\".contains(c);
        parts.is_some_and(|(name, domain)| {
            !name.is_empty() && !name.contains('@') && domain.len() > 2
        }) && text.chars().all(is_plain)
            && text.len() <= MAX_IDENTITY
    };
    if channel.is_by_number() && !is_number() {
        return Err("expected a telephone number of 5 to 15 digits, such as +15550100".into());
    }
    if channel == Channel::Email && !is_address() {
        return Err("expected an address such as ada@example.com".into());
    }
    limited(text, 1, MAX_IDENTITY, false).map(Identity::new)
}

/// A text of so many characters, and without control characters; with line breaks and tabs where
/// `is_long`.
fn limited(text: &str, min: usize, max: usize, is_long: bool) -> Result<String, String> {
    let is_plain = |c: char| !c.is_control() || (is_long && matches!(c, '\n' | '\r' | '\t'));
    if (min..=max).contains(&text.chars().count()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "expected {min} to {max} characters, without control characters"
        ))
    }
}

fn content(value: Value, faults: &mut Faults) -> Option<Content> {
    let mut fields = Fields::of("content", value, faults)?;
    let text = fields.require_text("text", faults, |text| {
        limited(text, 1, Content::MAX_TEXT, true)
    });
    let subject = fields.text("subject", faults, |text| {
        limited(text, 1, Content::MAX_SUBJECT, false)
    });
    fields.end(&["text", "subject"], faults);
    Some(Content {
        text: text?,
        subject,
    })
}

fn valid_until(
    fields: &mut Fields,
    now: UnixSeconds,
    deadline: Option<u64>,
    faults: &mut Faults,
) -> Option<UnixSeconds> {
    let ahead = deadline.unwrap_or_default();
    fields.text("valid_until", faults, |text| {
        let Ok(Deadline::At(moment)) = text.parse() else {
            return Err("expected a moment such as 2026-11-25T10:00:11Z");
        };
        match moment.get().checked_sub(now.get()) {
            None | Some(0) => Err("has passed"),
            Some(left) if left > MAX_VALIDITY => Err("lies more than 30 days ahead"),
            Some(left) if left < ahead => Err("lies before the deadline"),
            Some(_) => Ok(moment),
        }
    })
}

fn quiet_hours(value: Value, faults: &mut Faults) -> Option<QuietHours> {
    let mut fields = Fields::of("quiet_hours", value, faults)?;
    let from = fields.require_text("from", faults, str::parse::<MinuteOfDay>);
    let to = fields.require_text("to", faults, str::parse::<MinuteOfDay>);
    let zone = fields.require_text("zone", faults, str::parse::<Zone>);
    fields.end(&["from", "to", "zone"], faults);
    Some(QuietHours {
        from: from?,
        to: to?,
        zone: zone?,
    })
}

fn sent(value: Value, faults: &mut Faults) -> Option<Sent> {
    let mut fields = Fields::of("sent", value, faults)?;
    let message_id = fields.require_text("message_id", faults, |text| {
        limited(text, 1, MAX_IDENTITY, false)
    });
    let channel = fields.require_text("channel", faults, str::parse::<Channel>);
    fields.end(&["message_id", "channel"], faults);
    Some(Sent {
        message_id: message_id?,
        channel: channel?,
    })
}

/// The plan, over the channels on which the person can be reached; what was sent is its first step.
fn plan_of(
    asked: Asked,
    to: &BTreeMap<Channel, Identity>,
    sent: Option<&Sent>,
    faults: &mut Faults,
) -> Option<Plan> {
    let first = sent.map(|sent| sent.channel);
    let channels = || {
        let others = to.keys().copied().filter(|channel| Some(*channel) != first);
        first.into_iter().chain(others)
    };
    let invalid = |faults: &mut Faults, invalid: InvalidPlan| faults.add(invalid.field(), invalid);
    let plan = match asked {
        Asked::Named(PlanName::Otp) => Plan::otp(channels()),
        Asked::Named(PlanName::Notification) => Plan::notification(channels()),
        Asked::Named(PlanName::ReceiptOnly) => {
            let Some(channel) = first else {
                faults.add(
                    "sent",
                    "is missing: receipt-only watches what you have sent",
                );
                return None;
            };
            Plan::receipt_only(channel)
        }
        Asked::Own(plan) => {
            check_own(&plan, to, first, faults);
            Ok(plan)
        }
    };
    // An empty plan is an empty `to`, of which it is said already.
    match plan {
        Ok(plan) => Some(plan),
        Err(InvalidPlan::Steps) => None,
        Err(error) => {
            invalid(faults, error);
            None
        }
    }
}

fn check_own(
    plan: &Plan,
    to: &BTreeMap<Channel, Identity>,
    first: Option<Channel>,
    faults: &mut Faults,
) {
    for (index, step) in plan.steps().iter().enumerate() {
        if !to.contains_key(&step.channel) && Some(step.channel) != first {
            let path = format!("plan.steps[{index}].channel");
            faults.add(path, format!("`to` has no {}", step.channel));
        }
    }
    let is_first = |channel| {
        plan.steps()
            .first()
            .is_some_and(|step| step.channel == channel)
    };
    if first.is_some_and(|channel| !is_first(channel)) {
        faults.add(
            "sent.channel",
            "expected the channel of the plan's first step",
        );
    }
}

/// A day: what `valid_until` is without being said, where the deadline is not later.
const _: () = assert!(DEFAULT_VALIDITY <= MAX_VALIDITY);
