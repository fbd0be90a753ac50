use super::{
    answer::Answer,
    mismatch::{MAX_REFRESHES, OpenMismatch},
    origin::{Forwarded, OriginAnswer},
    rules::Rules,
    settle::{OpenHandOff, Relayed, Settled},
};
use crate::{
    authentic::Authentic,
    claim::{Claim, Ticket},
    headers::SignedHeaders,
    key::ReplayKey,
    promise::{Guarded, Timely},
    rejection::Rejection,
    scheme::{conversation::Conversation, scheme_trait::Scheme},
    secret_ring::Ring,
    time::UnixSeconds,
};

/// The reception of one callback, of which the headers are well-formed and the body is to be read.
///
/// # Examples
/// ```
/// # #[cfg(all(feature = "alloc", feature = "signing"))] {
/// use sinch_callback::{
///     MemoryReplayGuard, ReplayGuard, Secret, SecretRing, SignedHeaders, Signer, UnixSeconds,
///     reception::{Answer, Next, Reception, Rules},
/// };
///
/// let now = UnixSeconds::new(1_700_000_000);
/// let ring = SecretRing::from(Secret::new("made-up")?);
/// let mut guard = MemoryReplayGuard::covering(Rules::LOGGED.window, 10_000);
/// let mut stored = Vec::new();
///
/// let mut receive = |headers: &[(&str, &str)], body: &[u8]| -> Answer {
///     let headers = SignedHeaders::collect(headers.iter().copied());
///     let mut next = match Reception::begin(&Rules::LOGGED, headers, now) {
///         Ok(reception) => reception.whole(body),
///         Err(answer) => return answer,
///     };
///     loop {
///         next = match next {
///             Next::Secrets(wanted) => wanted.judge(&ring),
///             // The ring never changes here.
///             Next::Refresh(mismatch) => Next::Answer(mismatch.unchanged()),
///             Next::Undecided(undecided) => Next::Answer(undecided.unavailable()),
///             Next::Claim(wanted) => {
///                 let claim = guard.claim(wanted.key(), now);
///                 wanted.claimed(claim)
///             }
///             Next::HandOff(handoff) => {
///                 stored.push(handoff.authentic().body().to_vec());
///                 let settled = handoff.done();
///                 settled.guard.tell(&mut guard, now);
///                 Next::Answer(settled.answer)
///             }
///             Next::Answer(answer) => return answer,
///         };
///     }
/// };
///
/// let signer = Signer::new(Secret::new("made-up")?);
/// let signed = signer.sign(b"{}", "a-nonce", now)?;
/// assert_eq!(receive(&signed.headers(), b"{}"), Answer::ACCEPTED);
/// assert_eq!(receive(&signed.headers(), b"{}"), Answer::DUPLICATE);
/// assert_eq!(receive(&signed.headers(), b"{ }"), Answer::SIGNATURE_MISMATCH);
/// assert_eq!(stored, [b"{}"]);
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Reception<'a, S: Scheme = Conversation> {
    rules: &'a Rules,
    scheme: &'a S,
    head: S::Head<'a>,
    now: UnixSeconds,
    refreshes: u32,
}

