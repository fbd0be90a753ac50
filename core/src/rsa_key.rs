use alloc::string::String;
use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rsa::{
    PublicKey, pkcs1,
    pkcs8::{AssociatedOid, PrivateKeyInfoRef, SubjectPublicKeyInfoRef, der::Decode},
    traits::PublicKeyParts,
};
use sha2::{Digest, Sha224, Sha256, Sha512};

use crate::{
    key::ReplayKey,
    secret::{Key, text::InvalidSecret},
};

/// A public key of Engage's signatures, and what is known of it: its id and its digest.
///
/// The digest is that of this record, whatever a callback's headers name: a sender who may choose it
/// chooses the weakest. Verification only: nothing here holds a private key.
///
/// # Examples
/// ```
/// use sinch_callback::{InvalidSecret, RsaKey};
///
/// let no_digest = RsaKey::new("5f2b8f0e-7c1d-4a55-9c9e-0d8a7b6c5e4f MIIBIjANBgkq");
/// assert_eq!(no_digest.unwrap_err(), InvalidSecret::KeyDigest);
/// ```
#[derive(Clone)]
pub struct RsaKey {
    id: String,
    digest: RsaDigest,
    public: PublicKey,
}

named! {
    /// The digest that a key of Engage signs.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum RsaDigest {
        /// SHA-224.
        Sha224 = "sha224",
        /// SHA-256.
        Sha256 = "sha256",
        /// SHA-512.
        Sha512 = "sha512",
    }
}

impl RsaDigest {
    /// The digest of this name, in any case, with a dash or without: `SHA256` and `sha-256` are one.
    #[must_use]
    pub fn parse(name: &[u8]) -> Option<Self> {
        let plain = name.iter().filter(|byte| **byte != b'-');
        Self::ALL.iter().copied().find(|digest| {
            let known = digest.as_str().bytes();
            plain.clone().map(u8::to_ascii_lowercase).eq(known)
        })
    }
}

impl RsaKey {
    /// Fewest bits of a modulus: what NIST SP 800-131A allows for verification outside of archives.
    pub const MIN_BITS: usize = 2_048;
    /// Most bits of a modulus. Our own choice: a verification takes the longer the more there are.
    pub const MAX_BITS: usize = 8_192;

    /// Longest id. Engage's are UUIDs of 36 characters; the limit is our own choice.
    const MAX_ID_LEN: usize = 128;

    /// Reads a record of one line, `KEYID DIGEST KEY`: the id that Engage gives the key, `sha224`,
    /// `sha256` or `sha512`, and the SubjectPublicKeyInfo in base64, or the PEM of the same.
    ///
    /// # Errors
    /// [`InvalidSecret::NotUtf8`], [`InvalidSecret::KeyRecord`], [`InvalidSecret::KeyDigest`],
    /// [`InvalidSecret::KeyPrivate`], [`InvalidSecret::KeyForm`], [`InvalidSecret::KeySize`].
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, InvalidSecret> {
        let text = str::from_utf8(text.as_ref()).map_err(|_| InvalidSecret::NotUtf8)?;
        let mut words = text.split_ascii_whitespace();
        let (Some(id), Some(digest)) = (words.next(), words.next()) else {
            return Err(InvalidSecret::KeyRecord);
        };
        if !Self::is_id(id.as_bytes()) {
            return Err(InvalidSecret::KeyRecord);
        }
        let digest = RsaDigest::parse(digest.as_bytes()).ok_or(InvalidSecret::KeyDigest)?;
        // The lines of a PEM, and the words of its first, are words too.
        let key: String = words.collect();
        if key.is_empty() {
            return Err(InvalidSecret::KeyRecord);
        }
        Ok(Self {
            id: id.into(),
            digest,
            public: public_key(&key)?,
        })
    }

    /// Whether it is an id: visible ASCII without a comma, which would read as the seam of two values.
    pub(crate) fn is_id(text: &[u8]) -> bool {
        let allowed = |byte: &u8| byte.is_ascii_graphic() && *byte != b',';
        (1..=Self::MAX_ID_LEN).contains(&text.len()) && text.iter().all(allowed)
    }

