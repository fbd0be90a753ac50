//! What has to hold of the simulation itself, so that what it says can be believed.

use sinch_callback_simulation::{Safeguard, World, run, runtime};

#[test]
fn a_seed_makes_the_same_world_each_time() {
    let runtime = runtime();
    for seed in 1..20 {
        let stats = |without| {
            let outcome = World::new(seed, without, &runtime).run();
            outcome.map_or_else(
                |violation| violation.to_string(),
                |stats| format!("{stats:?}"),
            )
        };
        assert_eq!(stats(None), stats(None), "seed {seed}");
        let without = Some(Safeguard::NonceGrammar);
        assert_eq!(stats(without), stats(without), "seed {seed}");
    }
}

#[test]
fn a_violation_comes_with_a_story_that_ends_at_it() {
    let runtime = runtime();
    let report = run(1, 10_000, Some(Safeguard::SetOfReports), 1, |_| ());
    let (seed, violation) = &report.violations[0];
    let mut world = World::new(*seed, Some(Safeguard::SetOfReports), &runtime).telling();
    let again = world.run().unwrap_err();
    assert_eq!(again.to_string(), violation.to_string());
    let story = world.into_story().about(again.callback).to_string();
    let last = story.lines().last().unwrap();
    assert!(last.contains("the log has it"), "{last}");
}

#[test]
fn worlds_are_as_hostile_as_they_claim() {
    let stats = run(1, 20_000, None, 1, |_| ()).stats;
    for (what, count) in [
        ("attempts", stats.attempts),
        ("attacks", stats.attacks),
        ("refused", stats.refused),
        ("deferred", stats.deferred),
        ("absorbed", stats.absorbed),
        ("crashes", stats.crashes),
        ("given up", stats.given_up),
    ] {
        assert!(count > 100, "{what}: {count}");
    }
    assert!(stats.accepted > stats.callbacks * 9 / 10);
}

#[test]
fn every_safeguard_reads_back_from_its_name() {
    for safeguard in Safeguard::ALL {
        assert_eq!(Safeguard::parse(safeguard.as_str()), Some(safeguard));
    }
    assert_eq!(Safeguard::parse("hope"), None);
}
