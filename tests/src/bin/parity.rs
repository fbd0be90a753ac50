//! Writes random and mutated callbacks with the verdict that the core gives natively, one JSON line
//! each, for the hosts that have to agree: `parity --count N --seed N`.
//!
//! The output depends on the two numbers alone. Every third case is authentic; of the others, each
//! in turn is one kind of [`KINDS`]. How often each code came up goes to the standard error; a code
//! that never did is a failure, as the hosts would then agree on nothing.

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use base64ct::{Base64, Encoding};
use fastrand::Rng;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;
use sinch_callback::{
    AlgorithmHeader, ContentKey, HeaderName, Rejection, Secret, SecretRing, SignedHeaders, Signer,
    UnixSeconds, Verifier, Window,
};

/// Every code that a verifier gives. `body_truncated` is the host's to say.
const CODES: [&str; 9] = [
    "accepted",
    "missing_header",
    "repeated_header",
    "malformed_header",
    "unsupported_algorithm",
    "body_too_large",
    "signature_mismatch",
    "stale",
    "from_future",
];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (count, seed) = arguments()?;
    let mut rng = Rng::with_seed(seed);
    // Few enough for a host to keep a verifier of each.
    let settings: Vec<Setting> = (0..200).map(|_| Setting::random(&mut rng)).collect();
    let mut codes: BTreeMap<&str, u64> = CODES.map(|code| (code, 0)).into();
    let mut out = BufWriter::new(io::stdout().lock());
    for index in 0..count {
        let setting = &settings[rng.usize(..settings.len())];
        let case = case(&mut rng, setting, index);
        let expect = case.verdict();
        *codes.entry(expect.code).or_default() += 1;
        serde_json::to_writer(&mut out, &case.line(&expect))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    for (code, cases) in &codes {
        eprintln!("{code}: {cases}");
    }
    if codes.values().any(|cases| *cases == 0) {
        eprintln!("a code never came up: more cases are needed");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn arguments() -> Result<(usize, u64), Box<dyn Error>> {
    let (mut count, mut seed) = (100_000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--count" => count = value.parse()?,
            "--seed" => seed = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    Ok((count, seed))
}

const USAGE: &str = "usage: parity [--count N] [--seed N]";

/// Who judges: secrets and options.
struct Setting {
    secrets: Vec<Vec<u8>>,
    verbatim: bool,
    options: Options,
    verifier: Verifier,
}

/// The options that are not left at their default, numbers as decimal text.
#[derive(Serialize)]
struct Options {
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age_secs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_ahead_secs: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_body_bytes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm_header: Option<&'static str>,
}

impl Setting {
    fn random(rng: &mut Rng) -> Self {
        let mut secrets: Vec<_> = (0..rng.usize(1..=4)).map(|_| random_secret(rng)).collect();
        if rng.u8(..12) == 0 {
            // The first of two equal secrets is the one that counts.
            secrets = vec![secrets[0].clone(); secrets.len()];
        }
        let is_plain = |secret: &Vec<u8>| Secret::new(secret).is_ok();
        let verbatim = !secrets.iter().all(is_plain) || rng.u8(..4) == 0;
        let seconds = |rng: &mut Rng| match rng.u8(..10) {
            0..=4 => None,
            5 => Some(0),
            6 => Some(rng.u64(1..100)),
            7 => Some(86_400),
            8 => Some(u64::MAX - rng.u64(..1_000)),
            _ => Some(Window::UNLIMITED),
        };
        let (max_age, max_ahead) = (seconds(rng), seconds(rng));
        let max_body_bytes = match rng.u8(..20) {
            0 => Some(0),
            1 => Some(rng.usize(1..130)),
            2 => Some(rng.usize(130..2_100)),
            _ => None,
        };
        let algorithm_header = rng.choice([None, None, Some("optional"), Some("required")]);
        let algorithm_header = algorithm_header.flatten();
        let ring = secrets.iter().map(|secret| {
            let made = if verbatim {
                Secret::verbatim(secret)
            } else {
                Secret::new(secret)
            };
            made.expect("secrets are made to be valid")
        });
        let verifier = Verifier::new(SecretRing::new(ring).expect("one to four secrets"))
            .with_window(Window {
                max_age_secs: max_age.unwrap_or(Window::BARE.max_age_secs),
                max_ahead_secs: max_ahead.unwrap_or(Window::BARE.max_ahead_secs),
            })
            .with_max_body_bytes(max_body_bytes.unwrap_or(Verifier::DEFAULT_MAX_BODY_BYTES))
            .with_algorithm_header(match algorithm_header {
                Some("required") => AlgorithmHeader::Required,
                _ => AlgorithmHeader::Optional,
            });
        Self {
            secrets,
            verbatim,
            options: Options {
                max_age_secs: max_age.map(decimal_or_unlimited),
                max_ahead_secs: max_ahead.map(decimal_or_unlimited),
                max_body_bytes,
                algorithm_header,
            },
            verifier,
        }
    }
}

fn decimal_or_unlimited(seconds: u64) -> String {
    if seconds == Window::UNLIMITED {
        "unlimited".to_owned()
    } else {
        seconds.to_string()
    }
}

fn random_secret(rng: &mut Rng) -> Vec<u8> {
    // Keys longer than a block of the hash are hashed first.
    let length = rng.choice([1, 12, 32, 63, 64, 65, 150]).unwrap_or(32);
    match rng.u8(..6) {
        0 => random_bytes(rng, length),
        1 => "pâsswörd 鍵".repeat(length / 12 + 1).into_bytes(),
        2 => [b" ", visible(rng, length).as_slice(), b"\n"].concat(),
        _ => visible(rng, length),
    }
}

/// A callback before it is signed.
struct Unsigned {
    key: Vec<u8>,
    body: Vec<u8>,
    nonce: Vec<u8>,
    timestamp: Vec<u8>,
    algorithm: Option<Vec<u8>>,
    now: u64,
}

impl Unsigned {
    /// One that the setting accepts when it is signed, but for ages just beyond the window's edges
    /// and what the options demand.
    fn random(rng: &mut Rng, setting: &Setting) -> Self {
        let now = random_now(rng);
        let has_algorithm = rng.u8(..10) < 7;
        let nonce_length = rng.usize(1..=128);
        Self {
            key: setting.secrets[rng.usize(..setting.secrets.len())].clone(),
            body: random_body(rng, setting),
            nonce: if rng.u8(..4) == 0 {
                visible(rng, nonce_length)
            } else {
                (0..26).map(|_| ulid_digit(rng)).collect()
            },
            timestamp: random_signed_at(rng, setting.verifier.window(), now)
                .to_string()
                .into_bytes(),
            algorithm: has_algorithm.then(|| b"HmacSHA256".to_vec()),
            now,
        }
    }

    fn sign<'s>(self, rng: &mut Rng, setting: &'s Setting) -> Case<'s> {
        let signature = self.signature();
        let mut headers = vec![
            (HeaderName::Signature.to_string(), signature.into_bytes()),
            (HeaderName::Timestamp.to_string(), self.timestamp),
            (HeaderName::Nonce.to_string(), self.nonce),
        ];
        if let Some(algorithm) = self.algorithm {
            headers.push((HeaderName::Algorithm.to_string(), algorithm));
        }
        if rng.bool() {
            headers.push(("host".to_owned(), b"callbacks.example".to_vec()));
            headers.push(("content-type".to_owned(), b"application/json".to_vec()));
            // As long as one of ours, and not ours.
            headers.push(("x-sinch-webhook-signaturf".to_owned(), b"1".to_vec()));
        }
        rng.shuffle(&mut headers);
        Case {
            setting,
            headers,
            body: self.body,
            now: self.now,
        }
    }

    /// The core's own signature, or one over the raw string where its signer refuses the form.
    fn signature(&self) -> String {
        self.signed_by_core().unwrap_or_else(|| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("every length is good");
            for part in [&self.body, &b"."[..], &self.nonce, b".", &self.timestamp] {
                mac.update(part);
            }
            Base64::encode_string(&mac.finalize().into_bytes())
        })
    }

    fn signed_by_core(&self) -> Option<String> {
        let text = str::from_utf8(&self.timestamp).ok()?;
        let at: u64 = text.parse().ok()?;
        if at.to_string() != text {
            return None;
        }
        let nonce = str::from_utf8(&self.nonce).ok()?;
        let signer = Signer::new(Secret::verbatim(&self.key).ok()?);
        let signed = signer.sign(&self.body, nonce, UnixSeconds::new(at)).ok()?;
        let [(_, signature), ..] = signed.headers();
        Some(signature.to_owned())
    }
}

