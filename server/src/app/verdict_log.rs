use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sinch_callback::AnswerKind;
use sinch_callback_pipeline::Verdict;

use crate::{clock, seldom::Turns};

/// Logs what became of callbacks, so that an operator sees why they are refused, and nobody can
/// fill a disk with it: of each code one line a second, with the number that it stands for.
#[derive(Default)]
pub(crate) struct VerdictLog {
    last: Mutex<HashMap<&'static str, Turns>>,
}

impl VerdictLog {
    pub(crate) fn record(&self, verdict: &Verdict) {
        let answer = verdict.answer;
        let (code, age_secs) = (answer.code(), verdict.age.map(|age| age.as_secs()));
        match answer.kind() {
            AnswerKind::Accepted => {
                let handed_off = verdict.handed_off.as_ref();
                let content_key = handed_off.map(|it| tracing::field::display(it.content_key));
                let secret_slot = handed_off.map(|it| it.secret_slot.index());
                tracing::debug!(content_key, secret_slot, age_secs, "accepted");
            }
            AnswerKind::Absorbed => tracing::debug!(age_secs, "duplicate"),
            AnswerKind::Refused => {
                if let Some(count) = self.turn(code) {
                    tracing::warn!(code, detail = %answer.detail(), count, "refused");
                }
            }
            AnswerKind::Deferred => {
                if let Some(count) = self.turn(code) {
                    tracing::warn!(code, detail = %answer.detail(), count, "deferred");
                }
            }
            AnswerKind::Unavailable => {
                let Some(count) = self.turn(code) else {
                    return;
                };
                match &verdict.cause {
                    Some(error) => tracing::error!(code, %error, count, "answered 503"),
                    // What a slow or broken sender is answered, too.
                    None => {
                        tracing::warn!(code, detail = %answer.detail(), count, "answered 503");
                    }
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
