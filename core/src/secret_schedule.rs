//! When secrets are read from where they are kept, and what callbacks do meanwhile. A machine
//! without I/O and without a clock: a host reads, waits and keeps what was read; it asks here what
//! to do next.

use core::time::Duration;

use crate::time::UnixSeconds;

/// How often a source of secrets may be asked. Durations count in whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecretTiming {
    /// Age at which secrets are read again, behind a request that uses those at hand.
    /// [`Duration::MAX`] for never.
    pub refresh: Duration,
    /// Age at which they are read again in front of a request, for hosts that are frozen
    /// between requests, where what runs behind one may never end. [`Duration::MAX`] for never.
    pub patience: Duration,
    /// How long a secret is accepted after a newer one was put.
    pub overlap: Duration,
    /// Whether there is a pause between the reads that mismatches ask for. A source that costs
    /// nothing to ask needs none, and each mismatch is then settled by a read of its own.
    pub has_pause: bool,
}

impl SecretTiming {
    /// A source where each read costs a call: every five minutes, which is our own choice, because a
    /// mismatch notices a change sooner anyway; a day of overlap, because Sinch retries what was
    /// signed before the change for as long.
    pub const REMOTE: Self = Self {
        refresh: Duration::from_secs(300),
        patience: Duration::MAX,
        overlap: Duration::from_secs(86_400),
        has_pause: true,
    };

    /// A source beside the receiver that costs nothing to ask, as files do. It is read when a
    /// signature matches no secret.
    pub const NEARBY: Self = Self {
        refresh: Duration::MAX,
        has_pause: false,
        ..Self::REMOTE
    };

    /// Sets the age at which secrets are read again behind a request.
    #[must_use]
    pub const fn with_refresh(self, refresh: Duration) -> Self {
        Self { refresh, ..self }
    }

    /// Sets the age at which they are read again in front of a request.
    #[must_use]
    pub const fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Sets how long a secret is accepted after a newer one was put.
    #[must_use]
    pub const fn with_overlap(self, overlap: Duration) -> Self {
        Self { overlap, ..self }
    }

    /// Sets whether there is a pause between the reads that mismatches ask for.
    #[must_use]
    pub const fn with_pause(self, has_pause: bool) -> Self {
        Self { has_pause, ..self }
    }

    /// Whether a secret is still accepted at `now` that was replaced at this moment.
    #[must_use]
    pub fn is_within_overlap(&self, replaced_at: UnixSeconds, now: UnixSeconds) -> bool {
        now.since(replaced_at) < self.overlap
    }
}

/// When secrets are read, for one process that keeps them between requests.
///
/// Secrets at hand are used however their source fares. They are read again behind a request once
/// they are old, and at a mismatch, with a pause that doubles with each read that brings nothing new.
/// One read is under way at a time, and at most [`MAX_WAITERS`](Self::MAX_WAITERS) callbacks wait for
/// it. Reads that fail wait ever longer for the next.
///
/// # Examples
/// ```
/// use sinch_callback::{
///     UnixSeconds,
///     secret_schedule::{ReadOutcome, SecretNext, SecretSchedule, SecretTiming},
/// };
///
/// let now = UnixSeconds::new(1_700_000_000);
/// let mut schedule = SecretSchedule::new(SecretTiming::REMOTE);
/// // Nothing is at hand: this callback begins read 1 and waits for it.
/// let step = schedule.current(now);
/// assert_eq!(step.begin, Some(1));
/// let SecretNext::Wait(wait) = step.next else { panic!() };
/// assert!(schedule.ended(1, ReadOutcome::Other));
/// schedule.leave();
/// assert_eq!(schedule.waited(wait, true, true, now).next, SecretNext::Use);
/// ```
#[derive(Clone, Debug)]
pub struct SecretSchedule {
    timing: SecretTiming,
    /// When the read began that found what is at hand.
    read_at: Option<UnixSeconds>,
    /// Reads are begun by age from this moment on.
    due_at: Option<UnixSeconds>,
    /// Reads in a row that failed.
    failures: u32,
    /// When a mismatch last began a read.
    refreshed_at: Option<UnixSeconds>,
    /// Reads in a row that mismatches asked for and that brought nothing new.
    fruitless: u32,
    under_way: Option<UnderWay>,
    /// How many reads have been begun: each has its number.
    begun: u32,
    /// The number of the last read whose end is known.
    settled: u32,
    waiters: u32,
}

#[derive(Clone, Copy, Debug)]
struct UnderWay {
    number: u32,
    began: UnixSeconds,
    is_for_mismatch: bool,
}

/// What a host does next for one callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct SecretStep {
    /// The read that was under way has been given up: it has failed. The host records that.
    pub gave_up: bool,
    /// Begin the read of this number behind the request, and report its end with
    /// [`SecretSchedule::ended`].
    pub begin: Option<u32>,
    /// Then this.
    pub next: SecretNext,
}

