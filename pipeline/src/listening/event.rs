use serde::Serialize;
use sinch_callback::UnixSeconds;

/// What others are told of callbacks that stop, and resume. No filter drops it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallbacksEvent {
    /// `{when callbacks were found to have stopped}::{type}`. Always of the same content.
    pub id: String,
    /// `callbacks.stopped` or `callbacks.resumed`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When the last callback before that was received, in Unix seconds; `None` where none has ever
    /// been.
    pub last_callback_at: Option<u64>,
    /// When it was found that they had stopped, or when the first one came again, in Unix seconds.
    pub at: u64,
}

impl CallbacksEvent {
    /// What the events of all receivers are ordered by.
    pub const ORDER: &'static str = "callbacks";

    /// Callbacks were found to have stopped `at` this moment.
    #[must_use]
    pub fn stopped(at: UnixSeconds, last_callback: Option<UnixSeconds>) -> Self {
        Self::of("callbacks.stopped", at, last_callback, at)
    }

    /// They resume: the first one was received at `resumed_at`.
    #[must_use]
    pub fn resumed(
        stopped_at: UnixSeconds,
        last_callback: Option<UnixSeconds>,
        resumed_at: UnixSeconds,
    ) -> Self {
        Self::of("callbacks.resumed", stopped_at, last_callback, resumed_at)
    }

    fn of(
        kind: &'static str,
        stopped_at: UnixSeconds,
        last_callback: Option<UnixSeconds>,
        at: UnixSeconds,
    ) -> Self {
        Self {
            id: format!("{}::{kind}", stopped_at.get()),
            kind,
            last_callback_at: last_callback.map(UnixSeconds::get),
            at: at.get(),
        }
    }
}
