use core::fmt;
use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
};

use base64ct::{Base64, Encoding};
use miniz_oxide::{deflate, inflate};
use serde::{Deserialize, Serialize};
use sinch_callback::{
    Authentic, Callback, ContentKey, Promise as SignedPromise, ReplayKey, SecretSlot, UnixSeconds,
    Unrecognized, limits, scheme::SchemeName,
};

/// The queued message: an authentic callback on its way from the receiver to the processor.
///
/// On the wire it is JSON with a version. Whoever can write to the queue is trusted: the envelope
/// carries no signature.
///
/// # Examples
/// ```
/// use sinch_callback::{Secret, Signer, UnixSeconds, Verifier, scheme::SchemeName};
/// use sinch_callback_pipeline::Envelope;
///
/// # let now = UnixSeconds::new(1_700_000_000);
/// # let signer = Signer::new(Secret::new("made-up")?);
/// # let body = br#"{"message_delivery_report":{"message_id":"msg-1","status":"DELIVERED"}}"#;
/// # let signed = signer.sign(body, "a-nonce", now)?;
/// # let verifier = Verifier::logged(Secret::new("made-up")?);
/// let callback = verifier.verify(signed.headers(), body, now)?;
/// let envelope = Envelope::seal(SchemeName::Conversation, &callback, now, "request-1");
/// let text = envelope.encode();
/// let decoded = Envelope::decode(&text)?;
/// assert_eq!(decoded, envelope);
/// assert_eq!(decoded.kind(), "message_delivery");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    kind: Cow<'a, str>,
    group: Cow<'a, str>,
    content_key: ContentKey,
    secret_slot: SecretSlot,
    scheme: SchemeName,
    promise: Promise,
    received_at: UnixSeconds,
    request_id: Cow<'a, str>,
    body: Cow<'a, [u8]>,
    content: Content,
}

/// What the body says, once somebody has asked: it is read once, however many ask.
#[derive(Clone, Default)]
struct Content(OnceLock<Result<Arc<Callback>, Unrecognized>>);

impl PartialEq for Content {
    /// Equal bodies say the same.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Content {}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.get().is_some() {
            "read"
        } else {
            "unread"
        })
    }
}

/// What the signature of a queued callback promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Promise {
    /// It covered the body and a time, which lay within the window: [`Timely`](sinch_callback::Timely).
    Timely {
        /// The key of the delivery.
        replay_key: ReplayKey,
        /// When it was signed.
        signed_at: UnixSeconds,
    },
    /// It covered the body and no time: [`Untimed`](sinch_callback::Untimed).
    Untimed {
        /// The key of the delivery.
        replay_key: ReplayKey,
    },
    /// It covered a token and a time, and not the body: [`TokenOnly`](sinch_callback::TokenOnly).
    TokenOnly {
        /// The key of the token.
        replay_key: ReplayKey,
        /// When it was signed.
        signed_at: UnixSeconds,
    },
    /// There was no signature: it is what Sinch answered when it was asked. Nobody delivered it, so it
    /// says nothing of whether callbacks come.
    Polled,
}

impl Promise {
    /// What callbacks of a scheme promise.
    const fn of(scheme: SchemeName, replay_key: ReplayKey, signed_at: UnixSeconds) -> Self {
        if !scheme.covers_body() {
            return Self::TokenOnly {
                replay_key,
                signed_at,
            };
        }
        if !scheme.signs_time() {
            return Self::Untimed { replay_key };
        }
        Self::Timely {
            replay_key,
            signed_at,
        }
    }

    /// Its stable name: `timely`, `untimed`, `token_only` or `polled`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Timely { .. } => "timely",
            Self::Untimed { .. } => "untimed",
            Self::TokenOnly { .. } => "token_only",
            Self::Polled => "polled",
        }
    }

    /// The stable name of what callbacks of a scheme promise.
    #[must_use]
    pub const fn name_of(scheme: SchemeName) -> &'static str {
        Self::of(scheme, ReplayKey::from_bytes([0; 16]), UnixSeconds::new(0)).as_str()
    }

    /// The key of the delivery; zeros where there was none.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        match *self {
            Self::Timely { replay_key, .. }
            | Self::Untimed { replay_key }
            | Self::TokenOnly { replay_key, .. } => replay_key,
            Self::Polled => ReplayKey::from_bytes([0; 16]),
        }
    }

    /// When it was signed, where the signature says it.
    #[must_use]
    pub const fn signed_at(&self) -> Option<UnixSeconds> {
        match *self {
            Self::Timely { signed_at, .. } | Self::TokenOnly { signed_at, .. } => Some(signed_at),
            Self::Untimed { .. } | Self::Polled => None,
        }
    }

    /// Whether the content is as certain as its proof: the signature covered it, or Sinch itself answered
    /// so.
    #[must_use]
    pub const fn covers_body(&self) -> bool {
        !matches!(self, Self::TokenOnly { .. })
    }
}

