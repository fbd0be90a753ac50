use std::time::Duration;

use futures_util::future::join_all;
use lambda_runtime::{Context, LambdaEvent};
use sinch_callback::{
    Answer, AnswerKind, Rules,
    scheme::{AnyScheme, Request, Scheme},
};
use sinch_callback_pipeline::{
    Arrival, CachedSecrets, Endpoint, Handoff, Receiver, SecretSource, Tokio, Verdict,
};

use crate::{
    clock::{self, Clock},
    config::ReceiverConfig,
    function_url::{HttpAnswer, HttpEvent},
    logs::is_sampled,
    metrics::{Metrics, Sample, Unit},
    parameter_store::ParameterStore,
    sqs::{SqsHandoff, SqsQueue},
    ssm_secrets::{SecretRead, SecretsPolicy, SsmSecrets},
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
    gates: Vec<Gate<P>>,
    queue: Q,
    rules: Rules,
    clock: Clock,
    metrics: Metrics,
}

/// What judges the callbacks of one scheme, by secrets of its own.
struct Gate<P: ParameterStore + 'static> {
    /// Where they come; nothing for every path that is nobody else's.
    endpoint: Option<Endpoint>,
    scheme: AnyScheme,
    secrets: KeptSecrets<P>,
}

impl<P: ParameterStore + Clone + 'static> Gate<P> {
    fn new(endpoint: Option<Endpoint>, policy: &SecretsPolicy, store: &P) -> Self {
        Self {
            endpoint,
            scheme: policy.scheme,
            secrets: SsmSecrets::cached(store.clone(), policy.clone(), Tokio),
        }
    }
}

impl<P: ParameterStore + 'static> Gate<P> {
    /// The path of an endpoint.
    fn path(&self) -> Option<&str> {
        self.endpoint.as_ref().map(Endpoint::path)
    }

    /// Path and query as Sinch sent them.
    fn target(&self, event: &HttpEvent) -> String {
        // The Conversation API signs neither.
        let endpoint = self.endpoint.as_ref();
        endpoint.map_or_else(String::new, |it| it.target(event.query()))
    }
}

/// What is left of an invocation's time for its answer's way out. Our own choice.
const RESERVE: Duration = Duration::from_millis(500);

/// The hand-off took longer than the invocation has.
#[derive(Debug, thiserror::Error)]
#[error("the queue did not answer within the invocation's time")]
struct OutOfTime;

impl<P: ParameterStore + Clone + 'static, Q: Queue> ReceiverFunction<P, Q> {
    /// The function over these ports.
    pub fn new(config: &ReceiverConfig, store: &P, queue: Q) -> Self {
        let endpoints = config.endpoints.iter();
        let endpoints =
            endpoints.map(|(endpoint, policy)| Gate::new(Some(endpoint.clone()), policy, store));
        let others = config.secrets.iter();
        let others = others.map(|policy| Gate::new(None, policy, store));
        Self {
            gates: endpoints.chain(others).collect(),
            queue,
            rules: config.rules,
            clock: config.shared.clock,
            metrics: Metrics::new(&config.shared),
        }
    }
}

impl<P: ParameterStore + 'static, Q: Queue> ReceiverFunction<P, Q> {
    /// All secrets that it keeps.
    pub fn secrets(&self) -> Vec<KeptSecrets<P>> {
        self.gates.iter().map(|gate| gate.secrets.clone()).collect()
    }

    /// Reads the secrets before the first request, so that it does not have to. Where that fails,
    /// the requests try.
    pub async fn warm_up(&self) {
        let now = self.clock.now();
        join_all(self.gates.iter().map(|gate| gate.secrets.current(now))).await;
    }

    /// Answers one request. There is always an answer: 200 once the queue has the callback, 503
    /// where that is not certain.
    pub async fn answer(&self, event: LambdaEvent<HttpEvent>) -> HttpAnswer {
        let started = clock::stopwatch();
        let LambdaEvent { payload, context } = event;
        let gate = self.gate(payload.path());
        let verdict = match gate {
            _ if payload.method() != "POST" => Answer::METHOD_NOT_ALLOWED.into(),
            None => Answer::UNKNOWN_PATH.into(),
            Some(gate) => self.verdict(gate, payload, &context).await,
        };
        log(&verdict, gate.and_then(Gate::path));
        let mut samples = samples(&verdict, started.elapsed());
        for gate in &self.gates {
            let done = gate.secrets.source().take_reads();
            samples.extend(done.into_iter().flat_map(reads));
        }
        self.metrics.write(&samples);
        verdict.answer.into()
    }

    /// The endpoint at this path; else what takes all other paths, where something does.
    fn gate(&self, path: &str) -> Option<&Gate<P>> {
        let at = |wanted| self.gates.iter().find(move |gate| gate.path() == wanted);
        at(Some(path)).or_else(|| at(None))
    }

    async fn verdict(&self, gate: &Gate<P>, mut event: HttpEvent, context: &Context) -> Verdict {
        let body = match event.take_body() {
            Ok(body) => body,
            Err(unreadable) => return Verdict::failed(Answer::REQUEST_BROKEN, unreadable),
        };
        let target = gate.target(&event);
        let head = gate.scheme.head(Request::post(&target), event.headers());
        let arrival = Arrival::new(head, &body, self.clock.now(), &context.request_id);
        let handoff = self.queue.handoff(context.xray_trace_id.as_deref());
        let receiver = Receiver::new(&gate.secrets, handoff, self.rules).with_scheme(gate.scheme);
        let time = clock::until(context.deadline).saturating_sub(RESERVE);
        tokio::time::timeout(time, receiver.receive(arrival))
            .await
            // The queue may have it all the same; the retry then counts as a repeat.
            .unwrap_or_else(|_| Verdict::failed(Answer::HANDOFF_UNAVAILABLE, OutOfTime))
    }
}

