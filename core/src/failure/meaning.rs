use super::{
    permanence::Permanence,
    remedy::Remedy,
    {conversation, smpp, sms},
};

/// What the reason of a failure means: how certain the failure is, and what it asks for.
///
/// # Examples
/// ```
/// use sinch_callback::{Meaning, Permanence, Remedy};
///
/// // The SMS API tells failures by number.
/// let meaning = Meaning::of_sms_code(404);
/// assert_eq!(meaning.permanence, Permanence::Temporary);
/// assert_eq!(meaning.remedy, Remedy::RetryLater);
/// assert_eq!(Meaning::of_reason("A_REASON_OF_2027", "").remedy, Remedy::Unknown);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Meaning {
    /// Whether the same message would fail again.
    pub permanence: Permanence,
    /// What it asks for.
    pub remedy: Remedy,
}

impl Meaning {
    const UNKNOWN: Self = Self::new(Permanence::Unknown, Remedy::Unknown);

    const fn new(permanence: Permanence, remedy: Remedy) -> Self {
        Self { permanence, remedy }
    }

    /// The meaning of a reason of the Conversation API. The sub code decides where it is more
    /// precise; empty where there is none. Letters count the same in either case.
    #[must_use]
    pub fn of_reason(code: &str, sub_code: &str) -> Self {
        let find = |table: &[conversation::Row], code: &str| {
            table
                .iter()
                .find(|(known, ..)| known.eq_ignore_ascii_case(code))
                .map(|(_, permanence, remedy)| Self::new(*permanence, *remedy))
        };
        find(conversation::SUB_CODES, sub_code)
            .or_else(|| find(conversation::REASONS, code))
            .unwrap_or(Self::UNKNOWN)
    }

    /// The meaning of a delivery report code of the SMS API.
    #[must_use]
    pub fn of_sms_code(code: u64) -> Self {
        sms_code(code).map_or(Self::UNKNOWN, |(meaning, _)| meaning)
    }

    /// The meaning of a failure that the SMS API tells by this status, and its description. A code
    /// that says nothing leaves the word to the status.
    #[cfg(feature = "events")]
    pub(crate) fn of_sms(code: Option<u64>, status: &str) -> (Self, &'static str) {
        let by_status = || {
            sms::STATUSES
                .iter()
                .find(|(known, ..)| known.eq_ignore_ascii_case(status))
                .map(|(_, permanence, remedy)| (Self::new(*permanence, *remedy), ""))
        };
        let by_code = || code.and_then(sms_code);
        match code {
            // "No error, or unknown."
            Some(0) => by_status().or_else(by_code),
            _ => by_code().or_else(by_status),
        }
        .unwrap_or((Self::UNKNOWN, ""))
    }
}