impl From<SignedPromise> for Promise {
    fn from(promise: SignedPromise) -> Self {
        let replay_key = promise.replay_key();
        match promise.signed_at() {
            None => Self::Untimed { replay_key },
            Some(signed_at) if promise.covers_body() => Self::Timely {
                replay_key,
                signed_at,
            },
            Some(signed_at) => Self::TokenOnly {
                replay_key,
                signed_at,
            },
        }
    }
}

/// The kind of an envelope whose body is not understood.
const UNRECOGNIZED: &str = "unrecognized";
/// Version of the wire format where the body is not compressed.
const PLAIN: u32 = 1;
/// Version where it is. An older build does not know it, which it has to say rather than find no
/// body.
const COMPRESSED: u32 = 2;
/// Version where the promise is another than [`Promise::Timely`], compressed or not. An older build,
/// which would take it for a timely one, refuses it; so does one that does not know the promise.
const NOT_TIMELY: u32 = 3;
/// Bytes of a plain envelope above which its body is compressed: SQS counts and bills messages by
/// pieces of this size.
const LARGEST_PLAIN: usize = 65_536;
/// How hard to try, of 0 to 10. A list of recipients shrinks to less than a half.
const COMPRESSION_LEVEL: u8 = 6;

#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    version: u32,
    #[serde(borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    group: Cow<'a, str>,
    content_key: String,
    replay_key: String,
    secret_slot: u8,
    received_at: u64,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    signed_at: Option<u64>,
    /// None for [`Promise::Timely`].
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    promise: Option<Cow<'a, str>>,
    /// None for the Conversation and the SMS API.
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    scheme: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request_id: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    body: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body_base64: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body_deflate: Option<String>,
}

/// Only the version, to tell a newer envelope from a broken one.
#[derive(Deserialize)]
struct WireVersion {
    version: u32,
}

impl<'a> Envelope<'a> {
    /// Puts an authentic callback of a scheme into an envelope: how a receiver makes one. Stores make
    /// theirs of what they have kept, and [`Envelope::decode`]
    /// believes whoever can write to the queue.
    #[must_use]
    pub fn seal<P: Copy + Into<SignedPromise>>(
        scheme: SchemeName,
        authentic: &Authentic<'a, P>,
        received_at: UnixSeconds,
        request_id: impl Into<Cow<'a, str>>,
    ) -> Self {
        let signed: SignedPromise = (*authentic.promise()).into();
        Self::read(
            scheme,
            authentic.log_key(),
            authentic.received(),
            received_at,
        )
        .with_secret_slot(authentic.secret_slot())
        .with_promise(signed.into())
        .with_arrival(received_at, request_id)
    }

    /// Puts what Sinch has answered when it was asked about an SMS into an envelope. `asked_by` names the
    /// question, as the receiver names an arrival. The body decides the content key, so that the same
    /// answer twice has no second effect: whoever asks writes it in one form.
    #[must_use]
    pub fn polled(
        body: &'a [u8],
        asked_at: UnixSeconds,
        asked_by: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self::read(
            SchemeName::Conversation,
            ContentKey::of_body(body),
            body,
            asked_at,
        )
        .with_promise(Promise::Polled)
        .with_arrival(asked_at, asked_by)
    }

