use sinch_callback::UnixSeconds;

/// A moment as a column has it.
pub(super) fn seconds(moment: UnixSeconds) -> i64 {
    i64::try_from(moment.get()).unwrap_or(i64::MAX)
}
