use core::time::Duration;

use sinch_callback::{UnixSeconds, normalized_identity};

use crate::identity::Identity;

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;

/// How much may be sent. Our own choice of defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BudgetLimits {
    /// Sends to one identity in a UTC day.
    pub per_recipient_and_day: u32,
    /// Sends in an hour in all.
    pub per_hour: u32,
}

impl Default for BudgetLimits {
    fn default() -> Self {
        Self {
            per_recipient_and_day: 3,
            per_hour: 1_000,
        }
    }
}

/// One send's place in both budgets. A store counts up under both keys, or under none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reservation {
    /// The identity, in the form in which its spellings are equal.
    pub recipient: String,
    /// The UTC day, counted from 1970.
    pub day: u64,
    /// The hour, counted from 1970.
    pub hour: u64,
}

impl Reservation {
    /// A send to this identity now.
    #[must_use]
    pub fn of(identity: &Identity, now: UnixSeconds) -> Self {
        Self {
            recipient: normalized_identity(identity.as_str()),
            day: now.get() / DAY,
            hour: now.get() / HOUR,
        }
    }

    /// When the recipient's budget has room again.
    #[must_use]
    pub const fn next_day(&self) -> UnixSeconds {
        UnixSeconds::new(self.day.saturating_add(1).saturating_mul(DAY))
    }

    /// When the hour's budget has room again.
    #[must_use]
    pub const fn next_hour(&self) -> UnixSeconds {
        UnixSeconds::new(self.hour.saturating_add(1).saturating_mul(HOUR))
    }

    /// For how long counters are kept: past the day, so that what is given back late finds its own.
    pub const KEPT: Duration = Duration::from_secs(2 * DAY);
}

/// What came of asking for a place in the budgets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reserve {
    /// It is taken.
    Reserved(Reservation),
    /// A budget is used up, until this moment.
    Full(UnixSeconds),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_number_share_a_budget_until_midnight_utc() {
        // 2026-11-25T10:00:11Z, by date.
        let now = UnixSeconds::new(1_795_600_811);
        let one = Reservation::of(&Identity::new("+46 70-123"), now);
        assert_eq!(one, Reservation::of(&Identity::new("4670123"), now));
        assert_eq!(one.next_hour(), UnixSeconds::new(1_795_604_400));
        assert_eq!(one.next_day(), UnixSeconds::new(1_795_651_200));
    }
}