    /// An envelope of a body whose kind and group are read in it.
    fn read(
        scheme: SchemeName,
        content_key: ContentKey,
        body: &'a [u8],
        received_at: UnixSeconds,
    ) -> Self {
        let content = Callback::parse_by(scheme, body).map(Arc::new);
        let first_message = content
            .as_ref()
            .ok()
            .and_then(|callback| callback.reports.first())
            .map(|report| report.message_id.clone())
            // No message has such an id, and the envelope has to be text that every queue takes.
            .filter(|id| id.chars().all(is_allowed_by_sqs));
        Self {
            kind: content
                .as_ref()
                .map_or(UNRECOGNIZED, |callback| callback.kind.as_str())
                .into(),
            group: first_message
                .unwrap_or_else(|| content_key.to_string())
                .into(),
            content_key,
            secret_slot: SecretSlot::new(0),
            scheme,
            promise: Promise::Polled,
            received_at,
            request_id: Cow::default(),
            body: body.into(),
            content: Content(OnceLock::from(content)),
        }
    }

    /// An envelope of a body that a store has kept under this key, to be completed and queued again as
    /// the arrival that it was. Its delivery is no longer known, and nobody asks about it any more: the
    /// content's key stands for the delivery's.
    #[must_use]
    pub fn kept(
        content_key: ContentKey,
        signed_at: UnixSeconds,
        body: impl Into<Cow<'a, [u8]>>,
    ) -> Self {
        Self {
            kind: UNRECOGNIZED.into(),
            group: content_key.to_string().into(),
            content_key,
            secret_slot: SecretSlot::new(0),
            scheme: SchemeName::Conversation,
            promise: Promise::Timely {
                replay_key: of_nobody(content_key, true),
                signed_at,
            },
            received_at: signed_at,
            request_id: Cow::default(),
            body: body.into(),
            content: Content::default(),
        }
    }

    /// What its body says, as this version understands it.
    pub(crate) fn content(&self) -> Result<Arc<Callback>, Unrecognized> {
        let read = || Callback::parse_by(self.scheme, &self.body).map(Arc::new);
        self.content.0.get_or_init(read).clone()
    }

