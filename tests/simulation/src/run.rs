use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

use tokio::runtime::{Builder, Runtime};

use crate::{Safeguard, Stats, Violation, World};

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

/// A runtime that runs what a world has begun behind a request.
///
/// # Panics
/// Where there is no memory for one.
#[must_use]
pub fn runtime() -> Runtime {
    Builder::new_current_thread()
        .build()
        .expect("a runtime without drivers needs nothing of the system")
}

/// Runs worlds from seed `first` on, on `threads` threads, until there have been `callbacks` of
/// them or a promise has broken. `progress` is told of each world's callbacks.
pub fn run(
    first: u64,
    callbacks: u64,
    without: Option<Safeguard>,
    threads: usize,
    progress: impl Fn(u64) + Sync,
) -> Report {
    let seeds = AtomicU64::new(first);
    let done = AtomicU64::new(0);
    let broken = AtomicBool::new(false);
    let report = Mutex::new(Report::default());
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let runtime = runtime();
                while done.load(Ordering::Relaxed) < callbacks && !broken.load(Ordering::Relaxed) {
                    let seed = seeds.fetch_add(1, Ordering::Relaxed);
                    let outcome = World::new(seed, without, &runtime).run();
                    let mut report = report.lock().unwrap_or_else(PoisonError::into_inner);
                    report.worlds += 1;
                    match outcome {
                        Ok(stats) => {
                            report.stats.add(&stats);
                            done.fetch_add(stats.callbacks, Ordering::Relaxed);
                            progress(stats.callbacks);
                        }
                        Err(violation) => {
                            report.violations.push((seed, violation));
                            broken.store(true, Ordering::Relaxed);
                        }
                    }
                }
            });
        }
    });
    report.into_inner().unwrap_or_else(PoisonError::into_inner)
}
