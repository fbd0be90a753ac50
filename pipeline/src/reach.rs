use core::{error::Error, time::Duration};

use sinch_callback::{
    Answer, Claim, Promise, Rejection, ReplayKey, RingVersion, Rules, UnixSeconds,
    reception::{AwaitHandOff, Next, Reception, Undecided},
    scheme::{AnyScheme, Scheme},
};

use crate::ports::{Refresh, SecretSource};

/// What the head of a callback says of its proof.
type Head<'a> = <AnyScheme as Scheme>::Head<'a>;

/// A callback as it arrived.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Arrival<'a> {
    /// What its head says of the proof, found and of the right form, or why not.
    pub head: Result<Head<'a>, Rejection>,
    /// The raw body.
    pub body: &'a [u8],
    /// When it arrived, by the host's clock.
    pub now: UnixSeconds,
    /// The host's name for this arrival, unique.
    pub request_id: &'a str,
}

impl<'a> Arrival<'a> {
    /// A callback with this head and this raw body, which arrived at `now` under a name that no other
    /// arrival has. The head is what the receiver's [scheme](crate::Receiver::scheme) has read; of the
    /// Conversation API's, [`SignedHeaders`](sinch_callback::SignedHeaders) do.
    #[must_use]
    pub fn new(
        head: Result<impl Into<Head<'a>>, Rejection>,
        body: &'a [u8],
        now: UnixSeconds,
        request_id: &'a str,
    ) -> Self {
        Self {
            head: head.map(Into::into),
            body,
            now,
            request_id,
        }
    }
}

/// What failed on our side.
pub type Cause = Box<dyn Error + Send + Sync>;

/// How far a reception comes with secrets and a guard: to an answer, or to where the callback itself
/// has to go somewhere.
#[derive(Debug)]
#[must_use]
pub enum Reached<'a> {
    /// It is to be handed off.
    HandOff(AwaitHandOff<'a, Promise>),
    /// It could not be judged, and why.
    Undecided(Undecided<'a>, Cause),
    /// It is answered; and how long ago it was signed, where it is authentic and says it.
    Answer(Answer, Option<Duration>),
}

/// The secrets cannot be read again, and those at hand do not match.
#[derive(Debug, thiserror::Error)]
#[error("the signature matches no secret at hand, and whether there are newer ones cannot be read")]
struct Unread;

/// Drives a callback's [reception](sinch_callback::reception) over a source of secrets and a guard, up
/// to its hand-off.
pub async fn reach<'a>(
    rules: &'a Rules,
    scheme: &'a AnyScheme,
    arrival: &Arrival<'a>,
    secrets: &impl SecretSource,
    mut claim: impl FnMut(ReplayKey) -> Claim,
) -> Reached<'a> {
    let now = arrival.now;
    let mut next = match Reception::begin_by(rules, scheme, arrival.head, now) {
        Ok(reception) => reception.whole(arrival.body),
        Err(answer) => return Reached::Answer(answer, None),
    };
    let mut judged = RingVersion::OF_NONE;
    let mut cause: Option<Cause> = None;
    let mut age = None;
    loop {
        next = match next {
            Next::Secrets(wanted) => match secrets.current(now).await {
                Ok(secrets) => {
                    judged = secrets.version;
                    wanted.judge(&secrets.ring)
                }
                Err(source) => {
                    cause = Some(source.into());
                    wanted.none()
                }
            },
            Next::Refresh(mismatch) => match secrets.refresh(judged, now).await {
                Refresh::Newer(secrets) => {
                    judged = secrets.version;
                    mismatch.newer(&secrets.ring)
                }
                Refresh::Unchanged => Next::Answer(mismatch.unchanged()),
                Refresh::Recent { read_at } => Next::Answer(mismatch.recent(read_at)),
                Refresh::UnderWay => Next::Answer(mismatch.under_way()),
                Refresh::Unavailable => mismatch.unavailable(),
            },
            Next::Undecided(undecided) => {
                return Reached::Undecided(undecided, cause.unwrap_or_else(|| Unread.into()));
            }
            Next::Claim(wanted) => {
                age = age_of(wanted.authentic().promise(), now);
                let known = claim(wanted.key());
                wanted.claimed(known)
            }
            Next::HandOff(handoff) => return Reached::HandOff(handoff),
            Next::Answer(answer) => {
                if let Some(Rejection::Stale { age: stale, .. }) = answer.rejection() {
                    age = Some(stale);
                }
                return Reached::Answer(answer, age);
            }
        };
    }
}

/// How long ago it was signed, where it says that.
pub(crate) fn age_of(promise: &Promise, now: UnixSeconds) -> Option<Duration> {
    promise.signed_at().map(|signed_at| now.since(signed_at))
}
