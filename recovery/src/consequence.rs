use sinch_callback::{Permanence, Remedy};

/// What a failure leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Consequence {
    /// The same step after its backoff, while it has tries; then the next step.
    SameChannelLater,
    /// The next step.
    NextStep,
    /// The next step that is an e-mail; without one, a person.
    EmailOrPerson,
    /// A person, and never a send: the same would fail on every channel.
    Person,
    /// The identity is suppressed, and the intent ends.
    Suppress,
    /// The intent ends.
    Stop,
}

/// A row of the table of consequences.
#[derive(Clone, Copy, Debug)]
pub struct ConsequenceRow {
    /// What the reason calls for.
    pub remedy: Remedy,
    /// How certain the failure is; `None` where that changes nothing.
    pub permanence: Option<Permanence>,
    /// What follows.
    pub consequence: Consequence,
    /// Why.
    pub reason: &'static str,
}

impl Consequence {
    /// What each remedy leads to; the first row that fits holds.
    pub const TABLE: [ConsequenceRow; 8] = [
        row(
            Remedy::RetryLater,
            Some(Permanence::Permanent),
            Self::NextStep,
            "the same message fails again on this channel, however long one waits",
        ),
        row(
            Remedy::RetryLater,
            None,
            Self::SameChannelLater,
            "the channel is right and the moment was not",
        ),
        row(
            Remedy::TryAnotherChannel,
            None,
            Self::NextStep,
            "this channel does not reach the person, another may",
        ),
        row(
            Remedy::FixRequest,
            None,
            Self::Person,
            "the content is wrong, and only a person can change it",
        ),
        row(
            Remedy::CheckConfiguration,
            None,
            Self::Person,
            "the account is not set up, and each further send may be charged and fail",
        ),
        row(
            Remedy::DropRecipient,
            None,
            Self::Suppress,
            "the person cannot or must not be reached",
        ),
        row(
            Remedy::Nothing,
            None,
            Self::Stop,
            "it was our own doing, so nobody waits for the message",
        ),
        row(
            Remedy::Unknown,
            None,
            Self::EmailOrPerson,
            "the message may have arrived; an e-mail beside it does no harm, a second text may",
        ),
    ];
}

const fn row(
    remedy: Remedy,
    permanence: Option<Permanence>,
    consequence: Consequence,
    reason: &'static str,
) -> ConsequenceRow {
    ConsequenceRow {
        remedy,
        permanence,
        consequence,
        reason,
    }
}

/// What a failure leads to, by [`Consequence::TABLE`]; a person, where a newer core names a remedy that
/// has no row.
#[must_use]
pub fn consequence(remedy: Remedy, permanence: Permanence) -> Consequence {
    let fits = |row: &&ConsequenceRow| {
        row.remedy == remedy && row.permanence.is_none_or(|only| only == permanence)
    };
    let row = Consequence::TABLE.iter().find(fits);
    row.map_or(Consequence::Person, |row| row.consequence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_remedy_leads_to_what_is_stated_by_hand() {
        use Consequence as C;
        // permanent, temporary, unknown
        for (remedy, expected) in [
            (
                Remedy::RetryLater,
                [C::NextStep, C::SameChannelLater, C::SameChannelLater],
            ),
            (Remedy::TryAnotherChannel, [C::NextStep; 3]),
            (Remedy::FixRequest, [C::Person; 3]),
            (Remedy::CheckConfiguration, [C::Person; 3]),
            (Remedy::DropRecipient, [C::Suppress; 3]),
            (Remedy::Nothing, [C::Stop; 3]),
            (Remedy::Unknown, [C::EmailOrPerson; 3]),
        ] {
            let of = |permanence| consequence(remedy, permanence);
            let found = [
                Permanence::Permanent,
                Permanence::Temporary,
                Permanence::Unknown,
            ]
            .map(of);
            assert_eq!(found, expected, "{remedy}");
        }
        for remedy in Remedy::ALL {
            assert!(
                C::TABLE.iter().any(|row| row.remedy == *remedy),
                "{remedy} has no row"
            );
        }
    }
}
