use std::borrow::Cow;

use base64ct::{Base64, Encoding};
use serde::{Deserialize, Serialize};
use sinch_callback::{Authentic, Callback, ContentKey, ReplayKey, UnixSeconds};

/// The queued message: an authentic callback on its way from the receiver to the processor.
///
/// On the wire it is JSON with a version. Whoever can write to the queue is trusted: the envelope
/// carries no signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'a> {
    /// The kind's stable name, or `unrecognized`.
    pub kind: Cow<'a, str>,
    /// What has to be processed in order: the message's id where the callback reports on one, else
    /// the content key. The group of a FIFO queue.
    pub group: Cow<'a, str>,
    /// The key of the event. The deduplication id of a FIFO queue.
    pub content_key: ContentKey,
    /// The key of the delivery.
    pub replay_key: ReplayKey,
    /// Which secret signed it, 0 being the current one.
    pub secret_slot: u8,
    /// When it was received.
    pub received_at: UnixSeconds,
    /// When it was signed.
    pub signed_at: UnixSeconds,
    /// The receiver's name for this arrival: unique, and the same when the queue hands it out
    /// again.
    pub request_id: Cow<'a, str>,
    /// The raw body.
    pub body: Cow<'a, [u8]>,
}

/// The kind of an envelope whose body is not understood.
const UNRECOGNIZED: &str = "unrecognized";
/// Version of the wire format.
const VERSION: u32 = 1;

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
    signed_at: u64,
    #[serde(borrow)]
    request_id: Cow<'a, str>,
    #[serde(borrow, skip_serializing_if = "Option::is_none", default)]
    body: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    body_base64: Option<String>,
}

/// Only the version, to tell a newer envelope from a broken one.
#[derive(Deserialize)]
struct WireVersion {
    version: u32,
}

impl<'a> Envelope<'a> {
    /// Puts an authentic callback into an envelope. There is no other way into the queue.
    #[must_use]
    pub fn seal(
        authentic: &Authentic<'a>,
        received_at: UnixSeconds,
        request_id: impl Into<Cow<'a, str>>,
    ) -> Self {
        let content_key = authentic.content_key();
        let callback = Callback::parse(authentic.body()).ok();
        let first_message = callback
            .as_ref()
            .and_then(|callback| callback.reports.first())
            .map(|report| report.message_id.clone())
            // No message has such an id, and the envelope has to be text that every queue takes.
            .filter(|id| id.chars().all(is_allowed_by_sqs));
        Self {
            kind: callback
                .as_ref()
                .map_or(UNRECOGNIZED, |callback| callback.kind.as_str())
                .into(),
            group: first_message
                .unwrap_or_else(|| content_key.to_string())
                .into(),
            content_key,
            replay_key: authentic.replay_key(),
            secret_slot: authentic.secret_slot().index(),
            received_at,
            signed_at: authentic.signed_at(),
            request_id: request_id.into(),
            body: authentic.body().into(),
        }
    }

    /// The envelope's text. The body stands in it as text where every character of it may stand in
    /// an SQS message and JSON's escapes do not make it longer than base64 would; else in base64.
    /// So it is never longer than four thirds of the body, and 700,000 bytes fit into a message.
    #[must_use]
    pub fn encode(&self) -> String {
        let text = str::from_utf8(&self.body)
            .ok()
            .filter(|text| text.chars().all(is_allowed_by_sqs) && !is_mostly_escapes(text));
        let wire = Wire {
            version: VERSION,
            kind: self.kind.as_ref().into(),
            group: self.group.as_ref().into(),
            content_key: self.content_key.to_string(),
            replay_key: self.replay_key.to_string(),
            secret_slot: self.secret_slot,
            received_at: self.received_at.get(),
            signed_at: self.signed_at.get(),
            request_id: self.request_id.as_ref().into(),
            body: text.map(Cow::from),
            body_base64: text.is_none().then(|| Base64::encode_string(&self.body)),
        };
        // Texts and numbers under fixed names have no way to fail; an empty text would be refused
        // by `decode`, so nothing could pass for an envelope that is none.
        serde_json::to_string(&wire).unwrap_or_default()
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
                    Ok(WireVersion { version }) if version != VERSION => {
                        InvalidEnvelope::Version { found: version }
                    }
                    _ => InvalidEnvelope::Form(source),
                }
            })?;
        if wire.version != VERSION {
            return Err(InvalidEnvelope::Version {
                found: wire.version,
            });
        }
        let body = match (wire.body, wire.body_base64) {
            (Some(Cow::Borrowed(text)), None) => Cow::from(text.as_bytes()),
            (Some(Cow::Owned(text)), None) => Cow::from(text.into_bytes()),
            (None, Some(encoded)) => Base64::decode_vec(&encoded)
                .map_err(|_| InvalidEnvelope::Field("body_base64"))?
                .into(),
            _ => return Err(InvalidEnvelope::Field("body")),
        };
        Ok(Self {
            kind: wire.kind,
            group: wire.group,
            content_key: ContentKey::from_hex(&wire.content_key)
                .ok_or(InvalidEnvelope::Field("content_key"))?,
            replay_key: ReplayKey::from_hex(&wire.replay_key)
                .ok_or(InvalidEnvelope::Field("replay_key"))?,
            secret_slot: wire.secret_slot,
            received_at: UnixSeconds::new(wire.received_at),
            signed_at: UnixSeconds::new(wire.signed_at),
            request_id: wire.request_id,
            body,
        })
    }
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
    #[error("the envelope has version {found}, and this build reads version {VERSION}")]
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
        Envelope {
            kind: "message_delivery".into(),
            group: "msg-1".into(),
            content_key: ContentKey::of_body(body),
            replay_key: ReplayKey::from_bytes([7; 16]),
            secret_slot: 1,
            received_at: UnixSeconds::new(20),
            signed_at: UnixSeconds::new(10),
            request_id: "request-1".into(),
            body: body.into(),
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

    #[test]
    fn a_message_id_that_no_queue_takes_does_not_keep_the_callback_from_the_queue() {
        use sinch_callback::{Secret, SecretRing, SignedHeaders, Signer, Verifier};
        let body =
            "{\"message_delivery_report\":{\"message_id\":\"m\u{ffff}\",\"status\":\"READ\"}}";
        let secret = || Secret::new("made-up").unwrap();
        let now = UnixSeconds::new(10);
        let signer = Signer::new(secret());
        let signed = signer.sign(body.as_bytes(), "n", now).unwrap();
        let headers = signed.headers();
        let headers = SignedHeaders::collect(headers.iter().map(|(n, v)| (*n, *v))).unwrap();
        let verifier = Verifier::new(SecretRing::from(secret()));
        let authentic = verifier
            .authenticate(&headers, body.as_bytes(), now)
            .unwrap();
        let envelope = Envelope::seal(&authentic, now, "r");
        assert_eq!(envelope.group, envelope.content_key.to_string());
        assert!(envelope.encode().chars().all(is_allowed_by_sqs));
    }

    #[test]
    fn a_newer_version_is_told_from_a_broken_envelope() {
        let newer = r#"{"version":2,"payload":{}}"#;
        assert!(matches!(
            Envelope::decode(newer),
            Err(InvalidEnvelope::Version { found: 2 })
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
