use core::{future::Future, pin::Pin, task::Poll};
use std::{collections::BTreeMap, sync::Arc};

use sinch_callback::{
    Claim, Forwarded, OriginAnswer, Rejection, ReplayGuard, ReplayKey, SecretRing, SignedHeaders,
    UnixSeconds, Verifier, Window, refresh,
};
use sinch_callback_pipeline::{OnMismatch, Refresh, SecretSource};

use crate::{Safeguard, background::Background, guard::Guard, secrets::Secrets, sinch::Request};

/// One environment at the edge: verifies, claims, forwards, and confirms by the origin's answer.
/// The deciding is core's; the order of things is that of the npm package's handler.
pub(crate) struct Edge {
    judge: Arc<Judge>,
    background: Background,
    pub(crate) guard: Guard,
    /// The requests that wait for secrets.
    tasks: BTreeMap<u64, Task>,
    without: Option<Safeguard>,
}

struct Task {
    judged: Pin<Box<dyn Future<Output = Judged> + Send>>,
    now: UnixSeconds,
}

struct Judge {
    secrets: Secrets,
    on_mismatch: OnMismatch,
    without: Option<Safeguard>,
}

enum Judged {
    Authentic(ReplayKey),
    Refused(Passage),
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
            background: secrets.background(),
            judge: Arc::new(Judge {
                secrets,
                on_mismatch,
                without,
            }),
            guard,
            tasks: BTreeMap::new(),
            without,
        }
    }

    /// Begins with a request; `None` where it waits for secrets.
    pub(crate) fn decide(
        &mut self,
        number: u64,
        request: &Arc<Request>,
        now: UnixSeconds,
    ) -> Option<Passage> {
        let (judge, request) = (Arc::clone(&self.judge), Arc::clone(request));
        let judged = Box::pin(async move { judge.judge(&request, now).await });
        self.tasks.insert(number, Task { judged, now });
        self.poll(number)
    }

    /// Goes on behind the requests, and with those that wait for secrets: what becomes of them.
    pub(crate) fn go_on(&mut self) -> Vec<(u64, Passage)> {
        self.background.go_on();
        let waiting: Vec<u64> = self.tasks.keys().copied().collect();
        let passages = waiting.into_iter();
        passages
            .filter_map(|number| Some((number, self.poll(number)?)))
            .collect()
    }

    fn poll(&mut self, number: u64) -> Option<Passage> {
        let task = self.tasks.get_mut(&number)?;
        let Poll::Ready(judged) = self.background.poll(&mut task.judged) else {
            return None;
        };
        let now = task.now;
        self.tasks.remove(&number);
        Some(match judged {
            Judged::Authentic(key) => self.claim(key, now),
            Judged::Refused(passage) => passage,
        })
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

impl Judge {
    async fn judge(&self, request: &Request, now: UnixSeconds) -> Judged {
        let headers = match SignedHeaders::collect(request.pairs()) {
            Ok(headers) => headers,
            Err(rejection) => return refused(rejection, rejection.http_status()),
        };
        let Ok(mut secrets) = self.secrets.current(now).await else {
            return Judged::Refused(match self.without {
                Some(Safeguard::EdgeForwardsUnverified) => Passage::Refused {
                    status: 401,
                    code: "secret_unavailable",
                },
                _ => Passage::Forwarded(None),
            });
        };
        for _ in 0..refresh::MAX_REFRESHES {
            match authenticate(secrets.ring, &headers, request, now) {
                Ok(key) => return Judged::Authentic(key),
                Err(Rejection::SignatureMismatch) => {}
                Err(rejection) => return self.rejected(rejection),
            }
            let signed_at = headers.signed_at();
            match self.secrets.refresh(secrets.version, now).await {
                Refresh::Newer(newer) => secrets = newer,
                Refresh::Unchanged => return self.mismatch(),
                Refresh::Recent { read_at } if refresh::is_mismatch_final(signed_at, read_at) => {
                    return self.mismatch();
                }
                Refresh::Recent { .. } | Refresh::UnderWay => return MAY_BE_NEWER,
                Refresh::Unavailable => return Judged::Refused(Passage::Forwarded(None)),
            }
        }
        match authenticate(secrets.ring, &headers, request, now) {
            Ok(key) => Judged::Authentic(key),
            Err(Rejection::SignatureMismatch) => MAY_BE_NEWER,
            Err(rejection) => self.rejected(rejection),
        }
    }

    fn rejected(&self, rejection: Rejection) -> Judged {
        match rejection {
            Rejection::FromFuture { .. } if self.without == Some(Safeguard::EarlyDefers) => {
                refused(rejection, 401)
            }
            rejection => refused(rejection, rejection.http_status()),
        }
    }

    fn mismatch(&self) -> Judged {
        let rejection = Rejection::SignatureMismatch;
        match self.on_mismatch {
            OnMismatch::Defer => refused(rejection, 503),
            OnMismatch::Refuse => refused(rejection, rejection.http_status()),
        }
    }
}

const MAY_BE_NEWER: Judged = Judged::Refused(Passage::Refused {
    status: 503,
    code: "secret_may_be_newer",
});

fn refused(rejection: Rejection, status: u16) -> Judged {
    Judged::Refused(Passage::Refused {
        status,
        code: rejection.code(),
    })
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
