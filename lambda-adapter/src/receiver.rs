use std::time::Duration;

use lambda_runtime::{Context, LambdaEvent};
use sinch_callback::{Answer, AnswerKind, Rules, SignedHeaders};
use sinch_callback_pipeline::{
    Arrival, CachedSecrets, Handoff, Receiver, SecretSource, Tokio, Verdict,
};

use crate::{
    clock::{self, Clock},
    config::ReceiverConfig,
    function_url::{HttpAnswer, HttpEvent},
    logs::is_sampled,
    metrics::{Metrics, Sample, Unit},
    parameter_store::ParameterStore,
    sqs::{SqsHandoff, SqsQueue},
    ssm_secrets::{SecretRead, SsmSecrets},
};

/// A queue that gives each invocation a hand-off of its own.
pub trait Queue: Sync {
    /// The hand-off, whose trace goes on with the message.
    fn handoff<'a>(&'a self, trace_header: Option<&'a str>) -> impl Handoff + 'a;
}

impl Queue for SqsQueue {
    fn handoff<'a>(&'a self, trace_header: Option<&'a str>) -> impl Handoff + 'a {
        let handoff: SqsHandoff<'a> = self.handoff(trace_header);
        handoff
    }
}

/// Secrets of a parameter store, kept between requests.
pub type KeptSecrets<P> = CachedSecrets<SsmSecrets<P>, Tokio>;

/// The first Lambda function: from a request to the queue and back.
pub struct ReceiverFunction<P: ParameterStore + 'static, Q> {
    secrets: KeptSecrets<P>,
    queue: Q,
    rules: Rules,
    clock: Clock,
    metrics: Metrics,
}

/// What is left of an invocation's time for its answer's way out. Our own choice.
const RESERVE: Duration = Duration::from_millis(500);

/// The hand-off took longer than the invocation has.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not answer within the invocation's time")]
struct OutOfTime;

impl<P: ParameterStore + 'static, Q: Queue> ReceiverFunction<P, Q> {
    /// The function over these ports.
    pub fn new(config: &ReceiverConfig, secrets: KeptSecrets<P>, queue: Q) -> Self {
        Self {
            secrets,
            queue,
            rules: config.rules,
            clock: config.shared.clock,
            metrics: Metrics::new(&config.shared),
        }
    }

    /// Reads the secrets before the first request, so that it does not have to. Where that fails,
    /// the requests try.
    pub async fn warm_up(&self) {
        let _ = self.secrets.current(self.clock.now()).await;
    }

    /// Answers one request. There is always an answer: 200 once the queue has the callback, 503
    /// where that is not certain.
    pub async fn answer(&self, event: LambdaEvent<HttpEvent>) -> HttpAnswer {
        let started = clock::stopwatch();
        let LambdaEvent { payload, context } = event;
        let verdict = if payload.method() == "POST" {
            self.verdict(payload, &context).await
        } else {
            Answer::METHOD_NOT_ALLOWED.into()
        };
        log(&verdict);
        let mut samples = samples(&verdict, started.elapsed());
        samples.extend(
            self.secrets
                .source()
                .take_reads()
                .into_iter()
                .flat_map(reads),
        );
        self.metrics.write(&samples);
        verdict.answer.into()
    }

    async fn verdict(&self, mut event: HttpEvent, context: &Context) -> Verdict {
        let body = match event.take_body() {
            Ok(body) => body,
            Err(unreadable) => return Verdict::failed(Answer::REQUEST_BROKEN, unreadable),
        };
        let headers = event
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let arrival = Arrival::new(
            SignedHeaders::collect(headers),
            &body,
            self.clock.now(),
            &context.request_id,
        );
        let handoff = self.queue.handoff(context.xray_trace_id.as_deref());
        let receiver = Receiver::new(&self.secrets, handoff, self.rules);
        let time = clock::until(context.deadline).saturating_sub(RESERVE);
        tokio::time::timeout(time, receiver.receive(arrival))
            .await
            // The queue may have it all the same; the retry then counts as a repeat.
            .unwrap_or_else(|_| Verdict::failed(Answer::HANDOFF_UNAVAILABLE, OutOfTime))
    }
}

