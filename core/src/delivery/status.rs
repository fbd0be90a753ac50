use core::fmt;

/// What a delivery report says has happened to a message on a channel.
///
/// Open: Sinch's own SDKs already differ in their lists, and a status that we do not know must not
/// lose a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeliveryStatus {
    /// The channel has accepted it.
    Queued,
    /// It was handed over, and no receipt will come: the SMS API's `Unknown`, which is final there.
    Unconfirmed,
    /// It has reached the recipient's device.
    Delivered,
    /// The recipient has seen it.
    Read,
    /// It will not be delivered on this channel.
    Failed,
    /// It was not delivered on this channel and is being tried on the next one.
    Switching,
    /// Something else, which moves nothing.
    Unknown,
}

impl DeliveryStatus {
    /// The status that this text of the Conversation API or of the SMS API stands for, whatever
    /// the case of its letters.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        STATUS_TEXTS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(text))
            .map_or(Self::Unknown, |(_, status)| *status)
    }

    /// The status's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Unconfirmed => "unconfirmed",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Switching => "switching",
            Self::Unknown => "unknown",
        }
    }
}

/// Conversation API: `message_delivery_report.status`. SMS API: the statuses of its delivery
/// reports, of which all but Queued, Dispatched, Delivered and Unknown are final failures.
const STATUS_TEXTS: &[(&str, DeliveryStatus)] = &[
    ("QUEUED_ON_CHANNEL", DeliveryStatus::Queued),
    ("DELIVERED", DeliveryStatus::Delivered),
    ("READ", DeliveryStatus::Read),
    ("FAILED", DeliveryStatus::Failed),
    ("SWITCHING_CHANNEL", DeliveryStatus::Switching),
    ("Queued", DeliveryStatus::Queued),
    ("Dispatched", DeliveryStatus::Queued),
    ("Unknown", DeliveryStatus::Unconfirmed),
    ("Aborted", DeliveryStatus::Failed),
    ("Cancelled", DeliveryStatus::Failed),
    ("Rejected", DeliveryStatus::Failed),
    ("Deleted", DeliveryStatus::Failed),
    ("Expired", DeliveryStatus::Failed),
];

impl fmt::Display for DeliveryStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unheard_of_status_is_unknown_and_no_receipt_is_unconfirmed() {
        assert_eq!(DeliveryStatus::parse("Dispatched"), DeliveryStatus::Queued);
        assert_eq!(DeliveryStatus::parse("TELEPORTED"), DeliveryStatus::Unknown);
        assert_eq!(
            DeliveryStatus::parse("Unknown"),
            DeliveryStatus::Unconfirmed
        );
    }

    #[test]
    fn a_status_is_written_as_its_name() {
        for (status, name) in [
            (DeliveryStatus::Queued, "queued"),
            (DeliveryStatus::Unconfirmed, "unconfirmed"),
            (DeliveryStatus::Delivered, "delivered"),
            (DeliveryStatus::Read, "read"),
            (DeliveryStatus::Failed, "failed"),
            (DeliveryStatus::Switching, "switching"),
            (DeliveryStatus::Unknown, "unknown"),
        ] {
            assert_eq!(std::format!("{status}"), name);
        }
    }
}
