use std::time::Duration;

/// A wait that doubles with each failure in a row, from `first_ms` to `longest_ms`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first_ms: u64,
    pub(crate) longest_ms: u64,
}

impl Backoff {
    /// The wait after this many failures in a row, of which there is at least one.
    pub(crate) fn after(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1);
        let wait = self
            .first_ms
            .saturating_mul(2_u64.saturating_pow(doublings))
            .min(self.longest_ms);
        Duration::from_millis(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_doubles_up_to_its_longest() {
        let backoff = Backoff {
            first_ms: 1_000,
            longest_ms: 60_000,
        };
        let waits = [1, 2, 3, 6, 7, 200].map(|failures| backoff.after(failures).as_secs());
        assert_eq!(waits, [1, 2, 4, 32, 60, 60]);
    }
}
