use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use super::{Safeguard, Stats, Violation, World};

/// What came of many worlds.
#[derive(Debug, Default)]
pub struct Report {
    /// Worlds that took their course.
    pub worlds: u64,
    /// Their numbers, added up.
    pub stats: Stats,
    /// The seed of each world in which a promise broke, and which.
    pub violations: Vec<(u64, Violation)>,
}

/// Runs worlds from seed `first` on, on `threads` threads, until there have been `intents` of them or a
/// promise has broken. `progress` is told of each world's intents.
pub fn run(
    first: u64,
    intents: u64,
    without: Option<Safeguard>,
    threads: usize,
    progress: impl Fn(u64) + Sync,
) -> Report {
    let seeds = AtomicU64::new(first);
    let done = AtomicU64::new(0);
    let is_broken = AtomicBool::new(false);
    let report = Mutex::new(Report::default());
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while done.load(Ordering::Relaxed) < intents && !is_broken.load(Ordering::Relaxed) {
                    let seed = seeds.fetch_add(1, Ordering::Relaxed);
                    let outcome = World::new(seed, without).run();
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    report.worlds += 1;
                    match outcome {
                        Ok(stats) => {
                            report.stats.add(&stats);
                            done.fetch_add(stats.intents, Ordering::Relaxed);
                            progress(stats.intents);
                        }
                        Err(violation) => {
                            report.violations.push((seed, violation));
                            is_broken.store(true, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// The first world, of so many, in which the promise breaks that this safeguard upholds, and how.
#[must_use]
pub fn search(without: Safeguard, worlds: u64) -> Option<(u64, Violation)> {
    (1..=worlds).find_map(|seed| {
        let violation = World::new(seed, Some(without)).run().err()?;
        (violation.promise == without.upholds()).then_some((seed, violation))
    })
}