fn random_now(rng: &mut Rng) -> u64 {
    match rng.u8(..20) {
        0 => rng.u64(..1_000),
        1 => (1 << 32) - 500 + rng.u64(..1_000),
        2 => LAST_TIMESTAMP - rng.u64(..1_000),
        _ => 1_600_000_000 + rng.u64(..200_000_000),
    }
}

/// The last moment that twelve digits can write.
const LAST_TIMESTAMP: u64 = 999_999_999_999;

/// A signed time at an edge of the window, or somewhere within.
fn random_signed_at(rng: &mut Rng, window: Window, now: u64) -> u64 {
    let (oldest, newest) = (
        now.saturating_sub(window.max_age_secs),
        now.saturating_add(window.max_ahead_secs)
            .min(LAST_TIMESTAMP),
    );
    let at = match rng.u8(..16) {
        0 => oldest.saturating_add(1),
        1 => oldest,
        2 => oldest.saturating_sub(1),
        3 => newest.saturating_sub(1),
        4 => newest,
        5 => newest.saturating_add(1),
        6 => now,
        7 => rng.u64(oldest..=newest),
        _ => now.saturating_sub(rng.u64(..10)),
    };
    at.min(LAST_TIMESTAMP)
}

fn random_body(rng: &mut Rng, setting: &Setting) -> Vec<u8> {
    let limit = setting.verifier.max_body_bytes();
    let length = match rng.u32(..4_000) {
        // The default limit, at which a body is large: rarely.
        0 => limit - rng.usize(..=limit.min(2)),
        1 => limit + 1,
        // Around the ends of the hash's blocks.
        2..1_000 => rng.usize(54..=66),
        1_000..1_600 => rng.usize(119..=130),
        1_600..2_000 => rng.usize(..=1),
        2_000..3_000 => rng.usize(..1_024).min(rng.usize(..1_024)),
        _ => rng.usize(..2_048),
    };
    match rng.u8(..10) {
        0..=1 => random_bytes(rng, length),
        2 => cut("þæö – 鍵 \u{fffd} 🔑 ".repeat(length / 24 + 1), length),
        _ => report(rng, length),
    }
}

