use core::{fmt, str::FromStr};

use crate::{
    bytes, named::UnknownName, rejection::Rejection, signature::Written, time::UnixSeconds,
};

named! {
    only as_str
    /// The four headers of a signed callback.
    ///
    /// Names compare without regard to case. The one place that knows how they are spelt. In the order in
    /// which they are judged.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum HeaderName {
        /// The signature, in base64.
        Signature = "x-sinch-webhook-signature",
        /// When the signature was made, in Unix seconds.
        Timestamp = "x-sinch-webhook-signature-timestamp",
        /// What makes each signature unique.
        Nonce = "x-sinch-webhook-signature-nonce",
        /// The signature's algorithm; may be absent.
        Algorithm = "x-sinch-webhook-signature-algorithm",
    }
}

impl HeaderName {
    /// The header of this name, whatever the case of its letters.
    #[must_use]
    #[inline]
    pub fn parse(name: &[u8]) -> Option<Self> {
        // Three lengths for four names: a look at the length spares most comparisons.
        match name.len() {
            25 => Self::Signature.if_named(name),
            31 => Self::Nonce.if_named(name),
            35 if matches!(name.last(), Some(b'p' | b'P')) => Self::Timestamp.if_named(name),
            35 => Self::Algorithm.if_named(name),
            _ => None,
        }
    }

    #[inline(always)]
    fn if_named(self, name: &[u8]) -> Option<Self> {
        is_text(name, self.as_str()).then_some(self)
    }

    /// What a well-formed value is, to end the sentence "the header is not …".
    pub(crate) const fn expected_form(self) -> &'static str {
        match self {
            Self::Signature => "44 characters of padded base64",
            Self::Timestamp => "1 to 12 decimal digits of Unix seconds",
            Self::Nonce => "1 to 128 visible ASCII characters without a dot",
            Self::Algorithm => "HmacSHA256, the one algorithm that is supported",
        }
    }
}

impl fmt::Display for HeaderName {
    /// The name in lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for HeaderName {
    type Err = UnknownName;

    /// [`HeaderName::parse`].
    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::parse(name.as_bytes()).ok_or(UnknownName::among(Self::NAMES))
    }
}

/// The one algorithm that Sinch signs with.
pub(crate) const ALGORITHM: &str = "HmacSHA256";
/// Longest nonce. Sinch's are ULIDs of 26 characters; the limit is our own choice.
const MAX_NONCE_LEN: usize = 128;
/// Most digits of a timestamp: good until the year 33658, and far from overflow.
const MAX_TIMESTAMP_LEN: usize = 12;

/// A header's name and value, as hosts have them: a name and a borrowed value, or a borrowed pair of
/// both. Either may be a text, bytes, or a type of the host's that gives its bytes, as those of the
/// `http` crate do.
pub trait HeaderPair<'a> {
    /// The name, in any case.
    fn name(&self) -> &[u8];

    /// The value.
    fn value(&self) -> &'a [u8];
}

impl<'a, N: AsRef<[u8]>, V: AsRef<[u8]> + ?Sized> HeaderPair<'a> for (N, &'a V) {
    fn name(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn value(&self) -> &'a [u8] {
        self.1.as_ref()
    }
}

impl<'a, N: AsRef<[u8]>, V: AsRef<[u8]>> HeaderPair<'a> for &'a (N, V) {
    fn name(&self) -> &[u8] {
        self.0.as_ref()
    }

    fn value(&self) -> &'a [u8] {
        self.1.as_ref()
    }
}

/// The headers of one callback, found and of the right form, but not yet believed.
///
/// The forms are what makes the signed string `body.nonce.timestamp` readable in one way only: a
/// nonce that may hold a dot could be stretched over the end of the body under the old signature.
#[derive(Clone, Copy)]
pub struct SignedHeaders<'a> {
    signature: Written,
    nonce: &'a [u8],
    timestamp: &'a [u8],
    signed_at: UnixSeconds,
    has_algorithm: bool,
}

