use core::fmt;

use crate::decimal::Decimal;

/// What is wrong or was done, in words: one line for a reply or a log, which `Display` writes.
///
/// # Examples
/// ```
/// use sinch_callback::Rejection;
///
/// let too_large = Rejection::BodyTooLarge { limit_bytes: 10 };
/// assert_eq!(too_large.detail().to_string(), "the body is larger than the accepted 10 bytes");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Detail([Piece; Self::MOST]);

/// A part of a line.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Piece {
    /// Words.
    Text(&'static str),
    /// A number, in decimal digits.
    Number(u64),
}

impl Detail {
    /// Most pieces of a line.
    const MOST: usize = 6;

    /// A line that needs no numbers.
    pub(crate) const fn text(text: &'static str) -> Self {
        const END: Piece = Piece::Text("");
        Self([Piece::Text(text), END, END, END, END, END])
    }

    /// The line that these pieces make.
    pub(crate) fn of<const N: usize>(pieces: [Piece; N]) -> Self {
        const { assert!(N <= Self::MOST) };
        let Self(mut all) = Self::text("");
        for (place, piece) in all.iter_mut().zip(pieces) {
            *place = piece;
        }
        Self(all)
    }

    /// Gives the line's bytes, one part after the other, without the library's formatter: that costs
    /// a WebAssembly build a fifth of its size.
    pub fn write_to(&self, mut put: impl FnMut(&[u8])) {
        for piece in &self.0 {
            match *piece {
                Piece::Text(text) => put(text.as_bytes()),
                Piece::Number(number) => put(Decimal::new(number).as_bytes()),
            }
        }
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match *piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Number(number) => write!(f, "{number}"),
        })
    }
}

impl fmt::Debug for Detail {
    /// The line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use std::{format, vec::Vec};

    use super::*;

    #[test]
    fn a_line_is_written_the_same_with_and_without_the_formatter() {
        use Piece::{Number, Text};
        for detail in [
            Detail::text("words alone"),
            Detail::of([Number(0)]),
            Detail::of([
                Text("a "),
                Number(1),
                Text(" b "),
                Number(u64::MAX),
                Text(" c"),
            ]),
        ] {
            let mut bytes = Vec::new();
            detail.write_to(|part| bytes.extend_from_slice(part));
            assert_eq!(bytes, format!("{detail}").as_bytes());
        }
        let detail = Detail::of([Text("at most "), Number(300), Text(" s")]);
        assert_eq!(format!("{detail:?}"), "\"at most 300 s\"");
    }
}
