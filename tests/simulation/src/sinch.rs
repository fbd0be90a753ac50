use std::sync::Arc;

use sinch_callback::{HeaderName, Secret, Signer, UnixSeconds};
use sinch_callback_pipeline::messages::{APPLIED_AT_ONCE, CURSOR_EVERY};

use crate::{
    draw::Draw,
    law,
    plan::{Plan, SENDING, START},
    schedule::{HOUR, MINUTE, Millis, SECOND},
};

/// A request with its headers, as it goes over the line.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Arc<[u8]>,
}

impl Request {
    pub(crate) fn signed(body: Arc<[u8]>, secret: &str, nonce: &str, at: UnixSeconds) -> Self {
        let signer = Signer::new(Secret::new(secret).expect("a made-up secret is one"));
        let signed = signer
            .sign(&body, nonce, at)
            .expect("nonces and times of worlds are well-formed");
        let headers = signed
            .headers()
            .map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
        Self {
            headers: headers.into(),
            body,
        }
    }

    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// The first value of a header.
    pub(crate) fn header(&self, name: HeaderName) -> Option<&[u8]> {
        self.pairs()
            .find(|(found, _)| found.eq_ignore_ascii_case(name.as_str()))
            .map(|(_, value)| value)
    }

    pub(crate) fn set(&mut self, name: HeaderName, value: impl Into<Vec<u8>>) {
        let found = self
            .headers
            .iter_mut()
            .find(|(found, _)| found == name.as_str());
        match found {
            Some((_, found)) => *found = value.into(),
            None => self.headers.push((name.as_str().to_owned(), value.into())),
        }
    }

    pub(crate) fn remove(&mut self, name: HeaderName) {
        self.headers.retain(|(found, _)| found != name.as_str());
    }
}

/// Something that Sinch reports: when, and in which words.
#[derive(Debug)]
pub(crate) struct Callback {
    pub(crate) at: Millis,
    pub(crate) body: Arc<[u8]>,
}

/// What Sinch has to report in a world, in no particular order.
pub(crate) fn callbacks(draw: &mut Draw, plan: &Plan) -> Vec<Callback> {
    const DELIVERED: Course = &[("QUEUED_ON_CHANNEL", "SMS", ""), ("DELIVERED", "SMS", "")];
    const READ: Course = &[
        ("QUEUED_ON_CHANNEL", "RCS", ""),
        ("DELIVERED", "RCS", ""),
        ("READ", "RCS", ""),
    ];
    const FAILED: Course = &[
        ("QUEUED_ON_CHANNEL", "SMS", ""),
        ("FAILED", "SMS", "RATE_LIMITED"),
    ];
    const SWITCHED: Course = &[
        ("QUEUED_ON_CHANNEL", "RCS", ""),
        ("SWITCHING_CHANNEL", "RCS", "RECIPIENT_NOT_REACHABLE"),
        ("QUEUED_ON_CHANNEL", "SMS", ""),
        ("DELIVERED", "SMS", ""),
    ];
    // The receipt of the first channel comes after the last one has failed.
    const LATE: Course = &[
        ("QUEUED_ON_CHANNEL", "RCS", ""),
        ("SWITCHING_CHANNEL", "RCS", "DELIVERY_TIMED_OUT"),
        ("QUEUED_ON_CHANNEL", "SMS", ""),
        ("FAILED", "SMS", "RECIPIENT_NOT_REACHABLE"),
        ("READ", "RCS", ""),
    ];
    const GIVEN_UP: Course = &[
        ("QUEUED_ON_CHANNEL", "RCS", ""),
        ("SWITCHING_CHANNEL", "RCS", "RECIPIENT_NOT_REACHABLE"),
        ("QUEUED_ON_CHANNEL", "SMS", ""),
        ("FAILED", "RCS", "NO_CHANNELS_LEFT"),
        ("FAILED", "", "INTERNAL_ERROR"),
    ];
    const CONTRADICTED: Course = &[
        ("FAILED", "SMS", law::PERMANENT),
        ("DELIVERED", "SMS", ""),
        ("TELEPORTED", "SMS", ""),
    ];
    let mut callbacks = Vec::new();
    let mut others = plan.messages..;
    for rotation in &plan.rotations {
        for message in others.by_ref().take(plan.burst as usize) {
            let at = rotation.switched_at + draw.between(1, 300);
            callbacks.push(Callback {
                at,
                body: report(draw, message, 0, ("DELIVERED", "SMS", ""), at),
            });
        }
    }
    // Only where a part of it gets through: it is a thousand calls of a store.
    if plan.loss == 0.0 && plan.crash <= 0.001 && draw.chance(0.05) {
        callbacks.push(large_report(START + draw.between(0, SENDING)));
    }
    for message in 0..plan.messages {
        let mut at = START + draw.between(0, SENDING);
        if draw.chance(0.05) {
            batch(draw, message, at, &mut callbacks);
            continue;
        }
        let courses = [
            DELIVERED,
            DELIVERED,
            READ,
            FAILED,
            SWITCHED,
            LATE,
            GIVEN_UP,
            CONTRADICTED,
        ];
        for (place, step) in draw.one_of(&courses).iter().enumerate() {
            callbacks.push(Callback {
                at,
                body: report(draw, message, place, *step, at),
            });
            at += draw.magnitude(SECOND / 20, 6 * HOUR);
        }
        if draw.chance(0.05) {
            callbacks.push(Callback {
                at,
                body: format!(
                    r#"{{"app_id":"01A","accepted_time":"2026-01-01T00:00:{:02}.5Z","message":{{"id":"in-{message}","contact_message":{{"text_message":{{"text":"hi \u00e5"}}}}}}}}"#,
                    at / SECOND % 60
                )
                .into_bytes()
                .into(),
            });
        }
    }
    callbacks
}

