use fastrand::Rng;
use serde_json::Value;

use crate::{Seed, document};

/// What formats are made of.
pub const DICTIONARY: &[&str] = &[
    "x-sinch-webhook-signature",
    "X-SINCH-WEBHOOK-SIGNATURE",
    "x-sinch-webhook-signature-timestamp",
    "x-sinch-webhook-signature-nonce",
    "x-sinch-webhook-signature-algorithm",
    "HmacSHA256",
    "hmacsha256",
    "NUYt346NCkvE5yyqdmf/ksqt8WXzPL5zLbV+ICgvylE=",
    "x-timestamp:",
    "authorization",
    "application fuzz-key:",
    "service fuzz-key:",
    "2026-10-01T12:00:00Z",
    "Thu, 01 Oct 2026 12:00:00 GMT",
    " HTTP/1.1",
    "\"signature\":",
    "\"timestamp\":",
    "\"token\":",
    "1700000000",
    "999999999999",
    "18446744073709551615",
    "-1",
    "1e400",
    "0.5",
    ",",
    ", ",
    ".",
    ":",
    "=",
    "==",
    "\n",
    "\r\n",
    "\"",
    "\\",
    "\\u0000",
    "\\ud800",
    "\\uffff",
    "\u{feff}",
    "\u{ffff}",
    "\u{0}",
    "{}",
    "[]",
    "[[[[[[[[",
    "null",
    "true",
    "\"\"",
    "{\"",
    "\":\"",
    "\":{",
    "\"}",
    ",\"",
    "\"type\":",
    "\"message\":{}",
    "\"event\":{}",
    "\"capability_notification\":{}",
    "\"message_delivery_report\":",
    "\"event_delivery_report\":",
    "\"message_id\":",
    "\"event_id\":",
    "\"status\":",
    "\"statuses\":",
    "\"recipients\":",
    "\"recipient\":",
    "\"batch_id\":",
    "\"code\":",
    "\"reason\":",
    "\"metadata\":",
    "\"channel_identity\":",
    "recipient_delivery_report_sms",
    "delivery_report_mms",
    "mo_text",
    "FAILED",
    "SWITCHING_CHANNEL",
    "Delivered",
    "+",
    "\"version\":",
    "\"body\":",
    "\"body_base64\":",
    "\"content_key\":",
    "\"headers\":",
    "\"isBase64Encoded\":true",
    "\"method\":\"POST\"",
    "\"Records\":[",
    "\"messageId\":",
    "\"attributes\":",
    "\"MessageGroupId\":",
    "fails",
];

/// Longest input that is made.
const MOST_BYTES: usize = 65_536;
/// Most changes to one input.
const MOST_CHANGES: usize = 6;

/// Makes hostile inputs out of a corpus, the same ones for the same seed.
pub struct Mutator<'a> {
    corpus: &'a [Seed],
    rng: Rng,
}

impl<'a> Mutator<'a> {
    /// A mutator of this corpus.
    ///
    /// # Panics
    /// Where the corpus is empty.
    #[must_use]
    pub fn new(corpus: &'a [Seed], seed: u64) -> Self {
        assert!(!corpus.is_empty(), "there is something to mutate");
        Self {
            corpus,
            rng: Rng::with_seed(seed),
        }
    }

    /// The next input.
    pub fn input(&mut self) -> Vec<u8> {
        let mut input = self.seed().to_vec();
        // Half of those with a document in them keep one.
        let changes = match document_in(&input).filter(|_| self.rng.bool()) {
            Some((start, mut document)) => {
                for _ in 0..self.rng.usize(1..=MOST_CHANGES) {
                    document::change(&mut document, &mut self.rng);
                }
                input.truncate(start);
                input.extend(document.to_string().bytes());
                // The byte in front has its turn too.
                if let Some(control) = input.first_mut().filter(|_| start > 0) {
                    *control ^= self.rng.u8(..2);
                }
                0
            }
            None => self.rng.usize(1..=MOST_CHANGES),
        };
        for _ in 0..changes {
            self.change(&mut input);
        }
        input.truncate(MOST_BYTES);
        input
    }

    fn seed(&mut self) -> &'a [u8] {
        &self.corpus[self.rng.usize(..self.corpus.len())].bytes
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.rng.usize(..=input.len());
        let end = self.rng.usize(at..=input.len().min(at + 32));
        match self.rng.u8(..10) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.rng.u8(..8);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = self.rng.u8(..);
                }
            }
            2 => input.insert(at, self.rng.u8(..)),
            3 => drop(input.drain(at..end)),
            4 => {
                let copy = input[at..end].to_vec();
                let to = self.rng.usize(..=input.len());
                input.splice(to..to, copy);
            }
            5 => {
                let token = token(&mut self.rng);
                input.splice(at..at, token.bytes());
            }
            6 => {
                let token = token(&mut self.rng);
                let end = input.len().min(at + token.len());
                input.splice(at..end, token.bytes());
            }
            7 => {
                let other = self.seed();
                let from = self.rng.usize(..=other.len());
                input.truncate(at);
                input.extend(&other[from..]);
            }
            8 => {
                // What a number says, not how it is written.
                if let Some(digit) = input[at..].iter_mut().find(|byte| byte.is_ascii_digit()) {
                    *digit = self.rng.u8(b'0'..=b'9');
                }
            }
            _ => input.truncate(at),
        }
    }
}

/// The JSON document that the input is, but for the byte that some targets have in front, and where it
/// begins.
fn document_in(input: &[u8]) -> Option<(usize, Value)> {
    (0..=1).find_map(|start| {
        let document = serde_json::from_slice(input.get(start..)?).ok()?;
        Some((start, document))
    })
}

pub(crate) fn token(rng: &mut Rng) -> &'static str {
    DICTIONARY[rng.usize(..DICTIONARY.len())]
}
