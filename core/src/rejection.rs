use core::{fmt, time::Duration};

use crate::{
    detail::{Detail, Piece},
    header_name::HeaderName,
};

/// Why a callback is refused: what is wrong with it, and the numbers that were compared.
///
/// A rejection speaks of the sender's callback, never of our configuration, and never repeats
/// anything the sender wrote. `Display` gives the detail for the reply and for the log.
///
/// # Examples
/// ```
/// use sinch_callback::{HeaderName, RejectionClass, SignedHeaders};
///
/// let rejection = SignedHeaders::collect([("content-type", "application/json")]).unwrap_err();
/// assert_eq!(rejection.code(), "missing_header");
/// assert_eq!(rejection.class(), RejectionClass::Malformed);
/// assert_eq!(rejection.http_status(), 400);
/// assert_eq!(rejection.header(), Some(HeaderName::Signature));
/// assert_eq!(rejection.to_string(), "header x-sinch-webhook-signature is missing");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    /// The callback names another key than ours.
    #[cfg(feature = "schemes")]
    UnknownKey,
    /// The body is empty, of which Sinch's own SDKs disagree how it is signed.
    #[cfg(feature = "schemes")]
    EmptyBody,
    /// The proof stands inside the body, and is not there, or not of its form.
    #[cfg(feature = "schemes")]
    MalformedProof,
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
        /// From the signed time to now.
        age: Duration,
        /// The greatest age that is acceptable.
        max_age: Duration,
    },
    /// The signature is right, but its time is further ahead of our clock than the window allows.
    /// Answered 503, because the clock at fault may be ours: the retry is acceptable as soon as our
    /// clock has come within the lead.
    FromFuture {
        /// From now to the signed time.
        ahead: Duration,
        /// The greatest lead that is acceptable.
        max_ahead: Duration,
    },
}

named! {
    /// What kind of refusal a [`Rejection`] is, for hosts that act on it.
    ///
    /// Closed on purpose: a new class must break every host's build.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum RejectionClass {
        /// It is not a signed callback at all: 400.
        Malformed = "malformed",
        /// There is more of it than we read: 413.
        TooLarge = "too_large",
        /// It does not come from someone who knows a secret of ours: 401.
        Unauthentic = "unauthentic",
        /// It is authentic, but too old: 401.
        Untimely = "untimely",
        /// It is authentic, but ahead of our clock: 503. One of the two clocks is wrong, and the same
        /// callback may be right a moment later.
        Early = "early",
    }
}

impl RejectionClass {
    /// The HTTP status that refuses such a callback: one that Sinch does not retry where a retry
    /// could not help, and 503 where time alone can.
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::TooLarge => 413,
            Self::Unauthentic | Self::Untimely => 401,
            Self::Early => 503,
        }
    }
}

impl Rejection {
    /// Every code that a rejection has.
    pub const CODES: &[&str] = &[
        "missing_header",
        "repeated_header",
        "malformed_header",
        "unsupported_algorithm",
        "body_too_large",
        "body_truncated",
        "signature_mismatch",
        "stale",
        "from_future",
        #[cfg(feature = "schemes")]
        "unknown_key",
        #[cfg(feature = "schemes")]
        "empty_body",
        #[cfg(feature = "schemes")]
        "malformed_proof",
    ];

    /// The words for a mismatch.
    pub(crate) const MISMATCH: &str =
        "the signature does not match what was received under any secret";

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
            #[cfg(feature = "schemes")]
            Self::UnknownKey => "unknown_key",
            #[cfg(feature = "schemes")]
            Self::EmptyBody => "empty_body",
            #[cfg(feature = "schemes")]
            Self::MalformedProof => "malformed_proof",
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
            #[cfg(feature = "schemes")]
            Self::EmptyBody | Self::MalformedProof => RejectionClass::Malformed,
            #[cfg(feature = "schemes")]
            Self::UnknownKey => RejectionClass::Unauthentic,
            Self::BodyTooLarge { .. } | Self::BodyTruncated => RejectionClass::TooLarge,
            Self::SignatureMismatch => RejectionClass::Unauthentic,
            Self::Stale { .. } => RejectionClass::Untimely,
            Self::FromFuture { .. } => RejectionClass::Early,
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

