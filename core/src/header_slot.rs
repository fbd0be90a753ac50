use crate::{grammar::has, header_name::HeaderName, rejection::Rejection};

/// What was found of one header.
#[derive(Clone, Copy, Default)]
pub(crate) struct Slot<'a> {
    value: Option<&'a [u8]>,
    came_twice: bool,
}

impl<'a> Slot<'a> {
    /// One of which a host has found the value by name.
    pub(crate) const fn of(value: Option<&'a [u8]>) -> Self {
        Self {
            value,
            came_twice: false,
        }
    }

    pub(crate) const fn put(&mut self, value: &'a [u8]) {
        self.came_twice |= self.value.is_some();
        self.value = Some(value);
    }

    /// The value of a header that has to be there, in its form.
    pub(crate) fn required<T>(
        &self,
        name: HeaderName,
        parse: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<T, Rejection> {
        let value = self.once(name)?.ok_or(Rejection::MissingHeader(name))?;
        parse(value).ok_or(Rejection::MalformedHeader(name))
    }

    /// The value, where there is one.
    pub(crate) const fn once(&self, name: HeaderName) -> Result<Option<&'a [u8]>, Rejection> {
        if self.came_twice {
            return Err(Rejection::RepeatedHeader(name));
        }
        Ok(self.value)
    }

    /// Whether the header came more than once, by itself or joined by a comma: for a form that has no
    /// comma, so that only refused headers have to be searched for the seam of joined values.
    pub(crate) fn is_repeated(&self) -> bool {
        self.came_twice || self.value.is_some_and(|value| has(value, b','))
    }
}
