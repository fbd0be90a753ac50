//! The type of a scheme that signs lines of the request: all but a word is the same.

/// Declares such a scheme: its documentation, its name, which is that of its
/// [`SchemeName`](super::name::SchemeName), too, and the word in front of the key.
macro_rules! request_scheme {
    ($(#[$documentation:meta])* pub struct $name:ident = $word:literal;) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name {
            key: $crate::scheme::key_id::KeyId,
        }

        impl $name {
            /// The word in front of the key.
            pub(super) const WORD: &str = $word;

            /// Callbacks that name this key.
            #[must_use]
            pub const fn new(key: $crate::scheme::key_id::KeyId) -> Self {
                Self { key }
            }

            /// The key that callbacks have to name.
            #[must_use]
            pub const fn key_id(&self) -> &$crate::scheme::key_id::KeyId {
                &self.key
            }
        }

        impl $crate::scheme::scheme_trait::sealed::Sealed for $name {}

        impl $crate::scheme::scheme_trait::Scheme for $name {
            type Promise = $crate::promise::Timely;
            type Key = $crate::secret::Secret;
            type Head<'a> = $crate::scheme::request_signed::RequestHead<'a>;
            type Signed<'a> = $crate::scheme::request_signed::RequestSigned<'a>;

            fn name(&self) -> $crate::scheme::name::SchemeName {
                $crate::scheme::name::SchemeName::$name
            }

            fn key(&self, text: &[u8]) -> Result<$crate::secret::Secret, $crate::secret::text::InvalidSecret> {
                $crate::scheme::decoded_secret::decoded(text)
            }

            fn key_bytes(&self, text: &[u8]) -> usize {
                $crate::scheme::decoded_secret::bytes_of(text)
            }

            fn head<'a, P: $crate::header_pair::HeaderPair<'a>>(
                &self,
                request: $crate::scheme::request::Request<'a>,
                headers: impl IntoIterator<Item = P>,
            ) -> Result<$crate::scheme::request_signed::RequestHead<'a>, $crate::rejection::Rejection> {
                $crate::scheme::request_signed::RequestHead::read(Self::WORD, &self.key, request, headers)
            }

            fn signed<'a>(
                &self,
                head: $crate::scheme::request_signed::RequestHead<'a>,
                body: &'a [u8],
            ) -> Result<$crate::scheme::request_signed::RequestSigned<'a>, $crate::rejection::Rejection> {
                head.with_body(body)
            }

            fn signed_at(signed: &$crate::scheme::request_signed::RequestSigned<'_>) -> Option<$crate::time::UnixSeconds> {
                Some(signed.signed_at())
            }

            fn judge(secret: &$crate::secret::Secret, signed: &$crate::scheme::request_signed::RequestSigned<'_>) -> $crate::judged::Judged {
                signed.judge(secret)
            }

            fn promise(signed: &$crate::scheme::request_signed::RequestSigned<'_>, key: $crate::key::ReplayKey) -> $crate::promise::Timely {
                signed.promise(key)
            }

            fn expects_answer(&self, body: &[u8]) -> bool {
                $crate::expects_answer::expects_answer(body)
            }
        }
    };
}
pub(super) use request_scheme;
