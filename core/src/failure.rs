use core::fmt;

/// What the reason of a failure asks of us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Remedy {
    /// The same message may go through later.
    RetryLater,
    /// This channel will not do for this recipient now; another may.
    TryAnotherChannel,
    /// The message is not acceptable as it is: change it before sending it again.
    FixRequest,
    /// The recipient cannot or must not be reached: take them off the list.
    DropRecipient,
    /// The account, app, sender or template at Sinch is not set up for this.
    CheckConfiguration,
    /// Nothing: it was our own doing.
    Nothing,
    /// The reason is not one that we know.
    Unknown,
}

impl Remedy {
    /// What a reason code of the Conversation API asks for. The sub code decides where it is more
    /// precise; empty where there is none.
    #[must_use]
    pub fn of_reason(code: &str, sub_code: &str) -> Self {
        match sub_code {
            "INACTIVE_SENDER" => return Self::CheckConfiguration,
            "ATTACHMENT_REJECTED" | "MEDIA_TYPE_UNDETERMINED" => return Self::FixRequest,
            _ => {}
        }
        REASONS
            .iter()
            .find(|(known, _)| *known == code)
            .map_or(Self::Unknown, |(_, remedy)| *remedy)
    }

    /// What a delivery report code of the SMS API asks for.
    #[must_use]
    pub fn of_sms_code(code: u64) -> Self {
        sms_code(code).map_or(Self::Unknown, |(_, remedy)| remedy)
    }

    /// The remedy's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RetryLater => "retry_later",
            Self::TryAnotherChannel => "try_another_channel",
            Self::FixRequest => "fix_request",
            Self::DropRecipient => "drop_recipient",
            Self::CheckConfiguration => "check_configuration",
            Self::Nothing => "nothing",
            Self::Unknown => "unknown",
        }
    }

    /// The remedy of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::RetryLater,
            Self::TryAnotherChannel,
            Self::FixRequest,
            Self::DropRecipient,
            Self::CheckConfiguration,
            Self::Nothing,
            Self::Unknown,
        ]
        .into_iter()
        .find(|remedy| remedy.as_str() == name)
    }

    /// The remedy in words for a person.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::RetryLater => "send it again later",
            Self::TryAnotherChannel => "try another channel",
            Self::FixRequest => "change the message before sending it again",
            Self::DropRecipient => "stop sending to this recipient",
            Self::CheckConfiguration => "check the set-up at Sinch",
            Self::Nothing => "nothing to do",
            Self::Unknown => "not a reason we know: look it up at Sinch",
        }
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reason codes of the Conversation API. What each asks for is our own reading of its description;
/// where a code leaves open whether the message may yet arrive, the remedy is the one that cannot
/// send it twice on the same channel.
const REASONS: &[(&str, Remedy)] = &[
    ("INTERNAL_ERROR", Remedy::RetryLater),
    ("RATE_LIMITED", Remedy::RetryLater),
    ("CHANNEL_FAILURE", Remedy::RetryLater),
    ("RECIPIENT_NOT_REACHABLE", Remedy::TryAnotherChannel),
    ("OUTSIDE_ALLOWED_SENDING_WINDOW", Remedy::TryAnotherChannel),
    ("NO_CHANNELS_LEFT", Remedy::TryAnotherChannel),
    ("DELIVERY_TIMED_OUT", Remedy::TryAnotherChannel),
    ("DELIVERY_REPORT_TIME_OUT", Remedy::TryAnotherChannel),
    ("MESSAGE_EXPIRED", Remedy::TryAnotherChannel),
    ("NO_CHANNEL_IDENTITY_FOR_CONTACT", Remedy::TryAnotherChannel),
    ("CHANNEL_REJECT", Remedy::TryAnotherChannel),
    ("NO_PROFILE_AVAILABLE", Remedy::TryAnotherChannel),
    ("MEDIA_TYPE_UNSUPPORTED", Remedy::FixRequest),
    ("MEDIA_TOO_LARGE", Remedy::FixRequest),
    ("MEDIA_NOT_REACHABLE", Remedy::FixRequest),
    ("TEMPLATE_NOT_FOUND", Remedy::FixRequest),
    ("TEMPLATE_INSUFFICIENT_PARAMETERS", Remedy::FixRequest),
    (
        "TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION",
        Remedy::FixRequest,
    ),
    ("DELIVERY_REJECTED_DUE_TO_POLICY", Remedy::FixRequest),
    ("CONTACT_NOT_FOUND", Remedy::FixRequest),
    ("BAD_REQUEST", Remedy::FixRequest),
    ("UNSUPPORTED_OPERATION", Remedy::FixRequest),
    ("MESSAGE_SPLIT_REQUIRED", Remedy::FixRequest),
    ("RECIPIENT_INVALID_CHANNEL_IDENTITY", Remedy::DropRecipient),
    ("RECIPIENT_NOT_OPTED_IN", Remedy::DropRecipient),
    ("CHANNEL_BAD_CONFIGURATION", Remedy::CheckConfiguration),
    ("CHANNEL_CONFIGURATION_MISSING", Remedy::CheckConfiguration),
    ("UNKNOWN_APP", Remedy::CheckConfiguration),
    ("NO_PERMISSION", Remedy::CheckConfiguration),
    ("INACTIVE_CREDENTIAL", Remedy::CheckConfiguration),
];

/// The meaning and the remedy of a delivery report code of the SMS API
/// (<https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports/delivery-report-error-codes>).
/// Codes below 400 come from SMPP and differ by operator.
pub(crate) const fn sms_code(code: u64) -> Option<(&'static str, Remedy)> {
    Some(match code {
        402 => ("message unroutable", Remedy::DropRecipient),
        403 => ("internal error", Remedy::RetryLater),
        404 => ("temporary delivery failure", Remedy::RetryLater),
        405 => (
            "a parameter has no value for this recipient",
            Remedy::FixRequest,
        ),
        406 => ("expired before it was sent", Remedy::RetryLater),
        407 => ("cancelled by us", Remedy::Nothing),
        408 => ("rejected", Remedy::DropRecipient),
        410 => ("no default originator", Remedy::CheckConfiguration),
        411 => ("too many message parts", Remedy::FixRequest),
        412 => ("region not provisioned", Remedy::CheckConfiguration),
        413 => ("account blocked", Remedy::CheckConfiguration),
        414 => ("media address not usable", Remedy::FixRequest),
        415 => ("rejected by the gateway", Remedy::TryAnotherChannel),
        416 => ("not supported by the network", Remedy::TryAnotherChannel),
        417 => ("destination not reachable", Remedy::TryAnotherChannel),
        418 => ("content not recognised by the handset", Remedy::FixRequest),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_reason_asks_for_something_and_an_unknown_one_says_so() {
        assert_eq!(Remedy::of_reason("RATE_LIMITED", ""), Remedy::RetryLater);
        assert_eq!(
            Remedy::of_reason("CHANNEL_FAILURE", "INACTIVE_SENDER"),
            Remedy::CheckConfiguration
        );
        assert_eq!(Remedy::of_reason("UNKNOWN", ""), Remedy::Unknown);
        assert_eq!(Remedy::of_sms_code(407), Remedy::Nothing);
        assert_eq!(Remedy::of_sms_code(7), Remedy::Unknown);
    }

    #[test]
    fn every_remedy_reads_back_from_its_name() {
        for (_, remedy) in REASONS {
            assert_eq!(Remedy::parse(remedy.as_str()), Some(*remedy));
        }
        assert_eq!(Remedy::parse("pray"), None);
    }
}
