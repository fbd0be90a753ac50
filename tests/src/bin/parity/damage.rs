//! What happens to a callback on its way.

use base64ct::{Base64, Encoding};
use fastrand::Rng;
use sinch_callback::HeaderName;

use crate::{
    case::Case,
    random::{pick, visible},
};

/// What happens to a callback on its way.
pub(crate) type Damage = fn(&mut Rng, &mut Case<'_>);

pub(crate) fn nothing(_: &mut Rng, _: &mut Case<'_>) {}

fn flip(rng: &mut Rng, bytes: &mut [u8]) {
    if !bytes.is_empty() {
        bytes[rng.usize(..bytes.len())] ^= 1 << rng.u8(..8);
    }
}

pub(crate) fn flip_body(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, &mut case.body);
}

pub(crate) fn resize_body(rng: &mut Rng, case: &mut Case<'_>) {
    match rng.u8(..4) {
        0 => drop(case.body.pop()),
        1 => case.body.push(b'\n'),
        2 => drop(case.body.splice(..0, "\u{feff}".bytes())),
        _ => case.body.truncate(rng.usize(..=case.body.len())),
    }
}

/// Gives them another spelling that lax decoders read alike.
pub(crate) fn make_replacement_characters_invalid(_: &mut Rng, case: &mut Case<'_>) {
    let replacement = "\u{fffd}".as_bytes();
    let found = case.body.windows(3).position(|bytes| bytes == replacement);
    if let Some(at) = found {
        case.body.splice(at..at + 3, [0xff]);
    }
}

pub(crate) fn flip_signature(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, case.value(HeaderName::Signature));
}

pub(crate) fn flip_nonce(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, case.value(HeaderName::Nonce));
}

pub(crate) fn flip_timestamp(rng: &mut Rng, case: &mut Case<'_>) {
    flip(rng, case.value(HeaderName::Timestamp));
}

pub(crate) fn other_timestamp(rng: &mut Rng, case: &mut Case<'_>) {
    let now = case.now.saturating_sub(rng.u64(..300));
    *case.value(HeaderName::Timestamp) = now.to_string().into_bytes();
}

/// Moves the body's tail in front of the nonce: the signed string stays what it was.
pub(crate) fn shift_boundary(rng: &mut Rng, case: &mut Case<'_>) {
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
pub(crate) fn set_unused_bits(rng: &mut Rng, case: &mut Case<'_>) {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let extra = rng.usize(1..4);
    if let [.., last, b'='] = case.value(HeaderName::Signature).as_mut_slice()
        && let Some(digit) = DIGITS.iter().position(|digit| digit == last)
    {
        *last = DIGITS[digit | extra];
    }
}

pub(crate) fn drop_padding(_: &mut Rng, case: &mut Case<'_>) {
    case.value(HeaderName::Signature).pop();
}

pub(crate) fn use_url_alphabet(_: &mut Rng, case: &mut Case<'_>) {
    for byte in case.value(HeaderName::Signature) {
        *byte = match *byte {
            b'+' => b'-',
            b'/' => b'_',
            other => other,
        };
    }
}

pub(crate) fn write_in_hex(_: &mut Rng, case: &mut Case<'_>) {
    let value = case.value(HeaderName::Signature);
    let text = str::from_utf8(value).expect("it was signed just now");
    let tag = Base64::decode_vec(text).expect("it was signed just now");
    let hex: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    *value = hex.into_bytes();
}

pub(crate) fn drop_headers(rng: &mut Rng, case: &mut Case<'_>) {
    for _ in 0..rng.usize(1..=2) {
        let name = pick(rng, HeaderName::CONVERSATION);
        if let Some(position) = case.position(name) {
            case.headers.remove(position);
        }
    }
}

pub(crate) fn drop_undefined(_: &mut Rng, case: &mut Case<'_>) {
    case.headers.retain(|(_, value)| value != b"undefined");
}

pub(crate) fn repeat_header(rng: &mut Rng, case: &mut Case<'_>) {
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

pub(crate) fn join_header(rng: &mut Rng, case: &mut Case<'_>) {
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

pub(crate) fn empty_header(rng: &mut Rng, case: &mut Case<'_>) {
    case.any_value(rng).clear();
}

pub(crate) fn add_white_space(rng: &mut Rng, case: &mut Case<'_>) {
    let space = pick(rng, b" \t\r\n");
    let value = case.any_value(rng);
    let at = pick(rng, &[0, value.len(), value.len() / 2]);
    value.insert(at, space);
}

pub(crate) fn change_case_of_names(rng: &mut Rng, case: &mut Case<'_>) {
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

pub(crate) fn any_case(rng: &mut Rng, text: &[u8]) -> Vec<u8> {
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

pub(crate) fn insert_non_ascii(rng: &mut Rng, case: &mut Case<'_>) {
    let byte = rng.u8(0x80..);
    insert(rng, case, byte);
}

pub(crate) fn insert_control(rng: &mut Rng, case: &mut Case<'_>) {
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

pub(crate) fn lengthen(rng: &mut Rng, case: &mut Case<'_>) {
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

pub(crate) fn swap_values(rng: &mut Rng, case: &mut Case<'_>) {
    let (one, other) = (case.any_position(rng), case.any_position(rng));
    let value = case.headers[one].1.clone();
    case.headers[one].1 = std::mem::replace(&mut case.headers[other].1, value);
}

/// More than one thing is wrong, so that it matters which is looked at first.
pub(crate) fn several(rng: &mut Rng, case: &mut Case<'_>) {
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
