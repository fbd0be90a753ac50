use std::sync::Arc;

use sinch_callback::{ContentKey, UnixSeconds};
use sinch_callback_pipeline::{
    Envelope,
    messages::{Message as Aggregate, ReadCallback},
};
use sinch_callback_recovery::{AttemptName, Channel};

use super::setting::Trouble;
use crate::{
    draw::Draw,
    schedule::{HOUR, MINUTE, Millis, SECOND},
};

/// A message at the provider, and what became of its reports here.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) id: String,
    /// The attempt that it is of, once anybody can know.
    pub(crate) name: Option<AttemptName>,
    pub(crate) channel: Channel,
    pub(crate) identity: String,
    pub(crate) made_at: Millis,
    /// Whether it reaches the person, at whatever time.
    pub(crate) reaches: bool,
    /// What the real pipeline has made of its reports.
    pub(crate) aggregate: Option<Aggregate>,
    /// Its reports by the order in which they were applied.
    pub(crate) applied: Vec<usize>,
    /// How many of these the intent knows of.
    pub(crate) recorded: usize,
}

/// A report on its way from Sinch into an intent.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) message: usize,
    pub(crate) body: Arc<[u8]>,
    pub(crate) tried_at: Option<Millis>,
    pub(crate) tries: u32,
    /// It was lost on the network, of which nobody here can know, or Sinch has given it up.
    pub(crate) is_beyond_us: bool,
}

/// What is reported of a message, and after how long.
pub(crate) struct Said {
    pub(crate) after: Millis,
    pub(crate) channel: Channel,
    pub(crate) status: &'static str,
    pub(crate) code: &'static str,
}

/// Failures, and how often each comes: of every remedy that this API has.
const CODES: [&str; 12] = [
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "CHANNEL_FAILURE",
    "RECIPIENT_NOT_REACHABLE",
    "RECIPIENT_NOT_REACHABLE",
    "RECIPIENT_INVALID_CHANNEL_IDENTITY",
    "MESSAGE_EXPIRED",
    "DELIVERY_TIMED_OUT",
    "CHANNEL_REJECT",
    "UNSUPPORTED_CONTENT",
    "CHANNEL_BAD_CONFIGURATION",
    "WHATEVER_IS_NEW",
];
/// A batch's failure that says to drop the recipient, by Sinch's list of SMPP errors.
const DROPPED: &str = "150";

/// All that Sinch will ever say of a message, and whether the person has it.
pub(crate) fn course(draw: &mut Draw, trouble: &Trouble, channel: Channel) -> (Vec<Said>, bool) {
    let mut course = Vec::new();
    let mut at = draw.magnitude(50, 2 * SECOND);
    let mut say = |after, channel, status, code| {
        course.push(Said {
            after,
            channel,
            status,
            code,
        });
    };
    if draw.chance(0.5) {
        say(at, channel, "QUEUED_ON_CHANNEL", "");
    }
    at += draw.magnitude(100, 20 * SECOND);
    if draw.chance(trouble.silence) {
        return (course, draw.chance(0.5));
    }
    if draw.chance(trouble.slowness) {
        at += draw.magnitude(20 * SECOND, 2 * HOUR);
    }
    let mut fails = draw.chance(trouble.failure);
    let mut channel = channel;
    if fails && trouble.own_fallback {
        // In either order, and the failure of the first leg may come after the second's success.
        let other = if channel == Channel::Sms {
            Channel::Rcs
        } else {
            Channel::Sms
        };
        let code = *draw.one_of(&CODES);
        say(at, channel, "SWITCHING_CHANNEL", code);
        if draw.chance(0.5) {
            say(
                at + draw.magnitude(10, 10 * SECOND),
                channel,
                "FAILED",
                code,
            );
        }
        channel = other;
        say(
            at + draw.magnitude(10, SECOND),
            channel,
            "QUEUED_ON_CHANNEL",
            "",
        );
        at += draw.magnitude(SECOND, 3 * MINUTE);
        fails = draw.chance(0.5);
    }
    if fails {
        let code = *draw.one_of(&CODES);
        say(at, channel, "FAILED", code);
        if draw.chance(trouble.correction) {
            at += draw.magnitude(10, HOUR);
            say(at, channel, "DELIVERED", "");
            return (course, true);
        }
        return (course, false);
    }
    say(at, channel, "DELIVERED", "");
    if draw.chance(trouble.correction) {
        say(at + draw.magnitude(10, HOUR), channel, "FAILED", CODES[0]);
    }
    if channel != Channel::Sms && draw.chance(0.4) {
        say(at + draw.magnitude(100, HOUR), channel, "READ", "");
    }
    (course, true)
}

/// What the SMS API says of a message of a batch, which somebody else has sent.
pub(crate) fn course_of_batch(draw: &mut Draw, trouble: &Trouble) -> (Vec<Said>, bool) {
    let after = draw.magnitude(SECOND, 3 * MINUTE);
    let said = |status, code| Said {
        after,
        channel: Channel::Sms,
        status,
        code,
    };
    if draw.chance(trouble.silence) {
        return (Vec::new(), false);
    }
    if draw.chance(0.5) {
        return (vec![said("Failed", DROPPED)], false);
    }
    (vec![said("Delivered", "0")], true)
}

impl Message {
    /// The callback that says so. Worlds write beside the text of a moment what it is, for the referee.
    pub(crate) fn body(&self, said: &Said, at: Millis) -> Arc<[u8]> {
        let (minute, second, millis) = (at / MINUTE % 60, at / SECOND % 60, at % SECOND);
        let (hour, day) = (at / HOUR % 24, at / (24 * HOUR) % 28 + 1);
        let moment = format!(
            r#""2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z","moment":{at}"#
        );
        let Said {
            channel,
            status,
            code,
            ..
        } = said;
        if let Some((batch, recipient)) = self.id.split_once(':') {
            return format!(
                r#"{{"type":"recipient_delivery_report_sms","batch_id":"{batch}","recipient":"{recipient}","code":{code},"status":"{status}","at":{moment}}}"#
            )
            .into_bytes()
            .into();
        }
        let reason = match *code {
            "" => String::new(),
            code => format!(r#","reason":{{"code":"{code}","description":"","sub_code":""}}"#),
        };
        let correlation_id = self.name.map(|name| name.to_string()).unwrap_or_default();
        let (id, identity) = (&self.id, &self.identity);
        format!(
            r#"{{"app_id":"01A","event_time":{moment},"message_delivery_report":{{"message_id":"{id}","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"{identity}","app_id":""}}{reason},"metadata":""}},"correlation_id":"{correlation_id}"}}"#
        )
        .into_bytes()
        .into()
    }

    /// The real pipeline applies a body.
    pub(crate) fn apply(&mut self, place: usize, body: &[u8], now: Millis) {
        let read = read(body, now);
        let change = read.change(0, self.aggregate.take());
        self.aggregate = change.write;
        self.applied.push(place);
    }
}

/// A message of which this body is all that is known.
pub(crate) fn alone(body: &[u8], now: Millis) -> Option<Aggregate> {
    read(body, now).change(0, None).write
}

fn read(body: &[u8], now: Millis) -> ReadCallback {
    let now = UnixSeconds::new(now / SECOND);
    let key = ContentKey::of_body(body);
    ReadCallback::of(&Envelope::kept(key, now, body).with_arrival(now, "arrival"))
}
