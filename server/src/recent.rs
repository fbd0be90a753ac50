//! What callbacks were answered of late, by the time at which they came: of refused ones nothing is
//! stored.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde::Serialize;
use sinch_callback::{AnswerKind, UnixSeconds};
use sinch_callback_pipeline::Verdict;

use crate::store::overview::CELL;

/// Cells that are kept: a week. Our own choice.
const KEPT: usize = 2_016;
/// Seconds from signature to arrival, as the age's histogram in `/metrics` has them.
pub(crate) const AGES: [u64; 11] = [
    1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200, 86_400, 259_200,
];

/// Since the process has started, and for a week.
#[derive(Debug, Default)]
pub(crate) struct Recent(Mutex<BTreeMap<u64, Cell>>);

#[derive(Debug, Default)]
struct Cell {
    refused: BTreeMap<&'static str, u64>,
    /// How many were no older than each of [`AGES`], and how many older than all.
    ages: [u64; AGES.len() + 1],
}

/// How many requests were refused, and why.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct RefusalCount {
    code: &'static str,
    count: u64,
}

/// How old authentic callbacks were when they came.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Ages {
    p50_s: u64,
    p95_s: u64,
    count: u64,
    buckets: Vec<AgeCount>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct AgeCount {
    /// No older than so many seconds; `None` of older ones.
    le_s: Option<u64>,
    count: u64,
}

impl Recent {
    fn cells(&self) -> MutexGuard<'_, BTreeMap<u64, Cell>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what became of a callback.
    pub(crate) fn record(&self, verdict: &Verdict, now: UnixSeconds) {
        let refused = match verdict.answer.kind() {
            AnswerKind::Refused | AnswerKind::Deferred => Some(verdict.answer.code()),
            _ => None,
        };
        if refused.is_some() || verdict.age.is_some() {
            self.count(refused, verdict.age, now);
        }
    }

    fn count(&self, refused: Option<&'static str>, age: Option<Duration>, now: UnixSeconds) {
        let at = now.get();
        let at = at.saturating_sub(at.checked_rem(CELL).unwrap_or_default());
        let mut cells = self.cells();
        let cell = cells.entry(at).or_default();
        if let Some(code) = refused {
            let count = cell.refused.entry(code).or_default();
            *count = count.saturating_add(1);
        }
        if let Some(age) = age {
            let place = AGES.partition_point(|bound| *bound < age.as_secs());
            if let Some(count) = cell.ages.get_mut(place) {
                *count = count.saturating_add(1);
            }
        }
        while cells.len() > KEPT {
            cells.pop_first();
        }
    }

    /// What was refused from a moment until another one, the most frequent code first, and the ages of what
    /// was authentic.
    pub(crate) fn between(&self, from: u64, to: u64) -> (Vec<RefusalCount>, Option<Ages>) {
        let cells = self.cells();
        let mut refused = BTreeMap::<_, u64>::new();
        let mut ages = [0_u64; AGES.len() + 1];
        for cell in cells.range(from..to.max(from)).map(|(_, cell)| cell) {
            for (code, count) in &cell.refused {
                let sum = refused.entry(*code).or_default();
                *sum = sum.saturating_add(*count);
            }
            for (sum, count) in ages.iter_mut().zip(cell.ages) {
                *sum = sum.saturating_add(count);
            }
        }
        let mut refused: Vec<_> = refused
            .into_iter()
            .map(|(code, count)| RefusalCount { code, count })
            .collect();
        refused.sort_by_key(|refused| core::cmp::Reverse(refused.count));
        (refused, Ages::of(&ages))
    }
}

impl Ages {
    fn of(ages: &[u64]) -> Option<Self> {
        let count: u64 = ages.iter().sum();
        let bounds = AGES.into_iter().map(Some).chain([None]);
        let buckets: Vec<_> = bounds
            .zip(ages)
            .map(|(le_s, count)| AgeCount {
                le_s,
                count: *count,
            })
            .collect();
        // The bound that so many are within.
        let within = |percent: u64| {
            let wanted = count.saturating_mul(percent).div_ceil(100).max(1);
            let mut seen = 0_u64;
            let found = buckets.iter().find(|bucket| {
                seen = seen.saturating_add(bucket.count);
                seen >= wanted
            })?;
            Some(found.le_s.unwrap_or(u64::from(u32::MAX)))
        };
        let (p50_s, p95_s) = (within(50)?, within(95)?);
        Some(Self {
            p50_s,
            p95_s,
            count,
            buckets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_and_ages_are_told_of_their_time() {
        let recent = Recent::default();
        let at = UnixSeconds::new;
        for now in [10, 299, 300] {
            recent.count(Some("signature_mismatch"), None, at(now));
        }
        recent.count(Some("malformed"), None, at(20));
        for age in [0, 1, 2, 61] {
            recent.count(None, Some(Duration::from_secs(age)), at(20));
        }
        let (refused, ages) = recent.between(0, 300);
        let told: Vec<_> = refused.iter().map(|it| (it.code, it.count)).collect();
        assert_eq!(told, [("signature_mismatch", 2), ("malformed", 1)]);
        let ages = ages.unwrap();
        assert_eq!((ages.count, ages.p50_s, ages.p95_s), (4, 1, 300));
        assert_eq!(recent.between(300, 600).0.len(), 1);
        assert_eq!(recent.between(600, 900), (Vec::new(), None));
    }

    #[test]
    fn a_week_is_kept() {
        let recent = Recent::default();
        for cell in 0..3_000 {
            recent.count(Some("x"), None, UnixSeconds::new(cell * CELL));
        }
        assert_eq!(recent.cells().len(), KEPT);
    }
}
