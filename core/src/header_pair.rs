/// A header's name and value, as hosts have them: a name and a borrowed value, or a borrowed pair of
/// both. Either may be a text, bytes, or a type of the host's that gives its bytes, as those of the
/// `http` crate do.
///
/// # Examples
/// ```
/// use std::collections::HashMap;
/// use sinch_callback::{HeaderName, Rejection, SignedHeaders};
///
/// let missing = Rejection::MissingHeader(HeaderName::Signature);
/// let texts: &[(&str, &str)] = &[("content-type", "application/json")];
/// assert_eq!(SignedHeaders::collect(texts).unwrap_err(), missing);
/// let bytes = vec![("content-type".to_owned(), b"application/json".to_vec())];
/// assert_eq!(SignedHeaders::collect(&bytes).unwrap_err(), missing);
/// let map = HashMap::from([("content-type".to_owned(), "application/json".to_owned())]);
/// assert_eq!(SignedHeaders::collect(&map).unwrap_err(), missing);
/// ```
pub trait HeaderPair<'a> {
    /// The name, in any case.
    fn name(&self) -> &[u8];

    /// The value.
    fn value(&self) -> &'a [u8];
}

impl<'a, N: AsRef<[u8]>, V: AsRef<[u8]> + ?Sized> HeaderPair<'a> for (N, &'a V) {
    fn name(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn value(&self) -> &'a [u8] {
        self.1.as_ref()
    }
}

impl<'a, N: AsRef<[u8]>, V: AsRef<[u8]>> HeaderPair<'a> for &'a (N, V) {
    fn name(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn value(&self) -> &'a [u8] {
        self.1.as_ref()
    }
}
