use stateright::Property;

use super::{
    Protocol, State,
    state::{Known, Request, Stage, Taken},
};
use crate::Invariant;

/// What has to hold in every state that can be reached.
pub(super) fn all() -> Vec<Property<Protocol>> {
    vec![
        Property::always(Invariant::ExactlyOnceEffect.as_str(), |_, state: &State| {
            state.effects <= 1
        }),
        Property::always(Invariant::AnsweredIsStored.as_str(), |_, state: &State| {
            !state.is_answered || state.is_stored()
        }),
        // What is not done is still to be done: the queue has it, or the processor is at it.
        Property::always(Invariant::NothingLost.as_str(), |_, state: &State| {
            !state.is_answered || state.effects > 0 || !state.queue.is_empty()
        }),
        Property::always(Invariant::EveryEventRaised.as_str(), |_, state: &State| {
            state.effects == 0
                || state.is_told
                || !state.queue.is_empty()
                // The second commit is still to come, where there is one.
                || state.requests.iter().any(is_half_written)
        }),
        // Whoever has made a claim finds it, until it is done.
        Property::always(Invariant::ClaimsKept.as_str(), |_, state: &State| {
            state.requests.iter().all(|request| {
                let known = state.guard.get(usize::from(request.copy));
                !request.ticket || known.is_some_and(|known| *known != Known::Nothing)
            })
        }),
        // The other way round: that the model is not so narrow that nothing ever happens in it.
        Property::sometimes("answered, in effect and told", |_, state: &State| {
            state.is_answered && state.effects == 1 && state.is_told
        }),
    ]
}

fn is_half_written(request: &Request) -> bool {
    request.stage == Stage::HandingOff(Taken::Half)
}
