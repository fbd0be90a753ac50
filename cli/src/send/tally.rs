use core::time::Duration;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::output;

/// What was sent, and what came back.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) messages: u64,
    pub(super) retries: u64,
    unanswered: u64,
    accepted: u64,
    given_up: u64,
    forged: u64,
    replayed: u64,
    unexpected: u64,
    answers: BTreeMap<u16, u64>,
    micros: Vec<u32>,
    last_error: Option<String>,
}

impl Tally {
    pub(super) fn answered(&mut self, status: u16, took: Duration) {
        add(self.answers.entry(status).or_default(), 1);
        self.micros
            .push(u32::try_from(took.as_micros()).unwrap_or(u32::MAX));
    }

    /// A callback got no answer, for this cause.
    pub(super) fn unanswered(&mut self, cause: String) {
        add(&mut self.unanswered, 1);
        self.last_error = Some(cause);
    }

    /// A genuine callback was answered so, or given up.
    pub(super) fn delivered(&mut self, status: Option<u16>) {
        match status {
            Some(200..300) => add(&mut self.accepted, 1),
            Some(_) => add(&mut self.unexpected, 1),
            None => add(&mut self.given_up, 1),
        }
    }

    /// A forgery was answered so.
    pub(super) fn forged(&mut self, status: u16) {
        add(&mut self.forged, 1);
        if status != 401 {
            add(&mut self.unexpected, 1);
        }
    }

    /// A replay was answered so.
    pub(super) fn replayed(&mut self, status: u16) {
        add(&mut self.replayed, 1);
        if status != 200 {
            add(&mut self.unexpected, 1);
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        add(&mut self.messages, other.messages);
        add(&mut self.retries, other.retries);
        add(&mut self.unanswered, other.unanswered);
        add(&mut self.accepted, other.accepted);
        add(&mut self.given_up, other.given_up);
        add(&mut self.forged, other.forged);
        add(&mut self.replayed, other.replayed);
        add(&mut self.unexpected, other.unexpected);
        for (status, count) in other.answers {
            add(self.answers.entry(status).or_default(), count);
        }
        self.micros.extend(other.micros);
        self.last_error = other.last_error.or(self.last_error.take());
    }

    pub(super) fn summary(mut self, took: Duration) -> Summary {
        self.micros.sort_unstable();
        let answered = u32::try_from(self.micros.len()).unwrap_or(u32::MAX);
        let per_second = f64::from(answered) / took.as_secs_f64().max(0.001);
        Summary {
            messages: self.messages,
            accepted: self.accepted,
            forged: self.forged,
            replayed: self.replayed,
            retries: self.retries,
            unanswered: self.unanswered,
            given_up: self.given_up,
            unexpected: self.unexpected,
            answers: self.answers,
            seconds: took.as_secs_f64(),
            answers_per_second: per_second.round(),
            latency_ms: Latency {
                p50: percentile(&self.micros, 50),
                p99: percentile(&self.micros, 99),
                max: percentile(&self.micros, 100),
            },
            last_error: self.last_error,
        }
    }
}

fn add(to: &mut u64, count: u64) {
    *to = to.saturating_add(count);
}

/// The time that `percent` of the sorted times do not exceed, in milliseconds.
fn percentile(sorted: &[u32], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let position = last.saturating_mul(percent) / 100;
    f64::from(sorted.get(position).copied().unwrap_or_default()) / 1_000.0
}

#[derive(Serialize)]
pub(super) struct Summary {
    messages: u64,
    accepted: u64,
    forged: u64,
    replayed: u64,
    retries: u64,
    unanswered: u64,
    given_up: u64,
    unexpected: u64,
    answers: BTreeMap<u16, u64>,
    seconds: f64,
    answers_per_second: f64,
    latency_ms: Latency,
    /// Why the last callback without an answer got none.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
}

#[derive(Serialize)]
struct Latency {
    p50: f64,
    p99: f64,
    max: f64,
}

impl Summary {
    /// Whether every genuine callback was taken, every replay absorbed and every forgery refused.
    pub(super) fn is_as_it_should_be(&self) -> bool {
        self.given_up == 0 && self.unexpected == 0
    }

    pub(super) fn print(&self) {
        let row = |name: &str, count: u64| output::line(&format!("  {name:22} {count:>10}"));
        output::line(&format!(
            "{} messages in {:.1} s, {:.0} answers a second",
            self.messages, self.seconds, self.answers_per_second
        ));
        row("callbacks accepted", self.accepted);
        row("forgeries sent", self.forged);
        row("replays sent", self.replayed);
        row("retries", self.retries);
        row("without an answer", self.unanswered);
        row("given up", self.given_up);
        row("answered unexpectedly", self.unexpected);
        for (status, count) in &self.answers {
            row(&format!("answered {status}"), *count);
        }
        if let Some(error) = &self.last_error {
            output::line(&format!("  last without an answer: {error}"));
        }
        let Latency { p50, p99, max } = self.latency_ms;
        output::line(&format!(
            "  answered within {p50:.1} ms (half), {p99:.1} ms (99 of 100), {max:.1} ms (all)"
        ));
    }
}
