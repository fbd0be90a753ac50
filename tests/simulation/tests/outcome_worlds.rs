//! What has to hold of the worlds of intents themselves, so that what they say can be believed.

use sinch_callback_simulation::outcome::{Safeguard, World, run, search};

#[test]
fn a_seed_makes_the_same_world_of_intents_each_time() {
    for seed in 1..40 {
        let stats = |without| {
            let outcome = World::new(seed, without).run();
            outcome.map_or_else(
                |violation| violation.to_string(),
                |stats| format!("{stats:?}"),
            )
        };
        assert_eq!(stats(None), stats(None), "seed {seed}");
        let without = Some(Safeguard::OneRequest);
        assert_eq!(stats(without), stats(without), "seed {seed}");
    }
}

#[test]
fn a_violation_comes_with_a_story_that_ends_at_it() {
    let (seed, violation) = search(Safeguard::OneRequest, 1_000).unwrap();
    let mut world = World::new(seed, Some(Safeguard::OneRequest)).telling();
    let again = world.run().unwrap_err();
    assert_eq!(again.to_string(), violation.to_string());
    let story = world.into_story().to_string();
    let last = story.lines().last().unwrap();
    assert!(last.contains("is called on"), "{last}");
}

#[test]
fn worlds_of_intents_are_as_hostile_as_they_claim() {
    let stats = run(1, 20_000, None, 1, |_| ()).stats;
    for (what, count) in [
        ("calls", stats.calls),
        ("unresolved", stats.unresolved),
        ("late doubles", stats.late_doubles),
        ("reports", stats.reports),
        ("crashes", stats.crashes),
        ("conflicts", stats.conflicts),
        ("retries", stats.retries),
        ("events", stats.events),
    ] {
        assert!(count > 50, "{what}: {count}");
    }
    assert!(stats.done > stats.intents / 2, "{stats:?}");
    assert!(stats.done < stats.intents, "{stats:?}");
}

#[test]
fn every_safeguard_of_outcomes_reads_back_from_its_name() {
    for safeguard in Safeguard::ALL {
        assert_eq!(Safeguard::parse(safeguard.as_str()), Some(safeguard));
    }
    assert_eq!(Safeguard::parse("hope"), None);
}
