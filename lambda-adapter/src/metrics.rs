use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::{clock, config::Shared};

/// Writes metrics as CloudWatch's embedded metric format: JSON lines in the log, of which
/// CloudWatch makes metrics
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>).
#[derive(Clone, Debug)]
pub struct Metrics {
    namespace: String,
    function: String,
}

/// One value of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    name: &'static str,
    unit: Unit,
    value: f64,
    by: Option<(&'static str, String)>,
}

/// What a metric counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

impl Sample {
    /// One thing that happened.
    #[must_use]
    pub const fn one(name: &'static str) -> Self {
        Self::new(name, Unit::Count, 1.0)
    }

    /// A value.
    #[must_use]
    pub const fn new(name: &'static str, unit: Unit, value: f64) -> Self {
        Self {
            name,
            unit,
            value,
            by: None,
        }
    }

    /// The same value, told apart by a dimension besides the function.
    #[must_use]
    pub fn by(mut self, dimension: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        // CloudWatch takes no empty dimension.
        let value = if value.is_empty() {
            "none".into()
        } else {
            value
        };
        self.by = Some((dimension, value));
        self
    }
}

impl Metrics {
    /// Metrics of this function.
    #[must_use]
    pub fn new(shared: &Shared) -> Self {
        Self {
            namespace: shared.metrics_namespace.clone(),
            function: shared.function_name.clone(),
        }
    }

    /// Writes samples to standard output; nothing where the namespace is empty.
    pub fn write(&self, samples: &[Sample]) {
        if self.namespace.is_empty() {
            return;
        }
        let documents = self.documents(samples, clock::unix_millis());
        let lines: String = documents.iter().map(|line| format!("{line}\n")).collect();
        // At once: each write is a call of the system. A closed output loses metrics, and must not lose
        // a callback.
        let _ = io::stdout().lock().write_all(lines.as_bytes());
    }

    /// As few documents as the samples fit into: in one, a metric and a dimension each have one
    /// value.
    fn documents(&self, samples: &[Sample], timestamp_ms: u64) -> Vec<Value> {
        let mut documents: Vec<Document> = Vec::new();
        for sample in summed(samples) {
            match documents
                .iter_mut()
                .find(|document| document.takes(&sample))
            {
                Some(document) => document.add(&sample),
                None => {
                    let mut document = Document::default();
                    document.add(&sample);
                    documents.push(document);
                }
            }
        }
        documents
            .into_iter()
            .map(|document| document.into_json(self, timestamp_ms))
            .collect()
    }
}

/// One count in place of several of the same: a batch's callbacks are then one line, not one each.
fn summed(samples: &[Sample]) -> Vec<Sample> {
    let mut summed: Vec<Sample> = Vec::new();
    for sample in samples {
        let same = summed.iter_mut().find(|known| {
            known.unit == Unit::Count && known.name == sample.name && known.by == sample.by
        });
        match same {
            Some(known) => known.value += sample.value,
            None => summed.push(sample.clone()),
        }
    }
    summed
}

#[derive(Default)]
struct Document {
    values: Map<String, Value>,
    /// What has the same dimensions, for each set of them.
    directives: Vec<(Value, Vec<Value>)>,
}

impl Document {
    fn takes(&self, sample: &Sample) -> bool {
        let has_room = !self.values.contains_key(sample.name);
        has_room
            && sample.by.as_ref().is_none_or(|(dimension, value)| {
                let there = self.values.get(*dimension);
                there.is_none_or(|there| there == value)
            })
    }

    fn add(&mut self, sample: &Sample) {
        let mut dimensions = vec![json!(["Function"])];
        if let Some((dimension, value)) = &sample.by {
            self.values.insert((*dimension).into(), json!(value));
            dimensions.push(json!(["Function", dimension]));
        }
        self.values.insert(sample.name.into(), json!(sample.value));
        let (dimensions, metric) = (
            json!(dimensions),
            json!({ "Name": sample.name, "Unit": sample.unit.as_str() }),
        );
        let mut known = self.directives.iter_mut();
        match known.find(|(of, _)| *of == dimensions) {
            Some((_, metrics)) => metrics.push(metric),
            None => self.directives.push((dimensions, vec![metric])),
        }
    }

    fn into_json(mut self, metrics: &Metrics, timestamp_ms: u64) -> Value {
        let directives = self.directives.iter().map(|(dimensions, of)| {
            json!({ "Namespace": metrics.namespace, "Dimensions": dimensions, "Metrics": of })
        });
        let directives: Vec<_> = directives.collect();
        self.values
            .insert("Function".into(), json!(metrics.function));
        self.values.insert(
            "_aws".into(),
            json!({ "Timestamp": timestamp_ms, "CloudWatchMetrics": directives }),
        );
        Value::Object(self.values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        Metrics {
            namespace: "SinchCallback".into(),
            function: "receiver".into(),
        }
    }

    #[test]
    fn a_verdict_is_one_document_with_a_directive_for_each_set_of_dimensions() {
        let samples = [
            Sample::one("Accepted").by("SecretSlot", "1"),
            Sample::new("CallbackAge", Unit::Seconds, 3.0),
            Sample::new("HandoffLatency", Unit::Milliseconds, 4.0),
        ];
        let expected = json!({
            "_aws": {
                "Timestamp": 1_700_000_000_000_u64,
                "CloudWatchMetrics": [
                    {
                        "Namespace": "SinchCallback",
                        "Dimensions": [["Function"], ["Function", "SecretSlot"]],
                        "Metrics": [{ "Name": "Accepted", "Unit": "Count" }],
                    },
                    {
                        "Namespace": "SinchCallback",
                        "Dimensions": [["Function"]],
                        "Metrics": [
                            { "Name": "CallbackAge", "Unit": "Seconds" },
                            { "Name": "HandoffLatency", "Unit": "Milliseconds" },
                        ],
                    },
                ],
            },
            "Function": "receiver",
            "SecretSlot": "1",
            "Accepted": 1.0,
            "CallbackAge": 3.0,
            "HandoffLatency": 4.0,
        });
        assert_eq!(metrics().documents(&samples, 1_700_000_000_000), [expected]);
    }

    #[test]
    fn counts_of_the_same_are_one_and_measurements_stay_apart() {
        let new = || Sample::one("Recorded").by("Novelty", "new");
        let age = |seconds| Sample::new("CallbackAge", Unit::Seconds, seconds);
        let repeated = Sample::one("Recorded").by("Novelty", "repeated");
        let samples = [new(), age(1.0), repeated.clone(), new(), age(2.0), new()];
        let mut three = new();
        three.value = 3.0;
        assert_eq!(summed(&samples), [three, age(1.0), repeated, age(2.0)]);
    }

    #[test]
    fn what_would_overwrite_another_value_has_a_document_of_its_own() {
        let samples = [
            Sample::one("Transitions").by("Status", "delivered"),
            Sample::one("Transitions").by("Status", "failed"),
            Sample::one("Failures").by("Reason", ""),
        ];
        let documents = metrics().documents(&samples, 0);
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0]["Status"], "delivered");
        assert_eq!(documents[0]["Reason"], "none");
        assert_eq!(documents[1]["Status"], "failed");
    }
}