impl<'a> SignedHeaders<'a> {
    /// Finds the four headers among all of a request's and checks their form.
    ///
    /// Takes the pairs of any host ([`HeaderPair`]): `&http::HeaderMap` as it is, slices and maps of
    /// texts or bytes. Values must come as the host received them, without white space around them
    /// (HTTP servers take it off). The verdict does not depend on the order of the pairs: the headers
    /// are judged in the order of [`HeaderName::ALL`], repetition first.
    ///
    /// ```
    /// use sinch_callback::{HeaderName, Rejection, SignedHeaders};
    ///
    /// let headers = [
    ///     ("Content-Type", "application/json"),
    ///     ("X-Sinch-Webhook-Signature", "Yc+3R1pIS78xLASybulhs8BsSo9BPB3Pr92QCUoczfk="),
    ///     ("X-Sinch-Webhook-Signature-Nonce", "01FJA8B4A7BM43YGWSG9GBV067"),
    ///     ("X-Sinch-Webhook-Signature-Timestamp", "1634579353"),
    /// ];
    /// let signed = SignedHeaders::collect(&headers)?;
    /// assert_eq!(signed.signed_at().get(), 1_634_579_353);
    ///
    /// let unsigned = SignedHeaders::collect(&headers[..1]);
    /// let missing = Rejection::MissingHeader(HeaderName::Signature);
    /// assert_eq!(unsigned.unwrap_err(), missing);
    /// # Ok::<(), Rejection>(())
    /// ```
    ///
    /// # Errors
    /// [`Rejection::RepeatedHeader`], also for several values that a proxy joined with a comma;
    /// [`Rejection::MissingHeader`]; [`Rejection::MalformedHeader`];
    /// [`Rejection::UnsupportedAlgorithm`].
    pub fn collect<P: HeaderPair<'a>>(
        pairs: impl IntoIterator<Item = P>,
    ) -> Result<Self, Rejection> {
        let mut found = Found::default();
        for pair in pairs {
            if let Some(name) = HeaderName::parse(pair.name()) {
                found.slot_mut(name).put(pair.value());
            }
        }
        found.verdict()
    }

    /// Checks the form of the four headers where a host finds values by name. The values of a header
    /// that came several times must be joined with commas, as HTTP joins them; they are refused as
    /// they would be by [`SignedHeaders::collect`].
    ///
    /// # Errors
    /// Those of [`SignedHeaders::collect`].
    pub fn lookup(
        mut value_of: impl FnMut(HeaderName) -> Option<&'a [u8]>,
    ) -> Result<Self, Rejection> {
        let mut slot = |name| Slot {
            value: value_of(name),
            repeated: false,
        };
        let found = Found {
            signature: slot(HeaderName::Signature),
            timestamp: slot(HeaderName::Timestamp),
            nonce: slot(HeaderName::Nonce),
            algorithm: slot(HeaderName::Algorithm),
        };
        found.verdict()
    }

    /// When the sender says the signature was made. Not to be believed before the signature.
    #[must_use]
    pub const fn signed_at(&self) -> UnixSeconds {
        self.signed_at
    }

    pub(crate) const fn signature(&self) -> &Written {
        &self.signature
    }

    /// The header's own text: a re-rendered number would not be what was signed.
    pub(crate) const fn timestamp(&self) -> &'a [u8] {
        self.timestamp
    }

    pub(crate) const fn nonce(&self) -> &'a [u8] {
        self.nonce
    }

    pub(crate) const fn has_algorithm(&self) -> bool {
        self.has_algorithm
    }
}

impl fmt::Debug for SignedHeaders<'_> {
    /// Leaves out signature and nonce, so that no log gets them by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedHeaders")
            .field("signed_at", &self.signed_at)
            .field("has_algorithm", &self.has_algorithm)
            .finish_non_exhaustive()
    }
}

/// What was found of the four headers.
#[derive(Default)]
struct Found<'a> {
    signature: Slot<'a>,
    timestamp: Slot<'a>,
    nonce: Slot<'a>,
    algorithm: Slot<'a>,
}

