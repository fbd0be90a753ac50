//! The protocol, explored whole, and followed by the real code.

use fastrand::Rng;
use sinch_callback_simulation::{
    Safeguard,
    model::{Action, Protocol, State, follow},
    runtime,
};
use stateright::{Checker, HasDiscoveries, Model};

fn protocols() -> impl Iterator<Item = Protocol> {
    (0..8).map(|bits| Protocol {
        resigns: bits & 1 == 0,
        has_edges: bits & 2 == 0,
        has_guard: bits & 4 == 0,
        attempts: 2,
        attacks: 1,
        crashes: 1,
        without: None,
    })
}

#[test]
fn no_state_that_can_be_reached_breaks_a_promise() {
    let states: usize = protocols().filter(|p| !is_largest(p)).map(explore).sum();
    println!("figure model_states {states}");
    assert!(states > 1_000_000, "{states}");
}

#[test]
#[ignore = "twelve million states take minutes and 10 GB"]
fn nor_does_one_of_the_largest_protocol() {
    let states: usize = protocols().filter(is_largest).map(explore).sum();
    println!("figure model_states_largest {states}");
    assert!(states > 10_000_000, "{states}");
}

fn is_largest(protocol: &Protocol) -> bool {
    protocol.resigns && protocol.has_edges && protocol.has_guard
}

/// Explores every state that can be reached, and counts them.
fn explore(protocol: Protocol) -> usize {
    let checker = protocol.clone().checker().threads(2).spawn_bfs().join();
    println!("{protocol:?}: {} states", checker.unique_state_count());
    checker.assert_properties();
    checker.unique_state_count()
}

#[test]
fn without_a_safeguard_a_promise_breaks_in_the_model_and_in_the_real_code_alike() {
    let runtime = runtime();
    for safeguard in [
        Safeguard::ConfirmAfterHandoff,
        Safeguard::TicketReleases,
        Safeguard::EdgeConfirmsAfterOrigin,
        Safeguard::ArrivalKnown,
        Safeguard::FailureQueues,
        Safeguard::OneCommit,
        Safeguard::AcknowledgeLast,
    ] {
        let mut broken = 0;
        let needs_edges = safeguard == Safeguard::EdgeConfirmsAfterOrigin;
        for protocol in protocols().filter(|p| p.has_edges == needs_edges) {
            let protocol = Protocol {
                without: Some(safeguard),
                ..protocol
            };
            let checker = protocol
                .clone()
                .checker()
                .finish_when(HasDiscoveries::AnyFailures)
                .spawn_bfs()
                .join();
            let Some(path) = checker.discovery(safeguard.upholds().as_str()) else {
                continue;
            };
            broken += 1;
            let mut steps = path.into_vec().into_iter().peekable();
            let mut trace = Vec::new();
            while let Some((_, action)) = steps.next() {
                if let (Some(action), Some((after, _))) = (action, steps.peek()) {
                    trace.push((action, after.clone()));
                }
            }
            if let Err(mismatch) = follow(&protocol, &trace, &runtime) {
                panic!("{protocol:?}: {mismatch}\n{trace:#?}");
            }
        }
        assert!(broken > 0, "without {safeguard} nothing breaks");
    }
}

#[test]
fn the_real_code_takes_every_step_of_the_model() {
    let runtime = runtime();
    let mut rng = Rng::with_seed(1);
    for protocol in protocols() {
        for _ in 0..500 {
            let trace = walk(&protocol, &mut rng);
            if let Err(mismatch) = follow(&protocol, &trace, &runtime) {
                panic!("{protocol:?}: {mismatch}\n{trace:#?}");
            }
        }
    }
}

/// A way through the model to where nothing can happen any more.
fn walk(protocol: &Protocol, rng: &mut Rng) -> Vec<(Action, State)> {
    let mut state = protocol.init_states().remove(0);
    let mut trace = Vec::new();
    loop {
        let mut actions = Vec::new();
        protocol.actions(&state, &mut actions);
        if actions.is_empty() {
            return trace;
        }
        let action = actions[rng.usize(..actions.len())];
        let Some(next) = protocol.next_state(&state, action) else {
            continue;
        };
        trace.push((action, next.clone()));
        state = next;
    }
}
