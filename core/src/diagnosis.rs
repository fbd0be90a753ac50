use alloc::{vec, vec::Vec};
use core::fmt;

use crate::{
    HeaderName, HeaderPair, Piece, Rejection, Secret, SignedHeaders, UnixSeconds, Window, base64,
    respace::{self, ESCAPES, Escapes, SPACINGS, Spacing},
    signature::{self, ENCODED_LEN, Written},
};

/// What is known of a callback that was refused, besides its headers.
#[derive(Debug)]
pub struct Evidence<'a, S> {
    /// The body as it reached us.
    pub body: &'a [u8],
    /// The texts of the secrets in use.
    pub secrets: &'a [S],
    /// The texts of secrets that are no longer in use.
    pub retired_secrets: &'a [S],
    /// When the callback was judged.
    pub now: UnixSeconds,
    /// The window it was judged by.
    pub window: Window,
}

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
        /// By so many seconds.
        secs: u64,
    },
    /// The signature is right, and older than the window allows.
    TooOld {
        /// Seconds since it was signed.
        age_secs: u64,
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
    /// The cause and what to do about it, in words, as pieces of one line; `Display` writes the same.
    #[must_use]
    pub const fn detail(&self) -> [Piece; 4] {
        use Piece::{Number, Text};
        const END: Piece = Text("");
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
                return [
                    Text("the value of "),
                    Text(name.as_str()),
                    Text(" has white space or quotes around it: pass it as it was sent"),
                    END,
                ];
            }
            Self::HeaderTrimmed(name) => {
                return [
                    Text("white space around the value of "),
                    Text(name.as_str()),
                    Text(" was signed and taken off on its way"),
                    END,
                ];
            }
            Self::ClockBehind { secs } => {
                return [
                    Text("the signature is right, and "),
                    Number(secs),
                    Text(" s ahead of this clock: set the clock"),
                    whole_hours(secs),
                ];
            }
            Self::TooOld { age_secs } => {
                return [
                    Text("the signature is right, and "),
                    Number(age_secs),
                    Text(" s old: a late retry, a replay, or a clock that is ahead"),
                    whole_hours(age_secs),
                ];
            }
        };
        [Text(text), END, END, END]
    }
}

impl fmt::Display for Diagnosis {
    /// [`Diagnosis::detail`] in one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detail()
            .iter()
            .try_for_each(|piece| fmt::Display::fmt(piece, f))
    }
}

/// A difference of whole hours, give or take a minute, smells of local time.
const fn whole_hours(secs: u64) -> Piece {
    let beyond = secs % 3_600;
    let is_near = beyond < 60 || beyond >= 3_540;
    if secs >= 3_540 && secs < 50_460 && is_near {
        Piece::Text(" (whole hours: is one of the clocks in local time?)")
    } else {
        Piece::Text("")
    }
}

/// Names what makes the signature match once it is undone: one cause, or two that came together.
/// Where nothing usual does, names what the body shows without a proof; else it is empty, which most
/// often means another secret.
///
/// For command lines and consoles: it computes up to a few thousand signatures, fewer for bodies
/// over 64 KiB, and says of secrets what a stranger must not learn.
#[must_use]
pub fn diagnose<'a, P: HeaderPair<'a>, S: AsRef<[u8]>>(
    headers: impl IntoIterator<Item = P>,
    evidence: &Evidence<'_, S>,
) -> Vec<Diagnosis> {
    let Some(raw) = Raw::collect(headers) else {
        return Vec::new();
    };
    let signatures = raw.signatures();
    if signatures.is_empty() {
        return Vec::new();
    }
    let texts = raw.texts();
    let keys = keys(evidence);
    let most = if evidence.body.len() > LARGE_BYTES {
        1
    } else {
        2
    };
    let bodies = bodies(evidence.body, most);
    for count in 0..=most {
        for body in &bodies {
            for text in &texts {
                for key in &keys {
                    let signed = [key.causes, body.causes, text.causes];
                    let so_far = signed.iter().flatten().flatten().count();
                    if so_far > count {
                        continue;
                    }
                    let (nonce, timestamp) = &text.value;
                    let tag = key.value.tag(&body.value, nonce, timestamp);
                    for signature in &signatures {
                        let causes = signed.into_iter().chain([signature.causes]);
                        let causes: Vec<_> = causes.flatten().flatten().collect();
                        if causes.len() == count && bool::from(signature.value.is(&tag)) {
                            return if causes.is_empty() {
                                untimely(&raw, evidence)
                            } else {
                                causes
                            };
                        }
                    }
                }
            }
        }
    }
    sign_of(evidence.body).into_iter().collect()
}