/// How a callback goes on that needs secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretNext {
    /// Judge with the secrets at hand; after a mismatch, they are others than those judged with.
    Use,
    /// Wait for the end of the read under way, call [`SecretSchedule::leave`], then
    /// [`SecretSchedule::waited`].
    Wait(SecretWait),
    /// After a mismatch: a read that began behind it found the same secrets.
    Unchanged,
    /// After a mismatch: they may not be read again yet. Those at hand were found by a read that
    /// began at this moment.
    Recent(UnixSeconds),
    /// A read is under way and has not ended in time, or too many wait for it.
    UnderWay,
    /// There are no secrets to judge with; after a mismatch, the last read failed, so nobody can say
    /// whether the signature is of a newer secret.
    Unavailable,
}

/// A callback that waits for a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretWait {
    /// For how long at most.
    pub limit: Duration,
    /// How many reads had been begun when the callback first asked. What a later one finds settles it.
    pub since: u32,
    /// Whether it has matched no secret; else it has not been judged yet.
    pub is_mismatch: bool,
}

/// What a read brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The secrets that are at hand.
    Same,
    /// Others, or the first.
    Other,
    /// None: the source did not answer, refused, or what it holds is no secret.
    Failed,
}

impl SecretSchedule {
    /// Longest that a callback waits for a read. Sinch waits longer for an answer; our own choice.
    pub const MAX_WAIT: Duration = Duration::from_secs(1);
    /// Most callbacks that wait for one read. Those beyond are not held.
    pub const MAX_WAITERS: u32 = 64;
    /// Age at which a read that is still under way has failed: its environment may have
    /// been frozen since, and it would be waited for in vain.
    pub const READ_LIFE: Duration = Duration::from_secs(5);
    /// Between two reads that mismatches ask for, at first. Our own choice, between the
    /// minutes that Sinch's retries give us and the 40 reads a second that SSM gives an account.
    pub const FIRST_PAUSE: Duration = Duration::from_secs(30);
    /// The longest that the pause grows to: within it, Sinch retries a callback of a newer secret.
    pub const LONGEST_PAUSE: Duration = Duration::from_secs(600);
    /// From a failed read to the next, at first. Our own choice, as is the next.
    pub const FIRST_RETRY: Duration = Duration::from_secs(1);
    /// The longest that it grows to.
    pub const LONGEST_RETRY: Duration = Duration::from_secs(60);

    /// A schedule of a process that has read nothing yet.
    #[must_use]
    pub const fn new(timing: SecretTiming) -> Self {
        Self {
            timing,
            read_at: None,
            due_at: None,
            failures: 0,
            refreshed_at: None,
            fruitless: 0,
            under_way: None,
            begun: 0,
            settled: 0,
            waiters: 0,
        }
    }

    /// Secrets are needed to judge a callback with. Never [`SecretNext::Unchanged`] or
    /// [`SecretNext::Recent`].
    pub fn current(&mut self, now: UnixSeconds) -> SecretStep {
        let gave_up = self.give_up(now);
        let since = self.begun;
        let is_due = self.due_at.is_none_or(|due_at| now >= due_at);
        let begin = (is_due && self.under_way.is_none()).then(|| self.begin(now, false));
        let limit = match (self.read_at, begin) {
            // Whoever begins the first read waits for as long as it may last.
            (None, Some(_)) => Self::READ_LIFE,
            _ => Self::MAX_WAIT,
        };
        let (otherwise, must_wait) = match self.read_at {
            None if self.under_way.is_none() => (SecretNext::Unavailable, false),
            None => (SecretNext::UnderWay, true),
            Some(read_at) => {
                let is_old = now.since(read_at) >= self.timing.patience;
                (SecretNext::Use, is_old && self.under_way.is_some())
            }
        };
        let next = if must_wait {
            self.wait(limit, since, false, otherwise)
        } else {
            otherwise
        };
        SecretStep {
            gave_up,
            begin,
            next,
        }
    }

    /// A signature has matched none of the secrets that it was judged with, which are those at hand
    /// where `is_at_hand` says so. Each change of what is at hand is worth another judgment.
    pub fn refresh(&mut self, is_at_hand: bool, now: UnixSeconds) -> SecretStep {
        let gave_up = self.give_up(now);
        let since = self.begun;
        SecretStep {
            gave_up,
            ..self.settle(since, is_at_hand, now, true)
        }
    }

    /// A callback has waited: until the read's end where `has_ended` says so, else in vain. After a
    /// mismatch, `is_at_hand` says whether it was judged with what is at hand by now.
    pub fn waited(
        &mut self,
        wait: SecretWait,
        has_ended: bool,
        is_at_hand: bool,
        now: UnixSeconds,
    ) -> SecretStep {
        let only = |next| SecretStep {
            gave_up: false,
            begin: None,
            next,
        };
        match (wait.is_mismatch, self.read_at) {
            (false, Some(_)) => only(SecretNext::Use),
            (false, None) if has_ended => only(SecretNext::Unavailable),
            (true, Some(_)) if !is_at_hand => only(SecretNext::Use),
            _ if !has_ended => only(SecretNext::UnderWay),
            // Where reads are bounded, so is the wait.
            _ => self.settle(wait.since, is_at_hand, now, !self.timing.has_pause),
        }
    }

