use core::time::Duration;
use std::sync::atomic::AtomicU64;

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
        info::Info,
    },
    registry::Registry,
};
use sinch_callback::{Answer, AnswerKind, Leg, UnixSeconds};
use sinch_callback_pipeline::{
    Verdict,
    messages::{Novelty, Processed},
};
use sinch_callback_recovery::{CallAnswer, Channel, IntentEventKind, IntentState};

use crate::{process_metrics::ProcessMetrics, store::queries::Depths};

/// Bounds of the ages: 300 is where the window of Sinch's documentation ends, 86,400 where ours does
/// unless it is set otherwise.
const AGES: [f64; 11] = [
    1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3_600.0, 14_400.0, 43_200.0, 86_400.0, 259_200.0,
];

const SECRET_READS: [&str; 3] = ["ok", "failed", "broken"];
/// What comes of a call for an intent.
const CALLS: [&str; 4] = ["sent", "planned", "refused", "unresolved"];
const TRANSITIONS: [&str; 7] = [
    "queued",
    "unconfirmed",
    "delivered",
    "read",
    "failed",
    "switching",
    "contradicted",
];

/// What the receiver counts, for `/metrics`.
pub(crate) struct Metrics {
    registry: Registry,
    accepted: Family<SlotLabel, Counter>,
    duplicates: Counter,
    refused: Family<CodeLabel, Counter>,
    unavailable: Family<CodeLabel, Counter>,
    deferred: Family<CodeLabel, Counter>,
    secret_reads: Family<OutcomeLabel, Counter>,
    age: Histogram,
    handoff: Histogram,
    repeats: Counter,
    unrecognized: Counter,
    transitions: Family<StateLabel, Counter>,
    pub(crate) overdue: Counter,
    pub(crate) events_sent: Counter,
    pub(crate) events_failed: Counter,
    intents: Family<StateLabel, Gauge<u64, AtomicU64>>,
    intent_events: Family<KindLabel, Counter>,
    attempts: Family<AttemptLabels, Counter>,
    pub(crate) budget_reached: Counter,
    sends_paused: Gauge<u64, AtomicU64>,
    pub(crate) connections: Gauge,
    queue_depth: Gauge<u64, AtomicU64>,
    set_aside: Gauge<u64, AtomicU64>,
    events_waiting: Gauge<u64, AtomicU64>,
    events_given_up: Gauge<u64, AtomicU64>,
    watched: Gauge<u64, AtomicU64>,
    heard_until: Gauge<u64, AtomicU64>,
    callbacks_stopped: Gauge,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SlotLabel {
    secret_slot: u8,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct AttemptLabels {
    channel: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StateLabel {
    state: &'static str,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            accepted: Family::default(),
            duplicates: Counter::default(),
            refused: Family::default(),
            unavailable: Family::default(),
            deferred: Family::default(),
            secret_reads: Family::default(),
            age: Histogram::new(AGES),
            // A quarter of a millisecond to four seconds.
            handoff: Histogram::new(exponential_buckets(0.000_25, 2.0, 15)),
            repeats: Counter::default(),
            unrecognized: Counter::default(),
            transitions: Family::default(),
            overdue: Counter::default(),
            events_sent: Counter::default(),
            events_failed: Counter::default(),
            intents: Family::default(),
            intent_events: Family::default(),
            attempts: Family::default(),
            budget_reached: Counter::default(),
            sends_paused: Gauge::default(),
            connections: Gauge::default(),
            queue_depth: Gauge::default(),
            set_aside: Gauge::default(),
            events_waiting: Gauge::default(),
            events_given_up: Gauge::default(),
            watched: Gauge::default(),
            heard_until: Gauge::default(),
            callbacks_stopped: Gauge::default(),
        };
        metrics.register();
        metrics.begin_at_zero();
        metrics
    }

    fn register(&mut self) {
        self.registry
            .register_collector(Box::new(ProcessMetrics::new()));
        let r = self.registry.sub_registry_with_prefix("sinch_callback");
        r.register(
            "build",
            "The version that runs",
            Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]),
        );
        r.register(
            "accepted",
            "Callbacks stored and answered 200, by the secret that signed them (0 is the current one)",
            self.accepted.clone(),
        );
        r.register(
            "duplicates_absorbed",
            "Replays answered 200 without storing them again",
            self.duplicates.clone(),
        );
        r.register(
            "refused",
            "Requests refused, by the code of the refusal",
            self.refused.clone(),
        );
        r.register(
            "unavailable",
            "Callbacks answered 503, by cause: the sender retries",
            self.unavailable.clone(),
        );
        r.register(
            "deferred",
            "Callbacks answered 503 because their secret may be newer than those at hand: the sender retries, and nothing has failed",
            self.deferred.clone(),
        );
        r.register(
            "secret_reads",
            "Times that the secrets were read again, by outcome: ok, failed (a file cannot be read), broken (what it holds is no secret)",
            self.secret_reads.clone(),
        );
        r.register(
            "age_seconds",
            "Seconds from signature to arrival, of authentic callbacks: how far back this account's retries reach",
            self.age.clone(),
        );
        r.register(
            "receive_seconds",
            "Seconds from the request's headers to the answer, of stored callbacks",
            self.handoff.clone(),
        );
        r.register(
            "repeats",
            "Stored callbacks that turned out to be of a known event",
            self.repeats.clone(),
        );
        r.register(
            "unrecognized",
            "Authentic callbacks whose body was not understood",
            self.unrecognized.clone(),
        );
        r.register(
            "transitions",
            "Moves of messages on their channels, by what they moved to, and contradictions",
            self.transitions.clone(),
        );
        r.register(
            "overdue",
            "Deadlines by which a message had to be settled and was not, counted in the time in which we listened",
            self.overdue.clone(),
        );
        r.register(
            "events_sent",
            "Events that the outgoing webhook has taken",
            self.events_sent.clone(),
        );
        r.register(
            "events_failed",
            "Attempts at the outgoing webhook that failed",
            self.events_failed.clone(),
        );
        r.register(
            "intents",
            "Intents that are kept, by state: waiting, sending, needs_person, done, given_up",
            self.intents.clone(),
        );
        r.register(
            "intent_events",
            "What intents were told of, by kind: intent.doubled counts sends that a person has twice",
            self.intent_events.clone(),
        );
        r.register(
            "attempts",
            "Calls made for intents, by channel and by what came of the call: sent, planned (to be made again), refused, unresolved",
            self.attempts.clone(),
        );
        r.register(
            "budget_reached",
            "Sends that a budget has put off",
            self.budget_reached.clone(),
        );
        r.register(
            "sends_paused",
            "1 while no intent is sent anything: by a person, the stop file, or refused credentials",
            self.sends_paused.clone(),
        );
        r.register(
            "connections",
            "Open connections of the listener that takes callbacks",
            self.connections.clone(),
        );
        r.register(
            "queue_depth",
            "Stored callbacks that wait to be processed",
            self.queue_depth.clone(),
        );
        r.register(
            "set_aside",
            "Stored callbacks that could not be processed and wait for a person",
            self.set_aside.clone(),
        );
        r.register(
            "events_waiting",
            "Events that wait for the outgoing webhook",
            self.events_waiting.clone(),
        );
        r.register(
            "events_given_up",
            "Events that the outgoing webhook has not taken in any attempt, and wait for a person",
            self.events_given_up.clone(),
        );
        r.register(
            "watched",
            "Messages that have to be settled by a moment",
            self.watched.clone(),
        );
        r.register(
            "heard_until_timestamp_seconds",
            "The moment up to which all that Sinch reported has been applied: behind now while callbacks are queued, and after an outage of our own while retries may be under way",
            self.heard_until.clone(),
        );
        r.register(
            "callbacks_stopped",
            "1 where no callback comes any more although messages wait for theirs",
            self.callbacks_stopped.clone(),
        );
    }

    /// Makes each series of which the labels are known, so that a rate sees the first one happen and
    /// an alarm on none has something to look at.
    fn begin_at_zero(&self) {
        for secret_slot in 0..4 {
            drop(self.accepted.get_or_create(&SlotLabel { secret_slot }));
        }
        for (kind, series) in [
            (AnswerKind::Refused, &self.refused),
            (AnswerKind::Deferred, &self.deferred),
            (AnswerKind::Unavailable, &self.unavailable),
        ] {
            // What an edge answers in front of a receiver is not this one's.
            let codes = Answer::codes(kind).filter(|code| *code != Answer::ORIGIN_REFUSED.code());
            for code in codes {
                drop(series.get_or_create(&CodeLabel { code }));
            }
        }
        for outcome in SECRET_READS {
            drop(self.secret_reads.get_or_create(&OutcomeLabel { outcome }));
        }
        for state in IntentState::NAMES {
            drop(self.intents.get_or_create(&StateLabel { state }));
        }
        for kind in IntentEventKind::NAMES {
            drop(self.intent_events.get_or_create(&KindLabel { kind }));
        }
        for channel in Channel::NAMES {
            for outcome in CALLS {
                drop(
                    self.attempts
                        .get_or_create(&AttemptLabels { channel, outcome }),
                );
            }
        }
        for state in TRANSITIONS {
            drop(self.transitions.get_or_create(&StateLabel { state }));
        }
    }

    /// Counts what became of a callback, and how long that took.
    pub(crate) fn verdict(&self, verdict: &Verdict, seconds: f64) {
        if let Some(handed_off) = verdict.handed_off {
            let secret_slot = handed_off.secret_slot.index();
            self.accepted
                .get_or_create(&SlotLabel { secret_slot })
                .inc();
            self.handoff.observe(seconds);
        }
        if let Some(age) = verdict.age {
            self.observe_age(age);
        }
        self.answered(verdict.answer);
    }

    /// Counts an answer by its kind, but for those of callbacks that were handed off.
    pub(crate) fn answered(&self, answer: Answer) {
        let code = answer.code();
        let series = match answer.kind() {
            AnswerKind::Accepted => return,
            AnswerKind::Absorbed => {
                self.duplicates.inc();
                return;
            }
            AnswerKind::Refused => &self.refused,
            AnswerKind::Deferred => &self.deferred,
            AnswerKind::Unavailable => &self.unavailable,
        };
        series.get_or_create(&CodeLabel { code }).inc();
    }

    fn observe_age(&self, age: Duration) {
        // Past four billion seconds it is all the same bucket.
        self.age
            .observe(u32::try_from(age.as_secs()).unwrap_or(u32::MAX).into());
    }

    /// Counts how a read of the secrets went.
    pub(crate) fn secrets_read(&self, outcome: &'static str) {
        self.secret_reads
            .get_or_create(&OutcomeLabel { outcome })
            .inc();
    }

    /// Counts what came of a queued callback.
    pub(crate) fn processed(&self, processed: &Processed) {
        if processed.novelty == Novelty::Repeated {
            self.repeats.inc();
        }
        if processed.unrecognized.is_some() && processed.novelty == Novelty::New {
            self.unrecognized.inc();
        }
        let moves = processed.moves.iter().map(|(leg, count)| match leg {
            // The API's word for a message that goes on on another channel.
            Leg::Switched => ("switching", *count),
            leg => (leg.as_str(), *count),
        });
        let contradicted = [("contradicted", processed.contradictions)];
        for (state, count) in moves.chain(contradicted) {
            self.transitions
                .get_or_create(&StateLabel { state })
                .inc_by(count);
        }
    }

    /// Sets how far we have heard, and whether callbacks come.
    pub(crate) fn heard(&self, heard_until: UnixSeconds, are_stopped: bool) {
        self.heard_until.set(heard_until.get());
        self.callbacks_stopped.set(are_stopped.into());
    }

    /// Sets how much waits.
    pub(crate) fn depths(&self, depths: Depths) {
        self.queue_depth.set(depths.queued);
        self.set_aside.set(depths.set_aside);
        self.events_waiting.set(depths.events_waiting);
        self.events_given_up.set(depths.events_given_up);
        self.watched.set(depths.watched);
    }

    /// Counts what intents were told of.
    pub(crate) fn intent_event(&self, kind: IntentEventKind) {
        let kind = kind.as_str();
        self.intent_events.get_or_create(&KindLabel { kind }).inc();
    }

    /// Counts a call, by what came of it.
    pub(crate) fn called(&self, channel: Channel, answer: &CallAnswer) {
        let [sent, planned, refused, unresolved] = CALLS;
        let outcome = match answer {
            CallAnswer::Accepted(_) => sent,
            CallAnswer::NotSent(_) | CallAnswer::AboutUs(_) => planned,
            CallAnswer::Refused(_) => refused,
            CallAnswer::Unresolved(_) => unresolved,
        };
        let channel = channel.as_str();
        let labels = AttemptLabels { channel, outcome };
        self.attempts.get_or_create(&labels).inc();
    }

    /// Sets how many intents are in which state, and whether sends pause.
    pub(crate) fn intents(&self, counts: &[(IntentState, u64)], is_paused: bool) {
        for state in IntentState::ALL {
            let count = counts.iter().find(|(of, _)| of == state);
            let state = state.as_str();
            self.intents
                .get_or_create(&StateLabel { state })
                .set(count.map_or(0, |(_, count)| *count));
        }
        self.sends_paused.set(is_paused.into());
    }

    /// The exposition text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string has no way to fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_series_of_known_labels_begins_at_zero() {
        let text = Metrics::new().text();
        for series in [
            "accepted_total{secret_slot=\"3\"}",
            "refused_total{code=\"signature_mismatch\"}",
            "refused_total{code=\"from_future\"}",
            "unavailable_total{code=\"handoff_unavailable\"}",
            "transitions_total{state=\"switching\"}",
            "transitions_total{state=\"read\"}",
            "age_seconds_bucket{le=\"300.0\"}",
            "age_seconds_bucket{le=\"86400.0\"}",
            "set_aside",
            "events_waiting",
            "events_given_up",
            "intents{state=\"needs_person\"}",
            "intent_events_total{kind=\"intent.doubled\"}",
            "attempts_total{channel=\"SMS\",outcome=\"unresolved\"}",
            "budget_reached_total",
            "sends_paused",
        ] {
            let line = format!("\nsinch_callback_{series} 0\n");
            assert!(text.contains(&line), "{series}: {text}");
        }
        let version = env!("CARGO_PKG_VERSION");
        let build = format!("\nsinch_callback_build_info{{version=\"{version}\"}} 1\n");
        assert!(text.contains(&build), "{text}");
        assert!(!text.contains("switched"), "{text}");
        for name in [
            "process_cpu_seconds_total",
            "process_resident_memory_bytes",
            "process_open_fds",
            "process_max_fds",
            "process_start_time_seconds",
        ] {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name))
                .unwrap_or_else(|| panic!("{name}: {text}"));
            assert!(value.trim().parse::<f64>().unwrap() >= 0.0, "{name}{value}");
        }
    }
}
