use super::leg::Leg;

named! {
    /// Where a message stands as a whole, over all its legs.
    ///
    /// Ordered by what tells most: a message that was read on any leg is read, one that is still on its
    /// way on any leg has not failed.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{DeliveryState, Leg};
    ///
    /// // Failed on SMS, read on WhatsApp.
    /// let state = DeliveryState::of([Leg::Failed, Leg::Read], false);
    /// assert_eq!(state, Some(DeliveryState::Read));
    /// assert!(DeliveryState::Read.is_final());
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum DeliveryState {
        /// Off its last channel and not yet on the next.
        Switching = "switching",
        /// Failed, and on no other channel.
        Failed = "failed",
        /// Handed over, and no receipt will come.
        Unconfirmed = "unconfirmed",
        /// On its way.
        Queued = "queued",
        /// Has reached the recipient.
        Delivered = "delivered",
        /// Has been seen.
        Read = "read",
    }
}

impl DeliveryState {
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
}
