/// A whole number of a host whose numbers are floating: fractions are cut off, what is below zero is
/// zero, and what is beyond `u64`, infinity with it, is its greatest value.
#[expect(clippy::as_conversions, reason = "the one conversion that saturates")]
pub(crate) const fn whole(number: f64) -> u64 {
    number as u64
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

/// A whole number, or the default where the host says NaN.
pub(crate) const fn whole_or(default: u64, number: f64) -> u64 {
    if number.is_nan() {
        default
    } else {
        whole(number)
    }
}
