use core::{future::Future, pin::Pin, task::Poll};
use std::{collections::BTreeMap, sync::Arc};

use sinch_callback::{
    Answer, OnMismatch, OriginAnswer, ReplayGuard, ReplayKey, Rules, SignedHeaders, Ticket,
    UnixSeconds,
    reception::{OpenHandOff, Settle},
    scheme::AnyScheme,
};
use sinch_callback_pipeline::{Arrival, Reached, reach};

use crate::{Safeguard, background::Background, guard::Guard, secrets::Secrets, sinch::Request};

/// One environment at the edge, and the requests that it is at. It carries bytes: what it answers,
/// forwards and tells its guard is decided by core's reception, as in the deployed one.
pub(crate) struct EdgeHost {
    secrets: Arc<Secrets>,
    rules: Rules,
    background: Background,
    pub(crate) guard: Guard,
    /// The requests that wait for secrets.
    tasks: BTreeMap<u64, Pin<Box<dyn Future<Output = Passage> + Send>>>,
    without: Option<Safeguard>,
}

/// What the edge does with a request.
#[derive(Debug)]
pub(crate) enum Passage {
    Answered(Answer),
    /// Goes on to the origin, with what the edge knows of it where it was verified.
    Forwarded(Option<Mark>),
}

/// What an edge writes on a verified callback for the way to the origin and back, as the deployed one
/// does: the key, and when it was claimed, where this copy did it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    key: ReplayKey,
    claimed_at: Option<UnixSeconds>,
}

impl Mark {
    fn of(open: &OpenHandOff) -> Self {
        Self {
            key: open.key(),
            claimed_at: open.ticket().map(Ticket::claimed_at),
        }
    }

    fn open(self) -> OpenHandOff {
        let ticket = self.claimed_at.map(|at| Ticket::new(self.key, at));
        OpenHandOff::new(self.key, ticket)
    }

    /// The mark as another environment sees it, whose guard gave out no such ticket.
    pub(crate) const fn without_ticket(self) -> Self {
        Self {
            claimed_at: None,
            ..self
        }
    }
}

impl EdgeHost {
    pub(crate) fn new(
        secrets: Secrets,
        guard: Guard,
        on_mismatch: OnMismatch,
        without: Option<Safeguard>,
    ) -> Self {
        Self {
            background: secrets.background(),
            secrets: Arc::new(secrets),
            rules: Rules::LOGGED.with_on_mismatch(on_mismatch),
            guard,
            tasks: BTreeMap::new(),
            without,
        }
    }

    /// Begins with a request; `None` where it waits for secrets.
    pub(crate) fn start(
        &mut self,
        number: u64,
        request: Arc<Request>,
        now: UnixSeconds,
    ) -> Option<Passage> {
        let (secrets, rules) = (Arc::clone(&self.secrets), self.rules);
        let mut guard = self.guard.clone();
        let without = self.without;
        let task = async move {
            let headers = SignedHeaders::collect(request.pairs());
            let arrival = Arrival::new(headers, &request.body, now, "");
            let claim = |key| guard.claim(key, now);
            let scheme = AnyScheme::default();
            match reach(&rules, &scheme, &arrival, &*secrets, claim).await {
                Reached::HandOff(handoff) => {
                    let mark = Mark::of(&handoff.into_open());
                    if without == Some(Safeguard::EdgeConfirmsAfterOrigin) {
                        guard.confirm(mark.key, now);
                    }
                    Passage::Forwarded(Some(mark))
                }
                Reached::Undecided(undecided, _) => match without {
                    Some(Safeguard::EdgeForwardsUnverified) => {
                        Passage::Answered(undecided.unavailable())
                    }
                    _ => Passage::Forwarded(None),
                },
                Reached::Answer(answer, _) => Passage::Answered(answer),
            }
        };
        self.tasks.insert(number, Box::pin(task));
        self.poll(number)
    }

    /// Goes on behind the requests, and with those that wait for secrets: what becomes of them.
    pub(crate) fn go_on(&mut self) -> Vec<(u64, Passage)> {
        self.background.go_on();
        let waiting: Vec<u64> = self.tasks.keys().copied().collect();
        let passages = waiting.into_iter();
        passages
            .filter_map(|number| Some((number, self.poll(number)?)))
            .collect()
    }

    fn poll(&mut self, number: u64) -> Option<Passage> {
        let task = self.tasks.get_mut(&number)?;
        let Poll::Ready(passage) = self.background.poll(task) else {
            return None;
        };
        self.tasks.remove(&number);
        Some(passage)
    }

    /// The origin has answered a verified callback.
    pub(crate) fn learn(&mut self, mark: Mark, answer: OriginAnswer, now: UnixSeconds) {
        let settle: Settle = mark.open().answered(answer).guard;
        settle.tell(&mut self.guard, now);
    }
}
