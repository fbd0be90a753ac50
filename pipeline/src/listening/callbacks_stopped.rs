use core::time::Duration;

use sinch_callback::UnixSeconds;

/// How many messages have to wait before it is said that callbacks have stopped: of fewer it may be
/// that each is silent on its own. Our own choice.
pub const SENDS: usize = 5;

/// No callback comes any more, although messages wait for theirs: the webhook was deleted, its URL is
/// wrong, a secret was rotated, a firewall is new. Silence then says nothing of a single message.
///
/// Any authentic callback ends it. What we have asked for ourselves (`source: poll`) does not: it says
/// nothing of the way that callbacks take.
///
/// # Examples
/// ```
/// use core::time::Duration;
/// use sinch_callback::UnixSeconds;
/// use sinch_callback_pipeline::listening::{CallbacksStopped, LastCallback};
///
/// let at = UnixSeconds::new;
/// let last = LastCallback { received_at: Some(at(1_000)), listening_since: Some(at(0)) };
/// let after = Duration::from_secs(600);
/// assert!(CallbacksStopped::look(at(1_599), after, last, 5).is_none());
/// assert!(CallbacksStopped::look(at(1_600), after, last, 5).is_some());
/// // Of fewer messages it may be that each is silent on its own.
/// assert!(CallbacksStopped::look(at(1_600), after, last, 4).is_none());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallbacksStopped {
    /// The last authentic callback, or since when we have listened, whichever was later; `None` where
    /// none has ever come.
    pub since: Option<UnixSeconds>,
    after: Duration,
}

/// When callbacks last came, and when they could have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastCallback {
    /// When the last authentic callback was received.
    pub received_at: Option<UnixSeconds>,
    /// Since when callbacks reach us: [`Listening::since`](super::Listening::since).
    pub listening_since: Option<UnixSeconds>,
}

impl CallbacksStopped {
    /// Whether they have stopped: at least [`SENDS`] accepted sends or watches, `waiting` of them, were
    /// made at least `after` ago and still wait, and no authentic callback was received since then,
    /// though we listened.
    #[must_use]
    pub fn look(
        now: UnixSeconds,
        after: Duration,
        last: LastCallback,
        waiting: usize,
    ) -> Option<Self> {
        let since = last.received_at.max(last.listening_since);
        let is_quiet = since.is_none_or(|since| since.saturating_add(after) <= now);
        (waiting >= SENDS && is_quiet).then_some(Self { since, after })
    }

    /// Whether one step for silence may be taken all the same, to see whether its callbacks come: one in
    /// each `after`. `last_probe` is when the one before was taken, since callbacks stopped.
    #[must_use]
    pub fn may_probe(&self, now: UnixSeconds, last_probe: Option<UnixSeconds>) -> bool {
        last_probe.is_none_or(|last| last.saturating_add(self.after) <= now)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{option, prelude::*};

    use super::*;

    const MINUTES: Duration = Duration::from_secs(600);

    fn last(received_at: Option<u64>, listening_since: Option<u64>) -> LastCallback {
        LastCallback {
            received_at: received_at.map(UnixSeconds::new),
            listening_since: listening_since.map(UnixSeconds::new),
        }
    }

    fn look(now: u64, last: LastCallback, waiting: usize) -> Option<CallbacksStopped> {
        CallbacksStopped::look(UnixSeconds::new(now), MINUTES, last, waiting)
    }

    #[test]
    fn five_silent_messages_and_ten_silent_minutes_are_a_stop() {
        assert!(look(1_600, last(Some(1_000), None), 5).is_some());
        assert_eq!(look(1_599, last(Some(1_000), None), 5), None);
        assert_eq!(look(1_600, last(Some(1_000), None), 4), None);
        assert!(look(1_600, last(None, None), 5).is_some());
        // We have listened for too short a time to say so.
        assert_eq!(look(1_600, last(Some(1), Some(1_001)), 5), None);
        assert!(look(1_600, last(Some(1), Some(1_000)), 5).is_some());
    }

    #[test]
    fn one_probe_is_let_through_in_ten_minutes() {
        let stopped = look(1_600, last(Some(1_000), None), 5).unwrap();
        let at = UnixSeconds::new;
        assert!(stopped.may_probe(at(1_600), None));
        assert!(!stopped.may_probe(at(2_199), Some(at(1_600))));
        assert!(stopped.may_probe(at(2_200), Some(at(1_600))));
    }

    proptest! {
        /// A callback reopens, and neither fewer silent messages nor a later callback ever stop.
        #[test]
        fn a_callback_reopens_and_more_silence_is_needed_never_less(
            now in 0_u64..5_000,
            received in option::of(0_u64..5_000),
            listening in option::of(0_u64..5_000),
            later in 0_u64..5_000,
            waiting in 0_usize..12,
        ) {
            prop_assert_eq!(look(now, last(Some(now), listening), waiting), None);
            let before = look(now, last(received, listening), waiting);
            if before.is_none() {
                let later = Some(received.unwrap_or(0).max(later));
                prop_assert_eq!(look(now, last(later, listening), waiting), None);
                let fewer = waiting.saturating_sub(1);
                prop_assert_eq!(look(now, last(received, listening), fewer), None);
            }
        }
    }
}
