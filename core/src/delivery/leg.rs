use super::status::DeliveryStatus;

named! {
    /// Where a message stands on one leg of its way: one channel to one recipient there.
    ///
    /// A leg is the greatest of what was reported on it, in the order of the variants. So it does not
    /// depend on the order in which reports arrive, and no report moves it back.
    ///
    /// # Examples
    /// ```
    /// use sinch_callback::{DeliveryStatus, Leg, Step};
    ///
    /// // Reports overtake each other: what arrives late moves nothing back.
    /// let step = Leg::step(Some(Leg::Delivered), DeliveryStatus::Queued);
    /// assert_eq!(step, Step::Late);
    /// let step = Leg::step(Some(Leg::Delivered), DeliveryStatus::Read);
    /// assert_eq!(step, Step::Moved(Leg::Read));
    /// ```
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum Leg {
        /// The channel has it.
        Queued = "queued",
        /// The channel has had it, and no receipt will come.
        Unconfirmed = "unconfirmed",
        /// It was taken off this channel, to be tried on another.
        Switched = "switched",
        /// It failed on this channel.
        Failed = "failed",
        /// It has reached the recipient.
        Delivered = "delivered",
        /// The recipient has seen it.
        Read = "read",
    }
}

/// What a report did to the leg that it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The leg is now this.
    Moved(Leg),
    /// The report says what is known already.
    Repeated,
    /// The report tells of less than what is known: reports overtake each other.
    Late,
    /// The report tells that the message was submitted, which is no leg yet.
    Submitted,
    /// The report's status is not one we know.
    Unknown,
}

impl Leg {
    /// The leg that a report of this status alone makes; `None` for a status that says nothing.
    #[must_use]
    pub const fn of_status(status: DeliveryStatus) -> Option<Self> {
        Some(match status {
            DeliveryStatus::Queued => Self::Queued,
            DeliveryStatus::Unconfirmed => Self::Unconfirmed,
            DeliveryStatus::Switching => Self::Switched,
            DeliveryStatus::Failed => Self::Failed,
            DeliveryStatus::Delivered => Self::Delivered,
            DeliveryStatus::Read => Self::Read,
            DeliveryStatus::Submitted | DeliveryStatus::Unknown => return None,
        })
    }

    /// What a report does to a leg, `None` being a leg of which nothing was known.
    #[must_use]
    pub fn step(before: Option<Self>, status: DeliveryStatus) -> Step {
        let Some(reported) = Self::of_status(status) else {
            return match status {
                DeliveryStatus::Submitted => Step::Submitted,
                _ => Step::Unknown,
            };
        };
        match before {
            Some(before) if before > reported => Step::Late,
            Some(before) if before == reported => Step::Repeated,
            _ => Step::Moved(reported),
        }
    }

    /// Whether the message has reached the recipient on this leg.
    #[must_use]
    pub const fn has_arrived(self) -> bool {
        matches!(self, Self::Delivered | Self::Read)
    }
}

impl Step {
    /// The step's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Moved(_) => "moved",
            Self::Repeated => "repeated",
            Self::Late => "late",
            Self::Submitted => "submitted",
            Self::Unknown => "unknown",
        }
    }

    /// The step of this name; one that moved needs the leg it moved to.
    #[must_use]
    pub fn parse(name: &str, moved_to: Option<Leg>) -> Option<Self> {
        let moved = moved_to.map(Self::Moved);
        let others = [Self::Repeated, Self::Late, Self::Submitted, Self::Unknown];
        moved
            .into_iter()
            .chain(others)
            .find(|step| step.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_is_the_greatest_of_what_was_reported() {
        use DeliveryStatus as S;
        for (before, status, step) in [
            (None, S::Queued, Step::Moved(Leg::Queued)),
            (
                Some(Leg::Queued),
                S::Unconfirmed,
                Step::Moved(Leg::Unconfirmed),
            ),
            (
                Some(Leg::Unconfirmed),
                S::Switching,
                Step::Moved(Leg::Switched),
            ),
            (Some(Leg::Switched), S::Failed, Step::Moved(Leg::Failed)),
            (Some(Leg::Failed), S::Delivered, Step::Moved(Leg::Delivered)),
            (Some(Leg::Delivered), S::Read, Step::Moved(Leg::Read)),
            (Some(Leg::Failed), S::Switching, Step::Late),
            (Some(Leg::Delivered), S::Failed, Step::Late),
            (Some(Leg::Read), S::Queued, Step::Late),
            (Some(Leg::Failed), S::Failed, Step::Repeated),
            (Some(Leg::Read), S::Unknown, Step::Unknown),
            (None, S::Submitted, Step::Submitted),
            (Some(Leg::Queued), S::Submitted, Step::Submitted),
        ] {
            assert_eq!(Leg::step(before, status), step, "{before:?} {status:?}");
        }
    }

    #[test]
    fn every_step_reads_back_from_its_name() {
        for step in [
            Step::Moved(Leg::Read),
            Step::Repeated,
            Step::Late,
            Step::Submitted,
            Step::Unknown,
        ] {
            assert_eq!(Step::parse(step.as_str(), Some(Leg::Read)), Some(step));
        }
        assert_eq!(Step::parse("moved", None), None);
    }
}
