use core::{fmt, time::Duration};

use crate::{
    detail::{Detail, Piece},
    header_name::HeaderName,
};

/// A likely cause why a callback was refused: with it undone, the signature matches. The few that are
/// a sign and no proof say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// Our secret has white space around it that the signer's has not.
    SecretHasWhitespace,
    /// The signer's secret has white space around it that ours has not.
    SecretLostWhitespace,
    /// Our secret has quotes around it.
    SecretQuoted,
    /// Our secret has a name in front of it, as in `NAME=value`.
    SecretNamed,
    /// Our secret has `whsec_` in front of it.
    SecretPrefixed,
    /// Our secret has a line break inside: several stand in one file, or one was wrapped.
    SecretHasLineBreak,
    /// Our secret begins with a byte order mark.
    SecretHasByteOrderMark,
    /// Our secret is the signer's, decoded from base64.
    SecretWasDecoded,
    /// The signer has decoded our secret from base64.
    SignerDecodesSecret,
    /// A secret that is no longer in use made the signature.
    PreviousSecret,
    /// The body was parsed and written again.
    BodyReserialized,
    /// A newline was added at the end of the body.
    NewlineAdded,
    /// The newline at the end of the body was lost.
    NewlineLost,
    /// The line endings of the body were changed.
    LineEndingsChanged,
    /// A byte order mark was added to the body.
    ByteOrderMarkAdded,
    /// The body's byte order mark was lost.
    ByteOrderMarkLost,
    /// The body is still in base64.
    BodyStillEncoded,
    /// The body is a JSON string that holds the body.
    BodyIsJsonString,
    /// The body is empty. A sign and no proof: nothing can be undone to make the signature match.
    BodyEmpty,
    /// The body is compressed. A sign and no proof, because the core decompresses nothing.
    BodyCompressed,
    /// The keys of the body's objects stand in alphabetical order. A sign and no proof, because the
    /// order in which they were signed is lost.
    KeysSorted,
    /// The end of the body stands in the nonce: somebody plays with a captured callback.
    BoundaryShift,
    /// A header's value has white space or quotes around it.
    HeaderNotTrimmed(HeaderName),
    /// White space around a header's value was signed and has been taken off since.
    HeaderTrimmed(HeaderName),
    /// The signature is written in another way than in padded standard base64.
    SignatureEncoding,
    /// The time is in milliseconds.
    Milliseconds,
    /// The signature is right, and its time is ahead of our clock.
    ClockBehind {
        /// By so much.
        by: Duration,
    },
    /// The signature is right, and older than the window allows.
    TooOld {
        /// How long ago it was signed.
        age: Duration,
    },
}

impl Diagnosis {
    /// The cause's stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::SecretHasWhitespace => "secret_has_whitespace",
            Self::SecretLostWhitespace => "secret_lost_whitespace",
            Self::SecretQuoted => "secret_quoted",
            Self::SecretNamed => "secret_named",
            Self::SecretPrefixed => "secret_prefixed",
            Self::SecretHasLineBreak => "secret_has_line_break",
            Self::SecretHasByteOrderMark => "secret_has_byte_order_mark",
            Self::SecretWasDecoded => "secret_was_decoded",
            Self::SignerDecodesSecret => "signer_decodes_secret",
            Self::PreviousSecret => "previous_secret",
            Self::BodyReserialized => "body_reserialized",
            Self::NewlineAdded => "newline_added",
            Self::NewlineLost => "newline_lost",
            Self::LineEndingsChanged => "line_endings_changed",
            Self::ByteOrderMarkAdded => "byte_order_mark_added",
            Self::ByteOrderMarkLost => "byte_order_mark_lost",
            Self::BodyStillEncoded => "body_still_encoded",
            Self::BodyIsJsonString => "body_is_json_string",
            Self::BodyEmpty => "body_empty",
            Self::BodyCompressed => "body_compressed",
            Self::KeysSorted => "keys_sorted",
            Self::BoundaryShift => "boundary_shift",
            Self::HeaderNotTrimmed(_) => "header_not_trimmed",
            Self::HeaderTrimmed(_) => "header_trimmed",
            Self::SignatureEncoding => "signature_encoding",
            Self::Milliseconds => "milliseconds",
            Self::ClockBehind { .. } => "clock_behind",
            Self::TooOld { .. } => "too_old",
        }
    }
}

