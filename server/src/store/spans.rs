//! Spans of time, counted in steps that are fine enough for a median: eight to each doubling, so that a
//! step is at most an eighth wide.

/// Bits of a number that its step keeps, besides the highest.
const BITS: u32 = 3;

/// The step that so many milliseconds lie in.
pub(super) fn step(millis: u64) -> i64 {
    let Some(octave) = millis.checked_ilog2().and_then(|log| log.checked_sub(BITS)) else {
        return i64::try_from(millis).unwrap_or(i64::MAX);
    };
    let fine = (millis >> octave) & ((1 << BITS) - 1);
    let octaves = u64::from(octave).saturating_add(1) << BITS;
    i64::try_from(octaves | fine).unwrap_or(i64::MAX)
}

/// The milliseconds in the middle of a step.
pub(super) fn middle(step: i64) -> u64 {
    let step = u64::try_from(step).unwrap_or_default();
    let Some(octave) = (step >> BITS).checked_sub(1) else {
        return step;
    };
    let least = (1 << BITS) | (step & ((1 << BITS) - 1));
    let shifted = |value: u64| {
        u32::try_from(octave)
            .ok()
            .and_then(|by| value.checked_shl(by))
    };
    let half = shifted(1).unwrap_or_default() >> 1;
    shifted(least).unwrap_or(u64::MAX).saturating_add(half)
}

/// The value in the middle of the step that so many per cent of all lie in or below; `None` of none.
/// The steps are sorted.
pub(super) fn percentile(steps: &[(i64, u64)], percent: u64) -> Option<u64> {
    let all: u64 = steps.iter().map(|(_, count)| count).sum();
    let wanted = all.saturating_mul(percent).div_ceil(100).max(1);
    let mut seen = 0_u64;
    let found = steps.iter().find(|(_, count)| {
        seen = seen.saturating_add(*count);
        seen >= wanted
    });
    found.map(|(step, _)| middle(*step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_tells_a_span_to_an_eighth_and_steps_are_in_its_order() {
        let spans: Vec<u64> = (0..2_000)
            .chain((1..50).map(|bit| (1 << bit) + 77))
            .collect();
        for span in spans.iter().copied() {
            let told = middle(step(span));
            assert!(told.abs_diff(span) * 8 <= span, "{span} {told}");
            assert!(step(span) <= step(span + 1));
        }
        assert!(middle(i64::MAX) > 0);
        assert!(step(u64::MAX) < 600);
    }

    #[test]
    fn percentiles_are_by_rank() {
        let steps: Vec<_> = [(1, 50), (2, 44), (3, 1), (4, 5)].into();
        let told = |percent| percentile(&steps, percent);
        assert_eq!(
            [told(50), told(51), told(95), told(96)],
            [Some(1), Some(2), Some(3), Some(4)]
        );
        assert_eq!(percentile(&[], 50), None);
    }
}