    /// The id that Engage gives the key.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The digest that the key signs.
    #[must_use]
    pub const fn digest(&self) -> RsaDigest {
        self.digest
    }

    /// The same key as it would be with this digest.
    #[cfg(feature = "diagnosis")]
    pub(crate) fn with_digest(self, digest: RsaDigest) -> Self {
        Self { digest, ..self }
    }

    /// Whether the signature is this key's over the parts, one after the other: RSASSA-PKCS1-v1_5 of
    /// RFC 8017, by this key's digest. A signature has one form: as long as the modulus, and less.
    ///
    /// Not in constant time: key, message and signature are all public.
    pub(crate) fn verifies(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        match self.digest {
            RsaDigest::Sha224 => self.verifies_by::<Sha224>(parts, signature),
            RsaDigest::Sha256 => self.verifies_by::<Sha256>(parts, signature),
            RsaDigest::Sha512 => self.verifies_by::<Sha512>(parts, signature),
        }
    }

    fn verifies_by<D: Digest + AssociatedOid>(&self, parts: &[&[u8]], signature: &[u8]) -> bool {
        let mut hash = D::new();
        for part in parts {
            hash.update(part);
        }
        let verified = self
            .public
            .pkcs1v15_verify_prehash::<D>(&hash.finalize(), signature);
        verified.is_ok()
    }
}

/// The key of a text without white space.
fn public_key(text: &str) -> Result<PublicKey, InvalidSecret> {
    if text.contains("PRIVATEKEY-----") {
        return Err(InvalidSecret::KeyPrivate);
    }
    let text = text
        .strip_prefix("-----BEGINPUBLICKEY-----")
        .and_then(|text| text.strip_suffix("-----ENDPUBLICKEY-----"))
        .unwrap_or(text);
    let der = STANDARD.decode(text).map_err(|_| InvalidSecret::KeyForm)?;
    if PrivateKeyInfoRef::from_der(&der).is_ok() || pkcs1::RsaPrivateKeyRef::from_der(&der).is_ok()
    {
        return Err(InvalidSecret::KeyPrivate);
    }
    let info = SubjectPublicKeyInfoRef::from_der(&der).map_err(|_| InvalidSecret::KeyForm)?;
    // A key for RSASSA-PSS alone must not verify what it was not made for (RFC 4055, section 1.2).
    let is_of_rsa = info.algorithm.assert_algorithm_oid(pkcs1::ALGORITHM_OID);
    is_of_rsa.map_err(|_| InvalidSecret::KeyForm)?;
    let bits = info.subject_public_key.as_bytes().and_then(modulus_bits);
    if !(RsaKey::MIN_BITS..=RsaKey::MAX_BITS).contains(&bits.ok_or(InvalidSecret::KeyForm)?) {
        return Err(InvalidSecret::KeySize);
    }
    PublicKey::try_from(info).map_err(|_| InvalidSecret::KeyForm)
}

/// How many bits the modulus of this RSAPublicKey has.
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let key = pkcs1::RsaPublicKeyRef::from_der(der).ok()?;
    let modulus = key.modulus.as_bytes();
    let unused = usize::try_from(modulus.first()?.leading_zeros()).ok()?;
    modulus.len().checked_mul(8)?.checked_sub(unused)
}

impl Key for RsaKey {
    fn version(&self, slot: u8) -> u128 {
        let mut hash = Sha256::new_with_prefix([slot]);
        hash.update(self.digest.as_str());
        hash.update(self.public.n().to_be_bytes());
        hash.update(self.public.e().to_be_bytes());
        hash.update(&self.id);
        ReplayKey::of_tag(&hash.finalize().into()).to_word()
    }
}

impl fmt::Debug for RsaKey {
    /// Id and digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey")
            .field("id", &self.id)
            .field("digest", &self.digest)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod vector_tests;

#[cfg(test)]
mod tests;
