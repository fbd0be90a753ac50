use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{Circumstances, Decision, Report, decide};
use stateright::Property;

use super::{Protocol, State};
use crate::outcome::Promise;

/// What has to hold in every state that can be reached.
pub(super) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(Promise::OneCall.as_str(), |_, state: &State| {
            state.books.attempts.iter().all(|entry| entry.calls <= 1)
        }),
        Property::always(Promise::WithinTries.as_str(), within_tries),
        Property::always(Promise::OneUnderWay.as_str(), |_, state: &State| {
            let attempts = state.books.attempts.iter();
            let under_way = attempts.filter(|entry| entry.is_under_way(state.now));
            under_way.count() <= 1
        }),
        Property::always(Promise::NothingAfterSuccess.as_str(), |_, state: &State| {
            state.books.calls_after_success <= 1
                && state.books.broken != Some(Promise::NothingAfterSuccess)
        }),
        Property::always(Promise::NothingAfterEnd.as_str(), |_, state: &State| {
            state.books.broken != Some(Promise::NothingAfterEnd)
        }),
        Property::always(Promise::GatesHold.as_str(), |_, state: &State| {
            state.books.broken != Some(Promise::GatesHold)
        }),
        Property::always(Promise::UnknownNotRepeated.as_str(), |_, state: &State| {
            state.books.broken != Some(Promise::UnknownNotRepeated)
        }),
        Property::always(Promise::SilenceHeard.as_str(), |_, state: &State| {
            state.books.broken != Some(Promise::SilenceHeard)
        }),
        Property::always(Promise::ReportsFindAttempts.as_str(), |_, state: &State| {
            state.books.broken != Some(Promise::ReportsFindAttempts)
        }),
        Property::always(Promise::Monotone.as_str(), is_monotone),
        // The other way round: that the model is not so narrow that nothing ever happens in it.
        Property::sometimes("a fallback is sent, and reaches", |_, state: &State| {
            state.books.is_reached && state.books.attempts.len() > 1
        }),
        Property::sometimes(
            "an unknown outcome is followed by another step",
            |_, state: &State| {
                let mut earlier = state.books.attempts.iter().rev().skip(1);
                earlier.any(|entry| entry.was_unknown)
            },
        ),
    ]
}

fn within_tries(protocol: &Protocol, state: &State) -> bool {
    let books = &state.books;
    (0..protocol.steps).all(|step| {
        let round = books.attempts.iter().skip(books.round);
        let of_step = round.filter(|entry| entry.step == step);
        let calls: u32 = of_step.map(|entry| u32::from(entry.risky_calls)).sum();
        calls <= protocol.tries
    })
}

/// With a delivery more on any attempt, nothing is sent.
fn is_monotone(_: &Protocol, state: &State) -> bool {
    let circumstances = Circumstances::open(UnixSeconds::new(state.now));
    (1..).zip(state.intent.attempts()).all(|(attempt, _)| {
        let mut more = state.intent.clone();
        let delivered = Report::delivered("another", 99);
        more.reported(attempt, &delivered, circumstances.now);
        !matches!(decide(&more, &circumstances), Decision::Send(_))
    })
}
