//! A callback as it arrives, and the line that is written of it.

use base64ct::{Base64, Encoding};
use fastrand::Rng;
use serde::Serialize;
use sinch_callback::{ContentKey, HeaderName, Rejection, SignedHeaders, UnixSeconds};

use crate::{
    random::pick,
    setting::{Options, Setting},
};

/// A callback as it arrives, and who judges it and when.
pub(crate) struct Case<'s> {
    pub(crate) setting: &'s Setting,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    pub(crate) now: u64,
}

/// One line of the output.
#[derive(Serialize)]
pub(crate) struct Line<'c> {
    secrets: Vec<Text<'c>>,
    verbatim: bool,
    options: &'c Options,
    headers: Vec<(&'c str, Text<'c>)>,
    body: String,
    now: String,
    expect: &'c Expect,
}

/// A text, or bytes that are none.
#[derive(Serialize)]
#[serde(untagged)]
enum Text<'c> {
    Plain(&'c str),
    Hex { hex: String },
}

impl<'c> Text<'c> {
    fn hex(bytes: &[u8]) -> Self {
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::Hex { hex }
    }

    fn utf8(bytes: &'c [u8]) -> Self {
        str::from_utf8(bytes).map_or_else(|_| Self::hex(bytes), Self::Plain)
    }

    fn ascii(bytes: &'c [u8]) -> Self {
        if bytes.is_ascii() {
            Self::utf8(bytes)
        } else {
            Self::hex(bytes)
        }
    }
}

/// The verdict; the content key is of the body, whatever becomes of it.
#[derive(Serialize)]
pub(crate) struct Expect {
    pub(crate) code: &'static str,
    status: u16,
    header: Option<&'static str>,
    detail: Option<String>,
    secret_slot: Option<u8>,
    replay_key: Option<String>,
    content_key: String,
    age_secs: Option<String>,
}

impl Case<'_> {
    pub(crate) fn verdict(&self) -> Expect {
        let now = UnixSeconds::new(self.now);
        let pairs = self
            .headers
            .iter()
            .map(|(name, value)| (name, value.as_slice()));
        let verdict = SignedHeaders::collect(pairs).and_then(|headers| {
            self.setting
                .verifier
                .authenticate(&headers, &self.body, now)
        });
        let authentic = verdict.ok();
        let rejection = verdict.err();
        Expect {
            code: rejection.map_or("accepted", |rejection| rejection.code()),
            status: rejection.map_or(200, |rejection| rejection.http_status()),
            header: rejection
                .and_then(|rejection| rejection.header())
                .map(HeaderName::as_str),
            detail: rejection.as_ref().map(Rejection::to_string),
            secret_slot: authentic.map(|authentic| authentic.secret_slot().index()),
            replay_key: authentic.map(|authentic| authentic.replay_key().to_string()),
            content_key: ContentKey::of_body(&self.body).to_string(),
            age_secs: authentic.map(|authentic| authentic.age(now).as_secs().to_string()),
        }
    }

    pub(crate) fn line<'c>(&'c self, expect: &'c Expect) -> Line<'c> {
        let secrets = &self.setting.secrets;
        Line {
            secrets: secrets.iter().map(|secret| Text::utf8(secret)).collect(),
            verbatim: self.setting.verbatim,
            options: &self.setting.options,
            headers: self
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), Text::ascii(value)))
                .collect(),
            body: Base64::encode_string(&self.body),
            now: self.now.to_string(),
            expect,
        }
    }

    /// The value of one of the four headers; that of another where it is gone, so that damage done
    /// to it does not go amiss.
    pub(crate) fn value(&mut self, name: HeaderName) -> &mut Vec<u8> {
        let position = self.position(name).unwrap_or_default();
        &mut self.headers[position].1
    }

    pub(crate) fn position(&self, name: HeaderName) -> Option<usize> {
        let is_it = |(found, _): &(String, _)| HeaderName::parse(found.as_bytes()) == Some(name);
        self.headers.iter().position(is_it)
    }

    /// The position of one of the four.
    pub(crate) fn any_position(&self, rng: &mut Rng) -> usize {
        self.position(pick(rng, HeaderName::CONVERSATION))
            .unwrap_or_default()
    }

    pub(crate) fn any_value(&mut self, rng: &mut Rng) -> &mut Vec<u8> {
        let position = self.any_position(rng);
        &mut self.headers[position].1
    }
}
