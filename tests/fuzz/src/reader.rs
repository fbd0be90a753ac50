//! Inputs as values: every byte string reads as something, what is missing as zero or empty.

/// Reads values off the front of an input.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.take(1).first().copied().unwrap_or_default()
    }

    /// A number of eight bytes, the lowest first.
    pub(crate) fn number(&mut self) -> u64 {
        let mut bytes = [0; 8];
        for (place, byte) in bytes.iter_mut().zip(self.take(8)) {
            *place = *byte;
        }
        u64::from_le_bytes(bytes)
    }

    /// Up to 255 bytes, behind their number.
    pub(crate) fn text(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.take(length.into())
    }

    pub(crate) const fn rest(self) -> &'a [u8] {
        self.0
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }
}

/// Writes what [`Reader`] reads.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn byte(mut self, byte: u8) -> Self {
        self.0.push(byte);
        self
    }

    pub(crate) fn number(mut self, number: u64) -> Self {
        self.0.extend(number.to_le_bytes());
        self
    }

    /// Nothing where the text has more than 255 bytes.
    pub(crate) fn text(mut self, text: &[u8]) -> Option<Self> {
        self.0.push(u8::try_from(text.len()).ok()?);
        self.0.extend(text);
        Some(self)
    }

    pub(crate) fn rest(mut self, rest: &[u8]) -> Vec<u8> {
        self.0.extend(rest);
        self.0
    }
}
