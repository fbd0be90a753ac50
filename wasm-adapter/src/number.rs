use sinch_callback::UnixSeconds;

/// A moment of a host whose numbers are exact up to 2 to the 53rd only, in two halves.
pub(crate) fn moment(high: u32, low: u32) -> UnixSeconds {
    UnixSeconds::new(u64::from(high).wrapping_shl(32) | u64::from(low))
}

/// The nearest number of the host; exact up to 2 to the 53rd.
#[expect(clippy::as_conversions, reason = "there is no other conversion to f64")]
pub(crate) const fn float(number: u64) -> f64 {
    number as f64
}

/// A length as a result that stands beside positive numbers.
pub(crate) fn negative(length: u32) -> i32 {
    0_i32.saturating_sub_unsigned(length)
}
