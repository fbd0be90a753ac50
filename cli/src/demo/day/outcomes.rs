//! What the receiver answered, beside what it had to.

use sinch_callback_server::client::{Answer, ClientError};
use std::collections::BTreeMap;

use crate::{
    command_error::CommandError,
    demo::{report::Report, shown::code},
};

pub(super) fn unanswered(error: ClientError) -> CommandError {
    CommandError::failed("the receiver did not answer", error)
}

/// The answers that the callbacks of one line got.
#[derive(Default)]
pub(in crate::demo) struct Outcomes {
    times: u64,
    answers: BTreeMap<String, u64>,
}

impl Outcomes {
    pub(in crate::demo) fn add(
        &mut self,
        answer: Result<Answer, ClientError>,
    ) -> Result<(), CommandError> {
        let answer = answer.map_err(unanswered)?;
        let got = format!("{} {}", answer.status, code(&answer));
        let count = self.answers.entry(got).or_default();
        *count = count.saturating_add(1);
        self.times = self.times.saturating_add(1);
        Ok(())
    }

    pub(in crate::demo) fn tell(
        self,
        report: &mut Report,
        what: impl Into<String>,
        expected: &str,
    ) {
        let got: Vec<_> = self.answers.into_keys().collect();
        report.row(what, self.times, expected, got.join(", "));
    }
}