    /// Gives back the place of a callback that waited, however its wait ended.
    pub const fn leave(&mut self) {
        self.waiters = self.waiters.saturating_sub(1);
    }

    /// Whether what the read of this number brought counts. It does not where the read was given up:
    /// a later one may have read newer secrets since.
    pub fn ended(&mut self, number: u32, outcome: ReadOutcome) -> bool {
        let Some(read) = self.under_way.take_if(|read| read.number == number) else {
            return false;
        };
        self.settled = number;
        match outcome {
            ReadOutcome::Failed => {
                self.fail(read.began);
                return true;
            }
            ReadOutcome::Other => self.fruitless = 0,
            ReadOutcome::Same if read.is_for_mismatch => {
                self.fruitless = self.fruitless.saturating_add(1);
            }
            ReadOutcome::Same => {}
        }
        self.failures = 0;
        self.read_at = Some(read.began);
        self.due_at = Some(read.began.saturating_add(self.timing.refresh));
        true
    }

    /// Begins a read that a person asked for, whatever is under way: that one comes too late.
    pub fn reload(&mut self, now: UnixSeconds) -> u32 {
        self.begin(now, false)
    }

    /// Forgets what is at hand and what failed: what a snapshot has frozen may have changed since.
    /// A read that is under way comes too late.
    pub const fn forget(&mut self) {
        *self = Self {
            begun: self.begun,
            waiters: self.waiters,
            ..Self::new(self.timing)
        };
    }

    /// How often its source may be asked.
    #[must_use]
    pub const fn timing(&self) -> SecretTiming {
        self.timing
    }

    /// How many reads in a row have failed.
    #[must_use]
    pub const fn failures(&self) -> u32 {
        self.failures
    }

    /// What becomes of a mismatch; where it `may_wait`, after a read that settles it.
    fn settle(
        &mut self,
        since: u32,
        is_at_hand: bool,
        now: UnixSeconds,
        may_wait: bool,
    ) -> SecretStep {
        let is_settled = self.settled > since;
        let may_wait = may_wait && !is_settled && (is_at_hand || self.read_at.is_none());
        let begin = (may_wait && self.under_way.is_none() && self.takes_turn(now))
            .then(|| self.begin(now, true));
        let next = match self.read_at {
            Some(_) if !is_at_hand => SecretNext::Use,
            _ if may_wait && self.under_way.is_some() => {
                self.wait(Self::MAX_WAIT, since, true, SecretNext::UnderWay)
            }
            Some(_) if self.failures == 0 && is_settled => SecretNext::Unchanged,
            Some(read_at) if self.failures == 0 => SecretNext::Recent(read_at),
            _ => SecretNext::Unavailable,
        };
        SecretStep {
            gave_up: false,
            begin,
            next,
        }
    }

    /// Whether a mismatch may begin a read now. Whoever floods us with forgeries must not drive reads.
    fn takes_turn(&self, now: UnixSeconds) -> bool {
        let pause = doubled(
            Self::FIRST_PAUSE,
            self.fruitless.saturating_sub(1),
            Self::LONGEST_PAUSE,
        );
        // A clock that has run back must not bar reading until it has caught up.
        !self.timing.has_pause
            || self
                .refreshed_at
                .is_none_or(|last| now < last || now.since(last) >= pause)
    }

    fn begin(&mut self, now: UnixSeconds, is_for_mismatch: bool) -> u32 {
        self.put_off(now);
        if is_for_mismatch {
            self.refreshed_at = Some(now);
        }
        self.begun = self.begun.saturating_add(1);
        self.under_way = Some(UnderWay {
            number: self.begun,
            began: now,
            is_for_mismatch,
        });
        self.begun
    }

    /// A place among those who wait; `otherwise` where there is none.
    fn wait(
        &mut self,
        limit: Duration,
        since: u32,
        is_mismatch: bool,
        otherwise: SecretNext,
    ) -> SecretNext {
        if self.waiters >= Self::MAX_WAITERS {
            return otherwise;
        }
        self.waiters = self.waiters.saturating_add(1);
        SecretNext::Wait(SecretWait {
            limit,
            since,
            is_mismatch,
        })
    }

    fn give_up(&mut self, now: UnixSeconds) -> bool {
        let is_frozen = |read: &mut UnderWay| now.since(read.began) >= Self::READ_LIFE;
        let Some(frozen) = self.under_way.take_if(is_frozen) else {
            return false;
        };
        self.settled = frozen.number;
        self.fail(now);
        true
    }

    fn fail(&mut self, at: UnixSeconds) {
        self.put_off(at);
        self.failures = self.failures.saturating_add(1);
    }

    fn put_off(&mut self, from: UnixSeconds) {
        let wait = doubled(Self::FIRST_RETRY, self.failures, Self::LONGEST_RETRY);
        self.due_at = Some(from.saturating_add(wait));
    }
}

/// `first`, doubled so many times, up to `longest`.
fn doubled(first: Duration, doublings: u32, longest: Duration) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(doublings))
        .min(longest)
}