/// Bytes from which a body is large: its signatures take long enough to look for one cause only.
const LARGE_BYTES: usize = 65_536;

/// A thing in one of the ways it may have been, and the causes that this way stands for.
struct Variant<T> {
    value: T,
    causes: [Option<Diagnosis>; 2],
}

impl<T> Variant<T> {
    const fn new(value: T, cause: Diagnosis) -> Self {
        Self::of(value, Some(cause))
    }

    const fn as_is(value: T) -> Self {
        Self::of(value, None)
    }

    const fn of(value: T, cause: Option<Diagnosis>) -> Self {
        Self {
            value,
            causes: [cause, None],
        }
    }

    const fn of_both(value: T, first: Diagnosis, second: Diagnosis) -> Self {
        Self {
            value,
            causes: [Some(first), Some(second)],
        }
    }
}

/// The signature is right as it stands: it can only be the time, or nothing.
fn untimely<S>(raw: &Raw<'_>, evidence: &Evidence<'_, S>) -> Vec<Diagnosis> {
    let pairs = [
        (HeaderName::Signature, raw.signature),
        (HeaderName::Timestamp, raw.timestamp),
        (HeaderName::Nonce, raw.nonce),
    ];
    let pairs = pairs.map(|(name, value)| (name.as_str(), value));
    let checked = SignedHeaders::collect(pairs)
        .and_then(|headers| evidence.window.check(headers.signed_at(), evidence.now));
    match checked {
        Err(Rejection::Stale { age_secs, .. }) => vec![Diagnosis::TooOld { age_secs }],
        Err(Rejection::FromFuture { ahead_secs, .. }) => {
            vec![Diagnosis::ClockBehind { secs: ahead_secs }]
        }
        _ => Vec::new(),
    }
}

/// The values of the headers as they came, whatever their form.
struct Raw<'a> {
    signature: &'a [u8],
    timestamp: &'a [u8],
    nonce: &'a [u8],
}

/// What is signed besides the body: a nonce and a timestamp.
type Texts = (Vec<u8>, Vec<u8>);

impl<'a> Raw<'a> {
    fn collect<P: HeaderPair<'a>>(headers: impl IntoIterator<Item = P>) -> Option<Self> {
        let (mut signature, mut timestamp, mut nonce) = (None, None, None);
        for pair in headers {
            let slot = match HeaderName::parse(pair.name()) {
                Some(HeaderName::Signature) => &mut signature,
                Some(HeaderName::Timestamp) => &mut timestamp,
                Some(HeaderName::Nonce) => &mut nonce,
                _ => continue,
            };
            slot.get_or_insert(pair.value());
        }
        Some(Self {
            signature: signature?,
            timestamp: timestamp?,
            nonce: nonce?,
        })
    }

    /// The signature in our own form, from each form it may have come in.
    fn signatures(&self) -> Vec<Variant<Written>> {
        let mut variants = Vec::new();
        variants.extend(Written::parse(self.signature).map(Variant::as_is));
        let bare = unquoted(self.signature);
        let trimmed = Written::parse(bare).filter(|_| bare != self.signature);
        variants
            .extend(trimmed.map(|text| {
                Variant::new(text, Diagnosis::HeaderNotTrimmed(HeaderName::Signature))
            }));
        if variants.is_empty() {
            let rewritten = from_hex(bare).or_else(|| standard(bare));
            variants.extend(rewritten.map(|text| Variant::new(text, Diagnosis::SignatureEncoding)));
        }
        variants
    }

    fn texts(&self) -> Vec<Variant<Texts>> {
        // What matches as it stands and is refused all the same is refused for its form.
        let cause = if self.nonce.contains(&b'.') {
            Some(Diagnosis::BoundaryShift)
        } else if self.timestamp.len() > 12 && self.timestamp.iter().all(u8::is_ascii_digit) {
            Some(Diagnosis::Milliseconds)
        } else {
            None
        };
        let variant = |nonce: &[u8], timestamp: &[u8], cause| {
            Variant::of((nonce.to_vec(), timestamp.to_vec()), cause)
        };
        let mut variants = vec![variant(self.nonce, self.timestamp, cause)];
        for other in respaced(self.nonce) {
            let cause = spaces(HeaderName::Nonce, self.nonce, &other);
            variants.push(variant(&other, self.timestamp, Some(cause)));
        }
        for other in respaced(self.timestamp) {
            let cause = spaces(HeaderName::Timestamp, self.timestamp, &other);
            variants.push(variant(self.nonce, &other, Some(cause)));
        }
        let millis = [self.timestamp, b"000"].concat();
        let seconds = self.timestamp.strip_suffix(b"000");
        let truncated = self.timestamp.get(..10);
        for other in [Some(millis.as_slice()), seconds, truncated]
            .into_iter()
            .flatten()
        {
            variants.push(variant(self.nonce, other, Some(Diagnosis::Milliseconds)));
        }
        variants
    }
}