/// Text with dots in it, somewhat like a delivery report.
fn report(rng: &mut Rng, length: usize) -> Vec<u8> {
    let digits = |rng: &mut Rng| (0..26).map(|_| char::from(ulid_digit(rng))).collect();
    let mut text = String::new();
    while text.len() < length {
        let id: String = digits(rng);
        let fraction = rng.u32(..1_000);
        text += &format!(r#"{{"id":"{id}","time":"2021-10-18T17:49:10.{fraction}Z"}}"#);
    }
    cut(text, length)
}

/// The text's longest beginning of at most so many bytes.
fn cut(mut text: String, length: usize) -> Vec<u8> {
    while text.len() > length {
        text.pop();
    }
    text.into_bytes()
}

fn random_bytes(rng: &mut Rng, length: usize) -> Vec<u8> {
    (0..length).map(|_| rng.u8(..)).collect()
}

/// Visible ASCII of which a nonce may be made.
fn visible(rng: &mut Rng, length: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(length);
    while text.len() < length {
        let byte = rng.u8(b'!'..=b'~');
        if !matches!(byte, b'.' | b',') {
            text.push(byte);
        }
    }
    text
}

fn ulid_digit(rng: &mut Rng) -> u8 {
    pick(rng, b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
}

fn pick<T: Copy>(rng: &mut Rng, from: &[T]) -> T {
    from[rng.usize(..from.len())]
}

/// A callback as it arrives, and who judges it and when.
struct Case<'s> {
    setting: &'s Setting,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    now: u64,
}

/// One line of the output.
#[derive(Serialize)]
struct Line<'c> {
    secrets: Vec<Text<'c>>,
    verbatim: bool,
    options: &'c Options,
    headers: Vec<(&'c str, Text<'c>)>,
    body: String,
    now: String,
    expect: &'c Expect,
}

/// A text, or bytes that are none.
#[derive(Serialize)]
#[serde(untagged)]
enum Text<'c> {
    Plain(&'c str),
    Hex { hex: String },
}

impl<'c> Text<'c> {
    fn hex(bytes: &[u8]) -> Self {
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::Hex { hex }
    }