/// Writes what became of a callback, with the path of its endpoint, which is a setting of ours.
fn log(verdict: &Verdict, endpoint: Option<&str>) {
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
                tracing::info!(content_key, secret_slot, age_secs, endpoint, "accepted");
            } else {
                tracing::debug!(content_key, secret_slot, age_secs, endpoint, "accepted");
            }
        }
        AnswerKind::Absorbed => tracing::info!(age_secs, "duplicate"),
        AnswerKind::Refused => {
            tracing::warn!(code, status, endpoint, detail = %answer.detail(), "refused");
        }
        AnswerKind::Deferred => {
            tracing::warn!(code, status, endpoint, detail = %answer.detail(), "deferred");
        }
        AnswerKind::Unavailable => {
            let error = verdict.cause.as_ref().map(tracing::field::display);
            tracing::error!(code, endpoint, error, "answered 503");
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
pub struct ForgetSecrets<P: ParameterStore + 'static>(pub Vec<KeptSecrets<P>>);

impl<P: ParameterStore + 'static> lambda_runtime::SnapStartResource for ForgetSecrets<P> {
    fn after_restore(&self) -> lambda_runtime::BoxFuture<'_, Result<(), lambda_runtime::Error>> {
        self.0.iter().for_each(KeptSecrets::forget);
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
        InvalidSecret, OnMismatch, Rejection, Secret, Signer, UnixSeconds,
        scheme::{Numbers, SchemeSigner, ToSign},
        secret_schedule::SecretTiming,
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
    #[derive(Clone, Copy)]
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

    fn policy(scheme: AnyScheme) -> SecretsPolicy {
        SecretsPolicy {
            names: vec!["/sinch".into()],
            scheme,
            timing: SecretTiming::REMOTE,
            verbatim: false,
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
            secrets: Some(policy(AnyScheme::default())),
            endpoints: Vec::new(),
            queue_url: String::new(),
            rules,
        };
        let queue = FakeQueue {
            mood,
            taken: Arc::default(),
        };
        ReceiverFunction::new(&config, &store, queue)
    }

    fn signed(body: &str) -> HashMap<String, String> {
        let signer = Signer::new(Secret::new("made-up-webhook-secret").unwrap());
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
        let function = function(
            Store(Some("made-up-webhook-secret")),
            Mood::Takes,
            Rules::LOGGED,
        );
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
        let secret = || Store(Some("made-up-webhook-secret"));
        let failing = told(secret(), Mood::Fails, rules, posted(REPORT)).await;
        assert_eq!(failing, (503, "handoff_unavailable".into()));
        let without = told(Store(None), Mood::Takes, rules, posted(REPORT)).await;
        assert_eq!(without, (503, "secret_unavailable".into()));
    }

    #[tokio::test]
    async fn what_no_message_ever_holds_is_413_since_a_retry_would_not_help() {
        let store = Store(Some("made-up-webhook-secret"));
        let rules = Rules::LOGGED;
        let answer = told(store, Mood::Overflows, rules, posted(REPORT)).await;
        assert_eq!(answer, (413, "body_too_large".into()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_queue_that_does_not_answer_is_503_before_the_invocation_ends() {
        let begun = tokio::time::Instant::now();
        let store = Store(Some("made-up-webhook-secret"));
        let hanging = told(store, Mood::Hangs, Rules::LOGGED, posted(REPORT)).await;
        assert_eq!(hanging, (503, "handoff_unavailable".into()));
        let waited = begun.elapsed();
        assert!(waited <= Duration::from_millis(9_600), "{waited:?}");
    }

    #[tokio::test]
    async fn a_mismatch_is_401_or_503_as_the_rules_say() {
        let defer = Rules::LOGGED.with_on_mismatch(OnMismatch::Defer);
        for (rules, status) in [(Rules::LOGGED, 401), (defer, 503)] {
            let store = Store(Some("another-webhook-secret"));
            let answer = told(store, Mood::Takes, rules, posted(REPORT)).await;
            assert_eq!(answer, (status, "signature_mismatch".into()));
        }
    }

    #[tokio::test]
    async fn a_mismatch_that_may_not_have_the_secrets_read_again_is_neither_refused_nor_a_failure()
    {
        let store = Store(Some("another-webhook-secret"));
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

    /// A parameter store by name.
    #[derive(Clone)]
    struct Named(HashMap<&'static str, String>);

    impl ParameterStore for Named {
        type Error = io::Error;

        async fn read(&self, selectors: &[String]) -> io::Result<Vec<Parameter>> {
            let found = selectors.iter().filter_map(|name| {
                Some(Parameter {
                    name: name.clone(),
                    version: 1,
                    modified_at: UnixSeconds::new(0),
                    value: self.0.get(name.as_str())?.clone().into(),
                })
            });
            Ok(found.collect())
        }
    }

    /// A function with these endpoints, each with the secret under its path, and nothing else.
    fn at_endpoints(
        endpoints: Vec<Endpoint>,
        others: bool,
        store: HashMap<&'static str, String>,
        now: UnixSeconds,
    ) -> ReceiverFunction<Named, FakeQueue> {
        let shared = Shared {
            log_level: LevelFilter::OFF,
            metrics_namespace: String::new(),
            function_name: "receiver".into(),
            clock: Clock::FixedAt(now),
        };
        let endpoints = endpoints.into_iter().map(|endpoint| {
            let names = vec![endpoint.path().to_owned()];
            let policy = SecretsPolicy {
                names,
                ..policy(*endpoint.scheme())
            };
            (endpoint, policy)
        });
        let config = ReceiverConfig {
            shared,
            secrets: others.then(|| policy(AnyScheme::default())),
            endpoints: endpoints.collect(),
            queue_url: String::new(),
            rules: Rules::BARE,
        };
        let queue = FakeQueue {
            mood: Mood::Takes,
            taken: Arc::default(),
        };
        ReceiverFunction::new(&config, &Named(store), queue)
    }

    /// Status and code.
    fn said(answer: &HttpAnswer) -> (u16, String) {
        let json = serde_json::to_value(answer).unwrap();
        let body: serde_json::Value = serde_json::from_str(json["body"].as_str().unwrap()).unwrap();
        (answer.status_code, body["code"].as_str().unwrap().into())
    }

    #[derive(serde::Deserialize)]
    struct Vector {
        id: String,
        scheme: String,
        key: Option<String>,
        secrets: Vec<String>,
        request: Line,
        headers: Vec<(String, String)>,
        body: Text,
        now: String,
        expect: serde_json::Value,
    }

    #[derive(serde::Deserialize)]
    struct Line {
        method: String,
        target: String,
    }

    #[derive(serde::Deserialize)]
    struct Text {
        text: String,
    }

    /// As a function URL joins the values of a header that is there twice.
    fn joined(headers: &[(String, String)]) -> HashMap<String, String> {
        let mut joined: HashMap<String, String> = HashMap::new();
        for (name, value) in headers {
            let values = joined.entry(name.to_ascii_lowercase()).or_default();
            if !values.is_empty() {
                values.push(',');
            }
            values.push_str(value);
        }
        joined
    }

    #[tokio::test]
    async fn every_scheme_s_vectors_get_their_verdicts_at_an_endpoint() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/schemes.json");
        let vectors: Vec<Vector> =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut accepted = 0;
        for vector in &vectors {
            let (path, query) = vector
                .request
                .target
                .split_once('?')
                .unwrap_or((&vector.request.target, ""));
            let scheme = Some(vector.scheme.as_str());
            // Behind something that rewrites paths.
            let endpoint = Endpoint::new("/here", Some(path), scheme, vector.key.as_deref());
            let Ok(endpoint) = endpoint else {
                assert_eq!(vector.expect["verdict"], "rejected", "{}", vector.id);
                continue;
            };
            if vector.request.method != "POST" {
                continue;
            }
            let keys = vector.secrets.iter().map(|text| text.as_bytes());
            let is_short = keys
                .map(|text| endpoint.scheme().strong_key(text))
                .any(|key| matches!(key, Err(InvalidSecret::Short)));
            let waits = endpoint
                .scheme()
                .expects_answer(vector.body.text.as_bytes());
            let headers = joined(&vector.headers);
            let event = json!({
                "rawPath": "/here",
                "rawQueryString": query,
                "headers": headers,
                "body": vector.body.text,
                "requestContext": { "http": { "method": "POST" } },
            });
            let secrets = serde_json::to_string(&vector.secrets).unwrap();
            let store = HashMap::from([("/here", secrets)]);
            let now = UnixSeconds::new(vector.now.parse().unwrap());
            let function = at_endpoints(vec![endpoint], false, store, now);
            let (status, code) = said(&function.answer(invocation(event, 10_000)).await);
            let taken = function.queue.taken.lock().unwrap();
            let found = (status, code.as_str());
            if vector.expect["verdict"] == "rejected" {
                assert_ne!(status, 200, "{}", vector.id);
                // Of a doubled header the function URL makes one.
                if !is_short && headers.len() == vector.headers.len() {
                    let expected = (&vector.expect["status"], &vector.expect["code"]);
                    assert_eq!((&json!(status), &json!(code)), expected, "{}", vector.id);
                }
                assert!(taken.is_empty(), "{}", vector.id);
            } else if is_short {
                assert_eq!(found, (503, "secret_unavailable"), "{}", vector.id);
            } else if waits {
                assert_eq!(found, (422, "answer_expected"), "{}", vector.id);
                assert!(taken.is_empty(), "{}", vector.id);
            } else {
                assert_eq!(found, (200, "accepted"), "{}", vector.id);
                let envelope = Envelope::decode(&taken[0].1).unwrap();
                let expected = &vector.expect;
                assert_eq!(envelope.scheme().as_str(), vector.scheme, "{}", vector.id);
                assert_eq!(envelope.replay_key().to_string(), expected["replay_key"]);
                assert_eq!(envelope.secret_slot().index(), expected["secret_slot"]);
                assert_eq!(envelope.promise().as_str(), expected["promise"]);
                if let Some(content_key) = expected.get("content_key") {
                    assert_eq!(&json!(envelope.content_key().to_string()), content_key);
                }
                accepted += 1;
            }
        }
        assert!(accepted > 30, "{accepted} of {}", vectors.len());
    }

    #[tokio::test]
    async fn each_path_judges_by_its_own_scheme_and_secret_alone() {
        let at = |path, scheme| Endpoint::new(path, None, Some(scheme), None).unwrap();
        let endpoints = || vec![at("/numbers", "numbers"), at("/other", "numbers")];
        let store = HashMap::from([
            ("/sinch", "made-up-webhook-secret".to_owned()),
            ("/numbers", "made-up-numbers-secret".to_owned()),
        ]);
        let body = r#"{"eventId":"e-1","resourceType":"ACTIVE_NUMBER"}"#;
        let numbers = AnyScheme::Numbers(Numbers);
        let signer = SchemeSigner::new(numbers, b"made-up-numbers-secret").unwrap();
        let to_sign = ToSign::new(Request::post("/numbers"), body.as_bytes(), "", NOW);
        let signed = signer.sign(&to_sign).unwrap();
        let headers: HashMap<_, _> = signed.headers.into_iter().collect();
        let event = |path: &str| {
            let event = json!({
                "rawPath": path,
                "headers": headers,
                "body": body,
                "requestContext": { "http": { "method": "POST" } },
            });
            invocation(event, 10_000)
        };
        let function = at_endpoints(endpoints(), true, store.clone(), NOW);
        for (path, expected) in [
            ("/numbers", (200, "accepted")),
            // Its parameter is not there: nobody can say whether it is forged.
            ("/other", (503, "secret_unavailable")),
            // The Conversation API's.
            ("/numbers/", (400, "missing_header")),
            ("/", (400, "missing_header")),
        ] {
            let (status, code) = said(&function.answer(event(path)).await);
            assert_eq!((status, code.as_str()), expected, "{path}");
        }
        let report = posted(REPORT);
        assert_eq!(
            said(&function.answer(report).await),
            (200, "accepted".into())
        );
        let function = at_endpoints(endpoints(), false, store, NOW);
        let answer = function.answer(event("/numbers/")).await;
        assert_eq!(said(&answer), (404, "unknown_path".into()));
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
            let store = Store(Some("made-up-webhook-secret"));
            let event = invocation(event, 10_000);
            let (status, code) = told(store, Mood::Takes, Rules::LOGGED, event).await;
            assert_eq!((status, &*code), expected);
        }
    }
}