/// The value without what surrounds it, and with what may have surrounded it.
fn respaced(value: &[u8]) -> Vec<Vec<u8>> {
    let mut variants = vec![[value, b" "].concat(), [b" ", value].concat()];
    let bare = unquoted(value);
    if bare.len() < value.len() {
        variants.push(bare.to_vec());
    }
    variants
}

fn spaces(name: HeaderName, value: &[u8], other: &[u8]) -> Diagnosis {
    if other.len() < value.len() {
        Diagnosis::HeaderNotTrimmed(name)
    } else {
        Diagnosis::HeaderTrimmed(name)
    }
}

/// The text without white space and quotes around it.
fn unquoted(text: &[u8]) -> &[u8] {
    let mut text = text.trim_ascii();
    while let [b'"' | b'\'', inner @ .., b'"' | b'\''] = text {
        text = inner.trim_ascii();
    }
    text
}

/// The signature from the hexadecimal digits of its tag.
fn from_hex(text: &[u8]) -> Option<Written> {
    let text = str::from_utf8(text).ok()?;
    let (first, second) = text.split_at_checked(32)?;
    let (first, second) = (crate::hex::parse(first)?, crate::hex::parse(second)?);
    let mut tag = [0; 32];
    for (byte, value) in tag.iter_mut().zip(first.into_iter().chain(second)) {
        *byte = value;
    }
    Written::parse(&signature::encode(&tag))
}

/// The signature from base64 without a pad, or of the alphabet for addresses.
fn standard(text: &[u8]) -> Option<Written> {
    let mut digits = text.iter().copied().filter(|byte| *byte != b'=');
    let mut out = [b'='; ENCODED_LEN];
    for slot in out.iter_mut().take(43) {
        *slot = match digits.next()? {
            b'-' => b'+',
            b'_' => b'/',
            digit => digit,
        };
    }
    if digits.next().is_some() {
        return None;
    }
    Written::parse(&out)
}

/// The keys that may have made the signature.
fn keys<S: AsRef<[u8]>>(evidence: &Evidence<'_, S>) -> Vec<Variant<Secret>> {
    let mut variants = Vec::new();
    let mut add = |bytes: &[u8], causes| {
        let secret = Secret::verbatim(bytes).ok();
        variants.extend(secret.map(|value| Variant { value, causes }));
    };
    for secret in evidence.secrets {
        add(secret.as_ref(), [None, None]);
    }
    for secret in evidence.retired_secrets {
        add(secret.as_ref(), [Some(Diagnosis::PreviousSecret), None]);
    }
    for secret in evidence.secrets {
        let text = secret.as_ref();
        for (bare, cause) in freed(text) {
            add(bare, [Some(cause), None]);
            for (barer, second) in freed(bare).into_iter().filter(|(_, other)| *other != cause) {
                add(barer, [Some(cause), Some(second)]);
            }
        }
        if text.contains(&b'\n') || text.contains(&b'\r') {
            let unwrapped: Vec<u8> = text
                .iter()
                .copied()
                .filter(|byte| !matches!(byte, b'\n' | b'\r'))
                .collect();
            add(&unwrapped, [Some(Diagnosis::SecretHasLineBreak), None]);
        }
        for (before, behind) in [("", "\n"), ("", "\r\n"), ("", " "), (" ", "")] {
            let spaced = [before.as_bytes(), text, behind.as_bytes()].concat();
            add(&spaced, [Some(Diagnosis::SecretLostWhitespace), None]);
        }
        let encoded = base64::encode(text);
        add(&encoded, [Some(Diagnosis::SecretWasDecoded), None]);
        if let Some(decoded) = base64::decode(text.trim_ascii()) {
            add(&decoded, [Some(Diagnosis::SignerDecodesSecret), None]);
        }
    }
    variants
}

