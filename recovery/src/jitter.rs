use core::time::Duration;

/// How far an intent's retries are spread, so that those of one outage do not all come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Jitter(u16);

impl Jitter {
    /// Retries at the exact delay.
    pub const NONE: Self = Self(0);

    /// From sixteen random bits.
    #[must_use]
    pub const fn new(random: u16) -> Self {
        Self(random)
    }

    /// The delay, up to a quarter longer.
    #[must_use]
    pub fn spread(self, delay: Duration) -> Duration {
        let quarter = delay.as_secs() / 4;
        let share = quarter.saturating_mul(u64::from(self.0)) / 65_535;
        Duration::from_secs(delay.as_secs().saturating_add(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_spread_over_a_quarter_and_never_shortened() {
        let delay = Duration::from_secs(300);
        for (random, secs) in [(0, 300), (u16::MAX, 375), (u16::MAX / 2, 337)] {
            assert_eq!(Jitter::new(random).spread(delay), Duration::from_secs(secs));
        }
        assert_eq!(
            Jitter::new(9).spread(Duration::MAX).as_secs() / 4,
            Duration::MAX.as_secs() / 4
        );
    }
}