/// What a host does next about a callback.
#[derive(Debug)]
#[must_use]
pub enum Next<'a, S: Scheme = Conversation> {
    /// Give a ring, or say that there is none.
    Secrets(AwaitSecrets<'a, S>),
    /// The signature matches none of this ring: give a newer one, or say why there is none.
    Refresh(AwaitRefresh<'a, S>),
    /// It cannot be judged for want of secrets: forward it to who can, or answer.
    Undecided(Undecided<'a>),
    /// It is authentic: ask the guard.
    Claim(AwaitClaim<'a, S::Promise>),
    /// Hand it off, and say how that ended.
    HandOff(AwaitHandOff<'a, S::Promise>),
    /// Answer.
    Answer(Answer),
}

impl<'a> Reception<'a> {
    /// Begins with the headers of a callback that arrived at `now`. What cannot be a callback is
    /// answered before anything is read of its body.
    ///
    /// # Errors
    /// The answer, where the headers are not those of a signed callback.
    pub fn begin(
        rules: &'a Rules,
        headers: Result<SignedHeaders<'a>, Rejection>,
        now: UnixSeconds,
    ) -> Result<Self, Answer> {
        Self::begin_by(rules, &Conversation, headers, now)
    }
}

impl<'a, S: Scheme> Reception<'a, S> {
    /// The same by a scheme, of which the head has been [read](Scheme::head).
    ///
    /// # Errors
    /// The answer, where the head is not that of a signed callback.
    pub fn begin_by(
        rules: &'a Rules,
        scheme: &'a S,
        head: Result<S::Head<'a>, Rejection>,
        now: UnixSeconds,
    ) -> Result<Self, Answer> {
        let head = head.map_err(|rejection| refused(rules, rejection))?;
        S::check(rules.algorithm_header, &head).map_err(Answer::of_rejection)?;
        Ok(Self {
            rules,
            scheme,
            head,
            now,
            refreshes: 0,
        })
    }

    /// The same, where so many newer rings have been judged with before: for a host that begins again
    /// because it cannot keep a step while it waits for secrets.
    pub const fn after_refreshes(mut self, refreshes: u32) -> Self {
        self.refreshes = refreshes;
        self
    }

    /// The answer where the body is announced to have so many bytes, and that is too many.
    ///
    /// # Errors
    /// That answer.
    pub fn announced(self, bytes: u64) -> Result<Self, Answer> {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.rules.check_size(bytes).map_err(Answer::of_rejection)?;
        Ok(self)
    }

    /// The body is here: the raw bytes, as they were received.
    pub fn whole(self, body: &'a [u8]) -> Next<'a, S> {
        let signed = self
            .rules
            .check_size(body.len())
            .and_then(|()| self.scheme.signed(self.head, body));
        match signed {
            Ok(signed) => Next::Secrets(AwaitSecrets(Callback {
                rules: self.rules,
                #[cfg(feature = "schemes")]
                scheme: self.scheme,
                signed,
                body,
                now: self.now,
                refreshes: self.refreshes,
            })),
            Err(rejection) => Next::Answer(rejection.into()),
        }
    }

    /// Only so many bytes of the body are here, and there were more: nothing can be said of the
    /// signature.
    #[must_use]
    pub fn part(self, bytes: usize) -> Answer {
        match self.rules.check_size(bytes) {
            Ok(()) => Answer::BODY_TRUNCATED,
            Err(rejection) => rejection.into(),
        }
    }
}

/// What a rejection is answered: a key that is not ours may become ours, as a secret may.
#[cfg(feature = "schemes")]
const fn refused(rules: &Rules, rejection: Rejection) -> Answer {
    match (rejection, rules.on_mismatch) {
        (Rejection::UnknownKey, super::rules::OnMismatch::Defer) => Answer::MISMATCH_DEFERRED,
        (rejection, _) => Answer::of_rejection(rejection),
    }
}
#[cfg(not(feature = "schemes"))]
const fn refused(_rules: &Rules, rejection: Rejection) -> Answer {
    Answer::of_rejection(rejection)
}

/// What is judged.
#[derive(Debug)]
struct Callback<'a, S: Scheme> {
    rules: &'a Rules,
    #[cfg(feature = "schemes")]
    scheme: &'a S,
    signed: S::Signed<'a>,
    body: &'a [u8],
    now: UnixSeconds,
    refreshes: u32,
}

impl<'a, S: Scheme> Callback<'a, S> {
    fn judge(self, ring: &Ring<S::Key>) -> Next<'a, S> {
        match self
            .rules
            .judge::<S>(ring, &self.signed, self.body, self.now)
        {
            #[cfg(feature = "schemes")]
            Ok(_) if self.scheme.expects_answer(self.body) => Next::Answer(Answer::ANSWER_EXPECTED),
            Ok(authentic) => Next::Claim(AwaitClaim(authentic)),
            Err(Rejection::SignatureMismatch) if self.refreshes < MAX_REFRESHES => {
                Next::Refresh(AwaitRefresh(self))
            }
            // They change faster than they can be read.
            Err(Rejection::SignatureMismatch) => Next::Answer(Answer::SECRET_MAY_BE_NEWER),
            Err(rejection) => Next::Answer(rejection.into()),
        }
    }
}

/// The callback is well-formed, and secrets are wanted.
#[derive(Debug)]
#[must_use]
pub struct AwaitSecrets<'a, S: Scheme = Conversation>(Callback<'a, S>);

impl<'a, S: Scheme> AwaitSecrets<'a, S> {
    /// These are the secrets at hand.
    pub fn judge(self, ring: &Ring<S::Key>) -> Next<'a, S> {
        self.0.judge(ring)
    }

    /// There are none, and none can be read.
    pub fn none(self) -> Next<'a, S> {
        Next::Undecided(Undecided { body: self.0.body })
    }
}

