use crate::{
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    header_slot::Slot,
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
