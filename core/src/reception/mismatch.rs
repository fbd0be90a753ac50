use core::time::Duration;

use super::{answer::Answer, rules::OnMismatch};
use crate::time::UnixSeconds;

/// How often one callback may ask for newer secrets. A third mismatch is no verdict: the secrets
/// change faster than they can be read.
pub(super) const MAX_REFRESHES: u32 = 2;

/// How long before the secrets were read a callback must have been signed for a mismatch to be final:
/// what it was signed with was there to be read, also where clocks differ a little.
const MARGIN: Duration = Duration::from_secs(60);

/// A mismatch of which the meaning is open, apart from the callback's bytes: what decides it once the
/// host knows whether there are newer secrets.
///
/// 401 is a promise that a retry cannot help, so it is given only where newer secrets are ruled out.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct OpenMismatch {
    signed_at: UnixSeconds,
    on_mismatch: OnMismatch,
}

impl OpenMismatch {
    /// That of a callback that says it was signed then, under this rule.
    pub const fn new(signed_at: UnixSeconds, on_mismatch: OnMismatch) -> Self {
        Self {
            signed_at,
            on_mismatch,
        }
    }

    /// When the callback says that it was signed.
    #[must_use]
    pub const fn signed_at(&self) -> UnixSeconds {
        self.signed_at
    }

    /// The secrets were read behind the mismatch, and are those that it was judged with: it stands.
    #[must_use]
    pub const fn unchanged(self) -> Answer {
        match self.on_mismatch {
            OnMismatch::Refuse => Answer::SIGNATURE_MISMATCH,
            OnMismatch::Defer => Answer::MISMATCH_DEFERRED,
        }
    }

    /// The secrets may not be read again yet; those at hand are of a read that began at `read_at`. The
    /// mismatch stands where the callback was signed more than a minute before that.
    #[must_use]
    pub const fn recent(self, read_at: UnixSeconds) -> Answer {
        if read_at.since(self.signed_at).as_secs() > MARGIN.as_secs() {
            self.unchanged()
        } else {
            Answer::SECRET_MAY_BE_NEWER
        }
    }

    /// The secrets are being read and are not here in time.
    #[must_use]
    pub const fn under_way(self) -> Answer {
        Answer::SECRET_MAY_BE_NEWER
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READ_AT: u64 = 10_000;

    fn signed_before_the_read(seconds: u64, on_mismatch: OnMismatch) -> OpenMismatch {
        OpenMismatch::new(UnixSeconds::new(READ_AT - seconds), on_mismatch)
    }

    #[test]
    fn in_the_pause_a_mismatch_is_final_for_what_was_signed_more_than_a_minute_before_the_read() {
        let read_at = UnixSeconds::new(READ_AT);
        for (seconds, expected) in [
            (0, Answer::SECRET_MAY_BE_NEWER),
            (60, Answer::SECRET_MAY_BE_NEWER),
            (61, Answer::SIGNATURE_MISMATCH),
        ] {
            let mismatch = signed_before_the_read(seconds, OnMismatch::Refuse);
            assert_eq!(mismatch.recent(read_at), expected, "{seconds}");
        }
        // Signed after the read.
        let mismatch = signed_before_the_read(0, OnMismatch::Refuse);
        assert_eq!(
            mismatch.recent(UnixSeconds::new(1)),
            Answer::SECRET_MAY_BE_NEWER
        );
    }

    #[test]
    fn where_mismatches_are_deferred_a_final_one_is_503() {
        let read_at = UnixSeconds::new(READ_AT);
        let defer = || signed_before_the_read(61, OnMismatch::Defer);
        assert_eq!(defer().recent(read_at), Answer::MISMATCH_DEFERRED);
        assert_eq!(defer().unchanged(), Answer::MISMATCH_DEFERRED);
        assert_eq!(defer().under_way(), Answer::SECRET_MAY_BE_NEWER);
    }
}