    /// Whether it is what a store had kept: only there is the delivery nobody's.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        self.replay_key() == of_nobody(self.content_key, self.promise.covers_body())
    }

    /// Whether Sinch was asked for it, and nobody delivered it.
    #[must_use]
    pub const fn is_polled(&self) -> bool {
        matches!(self.promise, Promise::Polled)
    }

    /// Sets the kind's name.
    #[must_use]
    pub fn with_kind(self, kind: impl Into<Cow<'a, str>>) -> Self {
        let kind = kind.into();
        Self { kind, ..self }
    }

    /// Sets what has to be processed in order with it.
    #[must_use]
    pub fn with_group(self, group: impl Into<Cow<'a, str>>) -> Self {
        let group = group.into();
        Self { group, ..self }
    }

    /// Sets which secret signed it.
    #[must_use]
    pub fn with_secret_slot(self, secret_slot: SecretSlot) -> Self {
        Self {
            secret_slot,
            ..self
        }
    }

    /// Sets what its signature promised.
    #[must_use]
    pub fn with_promise(self, promise: Promise) -> Self {
        Self { promise, ..self }
    }

    /// Sets the scheme by which it was signed: the Conversation API's unless set otherwise. Its promise is
    /// that of the scheme from then on.
    #[must_use]
    pub fn with_scheme(self, scheme: SchemeName) -> Self {
        let replay_key = if self.is_kept() {
            of_nobody(self.content_key, scheme.covers_body())
        } else {
            self.replay_key()
        };
        Self {
            scheme,
            promise: Promise::of(scheme, replay_key, self.signed_at()),
            content: Content::default(),
            ..self
        }
    }

    /// Sets when it was received, and the receiver's name for that arrival.
    #[must_use]
    pub fn with_arrival(
        self,
        received_at: UnixSeconds,
        request_id: impl Into<Cow<'a, str>>,
    ) -> Self {
        let request_id = request_id.into();
        Self {
            received_at,
            request_id,
            ..self
        }
    }

    /// The kind's stable name, or `unrecognized`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// What has to be processed in order: the message's id where the callback reports on one, else
    /// the content key. The group of a FIFO queue.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.group
    }

    /// The key by which a log knows it again: of the content, and of the token where the signature does
    /// not cover the content. The deduplication id of a FIFO queue.
    #[must_use]
    pub const fn content_key(&self) -> ContentKey {
        self.content_key
    }

    /// Which secret signed it.
    #[must_use]
    pub const fn secret_slot(&self) -> SecretSlot {
        self.secret_slot
    }

    /// The scheme by which it was signed.
    #[must_use]
    pub const fn scheme(&self) -> SchemeName {
        self.scheme
    }

    /// What its signature promised.
    #[must_use]
    pub const fn promise(&self) -> Promise {
        self.promise
    }

    /// The key of the delivery.
    #[must_use]
    pub const fn replay_key(&self) -> ReplayKey {
        self.promise.replay_key()
    }

    /// When it was signed; when it was received, where its [promise](Self::promise) says no time.
    #[must_use]
    pub fn signed_at(&self) -> UnixSeconds {
        self.promise.signed_at().unwrap_or(self.received_at)
    }

    /// When it was received.
    #[must_use]
    pub const fn received_at(&self) -> UnixSeconds {
        self.received_at
    }

    /// The receiver's name for this arrival: unique, and the same when the queue hands it out again.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The raw body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The raw body, taken out.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body.into_owned()
    }

    /// The envelope's text. A small body stands in it as text where every character of it may stand
    /// in an SQS message and JSON's escapes do not make it longer than base64 would; else in base64.
    /// A large one is compressed, in base64.
    ///
    /// It is never longer than four thirds of the body and a few hundred bytes. What a queue takes
    /// of it is the queue's to say: SQS takes 1 MiB, which is 700,000 bytes in every form, and about
    /// 1.8 million bytes of a list of recipients.
    #[must_use]
    pub fn encode(&self) -> String {
        let plain = self.encode_plain();
        if plain.len() <= LARGEST_PLAIN {
            return plain;
        }
        let deflated = deflate::compress_to_vec(&self.body, COMPRESSION_LEVEL);
        let wire = self.wire();
        let compressed = Self::write(&Wire {
            version: wire.version.max(COMPRESSED),
            body_deflate: Some(Base64::encode_string(&deflated)),
            ..wire
        });
        // What is compressed already grows.
        if compressed.len() < plain.len() {
            compressed
        } else {
            plain
        }
    }

    fn encode_plain(&self) -> String {
        let text = str::from_utf8(&self.body)
            .ok()
            .filter(|text| text.chars().all(is_allowed_by_sqs) && !is_mostly_escapes(text));
        Self::write(&Wire {
            body: text.map(Cow::from),
            body_base64: text.is_none().then(|| Base64::encode_string(&self.body)),
            ..self.wire()
        })
    }

    /// All but the body.
    fn wire(&self) -> Wire<'_> {
        let is_timely = matches!(self.promise, Promise::Timely { .. });
        let is_of_conversation = self.scheme == SchemeName::Conversation;
        Wire {
            version: if is_timely { PLAIN } else { NOT_TIMELY },
            kind: self.kind.as_ref().into(),
            group: self.group.as_ref().into(),
            content_key: self.content_key.to_string(),
            replay_key: self.replay_key().to_string(),
            secret_slot: self.secret_slot.index(),
            received_at: self.received_at.get(),
            signed_at: self.promise.signed_at().map(UnixSeconds::get),
            promise: (!is_timely).then(|| self.promise.as_str().into()),
            scheme: (!is_of_conversation).then(|| self.scheme.as_str().into()),
            request_id: self.request_id.as_ref().into(),
            body: None,
            body_base64: None,
            body_deflate: None,
        }
    }

    // Texts and numbers under fixed names have no way to fail; an empty text would be refused by
    // `decode`, so nothing could pass for an envelope that is none.
    fn write(wire: &Wire<'_>) -> String {
        serde_json::to_string(wire).unwrap_or_default()
    }

    /// Reads what [`Envelope::encode`] wrote.
    ///
    /// # Errors
    /// [`InvalidEnvelope`]: such a message will never be readable, so it belongs into the dead
    /// letters, not back into the queue.
    pub fn decode(text: &'a str) -> Result<Self, InvalidEnvelope> {
        let wire: Wire<'a> =
            serde_json::from_str(text).map_err(|source| {
                match serde_json::from_str::<WireVersion>(text) {
                    Ok(WireVersion { version }) if !is_known(version) => {
                        InvalidEnvelope::Version { found: version }
                    }
                    _ => InvalidEnvelope::Form(source),
                }
            })?;
        if !is_known(wire.version) {
            return Err(InvalidEnvelope::Version {
                found: wire.version,
            });
        }
        let body = match (wire.body, wire.body_base64, wire.body_deflate) {
            (Some(Cow::Borrowed(text)), None, None) => Cow::from(text.as_bytes()),
            (Some(Cow::Owned(text)), None, None) => Cow::from(text.into_bytes()),
            (None, Some(encoded), None) => Base64::decode_vec(&encoded)
                .map_err(|_| InvalidEnvelope::Field("body_base64"))?
                .into(),
            (None, None, Some(encoded)) if wire.version >= COMPRESSED => inflated(&encoded)
                .ok_or(InvalidEnvelope::Field("body_deflate"))?
                .into(),
            _ => return Err(InvalidEnvelope::Field("body")),
        };
        let scheme = wire.scheme.map_or(Ok(SchemeName::Conversation), |name| {
            name.parse().map_err(|_| InvalidEnvelope::Field("scheme"))
        })?;
        let replay_key =
            ReplayKey::from_hex(&wire.replay_key).ok_or(InvalidEnvelope::Field("replay_key"))?;
        let signed_at = wire.signed_at.map(UnixSeconds::new);
        let received_at = UnixSeconds::new(wire.received_at);
        let promise = if wire.promise.as_deref() == Some(Promise::Polled.as_str()) {
            Promise::Polled
        } else {
            Promise::of(scheme, replay_key, signed_at.unwrap_or(received_at))
        };
        let is_timely = matches!(promise, Promise::Timely { .. });
        if is_timely == (wire.version == NOT_TIMELY)
            || wire.promise.as_deref() != (!is_timely).then_some(promise.as_str())
        {
            return Err(InvalidEnvelope::Field("promise"));
        }
        if promise.signed_at() != signed_at {
            return Err(InvalidEnvelope::Field("signed_at"));
        }
        Ok(Self {
            kind: wire.kind,
            group: wire.group,
            content_key: ContentKey::from_hex(&wire.content_key)
                .ok_or(InvalidEnvelope::Field("content_key"))?,
            secret_slot: SecretSlot::new(wire.secret_slot),
            scheme,
            promise,
            received_at,
            request_id: wire.request_id,
            body,
            content: Content::default(),
        })
    }
}

