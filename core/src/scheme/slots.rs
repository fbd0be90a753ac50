use crate::{
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    header_slot::Slot,
    rejection::Rejection,
};

/// What was found of these headers, in their order.
pub(super) fn slots<'a, const N: usize, P: HeaderPair<'a>>(
    headers: impl IntoIterator<Item = P>,
    names: [HeaderName; N],
) -> [Slot<'a>; N] {
    let mut slots = [Slot::default(); N];
    for header in headers {
        for (slot, name) in slots.iter_mut().zip(names) {
            if is_text(header.name(), name.as_str()) {
                slot.put(header.value());
            }
        }
    }
    slots
}

/// What is wrong with these headers, repetition before all else. None of their forms has a comma, so that
/// only headers that are refused have to be searched for the seam of joined values.
pub(super) fn repeated_first<const N: usize>(
    rejection: Rejection,
    found: [(&Slot<'_>, HeaderName); N],
) -> Rejection {
    let repeated = found.into_iter().find(|(slot, _)| slot.is_repeated());
    repeated.map_or(rejection, |(_, name)| Rejection::RepeatedHeader(name))
}
