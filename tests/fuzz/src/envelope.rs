//! The queued message. An input is read as the message's text, or as what is to be put into one.

use base64ct::{Base64, Encoding};
use sinch_callback::{
    ContentKey, ReplayKey, Secret, SecretSlot, SignedHeaders, Signer, UnixSeconds, Verifier,
    scheme::SchemeName,
};
use sinch_callback_pipeline::{Envelope, Promise};
use sinch_callback_tests::Vector;

use crate::{
    Seed, classification,
    reader::{Reader, Writer},
};

/// What the first byte says of the rest.
const WRITTEN: u8 = 0;
const FIELDS: u8 = 1;
const CALLBACK: u8 = 2;

const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);
/// Most bytes of an envelope besides its body, where its texts are as short as ours are.
const FRAME: usize = 512;

pub(crate) fn run(data: &[u8]) {
    let mut reader = Reader::new(data);
    match reader.byte() % 3 {
        WRITTEN => {
            if let Ok(text) = str::from_utf8(reader.rest()) {
                reads_one_way(text);
            }
        }
        FIELDS => {
            let envelope = of_fields(reader);
            reads_back(&envelope);
        }
        _ => {
            let body = reader.rest();
            let envelope = sealed(body);
            assert_eq!(envelope.body(), body);
            assert_eq!(envelope.content_key(), ContentKey::of_body(body));
            let text = reads_back(&envelope);
            assert!(text.chars().all(is_xml), "SQS takes every character");
            assert!(!envelope.group().is_empty(), "a group has a name");
        }
    }
}

/// What is accepted means the same when it is written again.
fn reads_one_way(text: &str) {
    let Ok(envelope) = Envelope::decode(text) else {
        return;
    };
    let again = envelope.encode();
    let read = Envelope::decode(&again).expect("what we write reads back");
    assert_eq!(read, envelope);
    assert_eq!(read.encode(), again, "one envelope, one text");
}

fn reads_back(envelope: &Envelope<'_>) -> String {
    let text = envelope.encode();
    let read = Envelope::decode(&text).expect("what we write reads back");
    assert_eq!(read, *envelope);
    let body = envelope.body().len().div_ceil(3) * 4;
    // Six characters are the longest escape, in each of the three other texts.
    let texts = [envelope.kind(), envelope.group(), envelope.request_id()];
    let texts: usize = texts.iter().map(|text| text.len() * 6).sum();
    assert!(text.len() <= body + texts + FRAME, "outgrows a message");
    text
}

/// The characters of XML 1.0, section 2.2, which are those of an SQS message.
fn is_xml(character: char) -> bool {
    match u32::from(character) {
        0x9 | 0xa | 0xd => true,
        code => {
            (0x20..=0xd7ff).contains(&code)
                || (0xe000..=0xfffd).contains(&code)
                || (0x10000..=0x0010_ffff).contains(&code)
        }
    }
}

fn of_fields(mut reader: Reader<'_>) -> Envelope<'_> {
    let key = |reader: &mut Reader<'_>| {
        let halves = [reader.number(), reader.number()].map(u64::to_le_bytes);
        halves.concat().try_into().expect("a key has 16 bytes")
    };
    let [kind, group] = [reader.text(), reader.text()].map(String::from_utf8_lossy);
    let content_key = ContentKey::from_bytes(key(&mut reader));
    let replay_key = ReplayKey::from_bytes(key(&mut reader));
    let secret_slot = SecretSlot::new(reader.byte());
    let [received_at, signed_at] = [reader.number(), reader.number()].map(UnixSeconds::new);
    let request_id = String::from_utf8_lossy(reader.text());
    Envelope::kept(content_key, signed_at, reader.rest())
        .with_kind(kind)
        .with_group(group)
        .with_secret_slot(secret_slot)
        .with_promise(Promise::Timely {
            replay_key,
            signed_at,
        })
        .with_arrival(received_at, request_id)
}

/// The envelope that the receiver would make of a callback with this body.
pub(crate) fn sealed(body: &[u8]) -> Envelope<'_> {
    let secret = Secret::new("made-up-secret").expect("a secret");
    let signer = Signer::new(secret.clone());
    let signed = signer.sign(body, "nonce", NOW).expect("signable");
    let headers = SignedHeaders::collect(signed.headers()).expect("well-formed");
    let verifier = Verifier::bare(secret).with_max_body_bytes(usize::MAX);
    let authentic = verifier.authenticate(&headers, body, NOW);
    let authentic = authentic.expect("authentic");
    Envelope::seal(SchemeName::Conversation, &authentic, NOW, "request-1")
}

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for (name, body) in classification::bodies() {
        let text = sealed(body.as_bytes()).encode();
        seeds.push(Seed::new(format!("{name}-written"), with(WRITTEN, &text)));
        seeds.push(Seed::new(format!("{name}-sealed"), with(CALLBACK, body)));
    }
    for vector in Vector::all() {
        let body = vector.body();
        seeds.push(Seed::new(&*vector.id, with(CALLBACK, &body)));
    }
    let in_base64 = sealed(b"\xff\x00").encode();
    seeds.push(Seed::new("bytes-written", with(WRITTEN, in_base64)));
    let two = format!(
        r#"{{"version":1,"kind":"k","group":"g","content_key":"{0}","replay_key":"{0}","secret_slot":0,"received_at":1,"signed_at":1,"request_id":"r","body":"b","body_base64":"{1}"}}"#,
        "0".repeat(32),
        Base64::encode_string(b"b"),
    );
    seeds.push(Seed::new("two-bodies-written", with(WRITTEN, two)));
    seeds.push(Seed::new(
        "newer-written",
        with(WRITTEN, r#"{"version":2}"#),
    ));
    let quotes = with(CALLBACK, [b'"'; 4_096]);
    seeds.push(Seed::new("quotes-sealed", quotes));
    let fields = Writer::default()
        .byte(FIELDS)
        .text(b"message_delivery")
        .and_then(|writer| writer.text("g\u{e9}\n\"".as_bytes()))
        .map(|writer| writer.number(1).number(2).number(3).number(4).byte(3))
        .and_then(|writer| writer.number(u64::MAX).number(0).text(b"request-1"))
        .expect("short texts");
    seeds.push(Seed::new("fields", fields.rest(b"{\"a\":\"\\u0000\"}\r\n")));
    seeds
}

fn with(first: u8, rest: impl AsRef<[u8]>) -> Vec<u8> {
    Writer::default().byte(first).rest(rest.as_ref())
}