    fn utf8(bytes: &'c [u8]) -> Self {
        str::from_utf8(bytes).map_or_else(|_| Self::hex(bytes), Self::Plain)
    }

    fn ascii(bytes: &'c [u8]) -> Self {
        if bytes.is_ascii() {
            Self::utf8(bytes)
        } else {
            Self::hex(bytes)
        }
    }
}

/// The verdict; the content key is of the body, whatever becomes of it.
#[derive(Serialize)]
struct Expect {
    code: &'static str,
    status: u16,
    header: Option<&'static str>,
    detail: Option<String>,
    secret_slot: Option<u8>,
    replay_key: Option<String>,
    content_key: String,
    age_secs: Option<String>,
}

impl Case<'_> {
    fn verdict(&self) -> Expect {
        let now = UnixSeconds::new(self.now);
        let pairs = self
            .headers
            .iter()
            .map(|(name, value)| (name, value.as_slice()));
        let verdict = SignedHeaders::collect(pairs).and_then(|headers| {
            self.setting
                .verifier
                .authenticate(&headers, &self.body, now)
        });
        let authentic = verdict.ok();
        let rejection = verdict.err();
        Expect {
            code: rejection.map_or("accepted", |rejection| rejection.code()),
            status: rejection.map_or(200, |rejection| rejection.http_status()),
            header: rejection
                .and_then(|rejection| rejection.header())
                .map(HeaderName::as_str),
            detail: rejection.as_ref().map(Rejection::to_string),
            secret_slot: authentic.map(|authentic| authentic.secret_slot().index()),
            replay_key: authentic.map(|authentic| authentic.replay_key().to_string()),
            content_key: ContentKey::of_body(&self.body).to_string(),
            age_secs: authentic.map(|authentic| authentic.age_secs(now).to_string()),
        }
    }

    fn line<'c>(&'c self, expect: &'c Expect) -> Line<'c> {
        let secrets = &self.setting.secrets;
        Line {
            secrets: secrets.iter().map(|secret| Text::utf8(secret)).collect(),
            verbatim: self.setting.verbatim,
            options: &self.setting.options,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), Text::ascii(value)))
                .collect(),
            body: Base64::encode_string(&self.body),
            now: self.now.to_string(),
            expect,
        }
    }

    /// The value of one of the four headers; that of another where it is gone, so that damage done
    /// to it does not go amiss.
    fn value(&mut self, name: HeaderName) -> &mut Vec<u8> {
        let position = self.position(name).unwrap_or_default();
        &mut self.headers[position].1
    }

    fn position(&self, name: HeaderName) -> Option<usize> {
        let is_it = |(found, _): &(String, _)| HeaderName::parse(found.as_bytes()) == Some(name);
        self.headers.iter().position(is_it)
    }

    /// The position of one of the four.
    fn any_position(&self, rng: &mut Rng) -> usize {
        self.position(pick(rng, HeaderName::ALL))
            .unwrap_or_default()
    }

    fn any_value(&mut self, rng: &mut Rng) -> &mut Vec<u8> {
        let position = self.any_position(rng);
        &mut self.headers[position].1
    }
}

fn case<'s>(rng: &mut Rng, setting: &'s Setting, index: usize) -> Case<'s> {
    let mut unsigned = Unsigned::random(rng, setting);
    if index.is_multiple_of(3) {
        return unsigned.sign(rng, setting);
    }
    let turn = index / 3 * 2 + index % 3 - 1;
    let (prepare, damage) = KINDS[turn % KINDS.len()];
    prepare(rng, setting, &mut unsigned);
    let mut case = unsigned.sign(rng, setting);
    damage(rng, &mut case);
    case
}

