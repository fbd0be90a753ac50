use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use std::sync::Arc;

use sinch_callback::{
    Claim, Forwarded, OriginAnswer, Rejection, ReplayGuard, ReplayKey, SecretRing, SignedHeaders,
    UnixSeconds, Verifier, Window,
};
use sinch_callback_pipeline::{OnMismatch, Reread, SecretSource};

use crate::{Safeguard, guard::Guard, secrets::Secrets, sinch::Request};

/// One environment at the edge: verifies, claims, forwards, and confirms by the origin's answer.
/// The deciding is core's; the order of things is that of the npm package's handler.
pub(crate) struct Edge {
    secrets: Secrets,
    pub(crate) guard: Guard,
    on_mismatch: OnMismatch,
    without: Option<Safeguard>,
}

/// What the edge does with a request.
pub(crate) enum Passage {
    Refused {
        status: u16,
        code: &'static str,
    },
    Duplicate,
    /// Goes on to the origin; with a claim where it was verified.
    Forwarded(Option<ReplayKey>),
}

impl Edge {
    pub(crate) fn new(
        secrets: Secrets,
        guard: Guard,
        on_mismatch: OnMismatch,
        without: Option<Safeguard>,
    ) -> Self {
        Self {
            secrets,
            guard,
            on_mismatch,
            without,
        }
    }

    pub(crate) fn decide(&mut self, request: &Request, now: UnixSeconds) -> Passage {
        let headers = match SignedHeaders::collect(request.pairs()) {
            Ok(headers) => headers,
            Err(rejection) => return refused(rejection, rejection.http_status()),
        };
        let Ok(ring) = at_once(self.secrets.current(now)) else {
            return match self.without {
                Some(Safeguard::EdgeForwardsUnverified) => Passage::Refused {
                    status: 401,
                    code: "secret_unavailable",
                },
                _ => Passage::Forwarded(None),
            };
        };
        let mut verdict = authenticate(ring, &headers, request, now);
        if verdict == Err(Rejection::SignatureMismatch) {
            match at_once(self.secrets.reread(now)) {
                Reread::Read(ring) => verdict = authenticate(ring, &headers, request, now),
                Reread::Recent => {}
                Reread::Unavailable => return Passage::Forwarded(None),
            }
        }
        match verdict {
            Ok(key) => self.claim(key, now),
            Err(Rejection::SignatureMismatch) if self.on_mismatch == OnMismatch::Defer => {
                refused(Rejection::SignatureMismatch, 503)
            }
            Err(rejection @ Rejection::FromFuture { .. })
                if self.without == Some(Safeguard::EarlyDefers) =>
            {
                refused(rejection, 401)
            }
            Err(rejection) => refused(rejection, rejection.http_status()),
        }
    }

    fn claim(&mut self, key: ReplayKey, now: UnixSeconds) -> Passage {
        if self.guard.claim(key, now) == Claim::Done {
            return Passage::Duplicate;
        }
        if self.without == Some(Safeguard::EdgeConfirmsAfterOrigin) {
            self.guard.confirm(key);
        }
        Passage::Forwarded(Some(key))
    }

    /// What the sender is told of an origin's answer.
    pub(crate) fn passes_on(answer: OriginAnswer, forwarded: Forwarded) -> u16 {
        if answer.passes(forwarded) {
            answer.status
        } else {
            OriginAnswer::REFUSED_STATUS
        }
    }

    /// The sender has been told this about what was forwarded.
    pub(crate) fn learn(&mut self, key: ReplayKey, status: u16) {
        if status == 200 {
            self.guard.confirm(key);
        } else {
            self.guard.release(key);
        }
    }
}

fn refused(rejection: Rejection, status: u16) -> Passage {
    Passage::Refused {
        status,
        code: rejection.code(),
    }
}

fn authenticate(
    ring: Arc<SecretRing>,
    headers: &SignedHeaders<'_>,
    request: &Request,
    now: UnixSeconds,
) -> Result<ReplayKey, Rejection> {
    Verifier::new(ring)
        .with_window(Window::LOGGED)
        .authenticate(headers, &request.body, now)
        .map(|authentic| authentic.replay_key())
}

/// The output of a future that waits for nothing: the parameter store of a world answers at once.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the parameter store of a world answers at once"),
    }
}
