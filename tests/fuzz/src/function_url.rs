//! The event of a Function URL, through the receiver. The input is a byte and the event's JSON; an odd
//! byte asks for the signature that the callback in it would have.

use std::{
    io,
    sync::{Arc, Mutex},
};

use base64ct::{Base64, Encoding};
use lambda_runtime::LambdaEvent;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sinch_callback::{
    ContentKey, HeaderName, ReplayKey, UnixSeconds, Window, scheme::AnyScheme,
    secret_schedule::SecretTiming,
};
use sinch_callback_lambda::{
    HttpAnswer, HttpEvent, Parameter, ParameterStore, Queue, ReceiverConfig, ReceiverFunction,
    SecretsPolicy,
};
use sinch_callback_pipeline::{Envelope, Handoff};
use sinch_callback_tests::Vector;

use crate::{
    Seed,
    aws::{NOW, context, runtime, shared},
    classification,
    oracle::{self, Accepted, Pair, Rules},
};

const SECRET: &str = "made-up-webhook-secret";
/// Largest body that is accepted: small, so that mutations reach it.
const MOST_BODY_BYTES: usize = 2_048;

pub(crate) fn run(data: &[u8]) {
    let Some((control, json)) = data.split_first() else {
        return;
    };
    let Ok(mut event) = serde_json::from_slice::<Value>(json) else {
        return;
    };
    if control & 1 == 1 {
        sign(&mut event);
    }
    // Not an event: the runtime says so, and the sender gets 502, and retries. To serde a list of
    // the fields is an event too; AWS writes none.
    let context = &event["requestContext"];
    let has_form = [&event, context, &context["http"]].map(Value::is_object);
    let Ok(payload) = HttpEvent::deserialize(&event) else {
        return;
    };
    if has_form.contains(&false) {
        return;
    }

    let queued = Arc::default();
    let answer = answer(payload, &queued);
    let answer = serde_json::to_value(&answer).expect("an answer is JSON");
    let expected = expected(&event);
    assert_eq!(answer["statusCode"], expected.status, "{answer}");
    let body: Value = serde_json::from_str(text(&answer, "body")).expect("the answer's JSON");
    assert_eq!(body["code"], expected.code);
    assert!(!text(&body, "detail").is_empty(), "says why");

    let queued = queued.lock().expect("nobody panicked");
    let Some((accepted, body)) = expected.accepted else {
        assert!(queued.is_empty(), "what is refused is not queued");
        return;
    };
    let [queued] = &queued[..] else {
        panic!("{} hand-offs", queued.len());
    };
    let envelope = Envelope::decode(queued).expect("the queued message is an envelope");
    assert_eq!(envelope.body(), body, "byte for byte");
    assert_eq!(
        envelope.content_key(),
        ContentKey::from_bytes(accepted.content_key)
    );
    assert_eq!(
        envelope.replay_key(),
        ReplayKey::from_bytes(accepted.replay_key)
    );
    assert_eq!(usize::from(envelope.secret_slot().index()), accepted.slot);
}

struct Expected {
    status: u16,
    code: &'static str,
    /// What is queued, and its body.
    accepted: Option<(Accepted, Vec<u8>)>,
}

/// The answer, read off the event's JSON.
fn expected(event: &Value) -> Expected {
    let refused = |status, code| Expected {
        status,
        code,
        accepted: None,
    };
    if event["requestContext"]["http"]["method"] != "POST" {
        return refused(405, "method_not_allowed");
    }
    let Some(body) = body(event) else {
        return refused(503, "request_broken");
    };
    let rules = Rules {
        secrets: &[SECRET.into()],
        window: Window::LOGGED,
        max_body_bytes: MOST_BODY_BYTES,
        requires_algorithm: false,
    };
    match oracle::verdict(&rules, &pairs(event), &body, NOW.get()) {
        Ok(accepted) => Expected {
            status: 200,
            code: "accepted",
            accepted: Some((accepted, body)),
        },
        Err(rejection) => refused(rejection.http_status(), rejection.code()),
    }
}

fn pairs(event: &Value) -> Vec<Pair> {
    let headers = event["headers"].as_object().into_iter().flatten();
    let bytes = |text: &str| text.as_bytes().to_vec();
    headers
        .map(|(name, value)| (bytes(name), bytes(value.as_str().unwrap_or(""))))
        .collect()
}