fn sms_code(code: u64) -> Option<(Meaning, &'static str)> {
    smpp::CODES
        .iter()
        .chain(sms::CODES)
        .find(|(known, ..)| u64::from(*known) == code)
        .map(|(_, permanence, remedy, meaning)| (Meaning::new(*permanence, *remedy), *meaning))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_known_reason_has_a_remedy_and_an_unknown_one_says_so() {
        for (code, sub_code, permanence, remedy) in [
            (
                "RATE_LIMITED",
                "",
                Permanence::Temporary,
                Remedy::RetryLater,
            ),
            (
                "rate_limited",
                "",
                Permanence::Temporary,
                Remedy::RetryLater,
            ),
            (
                "CHANNEL_FAILURE",
                "INACTIVE_SENDER",
                Permanence::Permanent,
                Remedy::CheckConfiguration,
            ),
            ("UNKNOWN", "", Permanence::Unknown, Remedy::Unknown),
            ("", "", Permanence::Unknown, Remedy::Unknown),
        ] {
            let meaning = Meaning::of_reason(code, sub_code);
            assert_eq!(meaning, Meaning::new(permanence, remedy), "{code}");
        }
    }

    #[test]
    fn what_is_said_of_the_channel_has_another_channel_as_its_remedy() {
        for code in [
            "RECIPIENT_NOT_OPTED_IN",
            "RECIPIENT_INVALID_CHANNEL_IDENTITY",
            "CHANNEL_REJECT",
            "REJECTED_BY_CHANNEL",
        ] {
            let expected = Meaning::new(Permanence::Permanent, Remedy::TryAnotherChannel);
            assert_eq!(Meaning::of_reason(code, ""), expected, "{code}");
        }
        for (sub_code, remedy) in [
            ("UNDELIVERABLE_DESTINATION", Remedy::TryAnotherChannel),
            ("CHANNEL_POLICY_VIOLATION", Remedy::FixRequest),
        ] {
            assert_eq!(
                Meaning::of_reason("CHANNEL_FAILURE", sub_code).remedy,
                remedy
            );
        }
    }

    #[test]
    fn a_report_that_leaves_open_whether_it_arrived_is_not_permanent() {
        for code in [
            "DELIVERY_TIMED_OUT",
            "DELIVERY_REPORT_TIME_OUT",
            "MESSAGE_EXPIRED",
        ] {
            let meaning = Meaning::of_reason(code, "");
            assert_ne!(meaning.permanence, Permanence::Permanent, "{code}");
            assert_eq!(meaning.remedy, Remedy::TryAnotherChannel, "{code}");
        }
    }

    #[test]
    fn only_what_is_about_the_person_drops_the_recipient() {
        let dropping: BTreeSet<_> = (0..1_000)
            .filter(|code| Meaning::of_sms_code(*code).remedy == Remedy::DropRecipient)
            .collect();
        // A blocked number, one that does not exist, and the lists of a person or their operator.
        let expected = [61, 150].into_iter().chain(250..=257).collect();
        assert_eq!(dropping, expected);
        let reasons = conversation::REASONS.iter().chain(conversation::SUB_CODES);
        assert!(
            reasons
                .into_iter()
                .all(|(.., remedy)| *remedy != Remedy::DropRecipient)
        );
    }

    /// Figures of Sinch's table, written off it by hand.
    #[test]
    fn a_code_of_the_networks_says_whether_it_is_for_good() {
        for (code, permanence, remedy) in [
            (60, Permanence::Permanent, Remedy::CheckConfiguration),
            (62, Permanence::Permanent, Remedy::FixRequest),
            (107, Permanence::Temporary, Remedy::RetryLater),
            (150, Permanence::Permanent, Remedy::DropRecipient),
            (153, Permanence::Temporary, Remedy::RetryLater),
            (158, Permanence::Temporary, Remedy::RetryLater),
            (204, Permanence::Permanent, Remedy::TryAnotherChannel),
            (343, Permanence::Permanent, Remedy::FixRequest),
            (399, Permanence::Temporary, Remedy::RetryLater),
            (402, Permanence::Permanent, Remedy::TryAnotherChannel),
            (404, Permanence::Temporary, Remedy::RetryLater),
            (407, Permanence::Unknown, Remedy::Nothing),
            (408, Permanence::Permanent, Remedy::TryAnotherChannel),
            (409, Permanence::Unknown, Remedy::Unknown),
            (20, Permanence::Unknown, Remedy::Unknown),
        ] {
            let expected = Meaning::new(permanence, remedy);
            assert_eq!(Meaning::of_sms_code(code), expected, "{code}");
        }
    }

    #[test]
    fn what_is_temporary_on_sms_may_be_sent_again_there() {
        for (code, permanence, remedy, _) in smpp::CODES.iter().chain(sms::CODES) {
            let temporary = *permanence == Permanence::Temporary;
            assert_eq!(*remedy == Remedy::RetryLater, temporary, "{code}");
        }
    }

    #[test]
    fn no_code_stands_twice() {
        let numbers = smpp::CODES.iter().chain(sms::CODES).map(|row| row.0);
        let count = smpp::CODES.len() + sms::CODES.len();
        assert_eq!(numbers.collect::<BTreeSet<_>>().len(), count);
        assert!(smpp::CODES.iter().all(|row| row.0 < 400));
        let names: BTreeSet<_> = conversation::REASONS.iter().map(|row| row.0).collect();
        assert_eq!(names.len(), conversation::REASONS.len());
    }

    #[cfg(feature = "events")]
    #[test]
    fn a_status_speaks_where_the_code_says_nothing() {
        for (code, status, permanence, remedy) in [
            (
                Some(0),
                "Deleted",
                Permanence::Permanent,
                Remedy::DropRecipient,
            ),
            (Some(0), "Failed", Permanence::Temporary, Remedy::RetryLater),
            (None, "EXPIRED", Permanence::Temporary, Remedy::RetryLater),
            (Some(20), "Cancelled", Permanence::Unknown, Remedy::Nothing),
            (
                Some(153),
                "Deleted",
                Permanence::Temporary,
                Remedy::RetryLater,
            ),
            (None, "Failed", Permanence::Unknown, Remedy::Unknown),
        ] {
            let (meaning, _) = Meaning::of_sms(code, status);
            assert_eq!(
                meaning,
                Meaning::new(permanence, remedy),
                "{code:?} {status}"
            );
        }
        assert_eq!(Meaning::of_sms(Some(153), "Failed").1, "absent subscriber");
    }
}