impl<'a> Found<'a> {
    const fn slot(&self, name: HeaderName) -> &Slot<'a> {
        match name {
            HeaderName::Signature => &self.signature,
            HeaderName::Timestamp => &self.timestamp,
            HeaderName::Nonce => &self.nonce,
            HeaderName::Algorithm => &self.algorithm,
        }
    }

    const fn slot_mut(&mut self, name: HeaderName) -> &mut Slot<'a> {
        match name {
            HeaderName::Signature => &mut self.signature,
            HeaderName::Timestamp => &mut self.timestamp,
            HeaderName::Nonce => &mut self.nonce,
            HeaderName::Algorithm => &mut self.algorithm,
        }
    }

    /// The headers, or what is wrong with the first of them, repetition before all else.
    fn verdict(&self) -> Result<SignedHeaders<'a>, Rejection> {
        self.judge()
            .map_err(|rejection| self.repeated().map_or(rejection, Rejection::RepeatedHeader))
    }

    /// The headers, where each is there once and of its form.
    fn judge(&self) -> Result<SignedHeaders<'a>, Rejection> {
        let signature = self.required(HeaderName::Signature, Written::parse)?;
        let (timestamp, signed_at) =
            self.required(HeaderName::Timestamp, |text| Some((text, seconds(text)?)))?;
        let nonce = self.required(HeaderName::Nonce, |text| is_nonce(text).then_some(text))?;
        let algorithm = self.once(HeaderName::Algorithm)?;
        if algorithm.is_some_and(|value| !is_text(value, ALGORITHM)) {
            return Err(Rejection::UnsupportedAlgorithm);
        }
        Ok(SignedHeaders {
            signature,
            nonce,
            timestamp,
            signed_at,
            has_algorithm: algorithm.is_some(),
        })
    }

    fn required<T>(
        &self,
        name: HeaderName,
        parse: impl FnOnce(&'a [u8]) -> Option<T>,
    ) -> Result<T, Rejection> {
        let value = self.once(name)?.ok_or(Rejection::MissingHeader(name))?;
        parse(value).ok_or(Rejection::MalformedHeader(name))
    }

    fn once(&self, name: HeaderName) -> Result<Option<&'a [u8]>, Rejection> {
        let slot = self.slot(name);
        if slot.repeated {
            return Err(Rejection::RepeatedHeader(name));
        }
        Ok(slot.value)
    }

    /// The first header that came more than once. None of the four forms has a comma, so that only
    /// refused headers have to be searched for the seam of joined values.
    fn repeated(&self) -> Option<HeaderName> {
        HeaderName::ALL.iter().copied().find(|name| {
            let slot = self.slot(*name);
            slot.repeated || slot.value.is_some_and(has_comma)
        })
    }
}

/// Not `contains`, whose search through long texts is more code than all the rest of this.
fn has_comma(value: &[u8]) -> bool {
    !value.iter().all(|byte| *byte != b',')
}

#[derive(Default)]
struct Slot<'a> {
    value: Option<&'a [u8]>,
    repeated: bool,
}

impl<'a> Slot<'a> {
    const fn put(&mut self, value: &'a [u8]) {
        self.repeated |= self.value.is_some();
        self.value = Some(value);
    }
}

/// Whether the two are the same but for the case of their letters. Most hosts hand on the spelling
/// that we look for, and equality is quicker to see.
#[inline(always)]
fn is_text(found: &[u8], known: &str) -> bool {
    let known = known.as_bytes();
    found == known || found.eq_ignore_ascii_case(known)
}

pub(crate) fn is_nonce(text: &[u8]) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() & (byte != b'.') & (byte != b',');
    (1..=MAX_NONCE_LEN).contains(&text.len()) && bytes::all(text, allowed)
}

