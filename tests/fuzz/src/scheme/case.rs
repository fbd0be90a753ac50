use sinch_callback::{HeaderName, InvalidSecret, scheme::SchemeName};

use super::signed::{self, Covered};
use crate::{oracle::Pair, reader::Reader};

/// Of the first byte: the callback is signed, by the secret that the higher bits choose, the last choice
/// being a stranger's.
pub(super) const SIGNS: u8 = 1;
/// Of the first byte: what was signed is changed.
pub(super) const TAMPERS: u8 = 2;
/// How far above these the choice of the secret lies.
pub(super) const SIGNER_SHIFT: u8 = 2;
/// Most headers of an input.
pub(super) const MOST_HEADERS: u8 = 8;
/// Base64 of 24 bytes, which serves as a text, too.
const SECRET: &str = "bWFkZS11cC1zZWNyZXQtb2YtYS10ZXN0";

pub(super) struct Case {
    pub(super) name: SchemeName,
    pub(super) secrets: Vec<Vec<u8>>,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) now: u64,
    pub(super) pairs: Vec<Pair>,
    pub(super) body: Vec<u8>,
    /// What was signed, where something was.
    pub(super) intact: Option<Covered>,
    /// The replay keys of the signatures that were made for it.
    pub(super) signed_keys: Vec<[u8; 16]>,
}

impl Case {
    pub(super) fn read(name: SchemeName, data: &[u8]) -> Self {
        let mut reader = Reader::new(data);
        let control = reader.byte();
        let secrets = (0..=reader.byte() % 4)
            .map(|_| secret(name, reader.text()))
            .collect();
        let now = reader.number();
        let text = |bytes: &[u8], usual: &str| match String::from_utf8_lossy(bytes).into_owned() {
            text if text.is_empty() => usual.to_owned(),
            text => text,
        };
        let method = text(reader.text(), "POST");
        let target = text(reader.text(), "/callbacks");
        let pairs = (0..reader.byte() % (MOST_HEADERS + 1))
            .map(|_| {
                let place = usize::from(reader.byte());
                let header = match HeaderName::ALL.get(place) {
                    Some(header) => header.as_str().as_bytes(),
                    None => reader.text(),
                };
                (header.to_vec(), reader.text().to_vec())
            })
            .collect();
        let (what, place, by) = (reader.byte(), reader.number(), reader.byte());
        let mut case = Self {
            name,
            secrets,
            method,
            target,
            now,
            pairs,
            body: reader.rest().to_vec(),
            intact: None,
            signed_keys: Vec::new(),
        };
        if control & SIGNS != 0 {
            signed::sign(&mut case, usize::from(control >> SIGNER_SHIFT));
            case.intact = Some(signed::what_is_covered(&case));
            if control & TAMPERS != 0 {
                case.tamper(what, place, by);
            }
        }
        case
    }

    /// The values of the header of this name, in the order of the pairs.
    pub(super) fn values(&self, name: HeaderName) -> Vec<&[u8]> {
        crate::oracle::values(&self.pairs, name)
    }

    pub(super) fn first(&self, name: HeaderName) -> Option<Vec<u8>> {
        self.values(name).first().map(|value| value.to_vec())
    }

    /// Puts the value in the place of all values of this header.
    pub(super) fn set(&mut self, name: HeaderName, value: impl Into<Vec<u8>>) {
        let key = name.as_str().as_bytes();
        self.pairs
            .retain(|(found, _)| !found.eq_ignore_ascii_case(key));
        self.pairs.push((key.to_vec(), value.into()));
    }

    fn tamper(&mut self, what: u8, place: u64, by: u8) {
        let at = |length: usize| {
            let length = u64::try_from(length.max(1)).expect("a length is a number");
            usize::try_from(place % length).expect("a place is a number")
        };
        let bit = 1 << (by % 8);
        match what % 6 {
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
            2 => {
                let header = at(self.pairs.len());
                if let Some(pair) = self.pairs.get(header).cloned() {
                    self.pairs.push(pair);
                }
            }
            // From the end of a header's value to the beginning of the body, and the other way.
            3 => {
                let header = at(self.pairs.len());
                if let Some((_, value)) = self.pairs.get_mut(header) {
                    let from = value.len() - usize::from(by).min(value.len());
                    let moved = value.split_off(from);
                    self.body.splice(..0, moved);
                }
            }
            4 => {
                let header = at(self.pairs.len());
                let moved = usize::from(by).min(self.body.len());
                let moved: Vec<u8> = self.body.drain(..moved).collect();
                if let Some((_, value)) = self.pairs.get_mut(header) {
                    value.extend(moved);
                }
            }
            _ => {
                let at = at(self.body.len() + 1);
                self.body.insert(at, by);
            }
        }
    }
}

/// A secret that the scheme takes, of these bytes.
fn secret(name: SchemeName, bytes: &[u8]) -> Vec<u8> {
    if name == SchemeName::Engage {
        let place = bytes.first().map_or(0, |byte| usize::from(*byte));
        return signed::engage_record(place).into_bytes();
    }
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text: Vec<u8> = bytes
        .iter()
        .map(|byte| match ALPHABET.contains(byte) {
            true => *byte,
            false => ALPHABET[usize::from(byte % 64)],
        })
        .collect();
    // One digit behind whole groups of four is no base64.
    if text.len() % 4 == 1 {
        text.pop();
    }
    if InvalidSecret::of(&text).is_some() {
        return SECRET.into();
    }
    text
}
