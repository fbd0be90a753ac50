use core::fmt;

#[cfg(feature = "rsa")]
use super::engage::Engage;
use super::{
    application::Application,
    conversation::Conversation,
    key_id::{InvalidKeyId, KeyId},
    mailgun::Mailgun,
    name::SchemeName,
    numbers::{Numbers, Sha1Secret},
    request::Request,
    scheme_trait::{Scheme, sealed::Sealed},
    service::Service,
    whatsapp_legacy::WhatsappLegacy,
};
#[cfg(feature = "rsa")]
use crate::rsa_key::RsaKey;
use crate::{
    algorithm_header::AlgorithmHeader,
    detail::{Detail, Piece},
    header_pair::HeaderPair,
    headers::SignedHeaders,
    judged::Judged,
    key::ReplayKey,
    promise::Promise,
    rejection::Rejection,
    secret::{Key, Secret, text::InvalidSecret},
    secret_ring::{Ring, SecretRing},
    time::UnixSeconds,
};

/// A scheme that a setting names: for hosts with an endpoint of each. Its promise is a value, to be
/// looked at; where a program knows the scheme, the scheme's own type says it better.
///
/// # Examples
/// ```
/// use sinch_callback::scheme::{AnyScheme, Scheme, SchemeName};
///
/// let numbers = AnyScheme::new(SchemeName::Numbers, None)?;
/// assert!(!numbers.name().signs_time());
/// let error = AnyScheme::new(SchemeName::Service, None).unwrap_err();
/// assert_eq!(error.to_string(), "callbacks of the scheme service name a key: give its id");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnyScheme {
    /// The Conversation and the SMS API.
    Conversation(Conversation),
    /// Numbers, Hosting and 10DLC.
    Numbers(Numbers),
    /// Voice v1 and Verification v1.
    Application(Application),
    /// Voice v2.
    Service(Service),
    /// Mailgun.
    Mailgun(Mailgun),
    /// Engage (MessageMedia).
    #[cfg(feature = "rsa")]
    Engage(Engage),
    /// WhatsApp API (legacy).
    WhatsappLegacy(WhatsappLegacy),
}

impl AnyScheme {
    /// The scheme of this name, with the id of the key where its callbacks name one.
    ///
    /// # Errors
    /// [`InvalidScheme`]: an id is missing, is not one, or is given where callbacks name none.
    pub fn new(name: SchemeName, key: Option<&str>) -> Result<Self, InvalidScheme> {
        let id = key
            .map(KeyId::new)
            .transpose()
            .map_err(InvalidScheme::Key)?;
        match (name, id) {
            (SchemeName::Application, Some(id)) => Ok(Self::Application(Application::new(id))),
            (SchemeName::Service, Some(id)) => Ok(Self::Service(Service::new(id))),
            (SchemeName::Application | SchemeName::Service, None) => {
                Err(InvalidScheme::NeedsKey(name))
            }
            (_, Some(_)) => Err(InvalidScheme::NamesNoKey(name)),
            (SchemeName::Conversation, None) => Ok(Self::Conversation(Conversation)),
            (SchemeName::Numbers, None) => Ok(Self::Numbers(Numbers)),
            (SchemeName::Mailgun, None) => Ok(Self::Mailgun(Mailgun)),
            #[cfg(feature = "rsa")]
            (SchemeName::Engage, None) => Ok(Self::Engage(Engage)),
            (SchemeName::WhatsappLegacy, None) => Ok(Self::WhatsappLegacy(WhatsappLegacy)),
        }
    }

    /// Reads a key byte for byte, even one that looks like a mistake; one that is written in base64 is
    /// decoded all the same.
    ///
    /// # Errors
    /// [`InvalidSecret::Empty`], [`InvalidSecret::NotBase64`].
    pub fn verbatim_key(&self, bytes: &[u8]) -> Result<AnyKey, InvalidSecret> {
        Ok(match self {
            Self::Numbers(_) => Sha1Secret::verbatim(bytes)?.into(),
            Self::Application(_) | Self::Service(_) => self.key(bytes)?,
            _ => Secret::verbatim(bytes)?.into(),
        })
    }