/// The raw body; nothing where it is not the base64 that it is said to be.
fn body(event: &Value) -> Option<Vec<u8>> {
    let text = text(event, "body");
    if event["isBase64Encoded"] == true {
        Base64::decode_vec(text).ok()
    } else {
        Some(text.into())
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or("")
}

/// Puts the signature of the callback in the event into its headers.
fn sign(event: &mut Value) {
    let pairs = pairs(event);
    let first = |name| {
        let values = oracle::values(&pairs, name);
        values.first().map_or(Vec::new(), |value| value.to_vec())
    };
    let (nonce, timestamp) = (first(HeaderName::Nonce), first(HeaderName::Timestamp));
    let body = body(event).unwrap_or_default();
    let signature = oracle::signature(SECRET.as_bytes(), &body, &nonce, &timestamp);
    let headers = event.get_mut("headers").and_then(Value::as_object_mut);
    if let Some(headers) = headers {
        headers.insert(HeaderName::Signature.as_str().into(), signature.into());
    }
}

fn answer(payload: HttpEvent, queued: &Arc<Mutex<Vec<String>>>) -> HttpAnswer {
    let config = ReceiverConfig {
        shared: shared(),
        secrets: Some(SecretsPolicy {
            names: vec!["/sinch".into()],
            scheme: AnyScheme::default(),
            timing: SecretTiming::REMOTE,
            verbatim: false,
        }),
        endpoints: Vec::new(),
        queue_url: String::new(),
        rules: sinch_callback::Rules::LOGGED.with_max_body_bytes(MOST_BODY_BYTES),
    };
    let function = ReceiverFunction::new(&config, &Store, FakeQueue(queued.clone()));
    runtime().block_on(function.answer(LambdaEvent::new(payload, context())))
}

/// A parameter store that holds the secret.
#[derive(Clone, Copy)]
struct Store;

impl ParameterStore for Store {
    type Error = io::Error;

    async fn read(&self, selectors: &[String]) -> io::Result<Vec<Parameter>> {
        let parameter = |name: &String| Parameter {
            name: name.clone(),
            version: 1,
            modified_at: UnixSeconds::new(0),
            value: SECRET.to_owned().into(),
        };
        Ok(selectors.iter().map(parameter).collect())
    }
}

/// A queue that keeps what it is given.
struct FakeQueue(Arc<Mutex<Vec<String>>>);

struct FakeHandoff<'a>(&'a FakeQueue);

impl Queue for FakeQueue {
    fn handoff<'a>(&'a self, _trace_header: Option<&'a str>) -> impl Handoff + 'a {
        FakeHandoff(self)
    }
}

impl Handoff for FakeHandoff<'_> {
    type Error = io::Error;

    async fn send(&self, envelope: Envelope<'_>) -> io::Result<()> {
        let mut queued = self.0.0.lock().expect("nobody panicked");
        queued.push(envelope.encode());
        Ok(())
    }
}

const FIXTURES: [(&str, &str); 4] = [
    (
        "function-url-text",
        include_str!("../../../lambda-adapter/tests/fixtures/function-url-text.json"),
    ),
    (
        "function-url-base64",
        include_str!("../../../lambda-adapter/tests/fixtures/function-url-base64.json"),
    ),
    (
        "function-url-get",
        include_str!("../../../lambda-adapter/tests/fixtures/function-url-get.json"),
    ),
    (
        "http-api",
        include_str!("../../../lambda-adapter/tests/fixtures/http-api.json"),
    ),
];

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, json) in FIXTURES {
        seeds.push(seed(name, 0, json));
        seeds.push(seed(&format!("{name}-signed"), 1, json));
    }
    for (name, body) in classification::bodies() {
        let headers = json!({
            "x-sinch-webhook-signature-timestamp": NOW.to_string(),
            "x-sinch-webhook-signature-nonce": "01MADEUPNONCE",
            "x-sinch-webhook-signature-algorithm": "HmacSHA256",
        });
        let text = event(&headers, body, false).to_string();
        seeds.push(seed(&format!("{name}-text"), 1, &text));
        let encoded = Base64::encode_string(body.as_bytes());
        let base64 = event(&headers, &encoded, true).to_string();
        seeds.push(seed(&format!("{name}-base64"), 1, &base64));
    }
    for vector in Vector::all() {
        let headers: Map<String, Value> = vector
            .headers()
            .into_iter()
            .map(|(name, value)| (name.into(), String::from_utf8_lossy(&value).into()))
            .collect();
        let body = Base64::encode_string(&vector.body());
        let json = event(&headers.into(), &body, true).to_string();
        seeds.push(seed(&vector.id, 0, &json));
    }
    seeds
}

fn event(headers: &Value, body: &str, is_base64: bool) -> Value {
    json!({
        "version": "2.0",
        "headers": headers,
        "body": body,
        "isBase64Encoded": is_base64,
        "requestContext": { "http": { "method": "POST", "path": "/callbacks" } },
    })
}

fn seed(name: &str, control: u8, json: &str) -> Seed {
    Seed::new(name, [&[control], json.as_bytes()].concat())
}
