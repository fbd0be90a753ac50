use stateright::{Model, Property};

use super::{
    Action, State, properties,
    state::{Known, Request, Stage, Taken, Work, WorkStep},
};
use crate::Safeguard;

/// The protocol with its bounds.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// Whether Sinch signs a retry afresh.
    pub resigns: bool,
    /// Whether there are two edges in front.
    pub has_edges: bool,
    /// Whether the receiver has a guard (the embedded host), or the queue deduplicates (AWS).
    pub has_guard: bool,
    /// How often Sinch tries.
    pub attempts: u8,
    /// How often the attacker sends a copy.
    pub attacks: u8,
    /// How often something crashes.
    pub crashes: u8,
    /// A safeguard that is missing.
    pub without: Option<Safeguard>,
}

impl Protocol {
    fn edges(&self) -> &'static [Option<u8>] {
        if self.has_edges {
            &[Some(0), Some(1)]
        } else {
            &[None]
        }
    }

    /// Whether what is not applied is queued.
    fn can_queue(&self) -> bool {
        !(self.has_guard && self.without == Some(Safeguard::FailureQueues))
    }

    fn put(state: &mut State, copy: u8, edge: Option<u8>) {
        state.numbered += 1;
        state.requests.push(Request {
            number: state.numbered,
            copy,
            via: None,
            edge_ticket: false,
            ticket: false,
            stage: edge.map_or(Stage::ToReceiver, Stage::ToEdge),
        });
    }

    /// The step's outcome; `None` where the step cannot be taken.
    fn step(&self, before: &State, action: Action) -> Option<State> {
        let mut state = before.clone();
        match action {
            Action::Send { edge } => {
                state.attempts -= 1;
                let copy = if self.resigns || state.copies == 0 {
                    state.copies += 1;
                    state.copies - 1
                } else {
                    0
                };
                Self::put(&mut state, copy, edge);
            }
            Action::Replay { copy, edge } => {
                state.attacks -= 1;
                Self::put(&mut state, copy, edge);
            }
            Action::EdgeDecides(number) => self.edge_decides(&mut state, number)?,
            Action::Receive(number) => self.receive(&mut state, number)?,
            Action::Accepts(number) => self.accepts(&mut state, number)?,
            Action::KeepsEvents(number) => {
                let request = state.requests.iter_mut().find(|r| r.number == number)?;
                request.stage = Stage::HandingOff(Taken::Applied);
                state.is_told = true;
            }
            Action::QueueTakes(number) => self.queue_takes(&mut state, number)?,
            Action::HandedOff(number) => self.end_of_handoff(&mut state, number, true)?,
            Action::NotHandedOff(number) => self.end_of_handoff(&mut state, number, false)?,
            Action::EdgeLearns(number) => self.edge_passes(&mut state, number, true)?,
            Action::EdgeMisses(number) => self.edge_passes(&mut state, number, false)?,
            Action::CrashReceiver => {
                state.crashes -= 1;
                state.guard.clear();
                state.requests.retain(|request| {
                    !matches!(request.stage, Stage::HandingOff(_) | Stage::Replying { .. })
                });
            }
            Action::CrashEdge(edge) => {
                state.crashes -= 1;
                state.edges[usize::from(edge)].clear();
                for request in &mut state.requests {
                    request.edge_ticket &= request.via != Some(edge);
                }
            }
            Action::TimePasses => {
                state.has_aged = true;
                state.remembers = false;
                for guard in state.edges.iter_mut().chain([&mut state.guard]) {
                    for known in guard.iter_mut() {
                        if *known == Known::InFlight {
                            *known = Known::Stale;
                        }
                    }
                }
            }
            Action::QueueHands => {
                let number = *state.queue.first()?;
                state.processor = Some(Work {
                    number,
                    step: WorkStep::Handed,
                });
                if self.without == Some(Safeguard::AcknowledgeLast) {
                    state.queue.remove(0);
                }
            }
            Action::Apply => self.apply(&mut state)?,
            Action::Notify => {
                state.processor.as_mut()?.step = WorkStep::Finished;
                state.is_told = true;
            }
            Action::Acknowledge => {
                let work = state.processor.take()?;
                state.queue.retain(|number| *number != work.number);
            }
            Action::CrashProcessor => {
                state.crashes -= 1;
                state.processor = None;
            }
        }
        Some(state)
    }

    fn edge_decides(&self, state: &mut State, number: u8) -> Option<()> {
        let request = state.requests.iter_mut().find(|r| r.number == number)?;
        let Stage::ToEdge(edge) = request.stage else {
            return None;
        };
        let copy = request.copy;
        request.via = Some(edge);
        request.stage = Stage::ToReceiver;
        let guard = &mut state.edges[usize::from(edge)];
        let before = known(guard, copy);
        if before == Known::Done {
            state.is_answered = true;
            take(state, number);
            return Some(());
        }
        let claim = match self.without {
            Some(Safeguard::EdgeConfirmsAfterOrigin) => Known::Done,
            _ => Known::InFlight,
        };
        learn(guard, copy, claim);
        if before != Known::InFlight {
            for request in &mut state.requests {
                if request.via == Some(edge) && request.copy == copy {
                    request.edge_ticket = request.number == number;
                }
            }
        }
        Some(())
    }

    fn receive(&self, state: &mut State, number: u8) -> Option<()> {
        let request = state.requests.iter_mut().find(|r| r.number == number)?;
        if request.stage != Stage::ToReceiver {
            return None;
        }
        request.stage = Stage::HandingOff(Taken::No);
        let copy = request.copy;
        if !self.has_guard {
            return Some(());
        }
        let before = known(&state.guard, copy);
        if before == Known::Done {
            answer(state, number, true);
            return Some(());
        }
        let claim = match self.without {
            Some(Safeguard::ConfirmAfterHandoff) => Known::Done,
            _ => Known::InFlight,
        };
        learn(&mut state.guard, copy, claim);
        // Who claims what nobody holds, or has held too long, has the one ticket of it.
        let is_first = before != Known::InFlight;
        for request in &mut state.requests {
            if request.copy != copy {
                continue;
            }
            if is_first {
                request.ticket = request.number == number;
            } else if self.without == Some(Safeguard::TicketReleases) {
                request.ticket |= request.number == number;
            }
        }
        Some(())
    }

    fn accepts(&self, state: &mut State, number: u8) -> Option<()> {
        let is_new = state.log.is_none();
        let request = state.requests.iter_mut().find(|r| r.number == number)?;
        request.stage = Stage::HandingOff(Taken::Applied);
        if is_new {
            state.log = Some(number);
            state.effects += 1;
            if self.without == Some(Safeguard::OneCommit) {
                request.stage = Stage::HandingOff(Taken::Half);
            } else {
                state.is_told = true;
            }
        }
        Some(())
    }

    fn queue_takes(&self, state: &mut State, number: u8) -> Option<()> {
        let request = state.requests.iter_mut().find(|r| r.number == number)?;
        request.stage = Stage::HandingOff(Taken::Queued);
        let deduplicates = !self.has_guard;
        if !(deduplicates && state.remembers) {
            state.queue.push(number);
            state.remembers = deduplicates;
        }
        Some(())
    }

    fn end_of_handoff(&self, state: &mut State, number: u8, is_ok: bool) -> Option<()> {
        let request = state.requests.iter_mut().find(|r| r.number == number)?;
        let has_ticket = core::mem::take(&mut request.ticket);
        let is_ok = is_ok || !self.can_queue();
        if self.has_guard {
            settle(&mut state.guard, request.copy, is_ok, has_ticket);
        }
        answer(state, number, is_ok);
        Some(())
    }

    fn edge_passes(&self, state: &mut State, number: u8, is_the_one: bool) -> Option<()> {
        let request = state.requests.iter_mut().find(|r| r.number == number)?;
        let Stage::Replying { is_ok } = request.stage else {
            return None;
        };
        if is_the_one {
            let guard = &mut state.edges[usize::from(request.via?)];
            settle(guard, request.copy, is_ok, request.edge_ticket);
        }
        take(state, number);
        Some(())
    }

    fn apply(&self, state: &mut State) -> Option<()> {
        let work = state.processor.as_mut()?;
        match state.log {
            Some(arrival) => {
                let is_redelivered =
                    arrival == work.number && self.without != Some(Safeguard::ArrivalKnown);
                work.step = if is_redelivered {
                    WorkStep::Applied
                } else {
                    WorkStep::Finished
                };
            }
            None => {
                state.log = Some(work.number);
                state.effects += 1;
                work.step = WorkStep::Applied;
            }
        }
        Some(())
    }
}

