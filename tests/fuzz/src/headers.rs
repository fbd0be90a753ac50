//! The form of the four headers. The input is a header a line, `name:value`.

use std::collections::BTreeMap;

use sinch_callback::{HeaderName, Rejection, SignedHeaders};
use sinch_callback_tests::Vector;

use crate::{
    Seed,
    oracle::{self, Pair},
};

pub(crate) fn run(data: &[u8]) {
    let pairs: Vec<Pair> = data
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((line[..colon].to_vec(), line[colon + 1..].to_vec()))
        })
        .collect();

    let expected = oracle::headers(&pairs).map(|signed| (signed.signed_at, signed.has_algorithm));
    let in_order = collected(pairs.iter());
    assert_eq!(in_order, expected, "as documented");
    assert_eq!(collected(pairs.iter().rev()), expected, "in reverse");
    let half = pairs.len() / 2;
    let turned = pairs[half..].iter().chain(&pairs[..half]);
    assert_eq!(collected(turned), expected, "turned");

    // As a host looks values up by name that joins repeated ones.
    let joined: BTreeMap<_, _> = HeaderName::CONVERSATION
        .iter()
        .map(|name| (*name, oracle::values(&pairs, *name)))
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name, values.join(&b',')))
        .collect();
    let by_name = SignedHeaders::lookup(|name| joined.get(&name).map(Vec::as_slice));
    assert_eq!(shown(by_name), expected, "by name");
}

type Shown = Result<(u64, bool), Rejection>;

fn collected<'a>(pairs: impl Iterator<Item = &'a Pair>) -> Shown {
    shown(SignedHeaders::collect(pairs))
}

/// What the headers show of themselves: the other two are seen in a verdict.
fn shown(headers: Result<SignedHeaders<'_>, Rejection>) -> Shown {
    headers.map(|headers| {
        let debug = format!("{headers:?}");
        let has_algorithm = debug.contains("has_algorithm: true");
        (headers.signed_at().get(), has_algorithm)
    })
}

pub(crate) fn seeds() -> Vec<Seed> {
    let vectors = Vector::all();
    vectors
        .iter()
        .map(|vector| {
            let headers = vector.headers();
            let lines = headers
                .iter()
                .map(|(name, value)| [name.as_bytes(), value].join(&b':'));
            Seed::new(&*vector.id, lines.collect::<Vec<_>>().join(&b'\n'))
        })
        .collect()
}
