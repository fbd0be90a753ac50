use core::time::Duration;

/// When a sender tries again what was not taken: after a first wait, and after each further failure
/// twice as long, so often and no more.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback::RetrySchedule;
///
/// assert_eq!(RetrySchedule::SINCH.before_retry(1), Some(Duration::from_secs(5)));
/// assert_eq!(RetrySchedule::SINCH.before_retry(15), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetrySchedule {
    /// The wait before the first retry.
    pub first: Duration,
    /// How many retries there are.
    pub retries: u32,
}

impl RetrySchedule {
    /// Sinch's, as its documentation of callbacks has it: the first retry 5 seconds after the failure,
    /// the fourteenth and last one 22 h 45 min after it. A 4xx other than 429 ends it.
    pub const SINCH: Self = Self {
        first: Duration::from_secs(5),
        retries: 14,
    };

    /// How long to wait before retry `number`, counted from 1; `None` where there is none left.
    #[must_use]
    pub const fn before_retry(self, number: u32) -> Option<Duration> {
        if number == 0 || number > self.retries {
            return None;
        }
        let doublings = number.saturating_sub(1);
        Some(self.first.saturating_mul(2_u32.saturating_pow(doublings)))
    }

    /// How long after the first failure the last retry comes.
    #[must_use]
    pub const fn span(self) -> Duration {
        let mut span = Duration::ZERO;
        let mut number = 1;
        while let Some(wait) = self.before_retry(number) {
            span = span.saturating_add(wait);
            number = number.saturating_add(1);
        }
        span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sinch_s_last_retry_comes_22_h_45_min_after_the_first_failure() {
        let span = Duration::from_secs(22 * 3_600 + 45 * 60 + 15);
        assert_eq!(RetrySchedule::SINCH.span(), span);
        assert_eq!(
            RetrySchedule::SINCH.before_retry(14),
            Some(Duration::from_secs(40_960))
        );
    }

    #[test]
    fn there_is_no_retry_before_the_first_and_none_after_the_last() {
        for number in [0, 15, u32::MAX] {
            assert_eq!(RetrySchedule::SINCH.before_retry(number), None, "{number}");
        }
    }

    #[test]
    fn a_schedule_without_retries_has_no_span() {
        let none = RetrySchedule {
            retries: 0,
            ..RetrySchedule::SINCH
        };
        assert_eq!(none.span(), Duration::ZERO);
    }
}
