//! Watched messages: silence is told in time, and never where Sinch had reported.

use sinch_callback_simulation::{
    runtime,
    silence::{SilenceStats, SilenceWorld},
};

/// Worlds that are run.
const WORLDS: u64 = 3_000;

#[test]
fn every_watch_is_told_the_end_or_overdue_in_listening_time() {
    let runtime = runtime();
    let mut sum = SilenceStats::default();
    for seed in 1..=WORLDS {
        match SilenceWorld::new(seed, None, &runtime).run() {
            Ok(stats) => {
                sum.watches += stats.watches;
                sum.overdue += stats.overdue;
                sum.told_within_secs = sum.told_within_secs.max(stats.told_within_secs);
            }
            Err(broken) => panic!("seed {seed}: {broken}"),
        }
    }
    println!("figure watches_simulated {}", sum.watches);
    println!("figure watches_overdue {}", sum.overdue);
    println!(
        "figure simulated_overdue_told_within_s {}",
        sum.told_within_secs
    );
    assert!(sum.overdue > sum.watches / 10 && sum.watches > 10 * WORLDS);
}