/// What is odd about a callback before it is signed.
type Prepare = fn(&mut Rng, &Setting, &mut Unsigned);
/// What happens to it on the way.
type Damage = fn(&mut Rng, &mut Case<'_>);

const KINDS: &[(Prepare, Damage)] = &[
    (as_usual, flip_body),
    (as_usual, flip_body),
    (as_usual, resize_body),
    (
        with_replacement_characters,
        make_replacement_characters_invalid,
    ),
    (as_usual, flip_signature),
    (as_usual, flip_nonce),
    (as_usual, flip_timestamp),
    (as_usual, other_timestamp),
    (with_dots, shift_boundary),
    (with_dots, shift_boundary),
    (as_usual, set_unused_bits),
    (as_usual, drop_padding),
    (as_usual, use_url_alphabet),
    (as_usual, write_in_hex),
    (as_usual, drop_headers),
    (naming_undefined, drop_undefined),
    (as_usual, repeat_header),
    (as_usual, repeat_header),
    (as_usual, join_header),
    (as_usual, empty_header),
    (as_usual, add_white_space),
    (as_usual, change_case_of_names),
    (as_usual, insert_non_ascii),
    (as_usual, insert_control),
    (as_usual, lengthen),
    (as_usual, swap_values),
    (as_usual, several),
    (as_usual, several),
    (with_odd_timestamp, nothing),
    (with_odd_timestamp, nothing),
    (with_nonce_of_odd_characters, nothing),
    (with_nonce_of_odd_length, nothing),
    (with_odd_timestamp, several),
    (with_nonce_of_odd_characters, several),
    (with_other_algorithm, nothing),
    (with_algorithm_in_other_case, nothing),
    (without_algorithm, nothing),
    (with_other_secret, nothing),
    (around_the_limit, nothing),
    (around_the_limit, several),
    (at_another_time, nothing),
    (at_another_time, nothing),
];

fn as_usual(_: &mut Rng, _: &Setting, _: &mut Unsigned) {}

fn with_replacement_characters(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let mut text = report(rng, 60);
    text.extend_from_slice("\u{fffd}".as_bytes());
    text.extend(report(rng, 20));
    unsigned.body = text;
}

fn with_dots(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let length = rng.usize(60..600);
    unsigned.body = report(rng, length);
    if rng.bool() {
        // Without a comma the tail reads as one value.
        unsigned.body.retain(|byte| *byte != b',');
    }
}

/// Signed over the word that stands for nothing in JavaScript.
fn naming_undefined(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let part = if rng.bool() {
        &mut unsigned.nonce
    } else {
        &mut unsigned.timestamp
    };
    *part = b"undefined".to_vec();
}

fn with_odd_timestamp(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let plain = String::from_utf8_lossy(&unsigned.timestamp).into_owned();
    let zeros = "0".repeat(rng.usize(1..4));
    let odd = [
        format!("{zeros}{plain}"),
        format!("{plain:0>12}"),
        format!("{plain:0>13}"),
        format!("+{plain}"),
        format!("-{plain}"),
        format!("{plain}000"),
        format!("{plain}.0"),
        format!("{plain}.5"),
        format!("{plain}e0"),
        format!("0x{plain}"),
        format!("{plain} "),
        "18446744073709551616".to_owned(),
        "1000000000000".to_owned(),
        "999999999999".to_owned(),
        "٣".to_owned(),
        String::new(),
    ];
    unsigned.timestamp = odd[rng.usize(..odd.len())].clone().into_bytes();
}

fn with_nonce_of_odd_characters(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let odd: &[u8] = match rng.u8(..8) {
        0..=1 => b".",
        2..=3 => b",",
        4 => b" ",
        5 => "é".as_bytes(),
        6 => b"\xff",
        _ => b"\x7f",
    };
    let at = rng.usize(..=unsigned.nonce.len());
    unsigned.nonce.splice(at..at, odd.iter().copied());
}

fn with_nonce_of_odd_length(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let length = pick(rng, &[0, 1, 127, 128, 129, 300]);
    unsigned.nonce = visible(rng, length);
}

fn with_other_algorithm(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let names: [&[u8]; 7] = [
        b"HmacSHA1",
        b"HmacSHA512",
        b"HmacSHA25",
        b"HmacSHA2566",
        b"none",
        b"",
        b"HmacSHA\xb2",
    ];
    unsigned.algorithm = Some(pick(rng, &names).to_vec());
}

fn with_algorithm_in_other_case(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    unsigned.algorithm = Some(any_case(rng, b"HmacSHA256"));
}

fn without_algorithm(_: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    unsigned.algorithm = None;
}

fn with_other_secret(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let at = rng.usize(..unsigned.key.len());
    unsigned.key[at] ^= 1;
}

fn around_the_limit(rng: &mut Rng, setting: &Setting, unsigned: &mut Unsigned) {
    let limit = setting.verifier.max_body_bytes();
    // Bodies at the default limit are large: few of them have to do.
    if limit < Verifier::DEFAULT_MAX_BODY_BYTES || rng.u16(..400) == 0 {
        let length = (limit + rng.usize(..4)).saturating_sub(1);
        unsigned.body = report(rng, length);
    }
}

fn at_another_time(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    unsigned.now = match rng.u8(..8) {
        0 => 0,
        1 => u64::MAX,
        2 => rng.u64(..),
        3 => (1 << 53) + rng.u64(..1_000) - 500,
        4 => (1 << 32) + rng.u64(..1_000) - 500,
        _ => unsigned.now.saturating_add(rng.u64(..2_000)) - rng.u64(..1_000).min(unsigned.now),
    };
}

fn nothing(_: &mut Rng, _: &mut Case<'_>) {}

fn flip(rng: &mut Rng, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        bytes[rng.usize(..bytes.len())] ^= 1 << rng.u8(..8);
    }
}

fn flip_body(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, &mut case.body);
}

