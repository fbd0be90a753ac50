use core::fmt;

use super::Meaning;

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
    /// The person cannot or must not be reached: take them off the list.
    DropRecipient,
    /// The account, app, sender or template at Sinch is not set up for this.
    CheckConfiguration,
    /// Nothing: it was our own doing.
    Nothing,
    /// The reason is not one that we know.
    Unknown,
}

const ALL: [Remedy; 7] = [
    Remedy::RetryLater,
    Remedy::TryAnotherChannel,
    Remedy::FixRequest,
    Remedy::DropRecipient,
    Remedy::CheckConfiguration,
    Remedy::Nothing,
    Remedy::Unknown,
];

impl Remedy {
    /// What a reason code of the Conversation API asks for: [`Meaning::of_reason`].
    #[must_use]
    pub fn of_reason(code: &str, sub_code: &str) -> Self {
        Meaning::of_reason(code, sub_code).remedy
    }

    /// What a delivery report code of the SMS API asks for: [`Meaning::of_sms_code`].
    #[must_use]
    pub fn of_sms_code(code: u64) -> Self {
        Meaning::of_sms_code(code).remedy
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
        ALL.into_iter().find(|remedy| remedy.as_str() == name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remedy_reads_back_from_its_name() {
        for remedy in ALL {
            assert_eq!(Remedy::parse(remedy.as_str()), Some(remedy));
        }
        assert_eq!(Remedy::parse("pray"), None);
    }
}