fn log(verdict: &Verdict) {
    let answer = verdict.answer;
    let (code, status, age_secs) = (
        answer.code(),
        answer.status(),
        verdict.age.map(|age| age.as_secs()),
    );
    match answer.kind() {
        AnswerKind::Accepted => {
            let handed_off = verdict.handed_off.as_ref();
            let is_shown = handed_off
                .is_none_or(|it| it.secret_slot.index() > 0 || is_sampled(it.content_key));
            let content_key = handed_off.map(|it| tracing::field::display(it.content_key));
            let secret_slot = handed_off.map(|it| it.secret_slot.index());
            if is_shown {
                tracing::info!(content_key, secret_slot, age_secs, "accepted");
            } else {
                tracing::debug!(content_key, secret_slot, age_secs, "accepted");
            }
        }
        AnswerKind::Absorbed => tracing::info!(age_secs, "duplicate"),
        AnswerKind::Refused => {
            tracing::warn!(code, status, detail = %answer.detail(), "refused");
        }
        AnswerKind::Deferred => {
            tracing::warn!(code, status, detail = %answer.detail(), "deferred");
        }
        AnswerKind::Unavailable => {
            let error = verdict.cause.as_ref().map(tracing::field::display);
            tracing::error!(code, error, "answered 503");
        }
    }
}

/// A broken secret is a failed read, and one that waiting does not mend.
fn reads(read: SecretRead) -> Vec<Sample> {
    let outcome = |outcome| Sample::one("SecretReads").by("Outcome", outcome);
    match read {
        SecretRead::Ok => vec![outcome("ok")],
        SecretRead::Failed => vec![outcome("failed")],
        SecretRead::Broken => vec![outcome("failed"), Sample::one("SecretsBroken")],
    }
}

fn age(age: Duration) -> Sample {
    // Past four billion seconds it is all the same.
    let seconds = u32::try_from(age.as_secs()).unwrap_or(u32::MAX);
    Sample::new("CallbackAge", Unit::Seconds, seconds.into())
}

/// To the microsecond: a clock's finer digits are noise, and each is a character in the log.
fn handoff_latency(took: Duration) -> Sample {
    let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
    Sample::new(
        "HandoffLatency",
        Unit::Milliseconds,
        f64::from(micros) / 1_000.0,
    )
}

fn samples(verdict: &Verdict, took: Duration) -> Vec<Sample> {
    let by_code = |name| Sample::one(name).by("Code", verdict.answer.code());
    let mut samples = match verdict.answer.kind() {
        AnswerKind::Accepted => {
            let slot = verdict.handed_off.map_or(0, |it| it.secret_slot.index());
            let accepted = Sample::one("Accepted").by("SecretSlot", slot.to_string());
            vec![accepted, handoff_latency(took)]
        }
        AnswerKind::Absorbed => vec![Sample::one("Duplicates")],
        AnswerKind::Refused => vec![by_code("Refused")],
        // Neither refused nor a failure: whoever forges gets it too, and no alarm is about it.
        AnswerKind::Deferred => vec![by_code("Deferred")],
        AnswerKind::Unavailable => vec![by_code("Unavailable")],
    };
    samples.extend(verdict.age.map(age));
    samples
}

/// Forgets the secrets that a snapshot has frozen.
pub struct ForgetSecrets<P: ParameterStore + 'static>(pub KeptSecrets<P>);

