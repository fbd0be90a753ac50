//! What was asked of the stand-in and what it has sent: a line of JSON each, for tests to count.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use sinch_callback_server::clock;

/// Where entries are written; nowhere without a file.
#[derive(Debug, Default)]
pub(super) struct Journal(Option<Mutex<File>>);

/// What has happened. It holds no content of messages, no secret and no token.
#[derive(Debug, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(super) enum Entry<'a> {
    /// A token was asked for.
    Token { status: u16 },
    /// A call to send was taken. It is written before the call is answered.
    Send {
        correlation_id: &'a str,
        channel: &'a str,
        to: &'a str,
        /// What the call is answered; none where it is not.
        status: Option<u16>,
        /// The messages that went out, whatever the answer is.
        message_ids: &'a [String],
        rule: &'a str,
    },
    /// Another call was answered so.
    Call {
        method: &'a str,
        path: &'a str,
        status: u16,
    },
    /// A callback was posted.
    Callback {
        trigger: &'a str,
        message_id: &'a str,
        correlation_id: &'a str,
        /// The status that it reports.
        reports: &'a str,
        /// What it was answered; none where no answer came.
        status: Option<u16>,
        /// 0 for the first time.
        retry: u32,
    },
}

#[derive(Serialize)]
struct Line<'a> {
    /// Milliseconds since 1970.
    at_ms: u64,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
}

impl Journal {
    /// A journal that goes on at the end of a file.
    pub(super) fn in_file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Some(Mutex::new(file))))
    }

    /// Writes a line, whole, before it returns.
    pub(super) fn write(&self, entry: &Entry<'_>) {
        let Some(file) = &self.0 else { return };
        let line = Line {
            at_ms: clock::unix_millis(),
            entry,
        };
        let mut text = serde_json::to_string(&line).unwrap_or_default();
        text.push('\n');
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(text.as_bytes()) {
            tracing::error!(%error, "the journal cannot be written");
        }
    }
}