/// In place of a delivery's key that is no longer known: that of the content; where the content's is
/// the delivery's own, zeros.
const fn of_nobody(content_key: ContentKey, covers_body: bool) -> ReplayKey {
    ReplayKey::from_bytes(if covers_body {
        *content_key.as_bytes()
    } else {
        [0; 16]
    })
}

const fn is_known(version: u32) -> bool {
    matches!(version, PLAIN | COMPRESSED | NOT_TIMELY)
}

/// A compressed body. `None` where it is not in this form, or would be larger than any that a
/// receiver takes: whoever can write to the queue must not fill the processor's memory.
fn inflated(encoded: &str) -> Option<Vec<u8>> {
    let deflated = Base64::decode_vec(encoded).ok()?;
    inflate::decompress_to_vec_with_limit(&deflated, limits::AWS_MAX_BODY_BYTES).ok()
}

/// SQS takes the characters of XML 1.0
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
const fn is_allowed_by_sqs(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..
    )
}

/// Whether a text grows more by JSON's escapes than by base64.
fn is_mostly_escapes(text: &str) -> bool {
    let escaped = text
        .bytes()
        .filter(|byte| matches!(byte, b'"' | b'\\' | b'\t' | b'\n' | b'\r'))
        .count();
    escaped > text.len() / 3
}