/// Takes a request off the line.
fn take(state: &mut State, number: u8) {
    state.requests.retain(|request| request.number != number);
}

/// An answer goes back the way that the request came. To the sender it has gone.
fn answer(state: &mut State, number: u8, is_ok: bool) {
    state.is_answered |= is_ok;
    for request in &mut state.requests {
        if request.number == number {
            request.stage = Stage::Replying { is_ok };
        }
    }
    state
        .requests
        .retain(|request| request.number != number || request.via.is_some());
}

fn known(guard: &[Known], copy: u8) -> Known {
    guard.get(usize::from(copy)).copied().unwrap_or_default()
}

fn learn(guard: &mut Vec<Known>, copy: u8, known: Known) {
    let copy = usize::from(copy);
    if guard.len() <= copy {
        guard.resize(copy + 1, Known::Nothing);
    }
    guard[copy] = known;
    trim(guard);
}

/// Confirms, or releases what this copy has claimed. What has been confirmed stays so.
fn settle(guard: &mut Vec<Known>, copy: u8, is_ok: bool, has_ticket: bool) {
    match known(guard, copy) {
        Known::Done => {}
        _ if is_ok => learn(guard, copy, Known::Done),
        _ if has_ticket => learn(guard, copy, Known::Nothing),
        _ => {}
    }
}

