//! Up to when everything that Sinch reported has been applied, as AWS can tell it.

use core::{future::Future, time::Duration};

use aws_sdk_sqs::{Client, types::QueueAttributeName};
use serde_json::{Value, json};
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::listening::{LastCallback, Listening};

use crate::{
    client::{AwsConfig, AwsError},
    signed_call::{JsonCall, SignedCalls},
};

/// What tells how far callbacks have been heard.
pub trait Ear: Sync {
    /// How far, and when the last one came.
    ///
    /// # Errors
    /// Where it cannot be read: then nothing is silent.
    fn listen(&self, now: UnixSeconds) -> impl Future<Output = Result<Heard, AwsError>> + Send;
}

/// How far callbacks have been heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// Up to when everything that Sinch reported has been applied.
    pub until: UnixSeconds,
    /// When the last authentic callback came, and since when they could have.
    pub last: LastCallback,
}

/// The ear of a stack: its queue, and the metrics of its receiver.
///
/// An empty queue tells at once that all has been applied. Of one that is not, CloudWatch's
/// `ApproximateAgeOfOldestMessage` tells how old its oldest message was, a minute or two ago. Outages of
/// our own are the minutes in which the receiver's URL answered 5xx, or was throttled.
#[derive(Debug)]
pub struct StackEar {
    queue: Client,
    queue_url: String,
    calls: SignedCalls,
    queue_name: String,
    receiver: String,
    namespace: String,
}

/// SQS counts what a queue holds within a moment, usually.
const COUNTED: Duration = Duration::from_secs(20);
/// One point of a metric.
const PERIOD: Duration = Duration::from_secs(60);
/// How old the newest point may be by which a queue is judged. SQS writes one each minute for a queue in
/// use (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html>).
const NEWEST: Duration = Duration::from_secs(600);
/// How far back outages count: Sinch gives up after less.
const PAST: Duration = Duration::from_secs(86_400);

impl StackEar {
    /// The ear of the stack with this queue and this receiver.
    #[must_use]
    pub fn new(config: &AwsConfig, queue_url: String, receiver: String, namespace: String) -> Self {
        let queue_name = queue_url.rsplit('/').next().unwrap_or_default().to_owned();
        Self {
            queue: Client::new(&config.0),
            queue_url,
            calls: SignedCalls::new(config),
            queue_name,
            receiver,
            namespace,
        }
    }

    /// How many callbacks wait in the queue or are being applied.
    async fn waiting(&self) -> Result<u64, AwsError> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        let answer = self
            .queue
            .get_queue_attributes()
            .queue_url(&self.queue_url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .map_err(|error| AwsError::of(&error))?;
        let found = answer.attributes.unwrap_or_default();
        let count = |name| {
            found
                .get(name)
                .and_then(|text: &String| text.parse::<u64>().ok())
        };
        let counts: Option<Vec<u64>> = names.iter().map(count).collect();
        let counts = counts
            .ok_or_else(|| AwsError::saying("the queue does not say what it holds".into()))?;
        Ok(counts.into_iter().fold(0, u64::saturating_add))
    }

    async fn metrics(&self, now: UnixSeconds) -> Result<Metrics, AwsError> {
        let metric = |id: &str,
                      namespace: &str,
                      name: &str,
                      (dimension, value): (&str, &str),
                      stat: &str| {
            let dimensions = [json!({ "Name": dimension, "Value": value })];
            let metric =
                json!({ "Namespace": namespace, "MetricName": name, "Dimensions": dimensions });
            json!({ "Id": id, "ReturnData": true, "MetricStat": {
                "Metric": metric, "Period": PERIOD.as_secs(), "Stat": stat,
            } })
        };
        let function = ("FunctionName", self.receiver.as_str());
        let body = json!({
            "StartTime": now.get().saturating_sub(PAST.as_secs()),
            "EndTime": now.get().saturating_add(PERIOD.as_secs()),
            "ScanBy": "TimestampAscending",
            "MetricDataQueries": [
                metric("age", "AWS/SQS", "ApproximateAgeOfOldestMessage", ("QueueName", &self.queue_name), "Maximum"),
                metric("failed", "AWS/Lambda", "Url5xxCount", function, "Sum"),
                metric("throttled", "AWS/Lambda", "Throttles", function, "Sum"),
                metric("accepted", &self.namespace, "Accepted", ("Function", &self.receiver), "Sum"),
            ],
        });
        let call = JsonCall {
            service: "monitoring",
            target: "GraniteServiceVersion20100801.GetMetricData",
            body: &body,
        };
        let answer = self.calls.json(call).await?;
        Metrics::read(&answer)
            .ok_or_else(|| AwsError::saying("CloudWatch's answer cannot be read".into()))
    }
}

impl Ear for StackEar {
    async fn listen(&self, now: UnixSeconds) -> Result<Heard, AwsError> {
        let metrics = self.metrics(now).await?;
        let waiting = self.waiting().await?;
        metrics.heard(now, waiting).ok_or_else(|| {
            AwsError::saying("CloudWatch does not say how old the queue's oldest message is".into())
        })
    }
}

/// The points of the metrics, each the moment at which it begins with its value, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
struct Metrics {
    /// Of the queue's oldest message.
    ages: Vec<(u64, f64)>,
    /// Minutes in which something was refused.
    refused: Vec<u64>,
    /// The last minute in which a callback was accepted.
    accepted: Option<u64>,
}

