/// A number's decimal digits, without the formatter.
pub(crate) struct Decimal {
    /// They stand at the end.
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(crate) fn of(number: u64) -> Self {
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = number;
        for place in digits.iter_mut().rev() {
            // A remainder of ten is below ten: it fits, and the sum stays a digit's code.
            *place = b'0'.wrapping_add(u8::try_from(rest % 10).unwrap_or_default());
            start = start.wrapping_sub(1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        Self { digits, start }
    }

    pub(crate) fn digits(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }
}
