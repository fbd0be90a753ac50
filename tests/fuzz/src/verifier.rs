//! The verdict on a callback, against an oracle. An input may ask for a signature, and for a change
//! behind it: no mutation hits upon an authentic callback by itself.

use core::time::Duration;

use sinch_callback::{
    AlgorithmHeader, HeaderName, Secret, SecretRing, SignedHeaders, Signer, UnixSeconds, Verifier,
    Window,
};
use sinch_callback_tests::Vector;

use crate::{
    Seed,
    oracle::{self, Accepted, Pair, Rules},
    reader::{Reader, Writer},
};

/// Of the first byte: the callback is signed, by the secret that the higher bits choose, the last
/// choice being a stranger's.
const SIGNS: u8 = 1;
/// Of the first byte: what was signed is changed.
const TAMPERS: u8 = 2;
/// How far above these the choice of the secret lies.
const SIGNER_SHIFT: u8 = 2;
const STRANGER: &[u8] = b"made-up-secret-of-a-stranger";
/// In place of an empty secret, which is none.
const SECRET: &[u8] = b"made-up-secret";
/// Most headers of an input.
const MOST_HEADERS: u8 = 8;

/// Ages and leads that are acceptable, by the byte that chooses.
const WINDOWS: [Duration; 4] = [
    Duration::from_secs(300),
    Duration::from_secs(86_400),
    Window::UNLIMITED,
    Duration::ZERO,
];
const MOST_BODY_BYTES: [usize; 4] = [sinch_callback::Rules::DEFAULT_MAX_BODY_BYTES, 64, 1, 0];

struct Case {
    secrets: Vec<Vec<u8>>,
    window: Window,
    max_body_bytes: usize,
    requires_algorithm: bool,
    now: u64,
    pairs: Vec<Pair>,
    body: Vec<u8>,
    /// What was signed, where something was.
    intact: Option<Parts>,
}

/// What a signature is about, and the signature.
#[derive(PartialEq, Eq)]
struct Parts {
    values: [Vec<u8>; 3],
    body: Vec<u8>,
}

pub(crate) fn run(data: &[u8]) {
    let case = Case::read(data);
    let rules = Rules {
        secrets: &case.secrets,
        window: case.window,
        max_body_bytes: case.max_body_bytes,
        requires_algorithm: case.requires_algorithm,
    };
    let expected = oracle::verdict(&rules, &case.pairs, &case.body, case.now);
    assert_eq!(case.verdict(), expected);
    // Whatever was done to it, what is accepted is what was signed.
    if let (Some(intact), Ok(_)) = (&case.intact, expected) {
        assert!(Parts::of(&case.pairs, &case.body) == *intact, "forged");
    }
    for secret in &case.secrets {
        let surrounded = [secret.first(), secret.last()];
        let is_spaced = surrounded
            .into_iter()
            .flatten()
            .any(u8::is_ascii_whitespace);
        let is_plain = secret.iter().all(u8::is_ascii_alphanumeric);
        let is_taken = Secret::new(secret).is_ok();
        assert!(if is_plain {
            is_taken
        } else {
            !(is_taken && is_spaced)
        });
    }
}

impl Case {
    fn read(data: &[u8]) -> Self {
        let mut reader = Reader::new(data);
        let control = reader.byte();
        let secrets: Vec<Vec<u8>> = (0..=reader.byte() % 4)
            .map(|_| match reader.text() {
                [] => SECRET.to_vec(),
                text => text.to_vec(),
            })
            .collect();
        let limits = reader.byte();
        let window = Window::new(
            WINDOWS[usize::from(limits & 3)],
            WINDOWS[usize::from(limits >> 2 & 3)],
        );
        let max_body_bytes = MOST_BODY_BYTES[usize::from(limits >> 4 & 3)];
        let requires_algorithm = limits >> 6 & 1 == 1;
        let now = reader.number();
        let pairs = (0..reader.byte() % (MOST_HEADERS + 1))
            .map(|_| {
                let name = usize::from(reader.byte());
                let name = match HeaderName::CONVERSATION.get(name) {
                    Some(name) => name.as_str().as_bytes(),
                    None => reader.text(),
                };
                (name.to_vec(), reader.text().to_vec())
            })
            .collect();
        let (what, place, by) = (reader.byte(), reader.number(), reader.byte());
        let mut case = Self {
            secrets,
            window,
            max_body_bytes,
            requires_algorithm,
            now,
            pairs,
            body: reader.rest().to_vec(),
            intact: None,
        };
        if control & SIGNS != 0 {
            case.sign(usize::from(control >> SIGNER_SHIFT));
            if control & TAMPERS != 0 {
                case.tamper(what, place, by);
            }
        }
        case
    }