    /// What is wrong, in words; `Display` writes the same.
    #[must_use]
    pub fn detail(&self) -> Detail {
        use Piece::{Number, Text};
        const END: Piece = Text("");
        let seconds = |duration: Duration| Number(duration.as_secs());
        let mut hint = "";
        // What stands around the two pieces that differ: put together once, which counts where bytes do.
        let ([start, middle, end], first, second) = match *self {
            Self::MissingHeader(name) => (["header ", " is missing", ""], Text(name.as_str()), END),
            Self::RepeatedHeader(name) => (
                ["header ", " came more than once", ""],
                Text(name.as_str()),
                END,
            ),
            Self::MalformedHeader(name) => not_of_its_form(name),
            Self::UnsupportedAlgorithm => not_of_its_form(HeaderName::Algorithm),
            Self::BodyTooLarge { limit_bytes } => (
                ["the body is larger than the accepted ", " bytes", ""],
                Number(u64::try_from(limit_bytes).unwrap_or(u64::MAX)),
                END,
            ),
            Self::BodyTruncated => (
                ["only a part of the body reached the verifier", "", ""],
                END,
                END,
            ),
            Self::SignatureMismatch => ([Self::MISMATCH, "", ""], END, END),
            #[cfg(feature = "schemes")]
            Self::UnknownKey => (
                [
                    "the callback is signed for another key than the one that is set here",
                    "",
                    "",
                ],
                END,
                END,
            ),
            #[cfg(feature = "schemes")]
            Self::EmptyBody => (
                ["the body is empty, and so nothing that was signed", "", ""],
                END,
                END,
            ),
            #[cfg(feature = "schemes")]
            Self::MalformedProof => (
                [
                    "the body has no signature of the form that it has to carry",
                    "",
                    "",
                ],
                END,
                END,
            ),
            Self::Stale { age, max_age } => {
                hint = hint_at_milliseconds(age);
                (
                    [SIGNED, " s ago, and at most ", ACCEPTED],
                    seconds(age),
                    seconds(max_age),
                )
            }
            Self::FromFuture { ahead, max_ahead } => {
                hint = hint_at_milliseconds(ahead);
                (
                    [SIGNED, " s ahead of this clock, and at most ", ACCEPTED],
                    seconds(ahead),
                    seconds(max_ahead),
                )
            }
        };
        Detail::of([
            Text(start),
            first,
            Text(middle),
            second,
            Text(end),
            Text(hint),
        ])
    }
}

const SIGNED: &str = "the callback was signed ";
const ACCEPTED: &str = " s is accepted";

fn not_of_its_form(name: HeaderName) -> ([&'static str; 3], Piece, Piece) {
    let [name, form] = [name.as_str(), name.expected_form()];
    (
        ["header ", " is not ", ""],
        Piece::Text(name),
        Piece::Text(form),
    )
}

/// Who counts milliseconds finds every callback further from now than any clock could make it.
const fn hint_at_milliseconds(by: Duration) -> &'static str {
    const LONGER_THAN_ANY_CLOCK_IS_WRONG: u64 = 100_000_000_000;
    if by.as_secs() < LONGER_THAN_ANY_CLOCK_IS_WRONG {
        ""
    } else {
        ": is this clock in milliseconds?"
    }
}

impl fmt::Display for Rejection {
    /// [`Rejection::detail`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detail().fmt(f)
    }
}

impl core::error::Error for Rejection {}

#[cfg(test)]
mod tests {
    use std::string::ToString;

    use super::*;
    use crate::{time::UnixSeconds, window::Window};

    #[test]
    fn a_clock_that_counts_milliseconds_is_named_and_one_that_is_wrong_by_days_is_not() {
        // Signed in 2026, and judged in seconds a week later, then in milliseconds.
        let signed_at = UnixSeconds::new(1_795_600_811);
        let shown = |now| {
            let judged = Window::LOGGED.check(signed_at, UnixSeconds::new(now));
            judged.unwrap_err().to_string()
        };
        assert_eq!(
            shown(1_796_205_611),
            "the callback was signed 604800 s ago, and at most 86400 s is accepted"
        );
        let hinted = shown(1_795_600_811_123);
        assert!(
            hinted.ends_with(": is this clock in milliseconds?"),
            "{hinted}"
        );
    }

    #[test]
    fn the_codes_are_those_of_the_rejections() {
        let of_each = [
            Rejection::MissingHeader(HeaderName::Nonce),
            Rejection::RepeatedHeader(HeaderName::Nonce),
            Rejection::MalformedHeader(HeaderName::Nonce),
            Rejection::UnsupportedAlgorithm,
            Rejection::BodyTooLarge { limit_bytes: 1 },
            Rejection::BodyTruncated,
            Rejection::SignatureMismatch,
            Rejection::Stale {
                age: Duration::MAX,
                max_age: Duration::ZERO,
            },
            Rejection::FromFuture {
                ahead: Duration::MAX,
                max_ahead: Duration::ZERO,
            },
        ];
        let codes = of_each.map(|rejection| rejection.code());
        assert_eq!(codes, Rejection::CODES[..9]);
        #[cfg(feature = "schemes")]
        assert_eq!(
            [
                Rejection::UnknownKey,
                Rejection::EmptyBody,
                Rejection::MalformedProof
            ]
            .map(|rejection| rejection.code()),
            Rejection::CODES[9..]
        );
    }
}
