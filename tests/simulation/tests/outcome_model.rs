//! An intent's steps, explored whole with two workers on it.

use std::collections::BTreeSet;

use sinch_callback_recovery::DoubleSend;
use sinch_callback_simulation::outcome::{
    Promise,
    model::{Protocol, Without},
};
use stateright::{Checker, HasDiscoveries, Model};

/// Two channels, one try of each, and no double.
const SMALL: Protocol = Protocol {
    was_sent: false,
    steps: 2,
    tries: 1,
    double: DoubleSend::Never,
    passes: 2,
    crashes: 0,
    reports: 1,
    people: 0,
    without: None,
};

/// Three channels, of which somebody else has used the first.
const SENT: Protocol = Protocol {
    was_sent: true,
    steps: 3,
    reports: 2,
    ..SMALL
};

#[test]
fn no_state_of_an_intent_that_can_be_reached_breaks_a_promise() {
    let protocols = [
        Protocol {
            crashes: 1,
            ..SMALL
        },
        SENT,
        Protocol {
            tries: 2,
            double: DoubleSend::Harmless,
            ..SMALL
        },
        // A person cancels, lets a step run again, or turns the switch.
        Protocol {
            passes: 1,
            people: 1,
            ..SMALL
        },
    ];
    let states: usize = protocols.into_iter().map(explore).sum();
    println!("figure outcome_model_states {states}");
    assert!(states > 500_000, "{states}");
}

#[test]
#[ignore = "ten million states take minutes and 10 GB"]
fn nor_does_one_within_the_largest_bounds() {
    let states = explore(Protocol {
        crashes: 1,
        reports: 2,
        people: 1,
        ..SMALL
    });
    println!("figure outcome_model_states_largest {states}");
    assert!(states > 5_000_000, "{states}");
}

/// Explores every state that can be reached, and counts them.
fn explore(protocol: Protocol) -> usize {
    let checker = protocol.clone().checker().threads(2).spawn_bfs().join();
    println!("{protocol:?}: {} states", checker.unique_state_count());
    for (promise, path) in checker.discoveries() {
        println!("{promise}: {:?}", path.into_actions());
    }
    checker.assert_properties();
    checker.unique_state_count()
}

#[test]
fn without_what_the_engine_does_around_the_steps_a_promise_breaks() {
    for (without, promise) in [
        (Without::Version, Promise::NothingAfterSuccess),
        (Without::CallWindow, Promise::NothingAfterSuccess),
        (Without::HeardUntil, Promise::SilenceHeard),
    ] {
        let protocol = Protocol {
            without: Some(without),
            ..SENT
        };
        let checker = protocol
            .checker()
            .threads(2)
            .finish_when(HasDiscoveries::AnyOf(BTreeSet::from([promise.as_str()])))
            .spawn_bfs()
            .join();
        let found = checker.discovery(promise.as_str());
        assert!(found.is_some(), "without {without:?} nothing breaks");
    }
}
