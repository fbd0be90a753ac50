use std::sync::Arc;

use sinch_callback::{HeaderName, UnixSeconds};

use crate::{
    draw::Draw,
    schedule::{DAY, MINUTE, Millis, SECOND},
    sinch::Request,
};

/// A genuine callback that an attacker has read on its way, with its headers.
#[derive(Clone, Debug)]
pub(crate) struct Capture {
    pub(crate) request: Arc<Request>,
    pub(crate) callback: usize,
}

/// What an attacker does with captures. They have no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attack {
    /// Sends it again as it was.
    Replay,
    /// Moves the end of the body in front of the nonce: the signed string stays the same.
    ShiftBoundary,
    FlipBody,
    FlipSignature,
    FlipNonce,
    /// Gives it another time: now.
    Freshen,
    /// Gives it another nonce.
    Renew,
    Truncate,
    Append,
    /// Puts the headers of one callback on the body of another.
    Splice,
    /// Signs a body of their own with a guessed secret.
    Guess,
    RepeatHeader,
    JoinHeader,
    OtherAlgorithm,
    NoAlgorithm,
    UpperCase,
    RewriteTime,
    /// Many forgeries at once.
    Flood,
}

impl Attack {
    const ALL: [Self; 18] = [
        Self::Replay,
        Self::ShiftBoundary,
        Self::FlipBody,
        Self::FlipSignature,
        Self::FlipNonce,
        Self::Freshen,
        Self::Renew,
        Self::Truncate,
        Self::Append,
        Self::Splice,
        Self::Guess,
        Self::RepeatHeader,
        Self::JoinHeader,
        Self::OtherAlgorithm,
        Self::NoAlgorithm,
        Self::UpperCase,
        Self::RewriteTime,
        Self::Flood,
    ];

    pub(crate) fn draw(draw: &mut Draw) -> Self {
        if draw.chance(0.4) {
            return Self::Replay;
        }
        *draw.one_of(&Self::ALL)
    }

    /// How many requests it is.
    pub(crate) fn requests(self) -> u64 {
        if self == Self::Flood { 40 } else { 1 }
    }
}

/// How long an attacker waits.
pub(crate) fn wait(draw: &mut Draw) -> Millis {
    match draw.between(0, 4) {
        0 => draw.between(0, 200),
        1 => draw.between(0, MINUTE),
        2 => draw.magnitude(SECOND, DAY),
        3 => DAY - 2 * MINUTE + draw.between(0, 4 * MINUTE),
        _ => draw.between(2 * DAY, 44 * DAY),
    }
}

/// The request that an attacker makes.
pub(crate) fn request(
    draw: &mut Draw,
    attack: Attack,
    capture: &Request,
    other: &Request,
    now: UnixSeconds,
) -> Request {
    let mut request = capture.clone();
    match attack {
        Attack::Replay => {}
        Attack::ShiftBoundary => {
            let dots: Vec<usize> = (0..request.body.len())
                .filter(|at| request.body[*at] == b'.')
                .collect();
            if !dots.is_empty() {
                let dot = *draw.one_of(&dots);
                let nonce = request.header(HeaderName::Nonce).unwrap_or_default();
                let moved = [&capture.body[dot + 1..], b".", nonce].concat();
                request.set(HeaderName::Nonce, moved);
                request.body = capture.body[..dot].into();
            }
        }
        Attack::FlipBody => {
            let mut body = capture.body.to_vec();
            let at = draw.index(body.len());
            body[at] ^= 1 << draw.between(0, 7);
            request.body = body.into();
        }
        Attack::FlipSignature => flip(draw, &mut request, HeaderName::Signature),
        Attack::FlipNonce => flip(draw, &mut request, HeaderName::Nonce),
        Attack::Freshen => request.set(HeaderName::Timestamp, now.to_string()),
        Attack::Renew => request.set(HeaderName::Nonce, draw.nonce()),
        Attack::Truncate => request.body = capture.body[..draw.index(capture.body.len())].into(),
        Attack::Append => request.body = [&capture.body[..], b" "].concat().into(),
        Attack::Splice => request.headers.clone_from(&other.headers),
        Attack::Guess | Attack::Flood => request = forged(draw, now),
        Attack::RepeatHeader => {
            let repeated = request.headers[draw.index(request.headers.len())].clone();
            request.headers.push(repeated);
        }
        Attack::JoinHeader => {
            let at = draw.index(request.headers.len());
            let value = request.headers[at].1.clone();
            request.headers[at].1 = [&value[..], b", ", &value].concat();
        }
        Attack::OtherAlgorithm => {
            let algorithm = *draw.one_of(&["HmacMD5", "none", "HmacSHA1", ""]);
            request.set(HeaderName::Algorithm, algorithm);
        }
        Attack::NoAlgorithm => request.remove(HeaderName::Algorithm),
        Attack::UpperCase => {
            for (name, _) in &mut request.headers {
                name.make_ascii_uppercase();
            }
        }
        Attack::RewriteTime => {
            let time = request.header(HeaderName::Timestamp).unwrap_or_default();
            let sign = *draw.one_of(&["+", "0", "00", " "]);
            let time = [sign.as_bytes(), time].concat();
            request.set(HeaderName::Timestamp, time);
        }
    }
    request
}

/// A body of the attacker's own, signed with a guessed secret.
pub(crate) fn forged(draw: &mut Draw, now: UnixSeconds) -> Request {
    let body = format!(
        r#"{{"message_delivery_report":{{"message_id":"m-{}","status":"READ","channel_identity":{{"channel":"SMS"}}}},"of":"the attacker {}"}}"#,
        draw.between(0, 100),
        draw.nonce()
    );
    let guess = *draw.one_of(&["made-up", "secret", "0", "sinch"]);
    let nonce = draw.nonce();
    Request::signed(body.into_bytes().into(), guess, &nonce, now)
}

fn flip(draw: &mut Draw, request: &mut Request, name: HeaderName) {
    let mut value = request.header(name).unwrap_or_default().to_vec();
    if !value.is_empty() {
        let at = draw.index(value.len());
        value[at] ^= 1 << draw.between(0, 6);
        request.set(name, value);
    }
}