impl Metrics {
    fn read(answer: &Value) -> Option<Self> {
        let results = answer.get("MetricDataResults")?.as_array()?;
        let points = |id: &str| -> Option<Vec<(u64, f64)>> {
            let result = results.iter().find(|result| result["Id"] == id)?;
            let times = result.get("Timestamps")?.as_array()?;
            let values = result.get("Values")?.as_array()?;
            let points = times.iter().zip(values);
            points
                .map(|(time, value)| Some((seconds(time)?, value.as_f64()?)))
                .collect()
        };
        let nonzero = |points: Vec<(u64, f64)>| -> Vec<u64> {
            let points = points.into_iter().filter(|(_, value)| *value > 0.0);
            points.map(|(time, _)| time).collect()
        };
        let mut refused = [nonzero(points("failed")?), nonzero(points("throttled")?)].concat();
        refused.sort_unstable();
        Some(Self {
            ages: points("age")?,
            refused,
            accepted: nonzero(points("accepted")?).into_iter().max(),
        })
    }

    /// How far has been heard, where `waiting` callbacks are in the queue; `None` where nothing says so.
    fn heard(&self, now: UnixSeconds, waiting: u64) -> Option<Heard> {
        let applied = if waiting == 0 {
            UnixSeconds::new(now.get().saturating_sub(COUNTED.as_secs()))
        } else {
            self.applied(now)?
        };
        let mut listening = Listening::default();
        for minute in &self.refused {
            let from = UnixSeconds::new(*minute);
            listening.missed(from, from.saturating_add(PERIOD));
        }
        let end = |minute| UnixSeconds::new(minute).saturating_add(PERIOD).min(now);
        Some(Heard {
            until: listening.heard_until(now, Some(applied)),
            last: LastCallback {
                received_at: self.accepted.map(end),
                listening_since: listening.since(),
            },
        })
    }

    /// By the newest age: whatever was queued longer than so long before the end of its minute had been
    /// applied by then.
    fn applied(&self, now: UnixSeconds) -> Option<UnixSeconds> {
        let oldest = now.get().saturating_sub(NEWEST.as_secs());
        let (minute, age) = *self.ages.last().filter(|(minute, _)| *minute >= oldest)?;
        let end = UnixSeconds::new(minute).saturating_add(PERIOD).min(now);
        Some(UnixSeconds::new(end.get().saturating_sub(whole(age))))
    }
}

/// A moment as CloudWatch writes it: seconds since 1970, with a fraction or without.
fn seconds(time: &Value) -> Option<u64> {
    time.as_u64().or_else(|| time.as_f64().map(whole))
}

/// The next whole number.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it saturates, which is right for an age and a moment"
)]
fn whole(number: f64) -> u64 {
    number.ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(100_000);

    fn answer(ages: &[(u64, f64)], failed: &[u64], accepted: &[u64]) -> Value {
        let result = |id: &str, points: Vec<(u64, f64)>| {
            let (times, values): (Vec<_>, Vec<_>) = points.into_iter().unzip();
            json!({ "Id": id, "Timestamps": times, "Values": values, "StatusCode": "Complete" })
        };
        let ones = |minutes: &[u64]| minutes.iter().map(|minute| (*minute, 1.0)).collect();
        json!({ "MetricDataResults": [
            result("age", ages.to_vec()),
            result("failed", ones(failed)),
            result("throttled", vec![(99_000, 0.0)]),
            result("accepted", ones(accepted)),
        ] })
    }

    fn heard(answer: &Value, waiting: u64) -> Option<Heard> {
        Metrics::read(answer).unwrap().heard(NOW, waiting)
    }

    #[test]
    fn an_empty_queue_has_been_heard_up_to_a_moment_ago() {
        let heard = heard(&answer(&[], &[], &[99_900]), 0).unwrap();
        assert_eq!(heard.until, UnixSeconds::new(99_980));
        assert_eq!(heard.last.received_at, Some(UnixSeconds::new(99_960)));
        assert_eq!(heard.last.listening_since, None);
    }

    #[test]
    fn a_queue_that_lags_holds_back_by_the_age_of_its_oldest_message() {
        let ages = [(99_780, 1.0), (99_840, 300.5)];
        let heard = heard(&answer(&ages, &[], &[]), 7).unwrap();
        // The minute ended at 99,900.
        assert_eq!(heard.until, UnixSeconds::new(99_900 - 301));
    }

    #[test]
    fn what_cannot_be_told_is_no_silence() {
        assert_eq!(heard(&answer(&[], &[], &[]), 1), None);
        assert_eq!(heard(&answer(&[(99_340, 0.0)], &[], &[]), 1), None);
        assert!(heard(&answer(&[(99_400, 0.0)], &[], &[]), 1).is_some());
        assert_eq!(Metrics::read(&json!({ "MetricDataResults": [] })), None);
        assert_eq!(Metrics::read(&json!({ "__type": "AccessDenied" })), None);
    }

    #[test]
    fn an_outage_of_our_own_holds_until_its_retries_are_in() {
        // Ten minutes, which ended 120 s ago.
        let failed: Vec<u64> = (0..10).map(|minute| 99_280 + minute * 60).collect();
        let outage = answer(&[], &failed, &[]);
        assert_eq!(heard(&outage, 0).unwrap().until, UnixSeconds::new(99_280));
        let settled = UnixSeconds::new(99_880 + 600 + 60);
        let metrics = Metrics::read(&outage).unwrap();
        // A retry that was received just now may not be counted yet.
        let almost = metrics.heard(settled.saturating_add(COUNTED - PERIOD / 60), 0);
        assert_eq!(almost.unwrap().until, UnixSeconds::new(99_280));
        let later = metrics.heard(settled.saturating_add(COUNTED), 0).unwrap();
        assert_eq!(later.until, settled);
        assert_eq!(later.last.listening_since, Some(settled));
    }
}