/// The signature matches none of the secrets, and newer ones are wanted.
#[derive(Debug)]
#[must_use]
pub struct AwaitRefresh<'a, S: Scheme = Conversation>(Callback<'a, S>);

impl<'a, S: Scheme> AwaitRefresh<'a, S> {
    /// There are other secrets: these decide. At most twice for one callback.
    pub fn newer(mut self, ring: &Ring<S::Key>) -> Next<'a, S> {
        self.0.refreshes = self.0.refreshes.saturating_add(1);
        self.0.judge(ring)
    }

    /// They were read behind the mismatch, and are those that it was judged with.
    #[must_use]
    pub fn unchanged(self) -> Answer {
        self.open().unchanged()
    }

    /// They may not be read again yet; those at hand are of a read that began at `read_at`.
    #[must_use]
    pub fn recent(self, read_at: UnixSeconds) -> Answer {
        self.open().recent(read_at)
    }

    /// They are being read and are not here in time, or too many wait for it.
    #[must_use]
    pub fn under_way(self) -> Answer {
        self.open().under_way()
    }

    /// They cannot be read: nobody can say whether the signature is of a newer one.
    pub fn unavailable(self) -> Next<'a, S> {
        Next::Undecided(Undecided { body: self.0.body })
    }

    /// The mismatch apart from the callback's bytes.
    pub fn open(&self) -> OpenMismatch {
        // Where no time is signed, nothing says that the callback is older than the secrets.
        let signed_at = S::signed_at(&self.0.signed).unwrap_or(UnixSeconds::new(u64::MAX));
        OpenMismatch::new(signed_at, self.0.rules.on_mismatch)
    }
}

/// The callback is well-formed, and there are no secrets that could judge it.
#[derive(Debug)]
#[must_use]
pub struct Undecided<'a> {
    body: &'a [u8],
}

impl<'a> Undecided<'a> {
    /// The raw body, for who can judge it.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Nobody else is asked.
    #[must_use]
    pub const fn unavailable(self) -> Answer {
        Answer::SECRET_UNAVAILABLE
    }

    /// It was forwarded, and this is what the origin said. What the sender is answered in place of
    /// it; `None` where the origin's answer goes on.
    #[must_use]
    pub const fn answered(self, origin: OriginAnswer) -> Option<Answer> {
        origin.instead(Forwarded::Undecided)
    }
}

/// The callback is authentic and timely, and the guard is to be asked.
#[derive(Debug)]
#[must_use]
pub struct AwaitClaim<'a, P = Timely>(Authentic<'a, P>);

impl<'a, P: Copy + Guarded> AwaitClaim<'a, P> {
    /// The key to claim.
    #[must_use]
    pub fn key(&self) -> ReplayKey {
        self.0.promise().replay_key()
    }