impl<P: ParameterStore + 'static> lambda_runtime::SnapStartResource for ForgetSecrets<P> {
    fn after_restore(&self) -> lambda_runtime::BoxFuture<'_, Result<(), lambda_runtime::Error>> {
        self.0.forget();
        Box::pin(core::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        io,
        sync::{Arc, Mutex},
    };

    use serde_json::json;
    use sinch_callback::{
        OnMismatch, Rejection, Secret, Signer, UnixSeconds, secret_schedule::SecretTiming,
    };
    use sinch_callback_pipeline::Envelope;
    use tracing_subscriber::filter::LevelFilter;

    use super::*;
    use crate::{AwsError, Parameter, SecretsPolicy, Shared, SqsError};

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    #[test]
    fn a_latency_has_no_digits_below_the_microsecond() {
        for (nanos, printed) in [(20_469_019, "20.469"), (3_479_000, "3.479"), (999, "0.0")] {
            let sample = handoff_latency(Duration::from_nanos(nanos));
            assert!(
                format!("{sample:?}").contains(&format!("value: {printed},")),
                "{sample:?}"
            );
        }
    }

    /// A parameter store that holds this secret, or is down.
    struct Store(Option<&'static str>);

    impl ParameterStore for Store {
        type Error = io::Error;

        async fn read(&self, selectors: &[String]) -> io::Result<Vec<Parameter>> {
            let value = self.0.ok_or_else(|| io::Error::other("down"))?;
            Ok(vec![Parameter {
                name: selectors[0].clone(),
                version: 1,
                modified_at: UnixSeconds::new(0),
                value: value.to_owned().into(),
            }])
        }
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Mood {
        Takes,
        Fails,
        Hangs,
        /// As SQS finds a message that is too large.
        Overflows,
    }

    /// A trace and an envelope.
    type Sent = (Option<String>, String);

    /// A queue, and what it was given.
    struct FakeQueue {
        mood: Mood,
        taken: Arc<Mutex<Vec<Sent>>>,
    }

    struct FakeHandoff<'a>(&'a FakeQueue, Option<&'a str>);

    impl Queue for FakeQueue {
        fn handoff<'a>(&'a self, trace_header: Option<&'a str>) -> impl Handoff + 'a {
            FakeHandoff(self, trace_header)
        }
    }

    impl Handoff for FakeHandoff<'_> {
        type Error = SqsError;

        fn rejection(error: &SqsError) -> Option<Rejection> {
            SqsHandoff::rejection(error)
        }

        async fn send(&self, envelope: Envelope<'_>) -> Result<(), SqsError> {
            match self.0.mood {
                Mood::Overflows => Err(SqsError::TooLarge { found: 2_000_000 }),
                Mood::Takes => {
                    let entry = (self.1.map(Into::into), envelope.encode());
                    self.0.taken.lock().unwrap().push(entry);
                    Ok(())
                }
                Mood::Fails => Err(AwsError::of(&io::Error::other("down")).into()),
                Mood::Hangs => core::future::pending().await,
            }
        }
    }

    fn function(store: Store, mood: Mood, rules: Rules) -> ReceiverFunction<Store, FakeQueue> {
        let config = ReceiverConfig {
            shared: Shared {
                log_level: LevelFilter::OFF,
                metrics_namespace: "Test".into(),
                function_name: "receiver".into(),
                clock: Clock::FixedAt(NOW),
            },
            secrets: SecretsPolicy {
                names: vec!["/sinch".into()],
                timing: SecretTiming::REMOTE,
                verbatim: false,
            },
            queue_url: String::new(),
            rules,
        };
        let secrets = SsmSecrets::cached(store, config.secrets.clone(), Tokio);
        let queue = FakeQueue {
            mood,
            taken: Arc::default(),
        };
        ReceiverFunction::new(&config, secrets, queue)
    }

    fn signed(body: &str) -> HashMap<String, String> {
        let signer = Signer::new(Secret::new("made-up-secret").unwrap());
        let signed = signer.sign(body.as_bytes(), "nonce", NOW).unwrap();
        let headers = signed.headers();
        headers
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect()
    }

    fn invocation(event: serde_json::Value, milliseconds: u64) -> LambdaEvent<HttpEvent> {
        let mut context = Context::default();
        context.request_id = "request-1".into();
        context.xray_trace_id = Some("Root=1-2-3".into());
        context.deadline = clock::unix_millis().saturating_add(milliseconds);
        LambdaEvent::new(serde_json::from_value(event).unwrap(), context)
    }

    fn posted(body: &str) -> LambdaEvent<HttpEvent> {
        let event = json!({
            "headers": signed(body),
            "body": body,
            "isBase64Encoded": false,
            "requestContext": { "http": { "method": "POST" } },
        });
        invocation(event, 10_000)
    }

    const REPORT: &str = r#"{"message_delivery_report":{"message_id":"m-1","status":"READ"}}"#;

    #[tokio::test]
    async fn a_genuine_callback_is_200_once_the_queue_has_it_with_its_trace() {
        let function = function(Store(Some("made-up-secret")), Mood::Takes, Rules::LOGGED);
        let answer = function.answer(posted(REPORT)).await;
        let expected = json!({
            "statusCode": 200,
            "headers": { "content-type": "application/json", "x-sinch-callback": "accepted" },
            "body": r#"{"code":"accepted","detail":"stored"}"#,
            "isBase64Encoded": false,
        });
        assert_eq!(serde_json::to_value(&answer).unwrap(), expected);
        let taken = function.queue.taken.lock().unwrap();
        let (trace, envelope) = &taken[0];
        assert_eq!(trace.as_deref(), Some("Root=1-2-3"));
        let envelope = Envelope::decode(envelope).unwrap();
        assert_eq!(
            (envelope.group(), envelope.request_id()),
            ("m-1", "request-1")
        );
    }

    async fn told(
        store: Store,
        mood: Mood,
        rules: Rules,
        event: LambdaEvent<HttpEvent>,
    ) -> (u16, String) {
        let answer = function(store, mood, rules).answer(event).await;
        let json = serde_json::to_value(&answer).unwrap();
        let body: serde_json::Value = serde_json::from_str(json["body"].as_str().unwrap()).unwrap();
        (answer.status_code, body["code"].as_str().unwrap().into())
    }

    #[tokio::test]
    async fn what_fails_inside_is_503_and_never_200() {
        let rules = Rules::LOGGED;
        let secret = || Store(Some("made-up-secret"));
        let failing = told(secret(), Mood::Fails, rules, posted(REPORT)).await;
        assert_eq!(failing, (503, "handoff_unavailable".into()));
        let without = told(Store(None), Mood::Takes, rules, posted(REPORT)).await;
        assert_eq!(without, (503, "secret_unavailable".into()));
    }

    #[tokio::test]
    async fn what_no_message_ever_holds_is_413_since_a_retry_would_not_help() {
        let store = Store(Some("made-up-secret"));
        let rules = Rules::LOGGED;
        let answer = told(store, Mood::Overflows, rules, posted(REPORT)).await;
        assert_eq!(answer, (413, "body_too_large".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_does_not_answer_is_503_before_the_invocation_ends() {
        let begun = tokio::time::Instant::now();
        let store = Store(Some("made-up-secret"));
        let hanging = told(store, Mood::Hangs, Rules::LOGGED, posted(REPORT)).await;
        assert_eq!(hanging, (503, "handoff_unavailable".into()));
        let waited = begun.elapsed();
        assert!(waited <= Duration::from_millis(9_600), "{waited:?}");
    }

    #[tokio::test]
    async fn a_mismatch_is_401_or_503_as_the_rules_say() {
        let defer = Rules::LOGGED.with_on_mismatch(OnMismatch::Defer);
        for (rules, status) in [(Rules::LOGGED, 401), (defer, 503)] {
            let store = Store(Some("another-secret"));
            let answer = told(store, Mood::Takes, rules, posted(REPORT)).await;
            assert_eq!(answer, (status, "signature_mismatch".into()));
        }
    }

    #[tokio::test]
    async fn a_mismatch_that_may_not_have_the_secrets_read_again_is_neither_refused_nor_a_failure()
    {
        let store = Store(Some("another-secret"));
        let function = function(store, Mood::Takes, Rules::LOGGED);
        let mut codes = Vec::new();
        for _ in 0..2 {
            let answer = function.answer(posted(REPORT)).await;
            let json = serde_json::to_value(&answer).unwrap();
            codes.push((answer.status_code, json["body"].to_string()));
        }
        assert!(codes[0].0 == 401 && codes[0].1.contains("signature_mismatch"));
        assert!(codes[1].0 == 503 && codes[1].1.contains("secret_may_be_newer"));
        let samples = samples(&Answer::SECRET_MAY_BE_NEWER.into(), Duration::ZERO);
        let expected = Sample::one("Deferred").by("Code", "secret_may_be_newer");
        assert_eq!(samples, [expected]);
    }

    #[tokio::test]
    async fn what_is_no_callback_is_told_so() {
        let get = json!({ "requestContext": { "http": { "method": "GET" } } });
        let bare = json!({ "requestContext": { "http": { "method": "POST" } } });
        let garbled = json!({
            "body": "no base64!",
            "isBase64Encoded": true,
            "requestContext": { "http": { "method": "POST" } },
        });
        for (event, expected) in [
            (get, (405, "method_not_allowed")),
            (bare, (400, "missing_header")),
            (garbled, (503, "request_broken")),
        ] {
            let store = Store(Some("made-up-secret"));
            let event = invocation(event, 10_000);
            let (status, code) = told(store, Mood::Takes, Rules::LOGGED, event).await;
            assert_eq!((status, &*code), expected);
        }
    }
}
