//! The moments of the tests.

use core::time::Duration;

use sinch_callback::UnixSeconds;

/// 2026-11-25T10:00:11Z, by date.
pub(crate) const NOW: UnixSeconds = UnixSeconds::new(1_795_600_811);

/// So many seconds after [`NOW`].
pub(crate) const fn at(secs: u64) -> UnixSeconds {
    NOW.saturating_add(Duration::from_secs(secs))
}