fn resize_body(rng: &mut Rng, case: &mut Case<'_>) {
    match rng.u8(..4) {
        0 => drop(case.body.pop()),
        1 => case.body.push(b'\n'),
        2 => drop(case.body.splice(..0, "\u{feff}".bytes())),
        _ => case.body.truncate(rng.usize(..=case.body.len())),
    }
}

/// Gives them another spelling that lax decoders read alike.
fn make_replacement_characters_invalid(_: &mut Rng, case: &mut Case<'_>) {
    let replacement = "\u{fffd}".as_bytes();
    let found = case.body.windows(3).position(|bytes| bytes == replacement);
    if let Some(at) = found {
        case.body.splice(at..at + 3, [0xff]);
    }
}

fn flip_signature(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, case.value(HeaderName::Signature));
}

fn flip_nonce(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, case.value(HeaderName::Nonce));
}

fn flip_timestamp(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, case.value(HeaderName::Timestamp));
}

fn other_timestamp(rng: &mut Rng, case: &mut Case<'_>) {
    let now = case.now.saturating_sub(rng.u64(..300));
    *case.value(HeaderName::Timestamp) = now.to_string().into_bytes();
}

/// Moves the body's tail in front of the nonce: the signed string stays what it was.
fn shift_boundary(rng: &mut Rng, case: &mut Case<'_>) {
    let is_dot = |at: &usize| case.body[*at] == b'.';
    let dots: Vec<usize> = (0..case.body.len()).filter(is_dot).collect();
    if dots.is_empty() {
        return;
    }
    let dot = pick(rng, &dots);
    let mut nonce = case.body[dot + 1..].to_vec();
    nonce.push(b'.');
    nonce.extend_from_slice(case.value(HeaderName::Nonce));
    *case.value(HeaderName::Nonce) = nonce;
    case.body.truncate(dot);
}

/// Another text of the same bytes: the last digit's two unused bits are not zero.
fn set_unused_bits(rng: &mut Rng, case: &mut Case<'_>) {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let extra = rng.usize(1..4);
    if let [.., last, b'='] = case.value(HeaderName::Signature).as_mut_slice()
        && let Some(digit) = DIGITS.iter().position(|digit| digit == last)
    {
        *last = DIGITS[digit | extra];
    }
}

fn drop_padding(_: &mut Rng, case: &mut Case<'_>) {
    case.value(HeaderName::Signature).pop();
}

fn use_url_alphabet(_: &mut Rng, case: &mut Case<'_>) {
    for byte in case.value(HeaderName::Signature) {
        *byte = match *byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        };
    }
}

fn write_in_hex(_: &mut Rng, case: &mut Case<'_>) {
    let value = case.value(HeaderName::Signature);
    let text = str::from_utf8(value).expect("it was signed just now");
    let tag = Base64::decode_vec(text).expect("it was signed just now");
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    *value = hex.into_bytes();
}

fn drop_headers(rng: &mut Rng, case: &mut Case<'_>) {
    for _ in 0..rng.usize(1..=2) {
        let name = pick(rng, HeaderName::ALL);
        if let Some(position) = case.position(name) {
            case.headers.remove(position);
        }
    }
}

fn drop_undefined(_: &mut Rng, case: &mut Case<'_>) {
    case.headers.retain(|(_, value)| value != b"undefined");
}

