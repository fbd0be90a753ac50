use crate::{
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
};

/// The first value of each of these headers.
pub(super) fn values<'a, const N: usize, P: HeaderPair<'a>>(
    headers: impl IntoIterator<Item = P>,
    names: [HeaderName; N],
) -> [Option<&'a [u8]>; N] {
    let mut values = [None; N];
    for header in headers {
        for (value, name) in values.iter_mut().zip(names) {
            if value.is_none() && is_text(header.name(), name.as_str()) {
                *value = Some(header.value());
            }
        }
    }
    values
}
