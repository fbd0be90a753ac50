use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sinch_callback_pipeline::Verdict;

use crate::{clock, seldom::Turns};

/// Logs what became of callbacks, so that an operator sees why they are refused, and nobody can
/// fill a disk with it: of each code one line a second, with the number that it stands for.
#[derive(Default)]
pub(super) struct VerdictLog {
    last: Mutex<HashMap<&'static str, Turns>>,
}

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
            Verdict::MayBeNewer => {
                let code = verdict.code();
                if let Some(count) = self.turn(code) {
                    tracing::warn!(code, detail = verdict.detail(), count, "deferred");
                }
            }
            Verdict::NoSecret(error) | Verdict::NotHandedOff(error) => {
                if let Some(count) = self.turn(verdict.code()) {
                    tracing::error!(code = verdict.code(), %error, count, "answered 503");
                }
            }
        }
    }

    fn turn(&self, code: &'static str) -> Option<u64> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = last.entry(code).or_insert_with(Turns::new);
        turns.take(clock::stopwatch())
    }
}
