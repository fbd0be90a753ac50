use super::cause::Diagnosis;

/// A thing in one of the ways it may have been, and the causes that this way stands for.
pub(super) struct Variant<T> {
    pub(super) value: T,
    pub(super) causes: [Option<Diagnosis>; 2],
}

impl<T> Variant<T> {
    pub(super) const fn new(value: T, cause: Diagnosis) -> Self {
        Self::of(value, Some(cause))
    }

    pub(super) const fn as_is(value: T) -> Self {
        Self::of(value, None)
    }

    pub(super) const fn of(value: T, cause: Option<Diagnosis>) -> Self {
        Self {
            value,
            causes: [cause, None],
        }
    }

    /// The same way of what is made of it, where anything is.
    pub(super) fn try_map<U>(self, make: impl FnOnce(T) -> Option<U>) -> Option<Variant<U>> {
        Some(Variant {
            value: make(self.value)?,
            causes: self.causes,
        })
    }

    pub(super) fn causes(&self) -> impl Iterator<Item = Diagnosis> + use<T> {
        self.causes.into_iter().flatten()
    }

    pub(super) const fn of_both(value: T, first: Diagnosis, second: Diagnosis) -> Self {
        Self {
            value,
            causes: [Some(first), Some(second)],
        }
    }
}

/// The byte order mark of UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