    /// Gives the callback the signature that its body, nonce and time ask for.
    fn sign(&mut self, choice: usize) {
        let choice = choice % (self.secrets.len() + 1);
        let secret = self.secrets.get(choice).map_or(STRANGER, Vec::as_slice);
        let first = |name| {
            let values = oracle::values(&self.pairs, name);
            values
                .first()
                .map_or(Vec::new(), |value: &&[u8]| value.to_vec())
        };
        let (nonce, timestamp) = (first(HeaderName::Nonce), first(HeaderName::Timestamp));
        let signature = oracle::signature(secret, &self.body, &nonce, &timestamp);
        sign_alike(secret, &self.body, &nonce, &timestamp, &signature);
        let name = HeaderName::Signature.as_str().as_bytes();
        self.pairs.retain(|(found, _)| found != name);
        self.pairs.push((name.to_vec(), signature.into_bytes()));
        self.intact = Some(Parts::of(&self.pairs, &self.body));
    }

    fn tamper(&mut self, what: u8, place: u64, by: u8) {
        let at = |length: usize| {
            let length = u64::try_from(length.max(1)).expect("a length is a number");
            usize::try_from(place % length).expect("a place is a number")
        };
        let bit = 1 << (by % 8);
        match what % 5 {
            0 => {
                let at = at(self.body.len());
                if let Some(byte) = self.body.get_mut(at) {
                    *byte ^= bit;
                }
            }
            1 => {
                let header = at(self.pairs.len());
                if let Some((_, value)) = self.pairs.get_mut(header) {
                    let at = at(value.len());
                    if let Some(byte) = value.get_mut(at) {
                        *byte ^= bit;
                    }
                }
            }
            2 => self.shift(at(self.body.len())),
            3 => self.respell(by),
            _ => {
                let at = at(self.body.len() + 1);
                self.body.insert(at, by);
            }
        }
    }

    /// Moves the end of the body into the nonce: the signed string stays the same.
    fn shift(&mut self, from: usize) {
        let dot = self.body[from..].iter().position(|byte| *byte == b'.');
        let Some(dot) = dot.map(|dot| dot + from) else {
            return;
        };
        let tail = self.body.split_off(dot);
        if let Some(nonce) = self.value_mut(HeaderName::Nonce) {
            *nonce = [&tail[1..], nonce].join(&b'.');
        }
    }

    /// Changes the bits of the signature's last digit that decoders pass over.
    fn respell(&mut self, by: u8) {
        const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let signature = self.value_mut(HeaderName::Signature);
        if let Some([.., last, _pad]) = signature.map(Vec::as_mut_slice) {
            let digit = ALPHABET.iter().position(|known| known == last).unwrap_or(0);
            *last = ALPHABET[digit ^ usize::from(by & 3)];
        }
    }

    fn value_mut(&mut self, name: HeaderName) -> Option<&mut Vec<u8>> {
        let name = name.as_str().as_bytes();
        let found = self.pairs.iter_mut().find(|(found, _)| found == name);
        found.map(|(_, value)| value)
    }

