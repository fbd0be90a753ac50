use core::fmt;

/// Why a body is no callback at all. Nothing else is refused: what is not described is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Malformed {
    /// It is no JSON.
    NotJson {
        /// The byte at which it stops being JSON.
        at: usize,
    },
    /// It is nested deeper than [`MAX_DEPTH`](crate::json::MAX_DEPTH).
    TooDeep,
    /// It is JSON, but no object.
    NotAnObject,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { at } => write!(f, "not JSON from byte {at} on"),
            Self::TooDeep => f.write_str("nested too deep"),
            Self::NotAnObject => f.write_str("not an object"),
        }
    }
}

impl core::error::Error for Malformed {}
