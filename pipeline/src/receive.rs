use core::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use sinch_callback::{
    AlgorithmHeader, Authentic, Claim, ContentKey, Rejection, RejectionClass, ReplayGuard,
    SecretRing, SignedHeaders, UnixSeconds, Verifier, Window, refresh,
};

use crate::{Envelope, Handoff, NoReplayGuard, Refresh, SecretSource};

/// What a receiver accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How far the signed time may lie from now.
    pub window: Window,
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// Whether a callback has to name its algorithm.
    pub algorithm_header: AlgorithmHeader,
    /// What a callback is answered whose signature matches no secret.
    pub on_mismatch: OnMismatch,
}

/// What a callback is answered whose signature matches no secret.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnMismatch {
    /// 401: the sender does not come again. Right as long as the secrets are. Where the signature may
    /// be of a secret that nobody here has read yet, it is 503 all the same.
    #[default]
    Refuse,
    /// 503: the sender comes again, so that genuine callbacks outlast a mistaken or late secret.
    /// Strangers get the same answer, and may come again too.
    Defer,
}

impl OnMismatch {
    /// The answer of this HTTP status, as it is written in a setting.
    #[must_use]
    pub fn of_status(text: &str) -> Option<Self> {
        match text {
            "401" => Some(Self::Refuse),
            "503" => Some(Self::Defer),
            _ => None,
        }
    }
}

impl Default for Policy {
    /// [`Window::LOGGED`], because a delivery log stands behind the pipeline; the verifier's other
    /// defaults.
    fn default() -> Self {
        Self {
            window: Window::LOGGED,
            max_body_bytes: Verifier::DEFAULT_MAX_BODY_BYTES,
            algorithm_header: AlgorithmHeader::default(),
            on_mismatch: OnMismatch::default(),
        }
    }
}

/// A callback as it arrived.
#[derive(Clone, Copy, Debug)]
pub struct Arrival<'a> {
    /// The headers, found and of the right form, or why not.
    pub headers: Result<SignedHeaders<'a>, Rejection>,
    /// The raw body.
    pub body: &'a [u8],
    /// When it arrived, by the host's clock.
    pub now: UnixSeconds,
    /// The host's name for this arrival, unique.
    pub request_id: &'a str,
}

/// What became of a callback, and so what it is answered.
#[derive(Debug)]
#[must_use]
pub enum Verdict {
    /// It has been handed off: 200.
    HandedOff {
        /// Which secret signed it, 0 being the current one.
        secret_slot: u8,
        /// Seconds since it was signed.
        age_secs: u64,
        /// The key of the event.
        content_key: ContentKey,
    },
    /// An earlier copy has been handed off: 200, and nothing done.
    Duplicate {
        /// Seconds since it was signed.
        age_secs: u64,
    },
    /// It is refused: a retry could not help.
    Refused(Rejection),
    /// It is refused for now, as [`OnMismatch::Defer`] asks for, because the secrets cannot be read
    /// again ([`Refresh::Unavailable`]), or because it is ahead of our clock
    /// ([`RejectionClass::Early`]): 503, and the sender comes again.
    Deferred(Rejection),
    /// Its signature matches no secret at hand and may be of one that is newer: 503, and the sender
    /// comes again. Nothing has failed.
    MayBeNewer,
    /// No secret is to be had: 503, and the sender comes again.
    NoSecret(Box<dyn Error + Send + Sync>),
    /// It could not be handed off: 503, and the sender comes again.
    NotHandedOff(Box<dyn Error + Send + Sync>),
}

impl Verdict {
    /// The HTTP status of the answer.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        match self {
            Self::HandedOff { .. } | Self::Duplicate { .. } => 200,
            Self::Refused(rejection) => rejection.http_status(),
            Self::Deferred(_) | Self::MayBeNewer | Self::NoSecret(_) | Self::NotHandedOff(_) => 503,
        }
    }

    /// The answer's stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::HandedOff { .. } => "accepted",
            Self::Duplicate { .. } => "duplicate",
            Self::Refused(rejection) | Self::Deferred(rejection) => rejection.code(),
            Self::MayBeNewer => "secret_may_be_newer",
            Self::NoSecret(_) => "secret_unavailable",
            Self::NotHandedOff(_) => "handoff_unavailable",
        }
    }

    /// The answer's detail. What went wrong inside is for the log, not for the sender.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::HandedOff { .. } => "stored".into(),
            Self::Duplicate { .. } => "already stored".into(),
            Self::Refused(rejection) | Self::Deferred(rejection) => rejection.to_string(),
            Self::MayBeNewer => {
                "the signature matches no secret that has been read so far, and may be of a newer one"
                    .into()
            }
            Self::NoSecret(_) => "the webhook secret cannot be read at present".into(),
            Self::NotHandedOff(_) => "the callback cannot be stored at present".into(),
        }
    }
}

/// The first use case: decides about a callback and hands it off.
#[derive(Debug)]
pub struct Receiver<S, H, G = NoReplayGuard> {
    secrets: S,
    handoff: H,
    guard: Mutex<G>,
    policy: Policy,
}

