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
    ///
    /// The SMS API's `Unknown` (handed over, and no receipt came) is unknown here too: it tells
    /// neither of success nor of failure.
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

/// Where a message stands on one channel: a leg of its way.
///
/// `Queued < Delivered < Read`. `Failed` and `Switched` end the leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Leg {
    /// The channel has it.
    Queued,
    /// It was taken off this channel, to be tried on another.
    Switched,
    /// It failed on this channel.
    Failed,
    /// It has reached the recipient.
    Delivered,
    /// The recipient has seen it.
    Read,
}

/// What a report does to a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The leg is now this.
    Moved(Leg),
    /// The report says what is known already.
    Repeated,
    /// The report tells of something earlier than what is known: reports overtake each other.
    Late,
    /// The report contradicts how the leg ended: delivered after it failed, or failed after it was
    /// delivered. The leg stays as it is, and somebody should look.
    Contradicted,
    /// The report's status is not one we know.
    Unknown,
}

impl Leg {
    /// Decides what a report does to a leg, `None` being a channel of which nothing was known. A
    /// leg never moves back.
    #[must_use]
    pub const fn step(before: Option<Self>, status: DeliveryStatus) -> Step {
        use DeliveryStatus as S;
        match (before, status) {
            (_, S::Unknown) => Step::Unknown,

            (None, S::Queued) => Step::Moved(Self::Queued),
            (None | Some(Self::Queued), S::Delivered) => Step::Moved(Self::Delivered),
            (None | Some(Self::Queued | Self::Delivered), S::Read) => Step::Moved(Self::Read),
            (None | Some(Self::Queued), S::Failed) => Step::Moved(Self::Failed),
            (None | Some(Self::Queued), S::Switching) => Step::Moved(Self::Switched),

            (Some(Self::Queued), S::Queued)
            | (Some(Self::Delivered), S::Delivered)
            | (Some(Self::Read), S::Read)
            | (Some(Self::Failed), S::Failed)
            | (Some(Self::Switched), S::Switching) => Step::Repeated,

            // Switching a channel is how a failure on it is told while another remains, so the two
            // ends of a leg do not contradict each other; the first one told stays.
            (Some(_), S::Queued)
            | (Some(Self::Read), S::Delivered)
            | (Some(Self::Failed), S::Switching)
            | (Some(Self::Switched), S::Failed) => Step::Late,

            (Some(Self::Failed | Self::Switched), S::Delivered | S::Read)
            | (Some(Self::Delivered | Self::Read), S::Failed | S::Switching) => Step::Contradicted,
        }
    }

    /// The leg's stable name, which [`Leg::parse`] reads.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Switched => "switched",
            Self::Failed => "failed",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The leg of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Queued,
            Self::Switched,
            Self::Failed,
            Self::Delivered,
            Self::Read,
        ]
        .into_iter()
        .find(|leg| leg.as_str() == name)
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
            Self::Contradicted => "contradicted",
            Self::Unknown => "unknown",
        }
    }

    /// The step of this name; one that moved needs the leg it moved to.
    #[must_use]
    pub fn parse(name: &str, moved_to: Option<Leg>) -> Option<Self> {
        let moved = moved_to.map(Self::Moved);
        let others = [
            Self::Repeated,
            Self::Late,
            Self::Contradicted,
            Self::Unknown,
        ];
        moved
            .into_iter()
            .chain(others)
            .find(|step| step.as_str() == name)
    }
}

/// Where a message stands as a whole, over all its channels.
///
/// Ordered by what tells most: a message that was read on any channel is read, one that is still on
/// its way on any channel has not failed. So the state does not depend on the order in which the
/// reports of several channels arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryState {
    /// Off its last channel and not yet on the next.
    Switching,
    /// Failed, and on no other channel.
    Failed,
    /// On its way.
    Queued,
    /// Has reached the recipient.
    Delivered,
    /// Has been seen.
    Read,
}

impl DeliveryState {
    /// The state that these legs add up to; `None` where there are none.
    #[must_use]
    pub fn of(legs: impl IntoIterator<Item = Leg>) -> Option<Self> {
        legs.into_iter().map(Self::from).max()
    }

    /// The state's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Switching => "switching",
            Self::Failed => "failed",
            Self::Queued => "queued",
            Self::Delivered => "delivered",
            Self::Read => "read",
        }
    }

    /// The state of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Switching,
            Self::Failed,
            Self::Queued,
            Self::Delivered,
            Self::Read,
        ]
        .into_iter()
        .find(|state| state.as_str() == name)
    }
}

