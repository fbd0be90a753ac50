use sinch_callback::{DeliveryStatus, Leg, millis_between, normalized_identity};

use super::{due::Telling, message::Message};
use crate::calling_code::calling_code;

/// What a store counts messages by: a function of the message, so that counts follow each correction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// The channel that is shown, in capitals.
    pub channel: String,
    /// The country code of the recipient that is shown, with its plus; empty where it is no number.
    pub prefix: String,
    /// Milliseconds from the first word that it was queued to the first that it was delivered, by Sinch's
    /// clock; `None` where either is unknown or they stand in another order.
    pub queued_to_delivered_ms: Option<u64>,
    /// The same from delivered to read.
    pub delivered_to_read_ms: Option<u64>,
}

impl Message {
    /// What a store counts it by.
    #[must_use]
    pub fn facets(&self) -> Facets {
        let shown = self.delivery.shown();
        let channel = shown.map_or("", |report| report.channel.trim());
        let identity = shown.map_or("", |report| &report.identity);
        // Most messages are looked at while nothing has arrived: then there is nothing to compare.
        let delivered = self.first_on(Leg::Delivered);
        let since = |leg| delivered.and_then(|_| self.first_on(leg));
        Facets {
            channel: channel.to_ascii_uppercase(),
            prefix: calling_code(channel, &normalized_identity(identity)),
            queued_to_delivered_ms: between(since(Leg::Queued), delivered),
            delivered_to_read_ms: between(delivered, since(Leg::Read)),
        }
    }

    /// Whether it has been told that it is overdue, and it has not ended since.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        let dues = self.dues.all();
        !self.has_ended() && dues.iter().any(|due| due.telling == Telling::Done)
    }

    /// Whom it went to, on any of its legs: normalized, in order, each once.
    #[must_use]
    pub fn recipients(&self) -> Vec<String> {
        let identities = self.delivery.identities().map(normalized_identity);
        let mut recipients: Vec<_> = identities.filter(|one| !one.is_empty()).collect();
        recipients.sort();
        recipients.dedup();
        recipients
    }

    /// When it was first reported that a leg stands so, as Sinch wrote it.
    fn first_on(&self, leg: Leg) -> Option<&str> {
        let lines = self.log.entries().iter().flat_map(|entry| &entry.reports);
        lines
            .filter(|line| Leg::of_status(DeliveryStatus::of_text(&line.status)) == Some(leg))
            .map(|line| line.occurred_at.as_str())
            .filter(|at| millis_between(at, at).is_some())
            .reduce(|first, at| match millis_between(first, at) {
                Some(..0) => at,
                _ => first,
            })
    }
}

fn between(earlier: Option<&str>, later: Option<&str>) -> Option<u64> {
    u64::try_from(millis_between(earlier?, later?)?).ok()
}

#[cfg(test)]
mod tests {
    use sinch_callback::{ReportSubject, UnixSeconds};

    use super::*;
    use crate::{envelope::Envelope, messages::ReadCallback};

    fn message(reports: &[(&str, &str, &str)]) -> Message {
        let mut message = None;
        for (status, at, identity) in reports {
            let body = format!(
                r#"{{"event_time":"{at}","message_delivery_report":{{"message_id":"m","status":"{status}","channel_identity":{{"channel":"sms","identity":"{identity}"}}}}}}"#
            );
            let envelope = Envelope::polled(body.as_bytes(), UnixSeconds::new(5), "r");
            let callback = ReadCallback::of(&envelope);
            let change = callback.change(0, message.take());
            message = change.write;
        }
        message.unwrap()
    }

    fn told(reports: &[(&str, &str, &str)]) -> Facets {
        message(reports).facets()
    }

    #[test]
    fn times_are_between_the_first_words_whatever_their_order() {
        let reports = [
            (
                "QUEUED_ON_CHANNEL",
                "2026-01-02T03:04:05.000Z",
                "+49 15112345678",
            ),
            ("DELIVERED", "2026-01-02T03:04:06.250Z", "4915112345678"),
            ("DELIVERED", "2026-01-02T03:04:09Z", "4915112345678"),
            ("READ", "2026-01-02T04:04:16.250+01:00", "4915112345678"),
        ];
        let facets = told(&reports);
        assert_eq!(facets.queued_to_delivered_ms, Some(1_250));
        assert_eq!(facets.delivered_to_read_ms, Some(10_000));
        assert_eq!((&*facets.channel, &*facets.prefix), ("SMS", "+49"));
        assert_eq!(message(&reports).recipients(), ["4915112345678"]);
        let mut backwards = reports;
        backwards.reverse();
        assert_eq!(told(&backwards).queued_to_delivered_ms, Some(1_250));
        assert_eq!(told(&reports[1..]).queued_to_delivered_ms, None);
        let early = [reports[0], ("DELIVERED", "2026-01-02T03:04:04Z", "")];
        assert_eq!(told(&early).queued_to_delivered_ms, None);
        assert_eq!(told(&[("DELIVERED", "", "ada@mail.example")]).prefix, "");
    }

    #[test]
    fn a_message_of_which_nothing_is_known_has_no_facets() {
        let message = Message::new("m", ReportSubject::Message, UnixSeconds::new(1));
        assert_eq!(message.facets(), Facets::default());
    }
}
