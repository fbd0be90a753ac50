use std::time::Duration;

/// Sinch's documented backoff: the first retry after 5 seconds, each next one after twice the wait,
/// the fourteenth and last one 22 h 45 min after the first failure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Duration,
    pub(crate) retries: u32,
}

impl Backoff {
    pub(crate) const SINCH: Self = Self {
        first: Duration::from_secs(5),
        retries: 14,
    };

    /// How long to wait before retry `number`, counted from 1; `None` when there is none left.
    pub(crate) fn before_retry(self, number: u32) -> Option<Duration> {
        let doublings = number.checked_sub(1)?;
        if number > self.retries {
            return None;
        }
        Some(self.first.saturating_mul(2_u32.saturating_pow(doublings)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinch_s_last_retry_comes_22_h_45_min_after_the_first_failure() {
        let waits = (1..=20).map_while(|number| Backoff::SINCH.before_retry(number));
        let total: Duration = waits.sum();
        assert_eq!(total.as_secs(), 22 * 3_600 + 45 * 60 + 15);
        assert_eq!(Backoff::SINCH.before_retry(0), None);
    }
}
