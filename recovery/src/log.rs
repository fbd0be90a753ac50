use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;

/// What was decided and done about an intent, oldest first, for people. Bounded: what merely waited goes
/// first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DecisionLog(Vec<DecisionLine>);

/// One decision, or what came of it, with its reason. Stable names; no content, nobody's identity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DecisionLine {
    /// When, in Unix seconds.
    pub at: UnixSeconds,
    /// What: `send`, `wait`, `done`, `given_up`, `ask_a_person`, an attempt's new state, or what a
    /// person did.
    pub what: String,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// Which attempt, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

impl DecisionLog {
    /// The most lines. Our own choice: a plan of eight steps with five tries each has fewer decisions
    /// that matter.
    pub const MAX: usize = 100;
    pub(crate) const WAIT: &'static str = "wait";

    /// The lines, oldest first.
    #[must_use]
    pub fn lines(&self) -> &[DecisionLine] {
        &self.0
    }

    /// Adds a line, unless it says what the last one says.
    pub(crate) fn add(&mut self, line: DecisionLine) {
        let says = |line: &DecisionLine| (line.what.clone(), line.why.clone(), line.attempt);
        if self.0.last().is_some_and(|last| says(last) == says(&line)) {
            return;
        }
        if self.0.len() >= Self::MAX {
            let waits = self.0.iter().position(|line| line.what == Self::WAIT);
            self.0.remove(waits.unwrap_or_default());
        }
        self.0.push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waited_goes_first_and_the_same_is_said_once() {
        let mut log = DecisionLog::default();
        let mut add = |at, what: &str, why: &str| {
            log.add(DecisionLine {
                at: UnixSeconds::new(at),
                what: what.into(),
                why: why.into(),
                attempt: None,
            });
        };
        add(0, "send", "SMS");
        for at in 1..200 {
            add(at, "wait", if at % 2 == 0 { "even" } else { "odd" });
        }
        add(200, "wait", "odd");
        add(201, "done", "read");
        let shown = |line: &DecisionLine| (line.at.get(), line.what.clone());
        assert_eq!(log.lines().len(), DecisionLog::MAX);
        assert_eq!(shown(&log.lines()[0]), (0, "send".into()));
        assert_eq!(shown(&log.lines()[1]), (102, "wait".into()));
        assert_eq!(shown(&log.lines()[98]), (199, "wait".into()));
        assert_eq!(shown(&log.lines()[99]), (201, "done".into()));
    }
}