pub(crate) fn seconds(text: &[u8]) -> Option<UnixSeconds> {
    if !(1..=MAX_TIMESTAMP_LEN).contains(&text.len()) {
        return None;
    }
    let mut value: u64 = 0;
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Twelve digits stay below 10^12, so neither step can wrap.
        value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(UnixSeconds::new(value))
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, string::ToString};

    use super::*;
    use crate::signature::ENCODED_LEN;

    const SIGNATURE: &str = "Yc+3R1pIS78xLASybulhs8BsSo9BPB3Pr92QCUoczfk=";
    const GOOD: [(&str, &str); 4] = [
        ("x-sinch-webhook-signature", SIGNATURE),
        ("x-sinch-webhook-signature-timestamp", "1634579353"),
        (
            "x-sinch-webhook-signature-nonce",
            "01FJA8B4A7BM43YGWSG9GBV067",
        ),
        ("x-sinch-webhook-signature-algorithm", "HmacSHA256"),
    ];

    #[test]
    fn every_name_is_found_in_any_case_and_nothing_else_is() {
        for name in HeaderName::ALL.iter().copied() {
            let upper = name.as_str().to_ascii_uppercase();
            assert_eq!(HeaderName::parse(upper.as_bytes()), Some(name));
            let other = name.as_str().replace('w', "v");
            assert_eq!(HeaderName::parse(other.as_bytes()), None);
        }
        assert_eq!(HeaderName::parse(b""), None);
    }

    #[test]
    fn the_verdict_does_not_depend_on_the_order_of_the_pairs() {
        let collected = SignedHeaders::collect(GOOD).unwrap();
        let mut reversed = GOOD;
        reversed.reverse();
        let again = SignedHeaders::collect(reversed).unwrap();
        assert_eq!(collected.signed_at(), UnixSeconds::new(1_634_579_353));
        assert_eq!(again.nonce(), collected.nonce());
    }

    #[test]
    fn pairs_are_read_by_value_and_by_reference_as_texts_and_as_bytes() {
        let expected = SignedHeaders::collect(GOOD).unwrap().signed_at();
        let owned = GOOD.map(|(name, value)| (name.to_string(), value.to_string()));
        let bytes = GOOD.map(|(name, value)| (name, value.as_bytes()));
        let map: BTreeMap<_, _> = owned.iter().cloned().collect();
        for signed in [
            SignedHeaders::collect(GOOD.iter()),
            SignedHeaders::collect(&owned),
            SignedHeaders::collect(bytes),
            SignedHeaders::collect(bytes.iter()),
            SignedHeaders::collect(&map),
            SignedHeaders::lookup(|name| map.get(name.as_str()).map(|value| value.as_bytes())),
        ] {
            assert_eq!(signed.unwrap().signed_at(), expected);
        }
    }

    #[test]
    fn a_joined_value_is_a_repeated_header() {
        let mut joined = GOOD;
        joined[1].1 = "1634579353, 1634579353";
        assert_eq!(
            SignedHeaders::collect(joined).unwrap_err(),
            Rejection::RepeatedHeader(HeaderName::Timestamp)
        );
    }

    #[test]
    fn a_header_that_comes_three_times_is_as_repeated_as_one_that_comes_twice() {
        for times in [2, 3] {
            let pairs = GOOD
                .into_iter()
                .chain([GOOD[2]; 2].into_iter().take(times - 1));
            assert_eq!(
                SignedHeaders::collect(pairs).unwrap_err(),
                Rejection::RepeatedHeader(HeaderName::Nonce),
                "{times} times"
            );
        }
    }

    #[test]
    fn a_nonce_with_a_dot_is_malformed() {
        let mut dotted = GOOD;
        dotted[2].1 = "01FJA8B4A7.BM43YGWSG9GBV067";
        assert_eq!(
            SignedHeaders::collect(dotted).unwrap_err(),
            Rejection::MalformedHeader(HeaderName::Nonce)
        );
    }

    #[test]
    fn the_expected_forms_name_the_limits_that_are_checked() {
        let limits = [
            (HeaderName::Signature, std::format!("{ENCODED_LEN} ")),
            (
                HeaderName::Timestamp,
                std::format!("to {MAX_TIMESTAMP_LEN} "),
            ),
            (HeaderName::Nonce, std::format!("to {MAX_NONCE_LEN} ")),
            (HeaderName::Algorithm, std::format!("{ALGORITHM},")),
        ];
        for (name, limit) in limits {
            let form = name.expected_form();
            assert!(form.contains(&limit), "{name}: {form}");
        }
    }

    #[test]
    fn debug_shows_neither_signature_nor_nonce() {
        let shown = std::format!("{:?}", SignedHeaders::collect(GOOD).unwrap());
        assert!(shown.contains("1634579353"));
        assert!(!shown.contains(SIGNATURE));
        assert!(!shown.contains("01FJA8B4A7"));
    }
}
