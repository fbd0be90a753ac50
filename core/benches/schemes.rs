//! What the verdict of each scheme costs beside the digests that it cannot do without, over the same
//! bytes and with the key prepared.
//!
//! A machine's speed moves from minute to minute, so the two are measured in alternating rounds, and
//! `scripts/bench core` reports the median of the rounds' ratios. Mailgun's proof stands inside JSON: it is
//! measured beside its digest and one reading of the body by serde_json.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::std_instead_of_core,
    missing_docs,
    reason = "a bench may fail loudly"
)]

use std::{hint::black_box, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use criterion::{BenchmarkId, Criterion};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use rsa::pkcs8::DecodePublicKey;
use sha1::Sha1;
use sha2::Sha256;
use sinch_callback::{
    Rules, UnixSeconds, Window,
    scheme::{
        AnyScheme, Application, Conversation, Engage, KeyId, Mailgun, Numbers, Request, Scheme,
        SchemeSigner, SchemeVerifier, Service, ToSign, WhatsappLegacy,
    },
};

const ROUNDS: usize = 9;
const SECRET: &str = "bWFkZS11cC1zZWNyZXQtb2YtYS1iZW5jaA==";
const KEY: &str = "669E367E-6BBA-48AB-AF15-266871C28135";
const TOKEN: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607182";
const AT: UnixSeconds = UnixSeconds::new(1_773_480_419);

/// Bodies of the products' callbacks, as long as they are.
const NUMBERS: &str = concat!(
    r#"{"eventId":"01jpa3z8r5g7h2kdmqw4t9xbve","timestamp":"2026-03-14T09:26:58.979323588","#,
    r#""projectId":"5f0c9a7e-3b21-4d86-9c4f-7a1e2d3c4b5a","resourceId":"+447700900123","#,
    r#""resourceType":"ACTIVE_NUMBER","eventType":"PROVISIONING_TO_VOICE_PLATFORM","#,
    r#""status":"SUCCEEDED","failureCode":null,"internalFailureCode":null}"#,
);
const VOICE: &str = concat!(
    r#"{"event":"dice","callid":"5f0c9a7e-3b21-4d86-9c4f-7a1e2d3c4b5a","#,
    r#""timestamp":"2026-03-14T09:26:58Z","reason":"MANAGERHANGUP","result":"ANSWERED","version":1,"#,
    r#""custom":"order-2026-0031415","debit":{"currencyId":"EUR","amount":0.1758},"#,
    r#""userRate":{"currencyId":"EUR","amount":0.0129},"to":{"type":"number","endpoint":"447700900123"},"#,
    r#""applicationKey":"669E367E-6BBA-48AB-AF15-266871C28135","duration":816,"from":"447700900456"}"#,
);
const MAILGUN: &str = concat!(
    r#"{"event-data":{"id":"CPgfbmQMTCKtHW6uIWtuVe","timestamp":1773480418.983209,"log-level":"info","#,
    r#""event":"delivered","delivery-status":{"tls":true,"mx-host":"smtp-in.example.com","code":250,"#,
    r#""session-seconds":0.4331,"attempt-no":1,"message":"OK","certificate-verified":true},"#,
    r#""flags":{"is-routed":false,"is-authenticated":true,"is-system-test":false,"is-test-mode":false},"#,
    r#""envelope":{"transport":"smtp","sender":"bob@example.com","sending-ip":"192.0.2.15","#,
    r#""targets":"alice@example.com"},"message":{"headers":{"to":"Alice <alice@example.com>","#,
    r#""message-id":"20260314092658.1.A3B4C5D6@example.com","from":"Bob <bob@example.com>","#,
    r#""subject":"Order 31415"},"attachments":[],"size":1116},"recipient":"alice@example.com","#,
    r#""recipient-domain":"example.com","campaigns":[],"tags":["order"],"user-variables":{}}}"#,
);

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .nresamples(2_000)
        .configure_from_args();
    conversation(&mut criterion);
    numbers(&mut criterion);
    let id = || KeyId::new(KEY).expect("an id");
    let application = Application::new(id());
    by_request(
        &mut criterion,
        "application",
        AnyScheme::Application(application),
        application,
    );
    let service = Service::new(id());
    by_request(
        &mut criterion,
        "service",
        AnyScheme::Service(service),
        service,
    );
    mailgun(&mut criterion);
    whatsapp(&mut criterion);
    engage(&mut criterion);
    criterion.final_summary();
}

