//! What application-signed and service-signed callbacks have in common: all but a word.

use core::fmt;

use md5::{Digest, Md5};

use super::{
    key_id::KeyId,
    request::Request,
    slots::{repeated_first, slots},
};
use crate::{
    base64,
    header_name::{HeaderName, is_text},
    header_pair::HeaderPair,
    header_slot::Slot,
    instant::Instant,
    judged::Judged,
    key::ReplayKey,
    promise::Timely,
    rejection::Rejection,
    secret::Secret,
    signature::{TAG_LEN, Written},
    time::UnixSeconds,
};

/// What the head of a request says of the proof.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    request: Request<'a>,
    content_type: &'a [u8],
    timestamp: &'a [u8],
    signed_at: UnixSeconds,
    signature: Written,
}

/// The same with the body's digest, which is what was signed of it.
#[derive(Clone, Copy)]
pub struct RequestSigned<'a> {
    head: RequestHead<'a>,
    md5: Md5Line,
}

/// The MD5 of a body in base64, with the line breaks around it.
type Md5Line = [u8; 26];

/// The longest media type; our own choice.
const MAX_CONTENT_TYPE_LEN: usize = 256;
/// The longest time. Sinch writes 28 characters; the limit is our own choice.
const MAX_TIMESTAMP_LEN: usize = 40;

impl<'a> RequestHead<'a> {
    pub(super) fn read<P: HeaderPair<'a>>(
        word: &str,
        key: &KeyId,
        request: Request<'a>,
        headers: impl IntoIterator<Item = P>,
    ) -> Result<Self, Rejection> {
        use HeaderName::{Authorization, ContentType, XTimestamp};
        let found = slots(headers, [Authorization, XTimestamp, ContentType]);
        let [authorization, timestamp, _] = &found;
        Self::judge(word, key, request, &found).map_err(|rejection| {
            let found = [(authorization, Authorization), (timestamp, XTimestamp)];
            repeated_first(rejection, found)
        })
    }

    fn judge(
        word: &str,
        key: &KeyId,
        request: Request<'a>,
        [authorization, timestamp, content_type]: &[Slot<'a>; 3],
    ) -> Result<Self, Rejection> {
        use HeaderName::{Authorization, ContentType, XTimestamp};
        let (named, signature) =
            authorization.required(Authorization, |value| credentials(word, value))?;
        let (timestamp, signed_at) =
            timestamp.required(XTimestamp, |value| Some((value, moment(value)?)))?;
        let content_type =
            content_type.required(ContentType, |value| is_content_type(value).then_some(value))?;
        if named != key.as_str().as_bytes() {
            return Err(Rejection::UnknownKey);
        }
        // A line break would let the lines of the signed string be cut elsewhere. No request has one there.
        if ![request.method(), request.path()]
            .iter()
            .all(|part| is_line(part))
        {
            return Err(Rejection::SignatureMismatch);
        }
        Ok(Self {
            request,
            content_type,
            timestamp,
            signed_at,
            signature,
        })
    }

    pub(super) fn with_body(self, body: &[u8]) -> Result<RequestSigned<'a>, Rejection> {
        // Some of Sinch's SDKs sign the digest of nothing, others nothing in its place.
        if body.is_empty() {
            return Err(Rejection::EmptyBody);
        }
        Ok(RequestSigned {
            head: self,
            md5: md5_line(body),
        })
    }
}

impl RequestSigned<'_> {
    pub(super) const fn signed_at(&self) -> UnixSeconds {
        self.head.signed_at
    }

    pub(super) fn judge(&self, secret: &Secret) -> Judged {
        let head = &self.head;
        let tag = tag(
            secret,
            head.request,
            &self.md5,
            head.content_type,
            head.timestamp,
        );
        Judged(head.signature.is(&tag), ReplayKey::of_tag(&tag).to_word())
    }

    pub(super) const fn promise(&self, key: ReplayKey) -> Timely {
        Timely::new(key, self.head.signed_at)
    }
}

/// The tag over the five lines that are signed.
pub(super) fn tag(
    secret: &Secret,
    request: Request<'_>,
    md5: &Md5Line,
    content_type: &[u8],
    timestamp: &[u8],
) -> [u8; TAG_LEN] {
    secret.mac([
        request.method().as_bytes(),
        md5,
        content_type,
        b"\nx-timestamp:",
        timestamp,
        b"\n",
        request.path().as_bytes(),
    ])
}

/// The line of a body, as it is signed.
pub(super) fn md5_line(body: &[u8]) -> Md5Line {
    let mut line = [b'\n'; 26];
    let [_, text @ .., _] = &mut line;
    // The sizes fit each other.
    let digits = base64::encode(&Md5::digest(body));
    text.iter_mut()
        .zip(digits)
        .for_each(|(place, digit)| *place = digit);
    line
}

/// Key and signature out of `WORD KEY:SIGNATURE`.
fn credentials<'a>(word: &str, value: &'a [u8]) -> Option<(&'a [u8], Written)> {
    let space = value.iter().position(|byte| *byte == b' ')?;
    let (found, rest) = value.split_at_checked(space)?;
    if !is_text(found, word) {
        return None;
    }
    let rest = rest.trim_ascii_start();
    let colon = rest.iter().rposition(|byte| *byte == b':')?;
    let (key, signature) = rest.split_at_checked(colon)?;
    Some((key, Written::parse(signature.get(1..)?)?))
}

fn moment(value: &[u8]) -> Option<UnixSeconds> {
    // A comma may stand in a fraction, and reads as the seam of two values.
    let allowed = |byte: &u8| byte.is_ascii_graphic() && *byte != b',';
    if value.len() > MAX_TIMESTAMP_LEN || !value.iter().all(allowed) {
        return None;
    }
    Instant::parse(str::from_utf8(value).ok()?)?.unix_seconds()
}

pub(super) fn is_content_type(value: &[u8]) -> bool {
    (1..=MAX_CONTENT_TYPE_LEN).contains(&value.len())
        && value.iter().all(|byte| matches!(byte, b' '..=b'~'))
}

pub(super) fn is_line(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte > b' ' && byte != 0x7f)
}

impl fmt::Debug for RequestHead<'_> {
    /// Leaves out all that was sent but the time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for RequestSigned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestSigned")
            .field("signed_at", &self.head.signed_at)
            .finish_non_exhaustive()
    }
}
