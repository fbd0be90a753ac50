use core::fmt;

use crate::Leg;

/// Where a message stands as a whole, over all its legs.
///
/// Ordered by what tells most: a message that was read on any leg is read, one that is still on its
/// way on any leg has not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// Off its last channel and not yet on the next.
    Switching,
    /// Failed, and on no other channel.
    Failed,
    /// Handed over, and no receipt will come.
    Unconfirmed,
    /// On its way.
    Queued,
    /// Has reached the recipient.
    Delivered,
    /// Has been seen.
    Read,
}

impl DeliveryState {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Switching,
        Self::Failed,
        Self::Unconfirmed,
        Self::Queued,
        Self::Delivered,
        Self::Read,
    ];

    /// The state that these legs add up to; `None` where there are none. A failure that speaks for
    /// the whole message outweighs everything but an arrival.
    #[must_use]
    pub fn of(legs: impl IntoIterator<Item = Leg>, has_failed_as_a_whole: bool) -> Option<Self> {
        let best = legs.into_iter().map(Self::from).max();
        match best {
            Some(Self::Delivered | Self::Read) => best,
            _ if has_failed_as_a_whole => Some(Self::Failed),
            _ => best,
        }
    }

    /// Whether nothing more is expected: by all that has been reported, this is how it ended. A
    /// late report may still correct it.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Unconfirmed | Self::Delivered | Self::Read
        )
    }

    /// The state's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Switching => "switching",
            Self::Failed => "failed",
            Self::Unconfirmed => "unconfirmed",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

impl From<Leg> for DeliveryState {
    fn from(leg: Leg) -> Self {
        match leg {
            Leg::Queued => Self::Queued,
            Leg::Unconfirmed => Self::Unconfirmed,
            Leg::Switched => Self::Switching,
            Leg::Failed => Self::Failed,
            Leg::Delivered => Self::Delivered,
            Leg::Read => Self::Read,
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_what_its_best_leg_is_unless_it_failed_as_a_whole() {
        use DeliveryState as D;
        for (legs, whole, state) in [
            (&[][..], false, None),
            (&[][..], true, Some(D::Failed)),
            (&[Leg::Switched], false, Some(D::Switching)),
            (&[Leg::Switched, Leg::Queued], false, Some(D::Queued)),
            (&[Leg::Switched, Leg::Failed], false, Some(D::Failed)),
            (
                &[Leg::Failed, Leg::Unconfirmed],
                false,
                Some(D::Unconfirmed),
            ),
            (&[Leg::Unconfirmed, Leg::Queued], false, Some(D::Queued)),
            (&[Leg::Failed, Leg::Delivered], false, Some(D::Delivered)),
            (&[Leg::Read, Leg::Queued], true, Some(D::Read)),
            (&[Leg::Unconfirmed, Leg::Queued], true, Some(D::Failed)),
        ] {
            assert_eq!(
                D::of(legs.iter().copied(), whole),
                state,
                "{legs:?} {whole}"
            );
        }
    }

    #[test]
    fn every_state_reads_back_from_its_name_and_is_written_as_it() {
        for name in [
            "switching",
            "failed",
            "unconfirmed",
            "queued",
            "delivered",
            "read",
        ] {
            let state = DeliveryState::parse(name).unwrap();
            assert_eq!(std::format!("{state}"), name);
        }
        assert_eq!(DeliveryState::parse("switched"), None);
    }
}
