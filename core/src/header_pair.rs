/// A header's name and value, as hosts have them: a name and a borrowed value, or a borrowed pair of
/// both. Either may be a text, bytes, or a type of the host's that gives its bytes, as those of the
/// `http` crate do.
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