/// A callback as a host behind a proxy gets it.
struct Callback {
    path: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Callback {
    /// The proof's headers behind those that every request has.
    fn new(
        path: &'static str,
        proof: Vec<(&'static str, String)>,
        body: impl Into<Vec<u8>>,
    ) -> Self {
        let usual = [
            ("host", "callbacks.example.com"),
            ("user-agent", "Apache-HttpClient/5.2.1 (Java/17.0.9)"),
            ("content-length", "568"),
            ("accept", "*/*"),
            ("x-forwarded-for", "203.0.113.7"),
        ];
        let mut headers = usual.map(|(name, value)| (name, value.into())).to_vec();
        headers.extend(proof);
        Self {
            path,
            headers,
            body: body.into(),
        }
    }

    fn signed(scheme: AnyScheme, body: &str) -> Self {
        let signer = SchemeSigner::new(scheme, SECRET.as_bytes()).expect("a good secret");
        let nonce = &TOKEN[..signer.nonce_chars()];
        let what = ToSign::new(Request::post(PATH), body.as_bytes(), nonce, AT);
        let signed = signer.sign(&what).expect("what can be signed");
        Self::new(PATH, signed.headers, signed.body)
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(found, _)| *found == name);
        &found.expect("a header that is signed").1
    }
}

const PATH: &str = "/sinch/callbacks";

/// The two by turns: the digests alone, and the whole verdict.
fn compare<S: Scheme, T>(
    criterion: &mut Criterion,
    name: &str,
    (scheme, secret): (S, &str),
    callback: &Callback,
    mut bare: impl FnMut() -> T,
) {
    let rules = Rules::BARE.with_window(Window::new(Window::UNLIMITED, Window::UNLIMITED));
    let verifier = SchemeVerifier::new(scheme, [secret])
        .expect("a good secret")
        .with_rules(rules);
    let headers: Vec<_> = callback
        .headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let mut group = criterion.benchmark_group(format!("scheme-{name}"));
    for round in 1..=ROUNDS {
        group.bench_function(BenchmarkId::new("bare", round), |bencher| {
            bencher.iter(&mut bare);
        });
        group.bench_function(BenchmarkId::new("full", round), |bencher| {
            bencher.iter(|| {
                let request = Request::post(black_box(callback.path));
                let headers = black_box(&headers).iter().copied();
                let body = black_box(callback.body.as_slice());
                let verdict = verifier.authenticate(request, headers, body, AT);
                *verdict.expect("an authentic callback").promise()
            });
        });
    }
    group.finish();
}

fn keyed(secret: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(secret).expect("a key of any length")
}

/// The HMAC of a text that lies ready in one piece.
fn mac<'a>(keyed: &'a Hmac<Sha256>, signed: &'a [u8]) -> impl FnMut() -> [u8; 32] + 'a {
    move || {
        let mut mac = keyed.clone();
        mac.update(black_box(signed));
        mac.finalize().into_bytes().into()
    }
}

fn conversation(criterion: &mut Criterion) {
    let callback = Callback::signed(AnyScheme::Conversation(Conversation), VOICE);
    let header = |name: &str| callback.header(&format!("x-sinch-webhook-signature-{name}"));
    let signed = format!("{VOICE}.{}.{}", header("nonce"), header("timestamp"));
    let keyed = keyed(SECRET.as_bytes());
    let bare = mac(&keyed, signed.as_bytes());
    compare(
        criterion,
        "conversation",
        (Conversation, SECRET),
        &callback,
        bare,
    );
}

fn numbers(criterion: &mut Criterion) {
    let callback = Callback::signed(AnyScheme::Numbers(Numbers), NUMBERS);
    let keyed = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).expect("a key of any length");
    compare(criterion, "numbers", (Numbers, SECRET), &callback, || {
        let mut mac = keyed.clone();
        mac.update(black_box(NUMBERS.as_bytes()));
        mac.finalize().into_bytes()
    });
}