    /// The id of the key that callbacks have to name, where they name one.
    #[must_use]
    pub const fn key_id(&self) -> Option<&KeyId> {
        match self {
            Self::Application(scheme) => Some(scheme.key_id()),
            Self::Service(scheme) => Some(scheme.key_id()),
            _ => None,
        }
    }
}

impl Default for AnyScheme {
    /// The Conversation and the SMS API.
    fn default() -> Self {
        Self::Conversation(Conversation)
    }
}

/// Why a name and a key do not make a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidScheme {
    /// The scheme's callbacks name a key, and its id is not given.
    NeedsKey(SchemeName),
    /// The scheme's callbacks name no key, and an id is given.
    NamesNoKey(SchemeName),
    /// The id is none.
    Key(InvalidKeyId),
}

impl InvalidScheme {
    /// What is wrong and what to do about it, in words.
    #[must_use]
    pub fn detail(&self) -> Detail {
        const OF: Piece = Piece::Text("callbacks of the scheme ");
        match self {
            Self::NeedsKey(name) => {
                let remedy = Piece::Text(" name a key: give its id");
                Detail::of([OF, Piece::Text(name.as_str()), remedy])
            }
            Self::NamesNoKey(name) => {
                let remedy = Piece::Text(" name no key: leave its id off");
                Detail::of([OF, Piece::Text(name.as_str()), remedy])
            }
            Self::Key(reason) => Detail::text(reason.as_str()),
        }
    }
}

impl fmt::Display for InvalidScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.detail().fmt(f)
    }
}

impl core::error::Error for InvalidScheme {}

/// A key of a scheme that a setting names.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AnyKey {
    /// HMAC-SHA256.
    Sha256(Secret),
    /// HMAC-SHA1.
    Sha1(Sha1Secret),
    /// RSA.
    #[cfg(feature = "rsa")]
    Rsa(RsaKey),
}

impl From<Secret> for AnyKey {
    fn from(secret: Secret) -> Self {
        Self::Sha256(secret)
    }
}

impl From<Sha1Secret> for AnyKey {
    fn from(secret: Sha1Secret) -> Self {
        Self::Sha1(secret)
    }
}

#[cfg(feature = "rsa")]
impl From<RsaKey> for AnyKey {
    fn from(key: RsaKey) -> Self {
        Self::Rsa(key)
    }
}

impl From<Secret> for Ring<AnyKey> {
    fn from(secret: Secret) -> Self {
        AnyKey::from(secret).into()
    }
}

impl From<SecretRing> for Ring<AnyKey> {
    fn from(ring: SecretRing) -> Self {
        ring.map(AnyKey::from)
    }
}

impl Key for AnyKey {
    fn version(&self, slot: u8) -> u128 {
        match self {
            Self::Sha256(secret) => secret.version(slot),
            Self::Sha1(secret) => secret.version(slot),
            #[cfg(feature = "rsa")]
            Self::Rsa(key) => key.version(slot),
        }
    }
}

