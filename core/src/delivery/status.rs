named! {
    /// What a delivery report says has happened to a message on a channel.
    ///
    /// Open: Sinch's own SDKs already differ in their lists, and a status that we do not know must not
    /// lose a report.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::DeliveryStatus;
    ///
    /// assert_eq!(DeliveryStatus::of_text("QUEUED_ON_CHANNEL"), DeliveryStatus::Queued);
    /// // Of the SMS API, where it is final.
    /// assert_eq!(DeliveryStatus::of_text("Unknown"), DeliveryStatus::Unconfirmed);
    /// assert_eq!(DeliveryStatus::of_text("A_STATUS_OF_2027"), DeliveryStatus::Unknown);
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    #[non_exhaustive]
    pub enum DeliveryStatus {
        /// The channel has accepted it.
        Queued = "queued",
        /// It was handed over, and no receipt will come: the SMS API's `Unknown`, which is final there.
        Unconfirmed = "unconfirmed",
        /// It has reached the recipient's device.
        Delivered = "delivered",
        /// The recipient has seen it.
        Read = "read",
        /// It will not be delivered on this channel.
        Failed = "failed",
        /// It was not delivered on this channel and is being tried on the next one.
        Switching = "switching",
        /// The channel's provider has it, and nothing is known of what became of it: Sinch's
        /// `MESSAGE_SUBMIT`, which is no delivery report and moves nothing.
        Submitted = "submitted",
        /// Something else, which moves nothing.
        Unknown = "unknown",
    }
}

impl DeliveryStatus {
    /// The status that this text of the Conversation API or of the SMS API stands for, whatever
    /// the case of its letters.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        STATUS_TEXTS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(text))
            .map_or(Self::Unknown, |(_, status)| *status)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unheard_of_status_is_unknown_and_no_receipt_is_unconfirmed() {
        assert_eq!(
            DeliveryStatus::of_text("Dispatched"),
            DeliveryStatus::Queued
        );
        assert_eq!(
            DeliveryStatus::of_text("TELEPORTED"),
            DeliveryStatus::Unknown
        );
        assert_eq!(
            DeliveryStatus::of_text("Unknown"),
            DeliveryStatus::Unconfirmed
        );
    }
}