/// Most lines of a secret's text that are tried by themselves: as many as a ring has secrets, and as
/// many comments.
const MOST_LINES: usize = 8;

/// The secret's text freed of one thing that does not belong to it, for each such thing.
fn freed(text: &[u8]) -> Vec<(&[u8], Diagnosis)> {
    let mut found = Vec::new();
    if let Some(bare) = text.strip_prefix(BYTE_ORDER_MARK) {
        found.push((bare, Diagnosis::SecretHasByteOrderMark));
    }
    let trimmed = text.trim_ascii();
    if trimmed.len() < text.len() {
        found.push((trimmed, Diagnosis::SecretHasWhitespace));
    }
    let lines = trimmed.split(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = lines.map(<[u8]>::trim_ascii);
    for line in lines.filter(|line| !line.is_empty()).take(MOST_LINES) {
        if line.len() < trimmed.len() {
            found.push((line, Diagnosis::SecretHasLineBreak));
        }
    }
    if let Some(bare) = without_quotes(trimmed) {
        found.push((bare, Diagnosis::SecretQuoted));
    }
    if let Some(bare) = trimmed.strip_prefix(b"whsec_") {
        found.push((bare, Diagnosis::SecretPrefixed));
    }
    let sign = trimmed.iter().position(|byte| matches!(byte, b'=' | b':'));
    let halves = sign.and_then(|sign| trimmed.split_at_checked(sign));
    if let Some((name, [_, value @ ..])) = halves {
        let value = value.trim_ascii();
        if !name.is_empty() && !value.is_empty() {
            found.push((value, Diagnosis::SecretNamed));
        }
    }
    found
}

/// What stands between quotes of any kind, perhaps with the comma of the line they were copied from.
fn without_quotes(text: &[u8]) -> Option<&[u8]> {
    let text = match text.split_last() {
        Some((b',' | b';', rest)) => rest,
        _ => text,
    };
    if let [b'"', inner @ .., b'"'] | [b'\'', inner @ .., b'\''] | [b'`', inner @ .., b'`'] = text {
        return Some(inner);
    }
    let text = str::from_utf8(text).ok()?;
    let is_quote = |character: char| {
        "\u{2018}\u{2019}\u{201a}\u{201c}\u{201d}\u{201e}\u{ab}\u{bb}".contains(character)
    };
    let inner = text.strip_prefix(is_quote)?.strip_suffix(is_quote)?;
    Some(inner.as_bytes())
}

/// The byte order mark of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The bodies that may have been signed, for at most so many causes.
fn bodies(body: &[u8], most: usize) -> Vec<Variant<Vec<u8>>> {
    let mut variants = vec![Variant::as_is(body.to_vec())];
    let outer = unwrapped(body);
    let rewritten = rewritings(body);
    // Whoever writes a body again often puts something around it, too.
    let mut both = Vec::new();
    if most > 1 {
        for (inner, cause) in &outer {
            let twice = unwrapped(inner).into_iter();
            let twice = twice.filter(|(_, second)| second != cause);
            both.extend(twice.map(|(other, second)| Variant::of_both(other, *cause, second)));
            let again = rewritings(inner).into_iter();
            both.extend(
                again.map(|other| Variant::of_both(other, *cause, Diagnosis::BodyReserialized)),
            );
        }
        for other in &rewritten {
            let ended = [other, b"\n".as_slice()].concat();
            both.push(Variant::of_both(
                ended,
                Diagnosis::BodyReserialized,
                Diagnosis::NewlineLost,
            ));
        }
    }
    // What stands around a body goes before its spelling, which loses the newline at its end, too.
    variants.extend(
        outer
            .into_iter()
            .map(|(other, cause)| Variant::new(other, cause)),
    );
    for newline in [&b"\n"[..], b"\r\n"] {
        let ended = [body, newline].concat();
        variants.push(Variant::new(ended, Diagnosis::NewlineLost));
    }
    if !body.starts_with(BYTE_ORDER_MARK) {
        let marked = [BYTE_ORDER_MARK, body].concat();
        variants.push(Variant::new(marked, Diagnosis::ByteOrderMarkLost));
    }
    variants.extend(
        rewritten
            .into_iter()
            .map(|other| Variant::new(other, Diagnosis::BodyReserialized)),
    );
    variants.extend(both);
    variants
}

/// The body freed of one thing that was put around it on its way, for each such thing.
fn unwrapped(body: &[u8]) -> Vec<(Vec<u8>, Diagnosis)> {
    let mut found = Vec::new();
    for newline in [&b"\n"[..], b"\r\n"] {
        if let Some(bare) = body.strip_suffix(newline) {
            found.push((bare.to_vec(), Diagnosis::NewlineAdded));
        }
    }
    for end in [&b"\n"[..], b"\r\n"] {
        let other = with_line_ends(body, end);
        if other != body {
            found.push((other, Diagnosis::LineEndingsChanged));
        }
    }
    if let Some(bare) = body.strip_prefix(BYTE_ORDER_MARK) {
        found.push((bare.to_vec(), Diagnosis::ByteOrderMarkAdded));
    }
    if let Some(decoded) = base64::decode(body.trim_ascii()).filter(|decoded| !decoded.is_empty()) {
        found.push((decoded, Diagnosis::BodyStillEncoded));
    }
    if let Some(inner) = respace::string_value(body) {
        found.push((inner, Diagnosis::BodyIsJsonString));
    }
    found
}

/// The same JSON in every other way to write it.
fn rewritings(body: &[u8]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for spacing in SPACINGS {
        for escapes in ESCAPES {
            let as_it_is = spacing == Spacing::Kept && escapes == Escapes::Kept;
            let rewritten = respace::rewrite(body, spacing, escapes);
            let rewritten = rewritten.filter(|other| !as_it_is && other != body);
            // Where there is nothing to escape, most ways are the same.
            if let Some(other) = rewritten.filter(|other| !found.contains(other)) {
                found.push(other);
            }
        }
    }
    found
}

/// What a body shows that no signature fits.
fn sign_of(body: &[u8]) -> Option<Diagnosis> {
    // gzip, Zstandard, and zlib at its usual levels.
    let compressed: [&[u8]; 5] = [
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
        b"\x78\x9c",
        b"\x78\x01",
        b"\x78\xda",
    ];
    if body.is_empty() {
        Some(Diagnosis::BodyEmpty)
    } else if compressed.iter().any(|magic| body.starts_with(magic)) {
        Some(Diagnosis::BodyCompressed)
    } else {
        respace::has_sorted_keys(body).then_some(Diagnosis::KeysSorted)
    }
}

/// The text with this ending on each line that has one.
fn with_line_ends(text: &[u8], end: &[u8]) -> Vec<u8> {
    let lines = text.split(|byte| *byte == b'\n');
    let lines: Vec<_> = lines
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect();
    lines.join(end)
}

#[cfg(test)]
mod tests {
    use std::string::{String, ToString};

    use super::*;

    const SECRET: &str = "bWFkZS11cA";
    const BODY: &str = "{\"a\":1.50,\"b\":[\"x/y\",\"\u{e9}\"]}";
    const NONCE: &str = "01FJA8B4A7EXAMPLE";
    const TIME: &str = "1700000000";
    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    /// A callback as it was signed, to be spoilt on its way.
    struct Case {
        signature: String,
        timestamp: String,
        nonce: String,
        body: Vec<u8>,
        secret: Vec<u8>,
        retired: Vec<Vec<u8>>,
        now: UnixSeconds,
    }

    fn signature(secret: &[u8], body: &[u8], nonce: &str, time: &str) -> String {
        let secret = Secret::verbatim(secret).unwrap();
        let tag = secret.tag(body, nonce.as_bytes(), time.as_bytes());
        String::from_utf8(signature::encode(&tag).to_vec()).unwrap()
    }

    impl Case {
        fn signed(secret: &str, body: &str, nonce: &str, time: &str) -> Self {
            Self {
                signature: signature(secret.as_bytes(), body.as_bytes(), nonce, time),
                timestamp: time.into(),
                nonce: nonce.into(),
                body: body.into(),
                secret: secret.into(),
                retired: Vec::new(),
                now: NOW,
            }
        }

        fn new() -> Self {
            Self::signed(SECRET, BODY, NONCE, TIME)
        }

        fn spoilt(change: impl FnOnce(&mut Self)) -> Vec<Diagnosis> {
            let mut case = Self::new();
            change(&mut case);
            case.diagnose()
        }

        fn diagnose(&self) -> Vec<Diagnosis> {
            let pairs = [
                (HeaderName::Signature.as_str(), self.signature.as_str()),
                (HeaderName::Timestamp.as_str(), self.timestamp.as_str()),
                (HeaderName::Nonce.as_str(), self.nonce.as_str()),
            ];
            let evidence = Evidence {
                body: &self.body,
                secrets: core::slice::from_ref(&self.secret),
                retired_secrets: &self.retired,
                now: self.now,
                window: Window::BARE,
            };
            diagnose(pairs, &evidence)
        }
    }

    #[test]
    fn nothing_is_named_where_nothing_is_wrong_or_nothing_usual_is() {
        assert_eq!(Case::new().diagnose(), []);
        let other = Case::spoilt(|case| case.secret = b"made-up-other".into());
        assert_eq!(other, []);
        let altered = Case::spoilt(|case| case.body[4] ^= 1);
        assert_eq!(altered, []);
    }

    #[test]
    fn a_spoilt_secret_is_named() {
        let with = |secret: &[u8]| Case::spoilt(|case| case.secret = secret.into());
        assert_eq!(with(b" bWFkZS11cA\n"), [Diagnosis::SecretHasWhitespace]);
        // What "made-up" is without its base64, and the other way about.
        let mut decoded = Case::signed("bWFkZS11cHM=", BODY, NONCE, TIME);
        decoded.secret = b"made-ups".into();
        assert_eq!(decoded.diagnose(), [Diagnosis::SecretWasDecoded]);
        let mut signer = Case::signed("made-up", BODY, NONCE, TIME);
        signer.secret = SECRET.into();
        assert_eq!(signer.diagnose(), [Diagnosis::SignerDecodesSecret]);
        let mut newline = Case::signed("made-up!\n", BODY, NONCE, TIME);
        newline.secret = b"made-up!".into();
        assert_eq!(newline.diagnose(), [Diagnosis::SecretLostWhitespace]);
        let previous = Case::spoilt(|case| {
            case.retired = vec![core::mem::replace(&mut case.secret, b"made-up-new".into())];
        });
        assert_eq!(previous, [Diagnosis::PreviousSecret]);
    }

    #[test]
    fn what_people_have_around_a_secret_is_named() {
        let with = |secret: &str| Case::spoilt(|case| case.secret = secret.into());
        for (secret, causes) in [
            ("\"bWFkZS11cA\"", &[Diagnosis::SecretQuoted][..]),
            ("'bWFkZS11cA'", &[Diagnosis::SecretQuoted]),
            ("\u{201c}bWFkZS11cA\u{201d}", &[Diagnosis::SecretQuoted]),
            ("whsec_bWFkZS11cA", &[Diagnosis::SecretPrefixed]),
            ("NAME=bWFkZS11cA", &[Diagnosis::SecretNamed]),
            ("secret: bWFkZS11cA", &[Diagnosis::SecretNamed]),
            ("\u{feff}bWFkZS11cA", &[Diagnosis::SecretHasByteOrderMark]),
            (
                "made-up-other\nbWFkZS11cA",
                &[Diagnosis::SecretHasLineBreak],
            ),
            ("bWFkZ\nS11cA", &[Diagnosis::SecretHasLineBreak]),
            (
                "\u{feff}bWFkZS11cA\n",
                &[
                    Diagnosis::SecretHasByteOrderMark,
                    Diagnosis::SecretHasWhitespace,
                ],
            ),
            (
                "NAME='bWFkZS11cA'",
                &[Diagnosis::SecretNamed, Diagnosis::SecretQuoted],
            ),
        ] {
            assert_eq!(with(secret), causes, "{secret}");
        }
    }

    #[test]
    fn a_body_that_was_spoilt_twice_names_both() {
        let with = |body: &str| Case::spoilt(|case| case.body = body.into());
        // As Windows tools format and save it, and as a library that encodes a text of JSON leaves it.
        let saved = "\u{feff}{\n  \"a\": 1.50,\n  \"b\": [\n    \"x/y\",\n    \"\u{e9}\"\n  ]\n}\n";
        assert_eq!(
            with(saved),
            [Diagnosis::ByteOrderMarkAdded, Diagnosis::BodyReserialized]
        );
        let string = "\"{\\\"a\\\":1.50,\\\"b\\\":[\\\"x/y\\\",\\\"\u{e9}\\\"]}\"";
        assert_eq!(with(string), [Diagnosis::BodyIsJsonString]);
        let encoded = String::from_utf8(base64::encode(string.as_bytes())).unwrap();
        assert_eq!(
            with(&encoded),
            [Diagnosis::BodyStillEncoded, Diagnosis::BodyIsJsonString]
        );
        for indent in ["  ", "    "] {
            let signed = std::format!("{{\n{indent}\"a\": 1\n}}");
            let mut case = Case::signed(SECRET, &signed, NONCE, TIME);
            case.body = b"{\"a\":1}".into();
            assert_eq!(case.diagnose(), [Diagnosis::BodyReserialized]);
        }
    }

    #[test]
    fn what_a_body_shows_is_told_where_nothing_can_be_proved() {
        let with = |body: &[u8]| Case::spoilt(|case| case.body = body.into());
        assert_eq!(with(b""), [Diagnosis::BodyEmpty]);
        assert_eq!(with(b"\x1f\x8b\x08\0"), [Diagnosis::BodyCompressed]);
        let sorted = b"{\"a\":1,\"b\":{\"c\":1,\"d\":2}}";
        assert_eq!(with(sorted), [Diagnosis::KeysSorted]);
        // A callback that is as it was signed shows nothing, whatever its keys.
        let mut case = Case::signed(SECRET, "{\"a\":1,\"b\":2,\"c\":3}", NONCE, TIME);
        assert_eq!(case.diagnose(), []);
        case.secret = b"made-up-other".into();
        assert_eq!(case.diagnose(), [Diagnosis::KeysSorted]);
    }

    #[test]
    fn a_spoilt_body_is_named() {
        let with = |body: &str| Case::spoilt(|case| case.body = body.into());
        let spaced = "{\"a\": 1.50, \"b\": [\"x/y\", \"\\u00e9\"]}";
        assert_eq!(with(spaced), [Diagnosis::BodyReserialized]);
        let slashes = "{\"a\":1.50,\"b\":[\"x\\/y\",\"\u{e9}\"]}";
        assert_eq!(with(slashes), [Diagnosis::BodyReserialized]);
        let php = "{\"a\":1.50,\"b\":[\"x\\/y\",\"\\u00e9\"]}";
        assert_eq!(with(php), [Diagnosis::BodyReserialized]);
        // A number that was read and written again cannot be told any more.
        assert_eq!(with("{\"a\":1.5,\"b\":[\"x/y\",\"\u{e9}\"]}"), []);
        assert_eq!(with(&std::format!("{BODY}\n")), [Diagnosis::NewlineAdded]);
        assert_eq!(
            with(&std::format!("\u{feff}{BODY}")),
            [Diagnosis::ByteOrderMarkAdded]
        );
        let encoded = String::from_utf8(base64::encode(BODY.as_bytes())).unwrap();
        assert_eq!(with(&encoded), [Diagnosis::BodyStillEncoded]);
        for (signed, received, cause) in [
            ("plain\n", "plain", Diagnosis::NewlineLost),
            ("a\r\nb", "a\nb", Diagnosis::LineEndingsChanged),
            ("\u{feff}plain", "plain", Diagnosis::ByteOrderMarkLost),
            ("{\"a\": 1}", "{\"a\":1}", Diagnosis::BodyReserialized),
        ] {
            let mut case = Case::signed(SECRET, signed, NONCE, TIME);
            case.body = received.into();
            assert_eq!(case.diagnose(), [cause], "{received}");
        }
    }

    #[test]
    fn spoilt_headers_are_named() {
        let quoted = Case::spoilt(|case| case.nonce = std::format!("\"{NONCE}\""));
        assert_eq!(quoted, [Diagnosis::HeaderNotTrimmed(HeaderName::Nonce)]);
        let spaced = Case::spoilt(|case| case.signature.push(' '));
        assert_eq!(spaced, [Diagnosis::HeaderNotTrimmed(HeaderName::Signature)]);
        let mut trimmed = Case::signed(SECRET, BODY, "01FJA8B4A7 ", TIME);
        trimmed.nonce = "01FJA8B4A7".into();
        assert_eq!(
            trimmed.diagnose(),
            [Diagnosis::HeaderTrimmed(HeaderName::Nonce)]
        );
        let unpadded = Case::spoilt(|case| {
            case.signature = case.signature.replace(['=', '+'], "-").replace('/', "_");
            case.signature.pop();
        });
        assert_eq!(unpadded, [Diagnosis::SignatureEncoding]);
        let hex = Case::spoilt(|case| {
            let tag = base64::decode(case.signature.as_bytes()).unwrap();
            case.signature = tag.iter().map(|byte| std::format!("{byte:02X}")).collect();
        });
        assert_eq!(hex, [Diagnosis::SignatureEncoding]);
    }

    #[test]
    fn milliseconds_are_named_wherever_they_stand() {
        let signed = Case::signed(SECRET, BODY, NONCE, "1700000000123");
        assert_eq!(signed.diagnose(), [Diagnosis::Milliseconds]);
        let header = Case::spoilt(|case| case.timestamp = "1700000000123".into());
        assert_eq!(header, [Diagnosis::Milliseconds]);
        let mut in_signature = Case::signed(SECRET, BODY, NONCE, "1700000000000");
        in_signature.timestamp = TIME.into();
        assert_eq!(in_signature.diagnose(), [Diagnosis::Milliseconds]);
    }

    #[test]
    fn a_moved_boundary_is_named_as_an_attack() {
        let body = "{\"at\":\"05.123Z\"}";
        let mut case = Case::signed(SECRET, body, NONCE, TIME);
        case.body = b"{\"at\":\"05".into();
        case.nonce = std::format!("123Z\"}}.{NONCE}");
        assert_eq!(case.diagnose(), [Diagnosis::BoundaryShift]);
    }

    #[test]
    fn a_right_signature_out_of_its_time_names_the_clock() {
        let at = |now| Case::spoilt(|case| case.now = UnixSeconds::new(now));
        assert_eq!(at(1_700_000_300), []);
        assert_eq!(at(1_700_000_301), [Diagnosis::TooOld { age_secs: 301 }]);
        let behind = at(1_700_000_000 - 7_201);
        assert_eq!(behind, [Diagnosis::ClockBehind { secs: 7_201 }]);
        assert!(behind[0].to_string().contains("local time"));
        assert!(
            !at(1_700_000_000 - 5_000)[0]
                .to_string()
                .contains("local time")
        );
    }

    #[test]
    fn two_causes_that_came_together_are_both_named() {
        let both = Case::spoilt(|case| {
            case.secret = b"bWFkZS11cA\n".into();
            case.body.push(b'\n');
        });
        assert_eq!(
            both,
            [Diagnosis::SecretHasWhitespace, Diagnosis::NewlineAdded]
        );
    }

    #[test]
    fn no_input_makes_it_panic() {
        use proptest::prelude::*;
        proptest!(|(values: [Vec<u8>; 4], now: u64, window: (u64, u64))| {
            let [signature, timestamp, nonce, body] = values;
            let pairs = [
                (HeaderName::Signature.as_str(), &signature[..]),
                (HeaderName::Timestamp.as_str(), &timestamp),
                (HeaderName::Nonce.as_str(), &nonce),
            ];
            let evidence = Evidence {
                body: &body,
                secrets: core::slice::from_ref(&nonce),
                retired_secrets: core::slice::from_ref(&body),
                now: UnixSeconds::new(now),
                window: Window { max_age_secs: window.0, max_ahead_secs: window.1 },
            };
            prop_assert_eq!(diagnose(pairs, &evidence), []);
        });
    }
}