    /// The callback.
    pub const fn authentic(&self) -> &Authentic<'a, P> {
        &self.0
    }

    /// What the guard knows of it.
    ///
    /// While nobody knows whether the other copy gets through, this one is handed off too, and so is
    /// what a full guard cannot remember: the log behind the hand-off counts all of them once.
    pub fn claimed<S: Scheme<Promise = P>>(self, claim: Claim) -> Next<'a, S> {
        match claim {
            Claim::Done => Next::Answer(Answer::DUPLICATE),
            Claim::First(ticket) => self.hand_off(Some(ticket)),
            Claim::InFlight { .. } | Claim::Full => self.hand_off(None),
        }
    }

    /// There is no guard, or it cannot be asked. It saves work and proves nothing.
    pub fn unguarded<S: Scheme<Promise = P>>(self) -> Next<'a, S> {
        self.hand_off(None)
    }

    fn hand_off<S: Scheme<Promise = P>>(self, ticket: Option<Ticket>) -> Next<'a, S> {
        let open = OpenHandOff::new(self.key(), ticket);
        Next::HandOff(AwaitHandOff {
            authentic: self.0,
            open,
        })
    }
}

/// The callback is to be handed off, and the host to say how that ended.
#[derive(Debug)]
#[must_use]
pub struct AwaitHandOff<'a, P = Timely> {
    authentic: Authentic<'a, P>,
    open: OpenHandOff,
}

impl<'a, P> AwaitHandOff<'a, P> {
    /// The callback.
    pub const fn authentic(&self) -> &Authentic<'a, P> {
        &self.authentic
    }

    /// The hand-off apart from the callback's bytes, for a host that outlives them.
    pub fn into_open(self) -> OpenHandOff {
        self.open
    }

    /// The callback is safe: no crash may lose it.
    pub fn done(self) -> Settled {
        self.open.done()
    }

    /// It is not certain that the callback is safe.
    pub fn failed(self) -> Settled {
        self.open.failed()
    }

    /// It cannot be handed off, and no retry can help.
    pub fn refused(self, rejection: Rejection) -> Settled {
        self.open.refused(rejection)
    }

    /// The origin that it was handed off to has answered.
    pub fn answered(self, origin: OriginAnswer) -> Relayed {
        self.open.answered(origin)
    }
}

#[cfg(test)]
#[cfg(all(feature = "signing", feature = "alloc"))]
mod tests {
    use std::{string::String, vec::Vec};