impl Diagnosis {
    /// The cause and what to do about it, in words; `Display` writes the same.
    #[must_use]
    pub fn detail(&self) -> Detail {
        use Piece::{Number, Text};
        let text = match *self {
            Self::SecretHasWhitespace => {
                "the secret has white space or a newline around it that does not belong to it: take it off"
            }
            Self::SecretLostWhitespace => {
                "the secret at Sinch has white space or a newline around it: enter it there again without"
            }
            Self::SecretQuoted => "the secret has quotes around it: leave them off",
            Self::SecretNamed => {
                "the secret has a name in front, as in NAME=value: give the value alone"
            }
            Self::SecretPrefixed => {
                "the secret has whsec_ in front, which Sinch does not put there: leave it off"
            }
            Self::SecretHasLineBreak => {
                "the secret has a line break inside: give one secret a file, in one line"
            }
            Self::SecretHasByteOrderMark => {
                "the secret begins with a byte order mark: save it as UTF-8 without one"
            }
            Self::SecretWasDecoded => "the secret was decoded from base64: use its text as it is",
            Self::SignerDecodesSecret => {
                "the signer decoded the secret from base64, which Sinch does not: check who signs"
            }
            Self::PreviousSecret => {
                "a retired secret made the signature: keep it in the ring until Sinch has changed over"
            }
            Self::BodyReserialized => {
                "the body was parsed and written again on its way: verify the raw bytes, before any JSON middleware"
            }
            Self::NewlineAdded => {
                "the body ends with a newline that was not signed: something, often an editor, added it"
            }
            Self::NewlineLost => {
                "the newline at the end of the body was lost on its way: verify the raw bytes"
            }
            Self::LineEndingsChanged => {
                "the line endings of the body were changed on its way: verify the raw bytes"
            }
            Self::ByteOrderMarkAdded => {
                "the body begins with a byte order mark that was not signed: something added it"
            }
            Self::ByteOrderMarkLost => {
                "the byte order mark of the body was lost on its way: verify the raw bytes"
            }
            Self::BodyStillEncoded => {
                "the body is still in base64: decode it first, as the event's isBase64Encoded says"
            }
            Self::BodyIsJsonString => {
                "the body is a JSON string that holds the body: it was encoded once too often on its way"
            }
            Self::BodyEmpty => {
                "the body is empty: was it read before, by a middleware perhaps, or is the file empty?"
            }
            Self::BodyCompressed => {
                "the body is compressed (gzip or the like): verify the bytes as Sinch sent them"
            }
            Self::KeysSorted => {
                "the body's keys stand in alphabetical order: was it parsed and written again with sorted keys?"
            }
            Self::BoundaryShift => {
                "the end of the body stands in the nonce: this is an attack with a captured callback, not a mistake"
            }
            Self::SignatureEncoding => {
                "the signature is right, but not written in padded standard base64: something rewrote it"
            }
            Self::Milliseconds => {
                "the timestamp is in milliseconds: it has to be in seconds, in the header and in what is signed"
            }
            Self::HeaderNotTrimmed(name) => {
                return Detail::of([
                    Text("the value of "),
                    Text(name.as_str()),
                    Text(" has white space or quotes around it: pass it as it was sent"),
                ]);
            }
            Self::HeaderTrimmed(name) => {
                return Detail::of([
                    Text("white space around the value of "),
                    Text(name.as_str()),
                    Text(" was signed and taken off on its way"),
                ]);
            }
            Self::ClockBehind { by } => {
                return Detail::of([
                    Text("the signature is right, and "),
                    Number(by.as_secs()),
                    Text(" s ahead of this clock: set the clock"),
                    whole_hours(by),
                ]);
            }
            Self::TooOld { age } => {
                return Detail::of([
                    Text("the signature is right, and "),
                    Number(age.as_secs()),
                    Text(" s old: a late retry, a replay, or a clock that is ahead"),
                    whole_hours(age),
                ]);
            }
        };
        Detail::text(text)
    }
}

impl fmt::Display for Diagnosis {
    /// [`Diagnosis::detail`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detail().fmt(f)
    }
}

/// A difference of whole hours, give or take a minute, smells of local time.
const fn whole_hours(difference: Duration) -> Piece {
    let secs = difference.as_secs();
    let beyond = secs % 3_600;
    let is_near = beyond < 60 || beyond >= 3_540;
    if secs >= 3_540 && secs < 50_460 && is_near {
        Piece::Text(" (whole hours: is one of the clocks in local time?)")
    } else {
        Piece::Text("")
    }
}