impl From<Leg> for DeliveryState {
    fn from(leg: Leg) -> Self {
        match leg {
            Leg::Queued => Self::Queued,
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
    use std::vec::Vec;

    use super::*;

    const STATUSES: [DeliveryStatus; 6] = [
        DeliveryStatus::Queued,
        DeliveryStatus::Delivered,
        DeliveryStatus::Read,
        DeliveryStatus::Failed,
        DeliveryStatus::Switching,
        DeliveryStatus::Unknown,
    ];

    fn walk(statuses: &[DeliveryStatus]) -> (Option<Leg>, Vec<Step>) {
        let mut leg = None;
        let mut steps = Vec::new();
        for status in statuses {
            let step = Leg::step(leg, *status);
            if let Step::Moved(next) = step {
                leg = Some(next);
            }
            steps.push(step);
        }
        (leg, steps)
    }

    #[test]
    fn the_plain_way_ends_in_read() {
        use DeliveryStatus::{Delivered, Queued, Read};
        assert_eq!(walk(&[Queued, Delivered, Read]).0, Some(Leg::Read));
        let (leg, steps) = walk(&[Read, Delivered, Queued]);
        assert_eq!(leg, Some(Leg::Read));
        assert_eq!(steps, [Step::Moved(Leg::Read), Step::Late, Step::Late]);
    }

    #[test]
    fn delivered_after_failed_is_a_contradiction_and_failed_stays() {
        use DeliveryStatus::{Delivered, Failed};
        let (leg, steps) = walk(&[Failed, Delivered]);
        assert_eq!(leg, Some(Leg::Failed));
        assert_eq!(steps[1], Step::Contradicted);
        let (leg, steps) = walk(&[Delivered, Failed]);
        assert_eq!(leg, Some(Leg::Delivered));
        assert_eq!(steps[1], Step::Contradicted);
    }

    #[test]
    fn no_order_of_four_reports_moves_a_leg_back() {
        let rank = |leg: Option<Leg>| match leg {
            None => 0,
            Some(Leg::Queued) => 1,
            Some(Leg::Switched | Leg::Failed) => 4,
            Some(Leg::Delivered) => 2,
            Some(Leg::Read) => 3,
        };
        for number in 0..6_usize.pow(4) {
            let mut leg = None;
            for place in 0..4 {
                let status = STATUSES[number / 6_usize.pow(place) % 6];
                if let Step::Moved(next) = Leg::step(leg, status) {
                    assert!(rank(Some(next)) > rank(leg), "{leg:?} {status:?}");
                    leg = Some(next);
                }
            }
        }
    }

    #[test]
    fn a_message_is_what_its_best_channel_is() {
        use DeliveryState as D;
        for (legs, state) in [
            (&[][..], None),
            (&[Leg::Switched], Some(D::Switching)),
            (&[Leg::Switched, Leg::Queued], Some(D::Queued)),
            (&[Leg::Switched, Leg::Failed], Some(D::Failed)),
            (&[Leg::Failed, Leg::Delivered], Some(D::Delivered)),
            (&[Leg::Read, Leg::Queued], Some(D::Read)),
        ] {
            assert_eq!(D::of(legs.iter().copied()), state, "{legs:?}");
        }
    }

    #[test]
    fn every_leg_reads_back_from_its_name() {
        for name in ["queued", "switched", "failed", "delivered", "read"] {
            assert_eq!(Leg::parse(name).map(Leg::as_str), Some(name));
        }
        assert_eq!(Leg::parse("unknown"), None);
    }

    #[test]
    fn every_step_and_every_state_reads_back_from_its_name() {
        for step in [
            Step::Moved(Leg::Read),
            Step::Repeated,
            Step::Late,
            Step::Contradicted,
            Step::Unknown,
        ] {
            assert_eq!(Step::parse(step.as_str(), Some(Leg::Read)), Some(step));
        }
        assert_eq!(Step::parse("moved", None), None);
        for name in ["switching", "failed", "queued", "delivered", "read"] {
            assert_eq!(
                DeliveryState::parse(name).map(DeliveryState::as_str),
                Some(name)
            );
        }
        assert_eq!(DeliveryState::parse("switched"), None);
    }

    #[test]
    fn statuses_and_states_are_written_as_their_names() {
        for (status, name) in STATUSES.into_iter().zip([
            "queued",
            "delivered",
            "read",
            "failed",
            "switching",
            "unknown",
        ]) {
            assert_eq!(std::format!("{status}"), name);
        }
        assert_eq!(std::format!("{}", DeliveryState::Switching), "switching");
    }

    #[test]
    fn an_unheard_of_status_is_unknown() {
        assert_eq!(DeliveryStatus::parse("Dispatched"), DeliveryStatus::Queued);
        assert_eq!(DeliveryStatus::parse("TELEPORTED"), DeliveryStatus::Unknown);
        assert_eq!(DeliveryStatus::parse("Unknown"), DeliveryStatus::Unknown);
    }
}