/// Why a queued text is not an envelope.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnvelope {
    /// It is not JSON of the envelope's form.
    #[error("the queued message is not an envelope")]
    Form(#[source] serde_json::Error),
    /// It is of a version that this build does not know.
    #[error(
        "the envelope has version {found}, and this build reads versions {PLAIN} to {NOT_TIMELY}"
    )]
    Version {
        /// The version it names.
        found: u32,
    },
    /// One of its fields cannot be what was written.
    #[error("the envelope's field {0} is not of its form")]
    Field(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope(body: &[u8]) -> Envelope<'_> {
        Envelope::kept(ContentKey::of_body(body), UnixSeconds::new(10), body)
            .with_kind("message_delivery")
            .with_group("msg-1")
            .with_secret_slot(SecretSlot::new(1))
            .with_promise(Promise::Timely {
                replay_key: ReplayKey::from_bytes([7; 16]),
                signed_at: UnixSeconds::new(10),
            })
            .with_arrival(UnixSeconds::new(20), "request-1")
    }

    #[test]
    fn what_was_polled_is_written_as_no_older_build_takes_for_a_callback() {
        let body = br#"{"type":"recipient_delivery_report_sms","batch_id":"b","recipient":"15550100","status":"Delivered","code":0}"#;
        let polled = Envelope::polled(body, UnixSeconds::new(20), "poll-1");
        assert!(polled.is_polled());
        assert!(!polled.is_kept());
        assert_eq!(polled.content_key(), ContentKey::of_body(body));
        assert_eq!(
            (polled.kind(), polled.group()),
            ("sms_recipient_delivery_report", "b:15550100")
        );
        assert_eq!(polled.signed_at(), UnixSeconds::new(20));
        let text = polled.encode();
        assert!(text.starts_with(r#"{"version":3,"#), "{text}");
        assert!(text.contains(r#""promise":"polled""#), "{text}");
        assert_eq!(Envelope::decode(&text).unwrap(), polled);
        let delivered = text.replace(r#","promise":"polled""#, "");
        assert!(matches!(
            Envelope::decode(&delivered),
            Err(InvalidEnvelope::Field("promise"))
        ));
    }

    /// The text in which version 0.1 wrote it.
    const OLDER: &str = r#"{"version":1,"kind":"message_delivery","group":"m","content_key":"000102030405060708090a0b0c0d0e0f","replay_key":"07070707070707070707070707070707","secret_slot":0,"received_at":20,"signed_at":10,"request_id":"r","body":"{}"}"#;

    #[test]
    fn a_timely_callback_is_written_as_an_older_build_reads_it_and_no_other_promise_is_taken_for_it()
     {
        let read = Envelope::decode(OLDER).unwrap();
        let timely = Promise::Timely {
            replay_key: ReplayKey::from_bytes([7; 16]),
            signed_at: UnixSeconds::new(10),
        };
        assert_eq!(read.promise(), timely);
        assert_eq!(read.encode(), OLDER);
        let other = OLDER.replace(r#""request_id""#, r#""promise":"untimed","request_id""#);
        assert!(matches!(
            Envelope::decode(&other),
            Err(InvalidEnvelope::Field("promise"))
        ));
    }

    #[test]
    fn each_scheme_s_promise_reads_back_and_what_is_not_timely_has_a_version_that_no_older_build_reads()
     {
        for (scheme, promise, version, signed_at) in [
            ("conversation", "timely", 1, Some(10)),
            ("application", "timely", 1, Some(10)),
            ("service", "timely", 1, Some(10)),
            ("numbers", "untimed", 3, None),
            ("whatsapp-legacy", "untimed", 3, None),
            ("mailgun", "token_only", 3, Some(10)),
        ] {
            for body in [b"{}".as_slice(), &[b'a'; 70_000]] {
                let sealed = envelope(body).with_scheme(scheme.parse().unwrap());
                let text = sealed.encode();
                let read = Envelope::decode(&text).unwrap();
                assert_eq!(read, sealed, "{scheme}");
                assert_eq!(read.scheme().as_str(), scheme);
                assert_eq!(read.promise().as_str(), promise);
                let found = read.promise().signed_at().map(UnixSeconds::get);
                assert_eq!(
                    (found, read.signed_at().get()),
                    (signed_at, signed_at.unwrap_or(20))
                );
                assert_eq!(read.replay_key(), ReplayKey::from_bytes([7; 16]));
                let found: WireVersion = serde_json::from_str(&text).unwrap();
                assert_eq!(
                    found.version,
                    if body.len() > 2 {
                        version.max(2)
                    } else {
                        version
                    }
                );
            }
        }
    }

    #[test]
    fn a_promise_that_is_not_its_scheme_s_is_refused() {
        let numbers = envelope(b"{}").with_scheme(SchemeName::Numbers).encode();
        for (from, to, field) in [
            (r#""scheme":"numbers""#, r#""scheme":"mailgun""#, "promise"),
            (r#""scheme":"numbers""#, r#""scheme":"service""#, "promise"),
            (r#""scheme":"numbers""#, r#""scheme":"new""#, "scheme"),
            (r#""version":3"#, r#""version":1"#, "promise"),
            (r#""promise":"untimed","#, "", "promise"),
            (r#""promise""#, r#""signed_at":10,"promise""#, "signed_at"),
        ] {
            let altered = numbers.replace(from, to);
            assert_ne!(altered, numbers);
            match Envelope::decode(&altered) {
                Err(InvalidEnvelope::Field(found)) => assert_eq!(found, field, "{to}"),
                other => panic!("{to}: {other:?}"),
            }
        }
    }

    #[test]
    fn what_no_signature_covers_says_nothing() {
        let body = br#"{"message_delivery_report":{"message_id":"m","status":"DELIVERED"}}"#;
        let read = |scheme| envelope(body).with_scheme(scheme).content();
        assert!(read(SchemeName::Conversation).is_ok());
        assert_eq!(
            read(SchemeName::Numbers).unwrap_err(),
            Unrecognized::OtherScheme
        );
        assert_eq!(
            read(SchemeName::Mailgun).unwrap_err(),
            Unrecognized::NotCovered
        );
    }

    #[test]
    fn what_a_store_has_kept_is_known_by_its_key_and_what_was_received_is_not() {
        let key = ContentKey::from_bytes([3; 16]);
        let kept = Envelope::kept(key, UnixSeconds::new(9), b"");
        assert!(kept.is_kept());
        assert_eq!(kept.group(), key.to_string());
        assert_eq!((kept.kind(), kept.signed_at().get()), ("unrecognized", 9));
        assert!(Envelope::decode(&kept.encode()).unwrap().is_kept());
        assert!(!envelope(b"").is_kept());
        for scheme in SchemeName::ALL.iter().copied() {
            let kept = kept.clone().with_scheme(scheme);
            assert!(Envelope::decode(&kept.encode()).unwrap().is_kept());
            assert!(!envelope(b"").with_scheme(scheme).is_kept());
        }
    }

    #[test]
    fn an_envelope_reads_back_as_it_was_whatever_the_body() {
        for body in [
            &b""[..],
            b"{\"a\":\"\\u00e9\"}\r\n",
            "\u{e9}\u{10ffff}".as_bytes(),
            b"\x00\x1f",
            b"\xff\xfe",
            "\u{ffff}".as_bytes(),
        ] {
            let sealed = envelope(body);
            let text = sealed.encode();
            assert!(text.chars().all(is_allowed_by_sqs));
            assert_eq!(Envelope::decode(&text).unwrap(), sealed);
        }
    }

    #[test]
    fn a_body_stands_as_text_only_where_sqs_would_take_every_character() {
        assert!(envelope(b"plain").encode().contains(r#""body":"plain""#));
        assert!(
            envelope(b"\x01")
                .encode()
                .contains(r#""body_base64":"AQ==""#)
        );
    }

    #[test]
    fn a_body_of_quotes_does_not_outgrow_a_message() {
        let body = vec![b'"'; 524_288];
        let sealed = envelope(&body);
        let text = sealed.encode();
        // What SQS takes, in bytes.
        assert!(text.len() < 1_048_576, "{}", text.len());
        assert_eq!(Envelope::decode(&text).unwrap(), sealed);
    }

    /// 45,000 recipients: numbers that no pattern makes shorter.
    fn full_report() -> Vec<u8> {
        let mut seed = 1_u64;
        let recipients: Vec<String> = (0..45_000)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                format!("\"1{:010}\"", (seed >> 20) % 10_000_000_000)
            })
            .collect();
        format!("{{\"recipients\":[{}]}}", recipients.join(",")).into_bytes()
    }

    #[test]
    fn a_full_report_of_45_000_recipients_fits_into_a_message_with_room_to_spare() {
        let body = full_report();
        assert!(body.len() > 600_000);
        let sealed = envelope(&body);
        let text = sealed.encode();
        assert!(text.len() < 524_288, "{}", text.len());
        assert!(text.contains(r#""version":2"#) && text.contains(r#""body_deflate":"#));
        assert!(text.chars().all(is_allowed_by_sqs));
        assert_eq!(Envelope::decode(&text).unwrap(), sealed);
    }

    #[test]
    fn a_small_body_stands_as_before_so_that_an_older_build_reads_it() {
        let body = vec![b'a'; 60_000];
        let text = envelope(&body).encode();
        assert!(text.contains(r#""version":1"#) && text.contains(r#""body":"aaa"#));
        let body = vec![b'a'; 70_000];
        assert!(envelope(&body).encode().len() < 1_000);
    }

    #[test]
    fn an_envelope_that_an_older_build_wrote_is_read() {
        let read = Envelope::decode(OLDER).unwrap();
        assert_eq!((read.body(), read.request_id()), (&b"{}"[..], "r"));
        // It has no compressed body.
        let mixed = OLDER.replace(r#""body":"{}""#, r#""body_deflate":"AwA=""#);
        assert!(matches!(
            Envelope::decode(&mixed),
            Err(InvalidEnvelope::Field("body"))
        ));
        let newer = mixed.replace(r#""version":1"#, r#""version":2"#);
        assert_eq!(Envelope::decode(&newer).unwrap().body, &b""[..]);
    }

    #[test]
    fn a_body_that_grows_beyond_what_a_receiver_takes_is_refused_without_being_inflated_whole() {
        let largest = vec![0; limits::AWS_MAX_BODY_BYTES];
        let text = envelope(&largest).encode();
        assert_eq!(Envelope::decode(&text).unwrap().body, largest);
        let bomb = vec![0; limits::AWS_MAX_BODY_BYTES + 1];
        let text = envelope(&bomb).encode();
        assert!(text.len() < 20_000, "{}", text.len());
        assert!(matches!(
            Envelope::decode(&text),
            Err(InvalidEnvelope::Field("body_deflate"))
        ));
    }

    #[test]
    fn a_compressed_body_that_is_cut_or_altered_is_refused() {
        let text = envelope(&full_report()).encode();
        let from = text.find(r#""body_deflate":""#).unwrap() + 16;
        let cut = format!("{}{}", text.split_at(from + 40_000).0, "\"}");
        let (start, end) = (text.split_at(from).0, text.split_at(from + 1).1);
        for broken in [cut, format!("{start}!{end}")] {
            assert!(matches!(
                Envelope::decode(&broken),
                Err(InvalidEnvelope::Field("body_deflate"))
            ));
        }
    }

    #[test]
    fn a_message_id_that_no_queue_takes_does_not_keep_the_callback_from_the_queue() {
        use sinch_callback::{Secret, SignedHeaders, Signer, Verifier};
        let body =
            "{\"message_delivery_report\":{\"message_id\":\"m\u{ffff}\",\"status\":\"READ\"}}";
        let secret = || Secret::new("made-up").unwrap();
        let now = UnixSeconds::new(10);
        let signer = Signer::new(secret());
        let signed = signer.sign(body.as_bytes(), "n", now).unwrap();
        let headers = signed.headers();
        let headers = SignedHeaders::collect(headers.iter().map(|(n, v)| (*n, *v))).unwrap();
        let verifier = Verifier::bare(secret());
        let authentic = verifier
            .authenticate(&headers, body.as_bytes(), now)
            .unwrap();
        let envelope = Envelope::seal(SchemeName::Conversation, &authentic, now, "r");
        assert_eq!(envelope.group, envelope.content_key.to_string());
        assert!(envelope.encode().chars().all(is_allowed_by_sqs));
    }

    #[test]
    fn a_newer_version_is_told_from_a_broken_envelope() {
        let newer = r#"{"version":4,"payload":{}}"#;
        assert!(matches!(
            Envelope::decode(newer),
            Err(InvalidEnvelope::Version { found: 4 })
        ));
        assert!(matches!(
            Envelope::decode("{}"),
            Err(InvalidEnvelope::Form(_))
        ));
        let bad_key = envelope(b"").encode().replace("0707", "zz07");
        assert!(matches!(
            Envelope::decode(&bad_key),
            Err(InvalidEnvelope::Field("replay_key"))
        ));
    }
}