    use super::*;
    use crate::{
        memory_guard::MemoryReplayGuard,
        reception::{AlgorithmHeader, OnMismatch, Settle},
        replay_guard::ReplayGuard,
        secret::Secret,
        secret_ring::SecretRing,
        signing::Signer,
    };

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);
    const BODY: &[u8] = b"{}";

    fn before(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(NOW.get() - seconds)
    }

    fn ring(secret: &str) -> SecretRing {
        SecretRing::from(Secret::new(secret).unwrap())
    }

    /// Headers of a callback with this body, signed then with "right".
    fn signed(at: UnixSeconds) -> Vec<(&'static str, String)> {
        let signer = Signer::new(Secret::new("right").unwrap());
        let signed = signer.sign(BODY, "a-nonce", at).unwrap();
        signed
            .headers()
            .map(|(name, value)| (name, value.into()))
            .into()
    }

    fn collected<'a>(
        headers: &'a [(&'static str, String)],
    ) -> Result<SignedHeaders<'a>, Rejection> {
        SignedHeaders::collect(headers.iter().map(|(name, value)| (*name, value.as_str())))
    }

    /// What comes next once the body is here, of a callback that was signed then.
    fn with_body<T>(at: UnixSeconds, rules: &Rules, then: impl FnOnce(Next<'_>) -> T) -> T {
        let headers = signed(at);
        then(
            Reception::begin(rules, collected(&headers), NOW)
                .unwrap()
                .whole(BODY),
        )
    }

    fn judged<'a>(next: Next<'a>, secret: &str) -> Next<'a> {
        match next {
            Next::Secrets(wanted) => wanted.judge(&ring(secret)),
            Next::Refresh(mismatch) => mismatch.newer(&ring(secret)),
            other => panic!("{other:?}"),
        }
    }

    fn answer(next: Next<'_>) -> Answer {
        match next {
            Next::Answer(answer) => answer,
            other => panic!("{other:?}"),
        }
    }

    fn mismatch(next: Next<'_>) -> AwaitRefresh<'_> {
        match next {
            Next::Refresh(mismatch) => mismatch,
            other => panic!("{other:?}"),
        }
    }

    fn handoff(next: Next<'_>) -> AwaitHandOff<'_> {
        match next {
            Next::HandOff(handoff) => handoff,
            other => panic!("{other:?}"),
        }
    }

    fn claim(next: Next<'_>) -> AwaitClaim<'_> {
        match next {
            Next::Claim(wanted) => wanted,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn malformed_headers_are_answered_before_the_body() {
        let mut headers = signed(NOW);
        headers.remove(0);
        let refused = Reception::begin(&Rules::LOGGED, collected(&headers), NOW).unwrap_err();
        assert_eq!((refused.status(), refused.code()), (400, "missing_header"));
    }

    #[test]
    fn an_algorithm_that_is_required_is_missed_before_the_body() {
        let rules = Rules::LOGGED.with_algorithm_header(AlgorithmHeader::Required);
        let mut headers = signed(NOW);
        assert!(Reception::begin(&rules, collected(&headers), NOW).is_ok());
        headers.retain(|(name, _)| !name.ends_with("algorithm"));
        let refused = Reception::begin(&rules, collected(&headers), NOW).unwrap_err();
        assert_eq!((refused.status(), refused.code()), (400, "missing_header"));
    }

    #[test]
    fn a_body_that_is_too_large_is_answered_before_secrets_are_wanted() {
        let rules = Rules::LOGGED.with_max_body_bytes(1);
        let refused = with_body(NOW, &rules, answer);
        assert_eq!((refused.status(), refused.code()), (413, "body_too_large"));
        let headers = signed(NOW);
        let begin = || Reception::begin(&rules, collected(&headers), NOW).unwrap();
        assert_eq!(begin().announced(2).unwrap_err(), refused);
        assert!(begin().announced(1).is_ok());
        assert_eq!(begin().part(2), refused);
        assert_eq!(begin().part(1), Answer::BODY_TRUNCATED);
    }

    #[test]
    fn without_secrets_a_well_formed_callback_is_undecided() {
        let undecided = with_body(NOW, &Rules::LOGGED, |next| match next {
            Next::Secrets(wanted) => match wanted.none() {
                Next::Undecided(undecided) => undecided.unavailable(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        });
        assert_eq!(undecided, Answer::SECRET_UNAVAILABLE);
    }

    #[test]
    fn what_an_origin_says_of_an_undecided_callback_goes_on_where_the_receiver_says_it() {
        for (is_marked, instead) in [(true, None), (false, Some(Answer::ORIGIN_REFUSED))] {
            let found = with_body(NOW, &Rules::LOGGED, |next| {
                match mismatch(judged(next, "another")).unavailable() {
                    Next::Undecided(undecided) => {
                        assert_eq!(undecided.body(), BODY);
                        undecided.answered(OriginAnswer {
                            status: 401,
                            is_marked,
                        })
                    }
                    other => panic!("{other:?}"),
                }
            });
            assert_eq!(found, instead);
        }
    }

    #[test]
    fn a_callback_is_judged_again_with_newer_secrets_twice_at_most() {
        let after = |secrets: &[&str]| {
            with_body(NOW, &Rules::LOGGED, |next| {
                let next = secrets
                    .iter()
                    .fold(next, |next, secret| judged(next, secret));
                match next {
                    Next::Claim(_) => None,
                    Next::Refresh(_) => Some(None),
                    other => Some(Some(answer(other))),
                }
            })
        };
        assert_eq!(after(&["right"]), None);
        assert_eq!(after(&["a", "right"]), None);
        assert_eq!(after(&["a", "b", "right"]), None);
        assert_eq!(after(&["a", "b"]), Some(None));
        let newer = Some(Some(Answer::SECRET_MAY_BE_NEWER));
        assert_eq!(after(&["a", "b", "c"]), newer);
    }

    #[test]
    fn a_host_that_begins_again_has_as_many_refreshes_left_as_one_that_waits() {
        let headers = signed(NOW);
        let begun_again = |refreshes| {
            let reception = Reception::begin(&Rules::LOGGED, collected(&headers), NOW).unwrap();
            judged(reception.after_refreshes(refreshes).whole(BODY), "another")
        };
        assert!(matches!(begun_again(1), Next::Refresh(_)));
        assert_eq!(answer(begun_again(2)), Answer::SECRET_MAY_BE_NEWER);
        assert_eq!(answer(begun_again(u32::MAX)), Answer::SECRET_MAY_BE_NEWER);
    }

    #[test]
    fn a_mismatch_means_what_the_secrets_source_says() {
        let read_at = before(20);
        for (signed_at, expected) in [
            (before(80), Answer::SECRET_MAY_BE_NEWER),
            (before(81), Answer::SIGNATURE_MISMATCH),
        ] {
            let found = with_body(signed_at, &Rules::LOGGED, |next| {
                mismatch(judged(next, "another")).recent(read_at)
            });
            assert_eq!(found, expected);
        }
        let defer = Rules::LOGGED.with_on_mismatch(OnMismatch::Defer);
        for (rules, expected) in [
            (Rules::LOGGED, Answer::SIGNATURE_MISMATCH),
            (defer, Answer::MISMATCH_DEFERRED),
        ] {
            let unchanged = with_body(NOW, &rules, |next| {
                mismatch(judged(next, "another")).unchanged()
            });
            assert_eq!(unchanged, expected);
            let under_way = with_body(NOW, &rules, |next| {
                mismatch(judged(next, "another")).under_way()
            });
            assert_eq!(under_way, Answer::SECRET_MAY_BE_NEWER);
        }
    }

    #[test]
    fn what_is_authentic_and_untimely_wants_no_refresh() {
        let told = |at| {
            let refused = with_body(at, &Rules::LOGGED, |next| answer(judged(next, "right")));
            (refused.status(), refused.code())
        };
        assert_eq!(told(before(86_401)), (401, "stale"));
        let ahead = UnixSeconds::new(NOW.get() + 301);
        assert_eq!(told(ahead), (503, "from_future"));
    }

    #[test]
    fn only_what_was_handed_off_before_is_a_duplicate() {
        let mut guard = MemoryReplayGuard::covering(Rules::LOGGED.window, 1)
            .with_when_full(crate::WhenFull::Refuse);
        let mut claimed = |then: &dyn Fn(Next<'_>) -> Option<Settled>| {
            with_body(NOW, &Rules::LOGGED, |next| {
                let wanted = claim(judged(next, "right"));
                let claim = guard.claim(wanted.key(), NOW);
                if let Some(settled) = then(wanted.claimed(claim)) {
                    settled.guard.tell(&mut guard, NOW);
                }
            });
        };
        // The first copy hangs, the second fails and releases nothing, the third is accepted.
        claimed(&|next| {
            assert!(handoff(next).into_open().ticket().is_some());
            None
        });
        claimed(&|next| {
            let failed = handoff(next).failed();
            assert_eq!(failed.guard, Settle::Nothing);
            Some(failed)
        });
        claimed(&|next| Some(handoff(next).done()));
        claimed(&|next| {
            assert_eq!(answer(next), Answer::DUPLICATE);
            None
        });
    }

    #[test]
    fn what_a_guard_cannot_remember_is_handed_off_without_a_ticket() {
        for unguarded in [true, false] {
            with_body(NOW, &Rules::LOGGED, |next| {
                let wanted = claim(judged(next, "right"));
                let next = if unguarded {
                    wanted.unguarded()
                } else {
                    wanted.claimed(Claim::Full)
                };
                let handoff = handoff(next);
                assert_eq!(handoff.authentic().body(), BODY);
                assert_eq!(handoff.failed().guard, Settle::Nothing);
            });
        }
    }
}