/// Knowledge of nothing is no knowledge: equal states have to look equal.
fn trim(guard: &mut Vec<Known>) {
    while guard.last() == Some(&Known::Nothing) {
        guard.pop();
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            attempts: self.attempts,
            attacks: self.attacks,
            crashes: self.crashes,
            ..State::default()
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.attempts > 0 {
            // The edges are alike: the first request may as well take the first of them.
            let choices = if state.numbered == 0 { 1 } else { 2 };
            let edges = self.edges().iter().take(choices);
            actions.extend(edges.map(|edge| Action::Send { edge: *edge }));
        }
        if state.attacks > 0 {
            for copy in 0..state.copies {
                let edges = self.edges().iter();
                actions.extend(edges.map(|edge| Action::Replay { copy, edge: *edge }));
                if self.has_edges {
                    actions.push(Action::Replay { copy, edge: None });
                }
            }
        }
        for request in &state.requests {
            let number = request.number;
            match request.stage {
                Stage::ToEdge(_) => actions.push(Action::EdgeDecides(number)),
                Stage::ToReceiver => actions.push(Action::Receive(number)),
                Stage::HandingOff(Taken::No) => {
                    actions.push(Action::NotHandedOff(number));
                    if self.has_guard {
                        actions.push(Action::Accepts(number));
                    }
                    if self.can_queue() {
                        actions.push(Action::QueueTakes(number));
                    }
                    if self.without == Some(Safeguard::HandoffBeforeAnswer) {
                        actions.push(Action::HandedOff(number));
                    }
                }
                Stage::HandingOff(Taken::Half) => actions.push(Action::KeepsEvents(number)),
                Stage::HandingOff(Taken::Applied) => {
                    actions.extend([Action::HandedOff(number), Action::NotHandedOff(number)]);
                    // What the edges do is the same then.
                    if self.can_queue() && !self.has_edges {
                        actions.push(Action::QueueTakes(number));
                    }
                }
                Stage::HandingOff(Taken::Queued) => {
                    actions.extend([Action::HandedOff(number), Action::NotHandedOff(number)]);
                }
                Stage::Replying { .. } => {
                    actions.extend([Action::EdgeLearns(number), Action::EdgeMisses(number)]);
                }
            }
        }
        if !state.has_aged && state.copies > 0 {
            actions.push(Action::TimePasses);
        }
        match state.processor {
            None if !state.queue.is_empty() => actions.push(Action::QueueHands),
            None => {}
            Some(work) => actions.push(match work.step {
                WorkStep::Handed => Action::Apply,
                WorkStep::Applied => Action::Notify,
                WorkStep::Finished => Action::Acknowledge,
            }),
        }
        if state.crashes > 0 && state.copies > 0 {
            actions.push(Action::CrashReceiver);
            if self.has_edges {
                actions.extend([Action::CrashEdge(0), Action::CrashEdge(1)]);
            }
            if state.processor.is_some() {
                actions.push(Action::CrashProcessor);
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        self.step(state, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties::all()
    }
}
