use sinch_callback::{Answer as Told, ContentKey, Rejection};

use super::{World, event::Event, tell::tell};
use crate::{Safeguard, referee::Verdict, sinch::Request};

impl World<'_> {
    /// Sends an answer to whoever waits for it.
    pub(super) fn answer(&mut self, number: u64, status: u16) {
        if self.draw.chance(self.plan.loss) {
            let callback = self.exchanges.remove(&number).and_then(|e| e.callback);
            tell!(self, callback, "... the answer is lost");
            return;
        }
        let wait = self.line();
        self.schedule.after(wait, Event::Answered(number, status));
    }

    /// The status of an answer, perhaps without a safeguard.
    pub(super) fn status(&self, answer: &Told) -> u16 {
        let is_early = matches!(answer.rejection(), Some(Rejection::FromFuture { .. }));
        if is_early && self.without == Some(Safeguard::EarlyDefers) {
            return 401;
        }
        answer.status()
    }

    pub(super) fn count(&mut self, status: u16) {
        match status {
            200 => self.stats.accepted += 1,
            500.. => self.stats.deferred += 1,
            _ => self.stats.refused += 1,
        }
    }

    pub(super) fn answered_with_200(&mut self, request: &Request) -> Verdict {
        let content_key = ContentKey::of_body(&request.body);
        let is_stored = self.queue.holds(content_key) || self.log.knows(content_key);
        self.referee.answered(content_key, is_stored)
    }
}

/// Whether Sinch takes a status for the last word.
pub(super) fn is_final(status: u16) -> bool {
    (400..500).contains(&status) && status != 429
}