fn repeat_header(rng: &mut Rng, case: &mut Case<'_>) {
    let (name, mut value) = case.headers[case.any_position(rng)].clone();
    let name = any_case(rng, name.as_bytes());
    match rng.u8(..3) {
        0 => flip(rng, &mut value),
        1 => value.clear(),
        _ => {}
    }
    let header = (String::from_utf8_lossy(&name).into_owned(), value);
    case.headers
        .insert(rng.usize(..=case.headers.len()), header);
}

fn join_header(rng: &mut Rng, case: &mut Case<'_>) {
    let seam: &[u8] = pick(rng, &[&b","[..], b", ", b" ,"]);
    let value = case.any_value(rng);
    let second = if rng.bool() {
        value.clone()
    } else {
        Vec::new()
    };
    value.extend_from_slice(seam);
    value.extend(second);
}

fn empty_header(rng: &mut Rng, case: &mut Case<'_>) {
    case.any_value(rng).clear();
}

fn add_white_space(rng: &mut Rng, case: &mut Case<'_>) {
    let space = pick(rng, b" \t\r\n");
    let value = case.any_value(rng);
    let at = pick(rng, &[0, value.len(), value.len() / 2]);
    value.insert(at, space);
}

fn change_case_of_names(rng: &mut Rng, case: &mut Case<'_>) {
    for (name, _) in &mut case.headers {
        let changed = match rng.u8(..3) {
            0 => name.to_ascii_uppercase().into_bytes(),
            1 => canonical(name),
            _ => any_case(rng, name.as_bytes()),
        };
        *name = String::from_utf8_lossy(&changed).into_owned();
    }
}

/// As most senders write names: `X-Sinch-Webhook-Signature`.
fn canonical(name: &str) -> Vec<u8> {
    let mut name = name.as_bytes().to_vec();
    for word in name.split_mut(|byte| *byte == b'-') {
        if let Some(first) = word.first_mut() {
            first.make_ascii_uppercase();
        }
    }
    name
}

fn any_case(rng: &mut Rng, text: &[u8]) -> Vec<u8> {
    text.iter()
        .map(|byte| {
            if rng.bool() {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            }
        })
        .collect()
}

fn insert_non_ascii(rng: &mut Rng, case: &mut Case<'_>) {
    let byte = rng.u8(0x80..);
    insert(rng, case, byte);
}

fn insert_control(rng: &mut Rng, case: &mut Case<'_>) {
    let byte = pick(rng, &[0, 1, 8, 11, 27, 31, 127]);
    insert(rng, case, byte);
}

/// Puts the byte into a value, or in the place of one of its bytes, so that the length stays right.
fn insert(rng: &mut Rng, case: &mut Case<'_>, byte: u8) {
    let value = case.any_value(rng);
    let at = rng.usize(..=value.len());
    match value.get_mut(at) {
        Some(place) if rng.bool() => *place = byte,
        _ => value.insert(at, byte),
    }
}

fn lengthen(rng: &mut Rng, case: &mut Case<'_>) {
    // Beyond what the hosts' buffers have room for at the start, now and then.
    let length = match rng.u8(..8) {
        0 => rng.usize(16_000..40_000),
        _ => rng.usize(1..400),
    };
    let more = match rng.u8(..3) {
        0 => vec![b'A'; length],
        1 => vec![0xe9; length],
        _ => visible(rng, length),
    };
    case.any_value(rng).extend(more);
}

fn swap_values(rng: &mut Rng, case: &mut Case<'_>) {
    let (one, other) = (case.any_position(rng), case.any_position(rng));
    let value = case.headers[one].1.clone();
    case.headers[one].1 = std::mem::replace(&mut case.headers[other].1, value);
}

/// More than one thing is wrong, so that it matters which is looked at first.
fn several(rng: &mut Rng, case: &mut Case<'_>) {
    let damages: [Damage; 13] = [
        flip_body,
        flip_signature,
        flip_nonce,
        flip_timestamp,
        set_unused_bits,
        drop_padding,
        repeat_header,
        join_header,
        empty_header,
        add_white_space,
        change_case_of_names,
        insert_non_ascii,
        insert_control,
    ];
    for _ in 0..rng.usize(1..=3) {
        pick(rng, &damages)(rng, case);
    }
    if rng.u8(..4) == 0 && case.headers.len() > 3 {
        drop_headers(rng, case);
    }
}