fn by_request<S: Scheme>(criterion: &mut Criterion, name: &str, any: AnyScheme, scheme: S) {
    let callback = Callback::signed(any, VOICE);
    let md5 = STANDARD.encode(Md5::digest(VOICE));
    let lines = [
        "POST",
        &md5,
        callback.header("content-type"),
        &format!("x-timestamp:{}", callback.header("x-timestamp")),
        PATH,
    ];
    let lines = lines.join("\n");
    let keyed = keyed(&STANDARD.decode(SECRET).expect("base64"));
    let mut mac = mac(&keyed, lines.as_bytes());
    compare(criterion, name, (scheme, SECRET), &callback, || {
        (Md5::digest(black_box(VOICE)), mac())
    });
}

/// A body of Mailgun's, as far as its proof.
#[derive(serde::Deserialize)]
struct Signed<'a> {
    #[serde(borrow)]
    signature: Proof<'a>,
}

#[derive(serde::Deserialize)]
struct Proof<'a> {
    signature: &'a str,
}

fn mailgun(criterion: &mut Criterion) {
    let callback = Callback::signed(AnyScheme::Mailgun(Mailgun), MAILGUN);
    let signed = format!("{AT}{TOKEN}");
    let keyed = keyed(SECRET.as_bytes());
    let mut mac = mac(&keyed, signed.as_bytes());
    compare(criterion, "mailgun", (Mailgun, SECRET), &callback, || {
        let read: Signed<'_> = serde_json::from_slice(black_box(&callback.body)).expect("JSON");
        (read.signature.signature.len(), mac())
    });
}

fn whatsapp(criterion: &mut Criterion) {
    let callback = Callback::signed(AnyScheme::WhatsappLegacy(WhatsappLegacy), VOICE);
    let nonce = callback.header("sinch-whatsapp-callback-signature-nonce");
    let signed = format!("{VOICE}.{nonce}");
    let keyed = keyed(SECRET.as_bytes());
    let bare = mac(&keyed, signed.as_bytes());
    compare(
        criterion,
        "whatsapp-legacy",
        (WhatsappLegacy, SECRET),
        &callback,
        bare,
    );
}

/// A callback of the vectors, which OpenSSL has signed.
fn engage(criterion: &mut Criterion) {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/vectors/schemes.json")).expect("JSON");
    let vectors = vectors.as_array().expect("an array");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let vector = vectors.iter().find(|vector| vector["id"] == "engage-root");
    let vector = vector.expect("the vector");
    let record = text(&vector["secrets"][0]);
    let pairs = vector["headers"].as_array().expect("an array").iter();
    let names = ["date", "x-messagemedia-signature", "x-messagemedia-key-id"];
    let proof = pairs.filter_map(|pair| {
        let name = names.iter().find(|name| pair[0] == **name)?;
        Some((*name, text(&pair[1])))
    });
    let callback = Callback::new("/", proof.collect(), text(&vector["body"]["text"]));
    let signature = STANDARD
        .decode(callback.header("x-messagemedia-signature"))
        .expect("base64");
    let spki = record.rsplit(' ').next().expect("a key");
    let key = rsa::PublicKey::from_public_key_der(&STANDARD.decode(spki).expect("base64"));
    let key = key.expect("a public key");
    let signed = [
        b"POST / HTTP/1.1",
        callback.header("date").as_bytes(),
        &callback.body,
    ]
    .concat();
    compare(criterion, "engage", (Engage, &record), &callback, || {
        let hash = Sha256::digest(black_box(&signed));
        key.pkcs1v15_verify_prehash::<Sha256>(&hash, &signature)
            .expect("a right signature");
    });
}
