use core::fmt;

use crate::{
    grammar::{ALGORITHM, is_nonce, seconds},
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    header_slot::Slot,
    rejection::Rejection,
    signature::Written,
    time::UnixSeconds,
};

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
    /// are judged in the order of [`HeaderName::CONVERSATION`], repetition first.
    ///
    /// # Examples
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
            if let Some(name) = HeaderName::parse_conversation(pair.name()) {
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
        let mut slot = |name| Slot::of(value_of(name));
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
            _ => &self.algorithm,
        }
    }

    const fn slot_mut(&mut self, name: HeaderName) -> &mut Slot<'a> {
        match name {
            HeaderName::Signature => &mut self.signature,
            HeaderName::Timestamp => &mut self.timestamp,
            HeaderName::Nonce => &mut self.nonce,
            _ => &mut self.algorithm,
        }
    }

    /// The headers, or what is wrong with the first of them, repetition before all else.
    fn verdict(&self) -> Result<SignedHeaders<'a>, Rejection> {
        self.judge()
            .map_err(|rejection| self.repeated().map_or(rejection, Rejection::RepeatedHeader))
    }

    /// The headers, where each is there once and of its form.
    fn judge(&self) -> Result<SignedHeaders<'a>, Rejection> {
        let signature = self
            .signature
            .required(HeaderName::Signature, Written::parse)?;
        let (timestamp, signed_at) = self
            .timestamp
            .required(HeaderName::Timestamp, |text| Some((text, seconds(text)?)))?;
        let nonce = self
            .nonce
            .required(HeaderName::Nonce, |text| is_nonce(text).then_some(text))?;
        let algorithm = self.algorithm.once(HeaderName::Algorithm)?;
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

    /// The first header that came more than once. None of the four forms has a comma.
    fn repeated(&self) -> Option<HeaderName> {
        HeaderName::CONVERSATION
            .iter()
            .copied()
            .find(|name| self.slot(*name).is_repeated())
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, string::ToString};

    use super::*;

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
    fn debug_shows_neither_signature_nor_nonce() {
        let shown = std::format!("{:?}", SignedHeaders::collect(GOOD).unwrap());
        assert!(shown.contains("1634579353"));
        assert!(!shown.contains(SIGNATURE));
        assert!(!shown.contains("01FJA8B4A7"));
    }
}
