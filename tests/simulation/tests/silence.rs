//! Watched messages: silence is told in time, and never where Sinch had reported.

use sinch_callback_simulation::{
    runtime,
    silence::{SilenceSafeguard, SilenceStats, SilenceWorld},
};

/// Worlds that are run, and in which the loss of a safeguard has to be found.
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

#[test]
fn each_safeguard_of_silence_is_missed() {
    let runtime = runtime();
    for without in SilenceSafeguard::ALL {
        let found = (1..=WORLDS).find_map(|seed| {
            let broken = SilenceWorld::new(seed, Some(without), &runtime)
                .run()
                .err()?;
            Some((seed, broken))
        });
        let Some((seed, broken)) = found else {
            panic!("nothing is found without {without:?}");
        };
        println!("without {without:?}: seed {seed}, {broken}");
    }
}
