//! Verdicts as numbers: what the host is told of without a text.

use sinch_callback::{Authentic, HeaderName, Promise, Rejection, UnixSeconds};

use crate::number::float;

/// The callback is authentic and timely; its record lies in the buffer.
pub(crate) const ACCEPTED: u32 = 0;
/// There is no verifier of this number: it has been freed.
pub(crate) const NO_VERIFIER: u32 = u32::MAX;

/// The replay key in two halves, the age in seconds as `f64` (NaN where no time is signed), the secret's
/// slot and what a guard said.
pub(crate) fn record<P: Copy + Into<Promise>>(
    authentic: &Authentic<'_, P>,
    now: UnixSeconds,
    said: u8,
) -> [[u8; 8]; 4] {
    let promise: Promise = (*authentic.promise()).into();
    let key = promise.replay_key();
    let (halves, _) = key.as_bytes().as_chunks();
    let [first, second] = [halves.first(), halves.last()].map(|half| *half.unwrap_or(&[0; 8]));
    let age = promise
        .signed_at()
        .map_or(f64::NAN, |at| float(now.since(at).as_secs()))
        .to_le_bytes();
    let slot = authentic.secret_slot().index();
    [first, second, age, [slot, said, 0, 0, 0, 0, 0, 0]]
}

/// A rejection as a number that stands for its texts: the same number, the same texts. 0 in the
/// lowest byte, where a rejection has numbers of its own in its texts, says to ask each time.
pub(crate) fn of_rejection(rejection: &Rejection) -> u32 {
    let kind: u8 = match rejection {
        Rejection::MissingHeader(_) => 1,
        Rejection::RepeatedHeader(_) => 2,
        Rejection::MalformedHeader(_) => 3,
        Rejection::UnsupportedAlgorithm => 4,
        Rejection::SignatureMismatch => 5,
        _ => 0,
    };
    let position = |name| HeaderName::ALL.iter().position(|other| *other == name);
    let header = rejection.header().and_then(position);
    let header = header.map_or(0, |position| {
        u8::try_from(position.saturating_add(1)).unwrap_or(0)
    });
    u32::from_le_bytes([kind, header, 1, 0])
}