impl<S: SecretSource, H: Handoff> Receiver<S, H> {
    /// A receiver that leaves replays to the layers behind it.
    pub const fn new(secrets: S, handoff: H, policy: Policy) -> Self {
        Self {
            secrets,
            handoff,
            guard: Mutex::new(NoReplayGuard),
            policy,
        }
    }
}

impl<S: SecretSource, H: Handoff, G: ReplayGuard + Send> Receiver<S, H, G> {
    /// The same receiver with a guard that absorbs replays before the hand-off.
    pub fn with_guard<Other>(self, guard: Other) -> Receiver<S, H, Other> {
        Receiver {
            secrets: self.secrets,
            handoff: self.handoff,
            guard: Mutex::new(guard),
            policy: self.policy,
        }
    }

    /// Where its secrets come from.
    pub const fn secrets(&self) -> &S {
        &self.secrets
    }

    /// Decides about a callback, and hands it off where it is authentic, timely and not known to
    /// have been handed off before.
    pub async fn receive(&self, arrival: Arrival<'_>) -> Verdict {
        let headers = match arrival.headers {
            Ok(headers) => headers,
            Err(rejection) => return Verdict::Refused(rejection),
        };
        let mut secrets = match self.secrets.current(arrival.now).await {
            Ok(secrets) => secrets,
            Err(source) => return Verdict::NoSecret(source.into()),
        };
        let mut refreshes = 0..refresh::MAX_REFRESHES;
        loop {
            match self.authenticate(secrets.ring, &headers, &arrival) {
                Ok(authentic) => return self.hand_off(&authentic, &arrival).await,
                Err(Rejection::SignatureMismatch) => {}
                Err(rejection) if rejection.class() == RejectionClass::Early => {
                    return Verdict::Deferred(rejection);
                }
                Err(rejection) => return Verdict::Refused(rejection),
            }
            // 401 is a promise that a retry cannot help: only newer secrets, or the certainty that
            // there are none, decide.
            if refreshes.next().is_none() {
                return Verdict::MayBeNewer;
            }
            match self.secrets.refresh(secrets.version, arrival.now).await {
                Refresh::Newer(newer) => secrets = newer,
                Refresh::Unchanged => return self.mismatch(),
                Refresh::Recent { read_at } => {
                    return if refresh::is_mismatch_final(headers.signed_at(), read_at) {
                        self.mismatch()
                    } else {
                        Verdict::MayBeNewer
                    };
                }
                Refresh::UnderWay => return Verdict::MayBeNewer,
                Refresh::Unavailable => return Verdict::Deferred(Rejection::SignatureMismatch),
            }
        }
    }

    /// What a signature is answered that matches none of the secrets there are.
    const fn mismatch(&self) -> Verdict {
        match self.policy.on_mismatch {
            OnMismatch::Refuse => Verdict::Refused(Rejection::SignatureMismatch),
            OnMismatch::Defer => Verdict::Deferred(Rejection::SignatureMismatch),
        }
    }

    fn authenticate<'a>(
        &self,
        secrets: Arc<SecretRing>,
        headers: &SignedHeaders<'_>,
        arrival: &Arrival<'a>,
    ) -> Result<Authentic<'a>, Rejection> {
        Verifier::new(secrets)
            .with_window(self.policy.window)
            .with_max_body_bytes(self.policy.max_body_bytes)
            .with_algorithm_header(self.policy.algorithm_header)
            .authenticate(headers, arrival.body, arrival.now)
    }

    async fn hand_off(&self, authentic: &Authentic<'_>, arrival: &Arrival<'_>) -> Verdict {
        let key = authentic.replay_key();
        let age_secs = authentic.age_secs(arrival.now);
        match self.with_guard_locked(|guard| guard.claim(key, arrival.now)) {
            Claim::Done => return Verdict::Duplicate { age_secs },
            // Nobody knows yet whether the other copy gets through, and a full guard knows nothing:
            // the log behind the hand-off counts both once.
            Claim::First | Claim::InFlight { .. } | Claim::Full => {}
        }
        let envelope = Envelope::seal(authentic, arrival.now, arrival.request_id);
        let content_key = envelope.content_key;
        match self.handoff.send(envelope).await {
            Ok(()) => {
                self.with_guard_locked(|guard| guard.confirm(key));
                Verdict::HandedOff {
                    secret_slot: authentic.secret_slot().index(),
                    age_secs,
                    content_key,
                }
            }
            Err(source) => {
                self.with_guard_locked(|guard| guard.release(key));
                match H::rejection(&source) {
                    Some(rejection) => Verdict::Refused(rejection),
                    None => Verdict::NotHandedOff(source.into()),
                }
            }
        }
    }

    fn with_guard_locked<T>(&self, act: impl FnOnce(&mut G) -> T) -> T {
        // A guard that somebody left half-changed can at worst forget, which is safe.
        act(&mut self.guard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