/// What the head of a request says of the proof.
#[derive(Clone, Copy, Debug)]
pub enum AnyHead<'a> {
    Conversation(<Conversation as Scheme>::Head<'a>),
    Numbers(<Numbers as Scheme>::Head<'a>),
    Application(<Application as Scheme>::Head<'a>),
    Service(<Service as Scheme>::Head<'a>),
    Mailgun(<Mailgun as Scheme>::Head<'a>),
    #[cfg(feature = "rsa")]
    Engage(<Engage as Scheme>::Head<'a>),
    WhatsappLegacy(<WhatsappLegacy as Scheme>::Head<'a>),
}

impl<'a> From<SignedHeaders<'a>> for AnyHead<'a> {
    fn from(headers: SignedHeaders<'a>) -> Self {
        Self::Conversation(headers)
    }
}

/// What was signed, and the signature.
#[derive(Debug)]
pub enum AnySigned<'a> {
    Conversation(<Conversation as Scheme>::Signed<'a>),
    Numbers(<Numbers as Scheme>::Signed<'a>),
    Application(<Application as Scheme>::Signed<'a>),
    Service(<Service as Scheme>::Signed<'a>),
    Mailgun(<Mailgun as Scheme>::Signed<'a>),
    #[cfg(feature = "rsa")]
    Engage(<Engage as Scheme>::Signed<'a>),
    WhatsappLegacy(<WhatsappLegacy as Scheme>::Signed<'a>),
}

impl Sealed for AnyScheme {}

impl Scheme for AnyScheme {
    type Promise = Promise;
    type Key = AnyKey;
    type Head<'a> = AnyHead<'a>;
    type Signed<'a> = AnySigned<'a>;

    fn name(&self) -> SchemeName {
        match self {
            Self::Conversation(scheme) => scheme.name(),
            Self::Numbers(scheme) => scheme.name(),
            Self::Application(scheme) => scheme.name(),
            Self::Service(scheme) => scheme.name(),
            Self::Mailgun(scheme) => scheme.name(),
            #[cfg(feature = "rsa")]
            Self::Engage(scheme) => scheme.name(),
            Self::WhatsappLegacy(scheme) => scheme.name(),
        }
    }

    fn key(&self, text: &[u8]) -> Result<AnyKey, InvalidSecret> {
        Ok(match self {
            Self::Conversation(scheme) => scheme.key(text)?.into(),
            Self::Numbers(scheme) => scheme.key(text)?.into(),
            Self::Application(scheme) => scheme.key(text)?.into(),
            Self::Service(scheme) => scheme.key(text)?.into(),
            Self::Mailgun(scheme) => scheme.key(text)?.into(),
            #[cfg(feature = "rsa")]
            Self::Engage(scheme) => scheme.key(text)?.into(),
            Self::WhatsappLegacy(scheme) => scheme.key(text)?.into(),
        })
    }

    fn key_bytes(&self, text: &[u8]) -> usize {
        match self {
            Self::Conversation(scheme) => scheme.key_bytes(text),
            Self::Numbers(scheme) => scheme.key_bytes(text),
            Self::Application(scheme) => scheme.key_bytes(text),
            Self::Service(scheme) => scheme.key_bytes(text),
            Self::Mailgun(scheme) => scheme.key_bytes(text),
            #[cfg(feature = "rsa")]
            Self::Engage(scheme) => scheme.key_bytes(text),
            Self::WhatsappLegacy(scheme) => scheme.key_bytes(text),
        }
    }

    fn head<'a, P: HeaderPair<'a>>(
        &self,
        request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<AnyHead<'a>, Rejection> {
        match self {
            Self::Conversation(scheme) => scheme.head(request, headers).map(AnyHead::Conversation),
            Self::Numbers(scheme) => scheme.head(request, headers).map(AnyHead::Numbers),
            Self::Application(scheme) => scheme.head(request, headers).map(AnyHead::Application),
            Self::Service(scheme) => scheme.head(request, headers).map(AnyHead::Service),
            Self::Mailgun(scheme) => scheme.head(request, headers).map(AnyHead::Mailgun),
            #[cfg(feature = "rsa")]
            Self::Engage(scheme) => scheme.head(request, headers).map(AnyHead::Engage),
            Self::WhatsappLegacy(scheme) => {
                scheme.head(request, headers).map(AnyHead::WhatsappLegacy)
            }
        }
    }

    fn signed<'a>(&self, head: AnyHead<'a>, body: &'a [u8]) -> Result<AnySigned<'a>, Rejection> {
        match (self, head) {
            (Self::Conversation(scheme), AnyHead::Conversation(head)) => {
                scheme.signed(head, body).map(AnySigned::Conversation)
            }
            (Self::Numbers(scheme), AnyHead::Numbers(head)) => {
                scheme.signed(head, body).map(AnySigned::Numbers)
            }
            (Self::Application(scheme), AnyHead::Application(head)) => {
                scheme.signed(head, body).map(AnySigned::Application)
            }
            (Self::Service(scheme), AnyHead::Service(head)) => {
                scheme.signed(head, body).map(AnySigned::Service)
            }
            (Self::Mailgun(scheme), AnyHead::Mailgun(head)) => {
                scheme.signed(head, body).map(AnySigned::Mailgun)
            }
            #[cfg(feature = "rsa")]
            (Self::Engage(scheme), AnyHead::Engage(head)) => {
                scheme.signed(head, body).map(AnySigned::Engage)
            }
            (Self::WhatsappLegacy(scheme), AnyHead::WhatsappLegacy(head)) => {
                scheme.signed(head, body).map(AnySigned::WhatsappLegacy)
            }
            // The head was read by another scheme.
            _ => Err(Rejection::SignatureMismatch),
        }
    }

    fn signed_at(signed: &AnySigned<'_>) -> Option<UnixSeconds> {
        match signed {
            AnySigned::Conversation(signed) => Conversation::signed_at(signed),
            AnySigned::Numbers(signed) => Numbers::signed_at(signed),
            AnySigned::Application(signed) => Application::signed_at(signed),
            AnySigned::Service(signed) => Service::signed_at(signed),
            AnySigned::Mailgun(signed) => Mailgun::signed_at(signed),
            #[cfg(feature = "rsa")]
            AnySigned::Engage(signed) => Engage::signed_at(signed),
            AnySigned::WhatsappLegacy(signed) => WhatsappLegacy::signed_at(signed),
        }
    }

    fn check(algorithm: AlgorithmHeader, head: &AnyHead<'_>) -> Result<(), Rejection> {
        match head {
            AnyHead::Conversation(head) => Conversation::check(algorithm, head),
            AnyHead::Numbers(head) => Numbers::check(algorithm, head),
            AnyHead::Application(head) => Application::check(algorithm, head),
            AnyHead::Service(head) => Service::check(algorithm, head),
            AnyHead::Mailgun(head) => Mailgun::check(algorithm, head),
            #[cfg(feature = "rsa")]
            AnyHead::Engage(head) => Engage::check(algorithm, head),
            AnyHead::WhatsappLegacy(head) => WhatsappLegacy::check(algorithm, head),
        }
    }

    fn judge(key: &AnyKey, signed: &AnySigned<'_>) -> Judged {
        match (key, signed) {
            (AnyKey::Sha256(key), AnySigned::Conversation(signed)) => {
                Conversation::judge(key, signed)
            }
            (AnyKey::Sha1(key), AnySigned::Numbers(signed)) => Numbers::judge(key, signed),
            (AnyKey::Sha256(key), AnySigned::Application(signed)) => {
                Application::judge(key, signed)
            }
            (AnyKey::Sha256(key), AnySigned::Service(signed)) => Service::judge(key, signed),
            (AnyKey::Sha256(key), AnySigned::Mailgun(signed)) => Mailgun::judge(key, signed),
            #[cfg(feature = "rsa")]
            (AnyKey::Rsa(key), AnySigned::Engage(signed)) => Engage::judge(key, signed),
            (AnyKey::Sha256(key), AnySigned::WhatsappLegacy(signed)) => {
                WhatsappLegacy::judge(key, signed)
            }
            _ => Judged::of_another_kind(),
        }
    }

    fn promise(signed: &AnySigned<'_>, key: ReplayKey) -> Promise {
        match signed {
            AnySigned::Conversation(signed) => Conversation::promise(signed, key).into(),
            AnySigned::Numbers(signed) => Numbers::promise(signed, key).into(),
            AnySigned::Application(signed) => Application::promise(signed, key).into(),
            AnySigned::Service(signed) => Service::promise(signed, key).into(),
            AnySigned::Mailgun(signed) => Mailgun::promise(signed, key).into(),
            #[cfg(feature = "rsa")]
            AnySigned::Engage(signed) => Engage::promise(signed, key).into(),
            AnySigned::WhatsappLegacy(signed) => WhatsappLegacy::promise(signed, key).into(),
        }
    }

    fn expects_answer(&self, body: &[u8]) -> bool {
        match self {
            Self::Conversation(scheme) => scheme.expects_answer(body),
            Self::Numbers(scheme) => scheme.expects_answer(body),
            Self::Application(scheme) => scheme.expects_answer(body),
            Self::Service(scheme) => scheme.expects_answer(body),
            Self::Mailgun(scheme) => scheme.expects_answer(body),
            #[cfg(feature = "rsa")]
            Self::Engage(scheme) => scheme.expects_answer(body),
            Self::WhatsappLegacy(scheme) => scheme.expects_answer(body),
        }
    }
}