/// What is reported on a message: status, channel, and the code of a reason.
type Course = &'static [(&'static str, &'static str, &'static str)];

/// The moment in one of the ways in which it can be written, and as a number for the referee.
fn moment(draw: &mut Draw, at: Millis) -> String {
    // Within the first minutes of a day, so that an offset never crosses it.
    let (minute, second, millis) = (at / MINUTE % 60, at / SECOND % 60, at % SECOND);
    let number = (minute * 60 + second) * 1_000 + millis;
    let text = match draw.between(0, 3) {
        0 => format!("2026-01-01T00:{minute:02}:{second:02}.{millis:03}Z"),
        1 => format!("2026-01-01T02:{minute:02}:{second:02}.{millis:03}000+02:00"),
        2 => format!("2025-12-31T18:{minute:02}:{second:02}.{millis:03}-06:00"),
        _ => return format!(r#""{at}""#),
    };
    format!(r#""{text}","moment":{number}"#)
}

/// A delivery report. Its spelling (escapes, `1.0`, a line's end) does not survive a parser.
fn report(
    draw: &mut Draw,
    message: usize,
    place: usize,
    (status, channel, code): (&str, &str, &str),
    at: Millis,
) -> Arc<[u8]> {
    let reason = match code {
        "" => String::new(),
        code => format!(
            r#","reason":{{"code":"{code}","description":"gone","sub_code":"UNSPECIFIED_SUB_CODE"}}"#
        ),
    };
    // Some reports lack what ties the message to a business, and some have it otherwise.
    let order = draw.one_of(&["", "order", "order \\u00e5"]);
    let plus = draw.one_of(&["", "+"]);
    let event_time = moment(draw, at);
    let end = draw.one_of(&["", "\n", "\r\n"]);
    format!(
        r#"{{"app_id":"01A","project_id":"","accepted_time":"2026-01-01T00:00:00.{place:03}Z","event_time":{event_time},"weight":1.0,"message_delivery_report":{{"message_id":"m-{message}","conversation_id":"","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"{plus}46 70\/{message}","app_id":""}}{reason},"metadata":"{order}","processing_mode":"DISPATCH"}},"correlation_id":"c\u002d{message}"}}{end}"#,
    )
    .into_bytes()
    .into()
}

/// An SMS batch, whose reports speak of several messages, and of one message in several callbacks.
fn batch(draw: &mut Draw, batch: usize, at: Millis, callbacks: &mut Vec<Callback>) {
    // Some name more recipients than are applied in the commit that accepts them.
    let more = if draw.chance(0.3) { APPLIED_AT_ONCE } else { 0 };
    let more: String = (0..more).map(|to| format!(r#","4671{to}""#)).collect();
    let whole = format!(
        r#"{{"type":"delivery_report_sms","batch_id":"b-{batch}","total_message_count":3,"statuses":[{{"code":0,"status":"Delivered","count":2,"recipients":["46700","46701"{more}]}},{{"code":402,"status":"Queued","count":1,"recipients":["46702","+46702"]}},{{"code":407,"status":"Cancelled","count":1,"recipients":["46702"]}}]}}"#
    );
    callbacks.push(Callback {
        at,
        body: whole.into_bytes().into(),
    });
    for recipient in 0..3 {
        let status = draw.one_of(&["Dispatched", "Delivered", "Queued", "Unknown"]);
        let at_text = moment(draw, at);
        let single = format!(
            r#"{{"type":"recipient_delivery_report_sms","batch_id":"b-{batch}","recipient":"4670{recipient}","code":0,"status":"{status}","at":{at_text},"weight":{recipient}}}"#
        );
        callbacks.push(Callback {
            at: at + draw.between(0, 2 * MINUTE),
            body: single.into_bytes().into(),
        });
    }
}

/// A report on more recipients than are written between two cursors.
fn large_report(at: Millis) -> Callback {
    let recipients = (0..2 * CURSOR_EVERY + 100).map(|number| format!(r#""4672{number:05}""#));
    let recipients: Vec<_> = recipients.collect();
    let body = format!(
        r#"{{"type":"delivery_report_sms","batch_id":"large","statuses":[{{"code":0,"status":"Delivered","recipients":[{}]}}]}}"#,
        recipients.join(",")
    );
    Callback {
        at,
        body: body.into_bytes().into(),
    }
}

/// Seconds to wait before attempt `number` (the first is 0): 5, 10, 20 ..., the last one 22 h 45 min
/// after the first failure; `None` when Sinch gives up.
pub(crate) fn retry_after(number: u32) -> Option<Millis> {
    /// 5 + 10 + ... + 40,960 s are 22 h 45 min 15 s.
    const RETRIES: u32 = 14;
    (1..=RETRIES)
        .contains(&number)
        .then(|| 5 * SECOND * (1 << (number - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_retry_comes_22_hours_and_45_minutes_after_the_first_failure() {
        let waits: Millis = (1..).map_while(retry_after).sum();
        assert_eq!(waits / MINUTE, 22 * 60 + 45);
        assert_eq!(retry_after(0), None);
    }
}
