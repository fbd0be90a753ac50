use serde::{Deserialize, Serialize};
use sinch_callback::UnixSeconds;

use super::{callbacks_stopped::CallbacksStopped, event::CallbacksEvent};

/// Whether it is told that callbacks have stopped: what a host keeps across restarts, so that each stop
/// and each return is told once.
///
/// # Examples
/// ```
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::listening::Turn;
///
/// let at = UnixSeconds::new;
/// let mut turn = Turn::default();
/// let told = turn.take(Some(at(100)), true, at(1_000)).unwrap();
/// assert_eq!((told.kind, told.last_callback_at), ("callbacks.stopped", Some(100)));
/// assert_eq!(turn.take(Some(at(100)), true, at(1_060)), None);
/// let told = turn.take(Some(at(1_100)), false, at(1_120)).unwrap();
/// assert_eq!((told.kind, told.at), ("callbacks.resumed", 1_100));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Turn {
    stopped: Option<Stopped>,
    /// When the last probe was let through since.
    probe_at: Option<UnixSeconds>,
}

/// Callbacks have stopped, and that has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stopped {
    /// When that was found.
    at: UnixSeconds,
    /// The last callback before.
    last_callback: Option<UnixSeconds>,
}

impl Turn {
    /// Whether callbacks have stopped, and none has come since.
    #[must_use]
    pub const fn is_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// What is to be told, if anything, where the last authentic callback was received at
    /// `callback_at`, and [`CallbacksStopped::look`] says whether they have stopped.
    pub fn take(
        &mut self,
        callback_at: Option<UnixSeconds>,
        are_stopped: bool,
        now: UnixSeconds,
    ) -> Option<CallbacksEvent> {
        match (self.stopped, are_stopped) {
            (None, true) => {
                self.stopped = Some(Stopped {
                    at: now,
                    last_callback: callback_at,
                });
                Some(CallbacksEvent::stopped(now, callback_at))
            }
            // Only a callback reopens: that fewer messages wait means that they were given up.
            (Some(stopped), false) if callback_at > stopped.last_callback => {
                *self = Self::default();
                let resumed_at = callback_at.unwrap_or(now);
                Some(CallbacksEvent::resumed(
                    stopped.at,
                    stopped.last_callback,
                    resumed_at,
                ))
            }
            _ => None,
        }
    }

    /// Whether one step for silence may be taken now, although callbacks have stopped: one in a while.
    /// Counts only once it is kept.
    pub fn take_probe(&mut self, stopped: &CallbacksStopped, now: UnixSeconds) -> bool {
        let may_probe = stopped.may_probe(now, self.probe_at);
        if may_probe {
            self.probe_at = Some(now);
        }
        may_probe
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(seconds)
    }

    #[test]
    fn that_fewer_messages_wait_is_no_callback() {
        let mut turn = Turn::default();
        assert!(turn.take(None, true, at(1_000)).is_some());
        assert_eq!(turn.take(None, false, at(1_100)), None);
        assert!(turn.is_stopped());
        assert!(turn.take(Some(at(1_101)), false, at(1_101)).is_some());
        assert!(!turn.is_stopped());
    }

    #[test]
    fn it_survives_a_restart() {
        let mut turn = Turn::default();
        turn.take(Some(at(7)), true, at(1_000));
        let kept = serde_json::to_string(&turn).unwrap();
        assert_eq!(serde_json::from_str::<Turn>(&kept).unwrap(), turn);
    }
}
