//! People, as those see them who need not know who they are.

use sinch_callback::{Carrier, Failure, normalized_identity};

use crate::{
    calling_code::code,
    view::{ChannelView, LogView, MessageSummary, MessageView},
};

/// A recipient as it may stand on a screen: the country of a number and its last two digits, an address
/// without its name, of anything else the last two characters.
///
/// # Examples
/// ```
/// use sinch_callback_pipeline::masked_identity;
///
/// assert_eq!(masked_identity("+49 151 12345678"), "+49…78");
/// assert_eq!(masked_identity("ada@mail.example"), "…@mail.example");
/// assert_eq!(masked_identity("U4af4980629"), "…29");
/// ```
#[must_use]
pub fn masked_identity(identity: &str) -> String {
    if let Some((_, domain)) = identity.rsplit_once('@') {
        return format!("…@{domain}");
    }
    let normalized = normalized_identity(identity);
    let shown: Vec<char> = normalized.chars().rev().take(2).collect();
    let shown: String = shown.into_iter().rev().collect();
    match code(&normalized) {
        Some(country) => format!("+{country}…{shown}"),
        // Of two characters, two are all.
        None if normalized.chars().count() > 4 => format!("…{shown}"),
        None if normalized.is_empty() => String::new(),
        None => "…".into(),
    }
}

/// The shortest identity that is looked for in what a carrier says. Our own choice: a shorter one stands
/// in what is about something else.
const SHORTEST: usize = 5;

/// A text without these identities.
fn without(text: &mut String, identities: &[String]) {
    for identity in identities {
        for spelling in [identity.clone(), normalized_identity(identity)] {
            if spelling.len() >= SHORTEST && text.contains(&spelling) {
                *text = text.replace(&spelling, &masked_identity(identity));
            }
        }
    }
}

fn mask_words(reason: &mut Option<Failure>, carrier: &mut Option<Carrier>, identities: &[String]) {
    if let Some(reason) = reason {
        without(&mut reason.description, identities);
        without(&mut reason.status_message, identities);
    }
    if let Some(carrier) = carrier {
        without(&mut carrier.status_message, identities);
    }
}

impl MessageSummary {
    /// The same for whoever need not know the recipient. `message_id` stays as it is, which of a message
    /// to one recipient of an SMS batch is the batch and the number.
    #[must_use]
    pub fn masked(self) -> Self {
        let identities = [self.identity.clone()];
        self.without(&identities)
    }

    fn without(mut self, identities: &[String]) -> Self {
        mask_words(&mut self.reason, &mut self.carrier, identities);
        self.identity = masked_identity(&self.identity);
        self
    }
}

impl MessageView {
    /// As [`MessageSummary::masked`].
    #[must_use]
    pub fn masked(self) -> Self {
        let legs = self.channels.iter().map(|leg| leg.identity.clone());
        let mut identities: Vec<_> = legs.chain([self.message.identity.clone()]).collect();
        // A number that another begins with goes after it.
        identities.sort_by_key(|identity| core::cmp::Reverse(identity.len()));
        identities.dedup();
        let channel = |mut leg: ChannelView| {
            mask_words(&mut leg.reason, &mut leg.carrier, &identities);
            leg.identity = masked_identity(&leg.identity);
            leg
        };
        let line = |mut line: LogView| {
            mask_words(&mut line.reason, &mut line.carrier, &identities);
            line
        };
        Self {
            message: self.message.without(&identities),
            channels: self.channels.into_iter().map(channel).collect(),
            dues: self.dues,
            log: self.log.into_iter().map(line).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sinch_callback::{ContentKey, DeliveryReport, DeliveryStatus, ReportSubject, UnixSeconds};

    use super::*;
    use crate::messages::Message;

    #[test]
    fn no_more_than_two_characters_of_a_person_are_shown() {
        for (identity, masked) in [
            ("12025550147", "+1…47"),
            ("0151 12345678", "…78"),
            ("4791", "…"),
            ("", ""),
            ("a@b@mail.example", "…@mail.example"),
        ] {
            assert_eq!(masked_identity(identity), masked, "{identity}");
        }
    }

    #[test]
    fn a_masked_message_names_its_recipients_nowhere() {
        let mut message = Message::new("m", ReportSubject::Message, UnixSeconds::new(1));
        for (channel, identity, words) in [
            ("SMS", "+49 151 12345678", "4915112345678 is switched off"),
            (
                "EMAIL",
                "ada@mail.example",
                "no such mailbox: ada@mail.example",
            ),
        ] {
            let mut report = DeliveryReport::new("m", DeliveryStatus::Failed);
            report.channel = channel.into();
            report.identity = identity.into();
            let mut failure = Failure::default();
            failure.description = words.into();
            failure.status_message = words.into();
            report.failure = Some(failure);
            report.carrier.status_message = words.into();
            let key = ContentKey::of_body(identity.as_bytes());
            message.delivery.apply(&report, key, 0, UnixSeconds::new(1));
        }
        let shown = serde_json::to_string(&message.view()).unwrap();
        let masked = serde_json::to_string(&message.view().masked()).unwrap();
        for text in ["12345678", "ada@"] {
            assert!(shown.contains(text), "{shown}");
            assert!(!masked.contains(text), "{masked}");
        }
        assert!(masked.contains("+49…78 is switched off"), "{masked}");
        let summary = serde_json::to_string(&message.summary().masked()).unwrap();
        assert!(
            summary.contains("…") && !summary.contains("ada@"),
            "{summary}"
        );
    }
}
