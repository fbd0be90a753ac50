#[cfg(feature = "sdk")]
use std::time::Duration;

/// A wait that doubles with each failure in a row, from `first_ms` to `longest_ms`.
#[cfg(feature = "sdk")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first_ms: u64,
    pub(crate) longest_ms: u64,
}

#[cfg(feature = "sdk")]
impl Backoff {
    /// The wait after this many failures in a row, of which there is at least one, shortened by up
    /// to a half, so that those who failed together do not try again together. `random` is any
    /// number.
    pub(crate) fn jittered(self, failures: u32, random: u64) -> Duration {
        let doublings = failures.saturating_sub(1);
        let longest = self
            .first_ms
            .saturating_mul(2_u64.saturating_pow(doublings))
            .min(self.longest_ms);
        let span = (longest / 2).saturating_add(1);
        let cut = random.checked_rem(span).unwrap_or_default();
        Duration::from_millis(longest.saturating_sub(cut))
    }
}

/// The longest wait of a queued callback that failed for the first time.
const FIRST_WAIT_SECS: u32 = 10;
/// The longest wait of all.
const LONGEST_WAIT_SECS: u32 = 60;

/// Seconds for which the queue hides a callback that was not processed, by how often it has been
/// handed out: 5 to 10 at first, and 30 to 60 from the fourth time on. `random` is any number; it
/// keeps those that failed together from coming back together.
///
/// The template lets the queue hand a callback out a thousand times, so what fails because of an
/// outage is tried for half a day before SQS itself sets it aside.
#[must_use]
pub fn retry_after_secs(receives: u32, random: u64) -> u32 {
    let longest = FIRST_WAIT_SECS
        .saturating_mul(2_u32.saturating_pow(receives.saturating_sub(1)))
        .min(LONGEST_WAIT_SECS);
    let shortest = longest / 2;
    let span = u64::from(longest.saturating_sub(shortest)).saturating_add(1);
    let extra = random.checked_rem(span).unwrap_or_default();
    shortest.saturating_add(u32::try_from(extra).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queued_callback_waits_5_to_10_seconds_at_first_and_30_to_60_in_the_end() {
        let bounds = |receives| {
            let waits = (0..1_000).map(|random| retry_after_secs(receives, random));
            (waits.clone().min().unwrap(), waits.max().unwrap())
        };
        let receives = [0, 1, 2, 3, 4, 5, 1_000, u32::MAX];
        let expected = [
            (5, 10),
            (5, 10),
            (10, 20),
            (20, 40),
            (30, 60),
            (30, 60),
            (30, 60),
            (30, 60),
        ];
        assert_eq!(receives.map(bounds), expected);
    }

    #[cfg(feature = "sdk")]
    #[test]
    fn jitter_takes_up_to_a_half_of_a_wait() {
        let backoff = Backoff {
            first_ms: 10,
            longest_ms: 500,
        };
        let bounds = |failures| {
            let waits = (0..1_000).map(|random| backoff.jittered(failures, random).as_millis());
            (waits.clone().min().unwrap(), waits.max().unwrap())
        };
        let waits = [1, 2, 9, 200].map(bounds);
        assert_eq!(waits, [(5, 10), (10, 20), (250, 500), (250, 500)]);
    }
}