    fn verdict(&self) -> Result<Accepted, sinch_callback::Rejection> {
        let secret = |bytes: &Vec<u8>| Secret::verbatim(bytes).expect("no secret is empty");
        let ring = SecretRing::new(self.secrets.iter().map(secret)).expect("one to four secrets");
        let verifier = Verifier::bare(ring)
            .with_window(self.window)
            .with_max_body_bytes(self.max_body_bytes)
            .with_algorithm_header(AlgorithmHeader::required_if(self.requires_algorithm));
        let now = UnixSeconds::new(self.now);
        let pairs = self.pairs.iter();
        let headers = SignedHeaders::collect(pairs.map(|(name, value)| (name, value.as_slice())))?;
        let authentic = verifier.authenticate(&headers, &self.body, now)?;
        assert_eq!(authentic.body(), self.body);
        Ok(Accepted {
            slot: authentic.secret_slot().index().into(),
            replay_key: *authentic.replay_key().as_bytes(),
            content_key: *authentic.content_key().as_bytes(),
            age_secs: authentic.age(now).as_secs(),
        })
    }
}

impl Parts {
    fn of(pairs: &[Pair], body: &[u8]) -> Self {
        let signed = [
            HeaderName::Signature,
            HeaderName::Timestamp,
            HeaderName::Nonce,
        ];
        Self {
            values: signed.map(|name| oracle::values(pairs, name).join(&b'\n')),
            body: body.to_vec(),
        }
    }
}

/// Our signer makes the signature, wherever it makes one.
fn sign_alike(secret: &[u8], body: &[u8], nonce: &[u8], timestamp: &[u8], expected: &str) {
    let signer = Signer::new(Secret::verbatim(secret).expect("no secret is empty"));
    let texts = (str::from_utf8(nonce), str::from_utf8(timestamp));
    let (Ok(nonce), Ok(timestamp)) = texts else {
        return;
    };
    let Ok(at) = timestamp.parse::<u64>() else {
        return;
    };
    let signed = signer.sign(body, nonce, UnixSeconds::new(at));
    let signable = oracle::is_nonce(nonce.as_bytes()) && at < 1_000_000_000_000;
    assert_eq!(signed.is_ok(), signable);
    // With a zero in front it is another text.
    if let (Ok(signed), true) = (signed, at.to_string() == timestamp) {
        let [(_, signature), ..] = signed.headers();
        assert_eq!(signature, expected);
    }
}

pub(crate) fn seeds() -> Vec<Seed> {
    let vectors = Vector::all();
    let mut seeds = Vec::new();
    for vector in &vectors {
        let (secrets, _) = vector.secrets();
        let stranger = u8::try_from(secrets.len()).expect("a ring is small") << SIGNER_SHIFT;
        let ways = [
            ("as-it-is", 0, 0),
            ("signed", SIGNS, 0),
            ("of-a-stranger", SIGNS | stranger, 0),
            ("bit-of-the-body", SIGNS | TAMPERS, 0),
            ("bit-of-a-header", SIGNS | TAMPERS, 1),
            ("cut-elsewhere", SIGNS | TAMPERS, 2),
            ("respelt", SIGNS | TAMPERS, 3),
        ];
        for (way, control, what) in ways {
            if let Some(bytes) = seed(vector, control, what) {
                seeds.push(Seed::new(format!("{}-{way}", vector.id), bytes));
            }
        }
    }
    seeds
}

/// The vector as an input; nothing where it does not fit into one.
fn seed(vector: &Vector, control: u8, what: u8) -> Option<Vec<u8>> {
    let (secrets, _) = vector.secrets();
    let headers = vector.headers();
    let count = |length: usize| u8::try_from(length).ok();
    let mut writer = Writer::default()
        .byte(control)
        .byte(count(secrets.len())?.checked_sub(1)?);
    for secret in &secrets {
        writer = writer.text(secret)?;
    }
    writer = writer.byte(0).number(vector.now().get());
    writer = writer.byte(count(headers.len()).filter(|count| *count <= MOST_HEADERS)?);
    for (name, value) in &headers {
        writer = writer.byte(u8::MAX).text(name.as_bytes())?.text(value)?;
    }
    let body = vector.body();
    Some(writer.byte(what).number(1).byte(1).rest(&body))
}
