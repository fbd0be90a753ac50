use sinch_callback::{Answer as Told, AnswerKind, Forwarded, OnMismatch, OriginAnswer, Window};

use super::{World, answers::is_final, event::Event, exchange::Via, site::EdgeSite, tell::tell};
use crate::{
    Safeguard,
    edge_host::{EdgeHost, Passage},
    guard::Guard,
    referee::{Referee, Verdict},
    schedule::MINUTE,
    secrets::Secrets,
};

impl World<'_> {
    pub(super) fn new_edge(&self, life: u64) -> EdgeSite {
        let store = self.store.for_other_host();
        let memory = Window::LOGGED.memory();
        let without = match self.without {
            // The edge's guard is not what these are about.
            Some(Safeguard::GuardBeforeHandoff | Safeguard::ConfirmAfterHandoff) => None,
            without => without,
        };
        let guard = Guard::new(self.plan.guard_capacity, memory, without);
        let on_mismatch = self.on_mismatch();
        let secrets = Secrets::new(&store, self.without);
        EdgeSite {
            edge: EdgeHost::new(secrets, guard, on_mismatch, self.without),
            store,
            life,
        }
    }

    pub(super) fn on_mismatch(&self) -> OnMismatch {
        match self.without {
            Some(Safeguard::MismatchDefers) => OnMismatch::Refuse,
            _ => self.plan.on_mismatch,
        }
    }

    pub(super) fn at_edge(&mut self, number: u64, place: usize) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let request = self.pass(&exchange.request);
        let now = self.unix(self.plan.edge_clocks[place].off_by(self.schedule.now()));
        let since = self.schedule.now().saturating_sub(5 * MINUTE);
        let site = &mut self.edges[place];
        let passage = site.edge.start(number, request, now);
        Referee::reads(site.store.reads_since(since))?;
        passage.map_or(Ok(()), |passage| self.passed(number, place, passage))
    }

    /// The edge has decided about a request.
    pub(super) fn passed(&mut self, number: u64, place: usize, passage: Passage) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let request = self.pass(&exchange.request);
        let callback = exchange.callback;
        let is_genuine = exchange.attempt.is_some();
        let site = &self.edges[place];
        let life = site.life;
        Referee::guard(site.edge.guard.len(), self.plan.guard_capacity)?;
        match passage {
            Passage::Answered(answer) => {
                let code = answer.code();
                let status = match self.without {
                    Some(Safeguard::EdgeForwardsUnverified)
                        if answer == Told::SECRET_UNAVAILABLE =>
                    {
                        401
                    }
                    _ => self.status(&answer),
                };
                tell!(self, callback, "edge {place} answers {status} {code}");
                self.count(status);
                if answer.kind() == AnswerKind::Absorbed {
                    self.stats.absorbed += 1;
                    self.answered_with_200(&request)?;
                }
                if is_genuine && is_final(status) {
                    self.referee
                        .refused(callback.unwrap_or_default(), status, code)?;
                }
                self.answer(number, status);
            }
            Passage::Forwarded(mark) => {
                let verified = if mark.is_some() { "" } else { " unverified" };
                tell!(self, callback, "edge {place} forwards it{verified}");
                if let Some(exchange) = self.exchanges.get_mut(&number) {
                    exchange.via = Some(Via {
                        edge: place,
                        life,
                        mark,
                    });
                }
                if self.draw.chance(self.plan.loss / 4.0) {
                    tell!(self, callback, "... lost between edge and receiver");
                } else {
                    let wait = self.line();
                    self.schedule.after(wait, Event::AtReceiver(number));
                }
            }
        }
        Ok(())
    }

    /// The origin's answer comes by the edge, most times by the environment that forwarded.
    pub(super) fn reply(&mut self, number: u64, answer: OriginAnswer) -> Verdict {
        let Some(exchange) = self.exchanges.get(&number) else {
            return Ok(());
        };
        let (via, callback) = (exchange.via, exchange.callback);
        let is_genuine = exchange.attempt.is_some();
        let forwarded = match via.and_then(|via| via.mark) {
            Some(_) => Forwarded::Authentic,
            None => Forwarded::Undecided,
        };
        let status = match answer.instead(forwarded) {
            Some(instead) if self.without != Some(Safeguard::OriginMark) => instead.status(),
            _ => answer.status,
        };
        if let Some(Via {
            edge,
            life,
            mark: Some(mark),
        }) = via
            && self.draw.chance(0.9)
        {
            // Where the environment has ended meanwhile, the one in its place learns of it.
            let is_the_one = self.edges[edge].life == life;
            let mark = if is_the_one {
                mark
            } else {
                mark.without_ticket()
            };
            let now = self.unix(self.plan.edge_clocks[edge].off_by(self.schedule.now()));
            self.edges[edge].edge.learn(mark, answer, now);
        }
        if is_genuine
            && is_final(status)
            && let Some(callback) = callback
        {
            self.referee.refused(callback, status, "as the origin")?;
        }
        self.answer(number, status);
        Ok(())
    }
}
