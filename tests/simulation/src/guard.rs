use core::time::Duration;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use sinch_callback::{Claim, MemoryReplayGuard, ReplayGuard, ReplayKey, Ticket, UnixSeconds};

use crate::Safeguard;

/// A host's guard, which the referee can look at.
#[derive(Clone, Debug)]
pub(crate) struct Guard(Arc<Mutex<Kind>>);

#[derive(Debug)]
enum Kind {
    None,
    Real(MemoryReplayGuard),
    RecordsAtClaim(MemoryReplayGuard),
    /// Gives each copy in flight a ticket of the claim, too.
    TicketForAll(MemoryReplayGuard),
    Unbounded(HashMap<ReplayKey, bool>),
}

impl Guard {
    pub(crate) fn none() -> Self {
        Self(Arc::new(Mutex::new(Kind::None)))
    }

    pub(crate) fn new(capacity: usize, memory: Duration, without: Option<Safeguard>) -> Self {
        let real = MemoryReplayGuard::new(capacity, memory);
        Self(Arc::new(Mutex::new(match without {
            Some(Safeguard::GuardBeforeHandoff) => Kind::None,
            Some(Safeguard::GuardCapacity) => Kind::Unbounded(HashMap::new()),
            Some(Safeguard::ConfirmAfterHandoff) => Kind::RecordsAtClaim(real),
            Some(Safeguard::TicketReleases) => Kind::TicketForAll(real),
            _ => Kind::Real(real),
        })))
    }

    fn kind(&self) -> MutexGuard<'_, Kind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a claim would say now, without claiming.
    pub(crate) fn peek(&self, key: ReplayKey, now: UnixSeconds) -> Claim {
        match &*self.kind() {
            Kind::Real(guard) | Kind::RecordsAtClaim(guard) | Kind::TicketForAll(guard) => {
                guard.fork().claim(key, now)
            }
            Kind::None | Kind::Unbounded(_) => Claim::First(Ticket::new(key, now)),
        }
    }

    /// How many callbacks it remembers.
    pub(crate) fn len(&self) -> usize {
        match &*self.kind() {
            Kind::None => 0,
            Kind::Real(guard) | Kind::RecordsAtClaim(guard) | Kind::TicketForAll(guard) => {
                guard.len()
            }
            Kind::Unbounded(guard) => guard.len(),
        }
    }
}

impl ReplayGuard for Guard {
    fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Claim {
        match &mut *self.kind() {
            Kind::None => Claim::First(Ticket::new(key, now)),
            Kind::Real(guard) => guard.claim(key, now),
            Kind::TicketForAll(guard) => match guard.claim(key, now) {
                Claim::InFlight { since } => Claim::First(Ticket::new(key, since)),
                claim => claim,
            },
            Kind::RecordsAtClaim(guard) => {
                let claim = guard.claim(key, now);
                guard.confirm(key, now);
                claim
            }
            Kind::Unbounded(guard) => match guard.insert(key, false) {
                Some(true) => {
                    guard.insert(key, true);
                    Claim::Done
                }
                _ => Claim::First(Ticket::new(key, now)),
            },
        }
    }

    fn confirm(&mut self, key: ReplayKey, now: UnixSeconds) {
        match &mut *self.kind() {
            Kind::None => {}
            Kind::Real(guard) | Kind::RecordsAtClaim(guard) | Kind::TicketForAll(guard) => {
                guard.confirm(key, now);
            }
            Kind::Unbounded(guard) => {
                guard.insert(key, true);
            }
        }
    }

    fn release(&mut self, ticket: Ticket) {
        match &mut *self.kind() {
            Kind::None => {}
            Kind::Real(guard) | Kind::RecordsAtClaim(guard) | Kind::TicketForAll(guard) => {
                guard.release(ticket);
            }
            Kind::Unbounded(guard) => {
                guard.remove(&ticket.key());
            }
        }
    }
}
