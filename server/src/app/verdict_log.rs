use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sinch_callback::{AnswerKind, scheme::SchemeName};
use sinch_callback_pipeline::Verdict;

use crate::{clock, seldom::Turns};

/// Logs what became of callbacks, so that an operator sees why they are refused, and nobody can
/// fill a disk with it: of each scheme and code one line a second, with the number that it stands for.
#[derive(Default)]
pub(crate) struct VerdictLog {
    last: Mutex<HashMap<(SchemeName, &'static str), Turns>>,
}

impl VerdictLog {
    pub(crate) fn record(&self, scheme: SchemeName, verdict: &Verdict) {
        let answer = verdict.answer;
        let (code, age_secs) = (answer.code(), verdict.age.map(|age| age.as_secs()));
        match answer.kind() {
            AnswerKind::Accepted => {
                let handed_off = verdict.handed_off.as_ref();
                let content_key = handed_off.map(|it| tracing::field::display(it.content_key));
                let secret_slot = handed_off.map(|it| it.secret_slot.index());
                tracing::debug!(%scheme, content_key, secret_slot, age_secs, "accepted");
            }
            AnswerKind::Absorbed => tracing::debug!(%scheme, age_secs, "duplicate"),
            AnswerKind::Refused => {
                if let Some(count) = self.turn(scheme, code) {
                    tracing::warn!(%scheme, code, detail = %answer.detail(), count, "refused");
                }
            }
            AnswerKind::Deferred => {
                if let Some(count) = self.turn(scheme, code) {
                    tracing::warn!(%scheme, code, detail = %answer.detail(), count, "deferred");
                }
            }
            AnswerKind::Unavailable => {
                let Some(count) = self.turn(scheme, code) else {
                    return;
                };
                match &verdict.cause {
                    Some(error) => tracing::error!(%scheme, code, %error, count, "answered 503"),
                    // What a slow or broken sender is answered, too.
                    None => {
                        tracing::warn!(%scheme, code, detail = %answer.detail(), count, "answered 503");
                    }
                }
            }
        }
    }

    fn turn(&self, scheme: SchemeName, code: &'static str) -> Option<u64> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = last.entry((scheme, code)).or_insert_with(Turns::new);
        turns.take(clock::stopwatch())
    }
}
