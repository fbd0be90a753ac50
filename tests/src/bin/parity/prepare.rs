//! What is odd about a callback before it is signed.

use fastrand::Rng;
use sinch_callback::Rules;

use crate::{
    damage::any_case,
    random::{pick, visible},
    setting::Setting,
    unsigned::{Unsigned, report},
};

/// What is odd about a callback before it is signed.
pub(crate) type Prepare = fn(&mut Rng, &Setting, &mut Unsigned);

pub(crate) fn as_usual(_: &mut Rng, _: &Setting, _: &mut Unsigned) {}

pub(crate) fn with_replacement_characters(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let mut text = report(rng, 60);
    text.extend_from_slice("\u{fffd}".as_bytes());
    text.extend(report(rng, 20));
    unsigned.body = text;
}

pub(crate) fn with_dots(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let length = rng.usize(60..600);
    unsigned.body = report(rng, length);
    if rng.bool() {
        // Without a comma the tail reads as one value.
        unsigned.body.retain(|byte| *byte != b',');
    }
}

/// Signed over the word that stands for nothing in JavaScript.
pub(crate) fn naming_undefined(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let part = if rng.bool() {
        &mut unsigned.nonce
    } else {
        &mut unsigned.timestamp
    };
    *part = b"undefined".to_vec();
}

pub(crate) fn with_odd_timestamp(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
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

pub(crate) fn with_nonce_of_odd_characters(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
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

pub(crate) fn with_nonce_of_odd_length(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let length = pick(rng, &[0, 1, 127, 128, 129, 300]);
    unsigned.nonce = visible(rng, length);
}

pub(crate) fn with_other_algorithm(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
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

pub(crate) fn with_algorithm_in_other_case(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    unsigned.algorithm = Some(any_case(rng, b"HmacSHA256"));
}

pub(crate) fn without_algorithm(_: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    unsigned.algorithm = None;
}

pub(crate) fn with_other_secret(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    let at = rng.usize(..unsigned.key.len());
    unsigned.key[at] ^= 1;
}

pub(crate) fn around_the_limit(rng: &mut Rng, setting: &Setting, unsigned: &mut Unsigned) {
    let limit = setting.verifier.max_body_bytes();
    // Bodies at the default limit are large: few of them have to do.
    if limit < Rules::DEFAULT_MAX_BODY_BYTES || rng.u16(..400) == 0 {
        let length = (limit + rng.usize(..4)).saturating_sub(1);
        unsigned.body = report(rng, length);
    }
}

pub(crate) fn at_another_time(rng: &mut Rng, _: &Setting, unsigned: &mut Unsigned) {
    unsigned.now = match rng.u8(..8) {
        0 => 0,
        1 => u64::MAX,
        2 => rng.u64(..),
        3 => (1 << 53) + rng.u64(..1_000) - 500,
        4 => (1 << 32) + rng.u64(..1_000) - 500,
        _ => unsigned.now.saturating_add(rng.u64(..2_000)) - rng.u64(..1_000).min(unsigned.now),
    };
}
