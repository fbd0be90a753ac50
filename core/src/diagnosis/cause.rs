use core::{fmt, time::Duration};

use crate::{
    detail::{Detail, Piece},
    header_name::HeaderName,
};

/// A likely cause why a callback was refused: with it undone, the signature matches. The few that are
/// a sign and no proof say so.
///
/// # Examples
/// ```
/// use sinch_callback::{Diagnosis, Evidence, UnixSeconds, diagnose};
///
/// let headers = [
///     ("x-sinch-webhook-signature", "ROhW5N2G9Cd+al80lt4wnTIipgRl9hGLw4F+GwnTv1o="),
///     ("x-sinch-webhook-signature-nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
///     ("x-sinch-webhook-signature-timestamp", "1634579353"),
/// ];
/// let now = UnixSeconds::new(1_634_579_360);
/// // A framework has parsed the body, and written it again.
/// let body = br#"{ "app_id": "", "a_new_thing_of_2027": {} }"#;
/// let causes = diagnose(&headers, &Evidence::new(body, &["foo_secret1234"], now));
/// assert_eq!(causes, [Diagnosis::BodyReserialized]);
/// // The secret was copied with a space behind it.
/// let body = br#"{"app_id":"","a_new_thing_of_2027":{}}"#;
/// let causes = diagnose(&headers, &Evidence::new(body, &["foo_secret1234 "], now));
/// assert_eq!(causes, [Diagnosis::SecretHasWhitespace]);
/// ```
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
    /// The signature is written in another way than Sinch writes it: not in padded standard base64, or not in
    /// lower-case digits where the scheme has those.
    SignatureEncoding,
    /// The signer took our secret's text for the key, where the scheme decodes it from base64.
    #[cfg(feature = "schemes")]
    SecretNotDecoded,
    /// Another path was signed than the one that reached us.
    #[cfg(feature = "schemes")]
    PathRewritten,
    /// The path was percent-decoded or encoded on one of the two sides.
    #[cfg(feature = "schemes")]
    PathEncoding,
    /// The query was signed too, where the scheme signs the path alone.
    #[cfg(feature = "schemes")]
    QuerySigned,
    /// The query was not signed, where the scheme signs it.
    #[cfg(feature = "rsa")]
    QueryAdded,
    /// The signed query did not reach us.
    #[cfg(feature = "rsa")]
    QueryLost,
    /// Another method was signed than the one that reached us.
    #[cfg(feature = "schemes")]
    MethodChanged,
    /// The content type was rewritten on its way.
    #[cfg(feature = "schemes")]
    ContentTypeChanged,
    /// The authorization names another scheme than the one that judges.
    #[cfg(feature = "schemes")]
    OtherWord,
    /// The callback names another key than ours. Where the signature matches none of our secrets, a sign and no proof.
    #[cfg(feature = "schemes")]
    OtherKeyId,
    /// The key signs another digest than its record says.
    #[cfg(feature = "rsa")]
    OtherDigest,
    /// Only the body was signed, without request line and date.
    #[cfg(feature = "rsa")]
    BodySignedAlone,
    /// Request line, date and body were signed with line breaks between them.
    #[cfg(feature = "rsa")]
    JoinedByLineBreaks,
    /// Our key made the signature of the parent account.
    #[cfg(feature = "schemes")]
    ParentSignature,
    /// A header's value begins with the header's own name.
    #[cfg(feature = "schemes")]
    HeaderNameInValue(HeaderName),
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
            #[cfg(feature = "schemes")]
            Self::SecretNotDecoded => "secret_not_decoded",
            #[cfg(feature = "schemes")]
            Self::PathRewritten => "path_rewritten",
            #[cfg(feature = "schemes")]
            Self::PathEncoding => "path_encoding",
            #[cfg(feature = "schemes")]
            Self::QuerySigned => "query_signed",
            #[cfg(feature = "rsa")]
            Self::QueryAdded => "query_added",
            #[cfg(feature = "rsa")]
            Self::QueryLost => "query_lost",
            #[cfg(feature = "schemes")]
            Self::MethodChanged => "method_changed",
            #[cfg(feature = "schemes")]
            Self::ContentTypeChanged => "content_type_changed",
            #[cfg(feature = "schemes")]
            Self::OtherWord => "other_word",
            #[cfg(feature = "schemes")]
            Self::OtherKeyId => "other_key_id",
            #[cfg(feature = "rsa")]
            Self::OtherDigest => "other_digest",
            #[cfg(feature = "rsa")]
            Self::BodySignedAlone => "body_signed_alone",
            #[cfg(feature = "rsa")]
            Self::JoinedByLineBreaks => "joined_by_line_breaks",
            #[cfg(feature = "schemes")]
            Self::ParentSignature => "parent_signature",
            #[cfg(feature = "schemes")]
            Self::HeaderNameInValue(_) => "header_name_in_value",
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
                "the signature is right, but not written as Sinch writes it: something rewrote it"
            }
            #[cfg(feature = "schemes")]
            Self::SecretNotDecoded => {
                "the signer took the secret's text for the key, which this scheme decodes from base64: check who signs"
            }
            #[cfg(feature = "schemes")]
            Self::PathRewritten => {
                "another path was signed than the one that reached us, because something in front rewrites it: give the public path, as Sinch calls it"
            }
            #[cfg(feature = "schemes")]
            Self::PathEncoding => {
                "the path was percent-decoded or encoded on its way, or before it was signed: give it as it stands in the request line"
            }
            #[cfg(feature = "schemes")]
            Self::QuerySigned => {
                "the query was signed too, which Sinch does not do in this scheme: check who signs"
            }
            #[cfg(feature = "rsa")]
            Self::QueryAdded => {
                "the query was not signed: something in front added it, so give path and query as Sinch calls them"
            }
            #[cfg(feature = "rsa")]
            Self::QueryLost => {
                "the query was signed and lost on its way: give path and query as Sinch calls them"
            }
            #[cfg(feature = "schemes")]
            Self::MethodChanged => {
                "another method was signed than the one that reached us: give the one that Sinch calls with"
            }
            #[cfg(feature = "schemes")]
            Self::ContentTypeChanged => {
                "the content type was rewritten on its way, and it is signed byte for byte: pass it as it was sent"
            }
            #[cfg(feature = "schemes")]
            Self::OtherWord => {
                "the authorization names another scheme: judge `application` (Voice v1, Verification) and `service` (Voice v2) each by its own"
            }
            #[cfg(feature = "schemes")]
            Self::OtherKeyId => {
                "the callback names another key than the one that is set here: set its id, and the secret that belongs to it"
            }
            #[cfg(feature = "rsa")]
            Self::OtherDigest => {
                "the signature is right by another digest: correct the one in the key's record"
            }
            #[cfg(feature = "rsa")]
            Self::BodySignedAlone => {
                "only the body was signed, without request line and date, as a sample of the vendor has it: check who signs"
            }
            #[cfg(feature = "rsa")]
            Self::JoinedByLineBreaks => {
                "request line, date and body were signed with line breaks between them, which Engage does not: check who signs"
            }
            #[cfg(feature = "schemes")]
            Self::ParentSignature => {
                "our key made the parent account's signature: set the signing key of the account that the callback is of"
            }
            #[cfg(feature = "schemes")]
            Self::HeaderNameInValue(name) => {
                return Detail::of([
                    Text("the value of "),
                    Text(name.as_str()),
                    Text(" begins with the header's own name: pass the value alone"),
                ]);
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
