use core::fmt;

use crate::HeaderName;

/// Why a callback is refused: what is wrong with it, and the numbers that were compared.
///
/// A rejection speaks of the sender's callback, never of our configuration, and never repeats
/// anything the sender wrote. `Display` gives the detail for the reply and for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// A header that the signature needs is not there.
    MissingHeader(HeaderName),
    /// A header came more than once, or several values were joined by a comma on the way.
    RepeatedHeader(HeaderName),
    /// A header's value is not of the form that a signed callback has.
    MalformedHeader(HeaderName),
    /// The algorithm header names something other than `HmacSHA256`.
    UnsupportedAlgorithm,
    /// The body has more bytes than we accept.
    BodyTooLarge {
        /// The most bytes we accept.
        limit_bytes: usize,
    },
    /// The host saw only a part of the body, so nothing can be said of the signature.
    BodyTruncated,
    /// No secret of ours gives this signature for this body, nonce and time.
    SignatureMismatch,
    /// The signature is right, but older than the window allows.
    Stale {
        /// Seconds from the signed time to now.
        age_secs: u64,
        /// The greatest age that is acceptable.
        max_age_secs: u64,
    },
    /// The signature is right, but its time is further ahead of our clock than the window allows.
    FromFuture {
        /// Seconds from now to the signed time.
        ahead_secs: u64,
        /// The greatest lead that is acceptable.
        max_ahead_secs: u64,
    },
}

/// What kind of refusal a [`Rejection`] is, for hosts that act on it.
///
/// Closed on purpose: a new class must break every host's build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectionClass {
    /// It is not a signed callback at all: 400.
    Malformed,
    /// There is more of it than we read: 413.
    TooLarge,
    /// It does not come from someone who knows a secret of ours: 401.
    Unauthentic,
    /// It is authentic, but not of now: 401.
    Untimely,
}

impl RejectionClass {
    /// The HTTP status that refuses such a callback. None of them makes Sinch send again, which is
    /// right: a retry could not help.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::TooLarge => 413,
            Self::Unauthentic | Self::Untimely => 401,
        }
    }

    /// The class's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Unauthentic => "unauthentic",
            Self::Untimely => "untimely",
        }
    }
}

impl Rejection {
    /// The stable name of what is wrong, for replies, counters and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::MissingHeader(_) => "missing_header",
            Self::RepeatedHeader(_) => "repeated_header",
            Self::MalformedHeader(_) => "malformed_header",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::BodyTruncated => "body_truncated",
            Self::SignatureMismatch => "signature_mismatch",
            Self::Stale { .. } => "stale",
            Self::FromFuture { .. } => "from_future",
        }
    }

    /// The class that the rejection belongs to.
    #[must_use]
    pub const fn class(&self) -> RejectionClass {
        match self {
            Self::MissingHeader(_)
            | Self::RepeatedHeader(_)
            | Self::MalformedHeader(_)
            | Self::UnsupportedAlgorithm => RejectionClass::Malformed,
            Self::BodyTooLarge { .. } | Self::BodyTruncated => RejectionClass::TooLarge,
            Self::SignatureMismatch => RejectionClass::Unauthentic,
            Self::Stale { .. } | Self::FromFuture { .. } => RejectionClass::Untimely,
        }
    }

    /// The HTTP status of the class.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        self.class().http_status()
    }

    /// The header that is at fault, where it is one.
    #[must_use]
    pub const fn header(&self) -> Option<HeaderName> {
        match self {
            Self::MissingHeader(name)
            | Self::RepeatedHeader(name)
            | Self::MalformedHeader(name) => Some(*name),
            Self::UnsupportedAlgorithm => Some(HeaderName::Algorithm),
            _ => None,
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader(name) => write!(f, "header {name} is missing"),
            Self::RepeatedHeader(name) => write!(f, "header {name} came more than once"),
            Self::MalformedHeader(name) => {
                write!(f, "header {name} is not {}", name.expected_form())
            }
            Self::UnsupportedAlgorithm => write!(
                f,
                "header {} is not {}",
                HeaderName::Algorithm,
                HeaderName::Algorithm.expected_form()
            ),
            Self::BodyTooLarge { limit_bytes } => {
                write!(
                    f,
                    "the body is larger than the accepted {limit_bytes} bytes"
                )
            }
            Self::BodyTruncated => f.write_str("only a part of the body reached the verifier"),
            Self::SignatureMismatch => f.write_str(
                "the signature does not match the raw body, nonce and timestamp under any secret",
            ),
            Self::Stale {
                age_secs,
                max_age_secs,
            } => write!(
                f,
                "the callback was signed {age_secs} s ago, and at most {max_age_secs} s is accepted"
            ),
            Self::FromFuture {
                ahead_secs,
                max_ahead_secs,
            } => write!(
                f,
                "the callback was signed {ahead_secs} s ahead of this clock, and at most \
                 {max_ahead_secs} s is accepted"
            ),
        }
    }
}

impl core::error::Error for Rejection {}
