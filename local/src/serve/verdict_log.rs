use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use sinch_callback_pipeline::Verdict;

use crate::clock;

/// Logs what became of callbacks, so that an operator sees why they are refused, and nobody can
/// fill a disk with it: of each code one line a second, with the number that it stands for.
#[derive(Default)]
pub(super) struct VerdictLog {
    last: Mutex<HashMap<&'static str, Said>>,
}

struct Said {
    at: Instant,
    since: u64,
}

/// The shortest time between two lines of the same code.
const INTERVAL: Duration = Duration::from_secs(1);

impl VerdictLog {
    pub(super) fn record(&self, verdict: &Verdict) {
        match verdict {
            Verdict::HandedOff {
                secret_slot,
                age_secs,
                content_key,
            } => {
                tracing::debug!(%content_key, secret_slot, age_secs, "accepted");
            }
            Verdict::Duplicate { age_secs } => tracing::debug!(age_secs, "duplicate"),
            Verdict::Refused(rejection) | Verdict::Deferred(rejection) => {
                if let Some(count) = self.turn(rejection.code()) {
                    tracing::warn!(code = rejection.code(), detail = %rejection, count, "refused");
                }
            }
            Verdict::NoSecret(error) | Verdict::NotHandedOff(error) => {
                if let Some(count) = self.turn(verdict.code()) {
                    tracing::error!(code = verdict.code(), %error, count, "answered 503");
                }
            }
        }
    }

    /// How many this line stands for, itself included; `None` where it is not this one's turn.
    fn turn(&self, code: &'static str) -> Option<u64> {
        let now = clock::stopwatch();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match last.get_mut(code) {
            Some(said) if now.saturating_duration_since(said.at) < INTERVAL => {
                said.since = said.since.saturating_add(1);
                None
            }
            Some(said) => {
                let count = said.since.saturating_add(1);
                *said = Said { at: now, since: 0 };
                Some(count)
            }
            None => {
                last.insert(code, Said { at: now, since: 0 });
                Some(1)
            }
        }
    }
}
