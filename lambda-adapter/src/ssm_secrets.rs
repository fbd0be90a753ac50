use core::{
    pin::pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::{Either, select};
use sinch_callback::{
    InvalidSecret, InvalidSecretRing, RingVersion, Secret, SecretRing, UnixSeconds,
    refresh::{MAX_WAIT_MS, MAX_WAITERS, READ_LIFE_SECS, RefreshPause},
};
use sinch_callback_pipeline::{Refresh, SecretSource, Secrets};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::{Parameter, ParameterStore, Runtime, Tokio, backoff::Backoff};

/// How secrets are read and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretsPolicy {
    /// Names of the parameters, at least one. What they hold now comes first in the ring.
    pub names: Vec<String>,
    /// Seconds for which a version is still taken after a newer one was put.
    pub overlap_secs: u64,
    /// Age in seconds after which what is kept is read again, behind a request.
    pub refresh_secs: u64,
    /// Whether secrets are taken as they are, even those that look like a mistake.
    pub verbatim: bool,
}

impl SecretsPolicy {
    /// 24 hours: as long as a retry may come that was signed before the change.
    pub const DEFAULT_OVERLAP_SECS: u64 = 86_400;
    /// Five minutes. Our own choice: a change is noticed sooner anyway, at the first mismatch.
    pub const DEFAULT_REFRESH_SECS: u64 = 300;
}

/// Why there are no secrets to be had. Says nothing of what a parameter holds.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretsError {
    /// The store does not answer or refuses.
    #[error("the parameters cannot be read: {0}")]
    Store(String),
    /// The store has no such parameter, or does not show it to this role.
    #[error("there is no parameter {0}, or this role may not read it")]
    Missing(String),
    /// A text that begins like a JSON array is none of texts.
    #[error("the parameter {0} begins with [ and is not a JSON array of texts")]
    NotAnArray(String),
    /// A text is no secret.
    #[error("the parameter {name}: {source} ({})", remedy(.source))]
    Invalid {
        /// The parameter.
        name: String,
        /// What is wrong with it.
        source: InvalidSecret,
    },
    /// There are none.
    #[error(transparent)]
    Ring(#[from] InvalidSecretRing),
    /// Reading has failed just now, and is not tried again with every callback.
    #[error("{0} (tried again in a moment)")]
    Waiting(Box<SecretsError>),
}

/// What to do about a text that is no secret, here in a parameter.
const fn remedy(reason: &InvalidSecret) -> &'static str {
    match reason {
        InvalidSecret::Empty => "nothing takes an empty secret: anyone could sign with it",
        InvalidSecret::SeveralLines => "several secrets are put as a JSON array of texts",
        _ => "SECRET_VERBATIM=true takes it as it is",
    }
}

/// How a read of the secrets went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretRead {
    /// It brought secrets.
    Ok,
    /// The store did not answer, refused, or does not have them.
    Failed,
    /// What the store has is no secret.
    Broken,
}

/// Seconds between reads that fail in a row.
const RETRY: Backoff = Backoff {
    first_ms: 1_000,
    longest_ms: 60_000,
};

/// Secrets from a parameter store, kept between requests.
///
/// What is kept is used however the store fares. It is read again behind a request once it is old,
/// and at a mismatch, with a pause that doubles with each read that brings nothing new
/// ([`RefreshPause`]). One read is under way at a time, behind the requests, which wait for it. Reads
/// that fail wait ever longer for the next. All of this is of one process: each environment of a
/// function reads by itself.
pub struct SsmSecrets<P, R = Tokio> {
    inner: Arc<Inner<P, R>>,
}

struct Inner<P, R> {
    store: P,
    runtime: R,
    policy: SecretsPolicy,
    kept: Mutex<Kept>,
    waiters: AtomicU32,
}

#[derive(Default)]
struct Kept {
    at_hand: Option<Secrets>,
    /// Not before this moment is the store asked again.
    due_at: Option<UnixSeconds>,
    failures: u32,
    last_error: Option<SecretsError>,
    pause: RefreshPause,
    under_way: Option<UnderWay>,
    /// How many reads have been begun: each has its number.
    begun: u64,
    /// The newest read whose outcome counts. One that was begun before it comes too late.
    settled: u64,
    reads: Vec<SecretRead>,
}

/// A read that has not come to its end.
#[derive(Clone)]
struct UnderWay {
    number: u64,
    began: UnixSeconds,
    /// Closed at its end.
    ended: watch::Receiver<()>,
}

impl<P, R> Clone for SsmSecrets<P, R> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<P: ParameterStore + 'static> SsmSecrets<P> {
    /// Nothing is read yet.
    pub fn new(store: P, policy: SecretsPolicy) -> Self {
        Self::with_runtime(store, policy, Tokio)
    }
}

impl<P: ParameterStore + 'static, R: Runtime> SsmSecrets<P, R> {
    /// The same, in another runtime than the host's.
    pub fn with_runtime(store: P, policy: SecretsPolicy, runtime: R) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                runtime,
                policy,
                kept: Mutex::default(),
                waiters: AtomicU32::new(0),
            }),
        }
    }

    /// Forgets what is kept: what a snapshot has frozen may have changed since.
    pub fn forget(&self) {
        let mut kept = self.inner.kept();
        *kept = Kept {
            begun: kept.begun,
            settled: kept.begun,
            ..Kept::default()
        };
    }

    /// How the reads since the last call went, for the metrics.
    #[must_use]
    pub fn take_reads(&self) -> Vec<SecretRead> {
        core::mem::take(&mut self.inner.kept().reads)
    }
}

impl<P: ParameterStore + 'static, R: Runtime> SecretSource for SsmSecrets<P, R> {
    type Error = SecretsError;

    async fn current(&self, now: UnixSeconds) -> Result<Secrets, SecretsError> {
        let (under_way, is_ours) = {
            let mut kept = self.inner.kept();
            kept.give_up_on_frozen(now);
            let is_due = kept.due_at.is_none_or(|due_at| now >= due_at);
            let is_ours = is_due && kept.under_way.is_none();
            if is_ours {
                Inner::begin(&self.inner, &mut kept, now, Asked::ByAge);
            }
            match (&kept.at_hand, &kept.under_way) {
                (Some(secrets), _) => return Ok(secrets.clone()),
                (None, Some(under_way)) => (under_way.clone(), is_ours),
                (None, None) => return Err(SecretsError::Waiting(Box::new(kept.why()))),
            }
        };
        // There is nothing to judge with: whoever began it waits for as long as it may last.
        let limit = match is_ours {
            true => Duration::from_secs(READ_LIFE_SECS),
            false => Duration::from_millis(MAX_WAIT_MS.into()),
        };
        self.inner.end_of(under_way, limit).await;
        let kept = self.inner.kept();
        kept.at_hand.clone().ok_or_else(|| kept.why())
    }

    async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        let (under_way, is_ours) = {
            let mut kept = self.inner.kept();
            kept.give_up_on_frozen(now);
            if let Some(newer) = kept.other_than(judged) {
                return Refresh::Newer(newer);
            }
            match kept.under_way.clone() {
                Some(under_way) => (under_way, false),
                None if kept.pause.take(now) => {
                    let asked = Asked::ByMismatch;
                    (Inner::begin(&self.inner, &mut kept, now, asked), true)
                }
                None => return kept.unread(),
            }
        };
        let limit = Duration::from_millis(MAX_WAIT_MS.into());
        let has_ended = self.inner.end_of(under_way, limit).await;
        let kept = self.inner.kept();
        match kept.other_than(judged) {
            Some(newer) => Refresh::Newer(newer),
            None if !has_ended => Refresh::UnderWay,
            // It was begun behind this mismatch, so what it was signed with would have been there.
            None if is_ours && kept.failures == 0 => Refresh::Unchanged,
            None => kept.unread(),
        }
    }
}

/// Why a read was begun.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    ByAge,
    ByMismatch,
}

impl Kept {
    fn put_off(&mut self, now: UnixSeconds) {
        let wait = RETRY.after(self.failures.saturating_add(1));
        self.due_at = Some(later(now, wait));
    }

    /// An environment may be frozen in the middle of a read, which then never ends.
    fn give_up_on_frozen(&mut self, now: UnixSeconds) {
        let is_frozen = |read: &mut UnderWay| now.since(read.began) >= READ_LIFE_SECS;
        if let Some(frozen) = self.under_way.take_if(is_frozen) {
            // Whatever it brings yet: others may have read newer secrets meanwhile, and have failed.
            self.settled = frozen.number;
            self.has_failed(SecretsError::Store("it has not answered".into()), now);
        }
    }

    fn has_failed(&mut self, error: SecretsError, now: UnixSeconds) {
        self.put_off(now);
        self.failures = self.failures.saturating_add(1);
        self.reads.push(match error {
            SecretsError::Invalid { .. } | SecretsError::NotAnArray(_) => SecretRead::Broken,
            _ => SecretRead::Failed,
        });
        tracing::error!(
            %error,
            failures = self.failures,
            at_hand = self.at_hand.is_some(),
            "the secrets cannot be read; what is at hand stays in use"
        );
        self.last_error = Some(error);
    }

    fn has_succeeded(&mut self, ring: SecretRing, asked: Asked, began: UnixSeconds) {
        let secrets = Secrets::new(ring, began);
        match &mut self.at_hand {
            Some(at_hand) if at_hand.version == secrets.version => {
                at_hand.read_at = began;
                if asked == Asked::ByMismatch {
                    self.pause.was_fruitless();
                }
            }
            at_hand => {
                *at_hand = Some(secrets);
                self.pause.was_fruitful();
            }
        }
        self.failures = 0;
        self.last_error = None;
        self.reads.push(SecretRead::Ok);
    }

    fn other_than(&self, judged: RingVersion) -> Option<Secrets> {
        let at_hand = self.at_hand.as_ref();
        at_hand.filter(|at_hand| at_hand.version != judged).cloned()
    }

    /// What a mismatch is told where nothing was read for it.
    fn unread(&self) -> Refresh {
        match &self.at_hand {
            Some(at_hand) if self.failures == 0 => Refresh::Recent {
                read_at: at_hand.read_at,
            },
            _ => Refresh::Unavailable,
        }
    }

    fn why(&self) -> SecretsError {
        let error = self.last_error.clone();
        error.unwrap_or_else(|| SecretsError::Store("a read is under way".into()))
    }
}

fn later(now: UnixSeconds, wait: Duration) -> UnixSeconds {
    UnixSeconds::new(now.get().saturating_add(wait.as_secs()))
}

/// A place among those who wait for a read.
struct Place<'a>(&'a AtomicU32);

impl<'a> Place<'a> {
    /// `None` where enough wait already.
    fn take(waiters: &'a AtomicU32) -> Option<Self> {
        let taken = waiters.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
            (waiting < MAX_WAITERS).then(|| waiting.saturating_add(1))
        });
        taken.is_ok().then_some(Self(waiters))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<P: ParameterStore + 'static, R: Runtime> Inner<P, R> {
    /// Begins a read, which goes on behind whoever asked: one that gives up waiting does not end it.
    fn begin(this: &Arc<Self>, kept: &mut Kept, now: UnixSeconds, asked: Asked) -> UnderWay {
        // Whoever asks while this read is under way does not begin another.
        kept.put_off(now);
        kept.begun = kept.begun.saturating_add(1);
        let (end, ended) = watch::channel(());
        let under_way = UnderWay {
            number: kept.begun,
            began: now,
            ended,
        };
        kept.under_way = Some(under_way.clone());
        let (inner, number) = (Arc::clone(this), under_way.number);
        this.runtime.spawn(async move {
            inner.read(number, now, asked).await;
            drop(end);
        });
        under_way
    }

    /// Waits for the end of a read; false where it has not come within the limit, or too many wait.
    async fn end_of(&self, mut under_way: UnderWay, limit: Duration) -> bool {
        let Some(_place) = Place::take(&self.waiters) else {
            return false;
        };
        // It is told by the channel's end alone.
        let ended = pin!(under_way.ended.changed());
        let late = pin!(self.runtime.wait(limit));
        matches!(select(ended, late).await, Either::Left(_))
    }
}

impl<P: ParameterStore, R> Inner<P, R> {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the secrets and keeps them, or keeps what there is.
    async fn read(&self, number: u64, now: UnixSeconds, asked: Asked) {
        let result = self.ring(now).await;
        let mut kept = self.kept();
        kept.under_way.take_if(|read| read.number == number);
        if number <= kept.settled {
            return;
        }
        match result {
            Ok(ring) => {
                kept.settled = number;
                kept.has_succeeded(ring, asked, now);
                let refresh = Duration::from_secs(self.policy.refresh_secs);
                kept.due_at = Some(later(now, refresh));
            }
            Err(error) => kept.has_failed(error, now),
        }
    }

    /// The secrets in order: what each parameter holds now, then what it held before, as long as
    /// that is within the overlap.
    async fn ring(&self, now: UnixSeconds) -> Result<SecretRing, SecretsError> {
        let names = &self.policy.names;
        let mut versions = self.fetch(names).await?;
        for name in names {
            if !versions.iter().any(|version| answers(version, name)) {
                return Err(SecretsError::Missing(name.clone()));
            }
        }
        versions.sort_by_key(|version| names.iter().position(|name| answers(version, name)));

        let mut texts: Vec<Zeroizing<String>> = Vec::new();
        let mut secrets: Vec<Secret> = Vec::new();
        let mut is_current = true;
        while !versions.is_empty() && secrets.len() < SecretRing::MAX {
            for version in &versions {
                match self.secrets_of(version) {
                    Ok(found) => {
                        for (text, secret) in found {
                            if !texts.contains(&text) {
                                texts.push(text);
                                secrets.push(secret);
                            }
                        }
                    }
                    Err(error) if is_current => return Err(error),
                    // What was put by mistake and has been replaced is in nobody's way.
                    Err(error) => tracing::warn!(
                        version = version.version,
                        %error,
                        "a former version of a secret is left out"
                    ),
                }
            }
            is_current = false;
            versions = self.fetch(&self.previous(&versions, now)).await?;
        }
        if secrets.len() > SecretRing::MAX {
            tracing::warn!(
                found = secrets.len(),
                taken = SecretRing::MAX,
                "there are more secrets than are tried; the oldest are left out"
            );
            secrets.truncate(SecretRing::MAX);
        }
        Ok(SecretRing::new(secrets)?)
    }

    /// The secrets of one version, with their texts.
    fn secrets_of(
        &self,
        version: &Parameter,
    ) -> Result<Vec<(Zeroizing<String>, Secret)>, SecretsError> {
        let make = |text: Zeroizing<String>| {
            let secret = if self.policy.verbatim {
                Secret::verbatim(text.as_bytes())
            } else {
                Secret::new(text.as_bytes())
            };
            let secret = secret.map_err(|source| SecretsError::Invalid {
                name: version.name.clone(),
                source,
            })?;
            Ok((text, secret))
        };
        texts_of(version)?.into_iter().map(make).collect()
    }

    async fn fetch(&self, selectors: &[String]) -> Result<Vec<Parameter>, SecretsError> {
        if selectors.is_empty() {
            return Ok(Vec::new());
        }
        let read = self.store.read(selectors).await;
        read.map_err(|error| SecretsError::Store(error.to_string()))
    }

    /// The version before each of these that was replaced recently. It may be gone: SSM keeps a
    /// hundred.
    fn previous(&self, versions: &[Parameter], now: UnixSeconds) -> Vec<String> {
        versions
            .iter()
            .filter(|version| now.since(version.modified_at) < self.policy.overlap_secs)
            .filter_map(|version| {
                let before = version
                    .version
                    .checked_sub(1)
                    .filter(|number| *number > 0)?;
                Some(format!("{}:{before}", version.name))
            })
            .collect()
    }
}

/// Whether this is the parameter that a name asks for, which may also be an ARN.
fn answers(parameter: &Parameter, name: &str) -> bool {
    parameter.name == name
        || (name.starts_with("arn:") && name.ends_with(&format!(":parameter{}", parameter.name)))
        || (name.starts_with("arn:") && name.ends_with(&format!(":parameter/{}", parameter.name)))
}

/// What a version holds: one secret, or a JSON array of them. One newline at the end of a secret
/// does not count, since files that are put as they are end with one.
fn texts_of(parameter: &Parameter) -> Result<Vec<Zeroizing<String>>, SecretsError> {
    let value = &parameter.value;
    if value.trim_start().starts_with('[') {
        let texts: Vec<String> = serde_json::from_str(value)
            .map_err(|_| SecretsError::NotAnArray(parameter.name.clone()))?;
        return Ok(texts.into_iter().map(Zeroizing::new).collect());
    }
    let text = value.strip_suffix('\n').unwrap_or(value);
    let text = text.strip_suffix('\r').unwrap_or(text);
    Ok(vec![Zeroizing::new(text.to_owned())])
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, io, sync::atomic::AtomicBool};

    use futures_util::{FutureExt, future::join_all};
    use sinch_callback::{SignedHeaders, Signer, Verifier};
    use tokio::{sync::Notify, time::Instant};

    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    #[derive(Default)]
    struct Store {
        /// By name, each version's time and value.
        parameters: Mutex<BTreeMap<String, Vec<(u64, String)>>>,
        down: AtomicBool,
        reads: AtomicU32,
        /// Whether reads that begin now go on only when they are told to.
        hangs: AtomicBool,
        released: Notify,
    }

    impl Store {
        fn put(&self, name: &str, at: UnixSeconds, value: &str) {
            let mut parameters = self.parameters.lock().unwrap();
            let versions = parameters.entry(name.into()).or_default();
            versions.push((at.get(), value.into()));
        }

        fn reads(&self) -> u32 {
            self.reads.load(Ordering::Relaxed)
        }
    }

    impl ParameterStore for Arc<Store> {
        type Error = io::Error;

        async fn read(&self, selectors: &[String]) -> io::Result<Vec<Parameter>> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            if self.down.load(Ordering::Relaxed) {
                return Err(io::Error::other("down"));
            }
            // What it will say is settled when it is asked.
            let parameters = self.parameters.lock().unwrap().clone();
            if self.hangs.load(Ordering::Relaxed) {
                self.released.notified().await;
            }
            let found = selectors.iter().filter_map(|selector| {
                let (name, version) = match selector.split_once(':') {
                    Some((name, version)) => (name, version.parse::<usize>().unwrap()),
                    None => (selector.as_str(), parameters.get(selector)?.len()),
                };
                let (at, value) = parameters.get(name)?.get(version.checked_sub(1)?)?;
                Some(Parameter {
                    name: name.into(),
                    version: version.try_into().unwrap(),
                    modified_at: UnixSeconds::new(*at),
                    value: value.clone().into(),
                })
            });
            Ok(found.collect())
        }
    }

    fn secrets(store: &Arc<Store>, names: &[&str]) -> SsmSecrets<Arc<Store>> {
        SsmSecrets::new(
            Arc::clone(store),
            SecretsPolicy {
                names: names.iter().map(|name| (*name).into()).collect(),
                overlap_secs: SecretsPolicy::DEFAULT_OVERLAP_SECS,
                refresh_secs: SecretsPolicy::DEFAULT_REFRESH_SECS,
                verbatim: false,
            },
        )
    }

    fn at(offset: u64) -> UnixSeconds {
        UnixSeconds::new(NOW.get().saturating_add(offset))
    }

    fn ago(seconds: u64) -> UnixSeconds {
        UnixSeconds::new(NOW.get().saturating_sub(seconds))
    }

    /// The slot under which a ring knows a secret.
    fn slot(secrets: &Secrets, secret: &str) -> Option<u8> {
        let ring = &secrets.ring;
        let signer = Signer::new(Secret::new(secret).unwrap());
        let signed = signer.sign(b"{}", "nonce", NOW).unwrap();
        let headers = signed.headers();
        let headers = SignedHeaders::collect(headers.iter().map(|(n, v)| (*n, *v))).unwrap();
        let verified = Verifier::new(Arc::clone(ring)).authenticate(&headers, b"{}", NOW);
        verified
            .ok()
            .map(|authentic| authentic.secret_slot().index())
    }

    #[tokio::test]
    async fn the_previous_version_is_taken_within_the_overlap_and_not_past_it() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "oldest");
        store.put("/a", ago(86_401), "older");
        store.put("/a", ago(86_399), "current");
        let ring = secrets(&store, &["/a"]).current(NOW).await.unwrap();
        let slots = ["current", "older", "oldest"].map(|secret| slot(&ring, secret));
        assert_eq!(slots, [Some(0), Some(1), None]);
        let ring = secrets(&store, &["/a"]).current(at(2)).await.unwrap();
        let slots = ["current", "older"].map(|secret| slot(&ring, secret));
        assert_eq!(slots, [Some(0), None]);
    }

    #[tokio::test]
    async fn two_changes_within_the_overlap_keep_both_former_versions() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "first");
        store.put("/a", ago(2_000), "second");
        store.put("/a", ago(1_000), "third");
        let ring = secrets(&store, &["/a"]).current(NOW).await.unwrap();
        let slots = ["third", "second", "first"].map(|secret| slot(&ring, secret));
        assert_eq!(slots, [Some(0), Some(1), Some(2)]);
    }

    #[tokio::test]
    async fn several_parameters_and_arrays_stand_in_the_ring_in_their_order() {
        let store = Arc::new(Store::default());
        store.put("/webhook", ago(90_000), r#"["one","two"]"#);
        store.put("/override", ago(90_000), "three\n");
        let ring = secrets(&store, &["/override", "/webhook"])
            .current(NOW)
            .await
            .unwrap();
        let slots = ["three", "one", "two"].map(|secret| slot(&ring, secret));
        assert_eq!(slots, [Some(0), Some(1), Some(2)]);
        assert_eq!(ring.ring.len(), 3);
    }

    #[tokio::test]
    async fn a_fifth_secret_is_left_out_and_the_others_serve() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), r#"["s1","s2","s3","s4","s5"]"#);
        let ring = secrets(&store, &["/a"]).current(NOW).await.unwrap();
        assert_eq!(
            (ring.ring.len(), slot(&ring, "s4"), slot(&ring, "s5")),
            (4, Some(3), None)
        );
    }

    #[tokio::test]
    async fn what_is_no_secret_is_told_by_the_name_of_its_parameter() {
        let store = Arc::new(Store::default());
        store.put("/array", NOW, "[1, 2]");
        store.put("/empty", NOW, "");
        for (name, told) in [
            (
                "/array",
                "the parameter /array begins with [ and is not a JSON array of texts",
            ),
            (
                "/none",
                "there is no parameter /none, or this role may not read it",
            ),
            ("/empty", "the parameter /empty: "),
        ] {
            let error = secrets(&store, &[name]).current(NOW).await.unwrap_err();
            assert!(error.to_string().starts_with(told), "{error}");
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_read_again_behind_a_request_once_it_is_old() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "former");
        let secrets = secrets(&store, &["/a"]);
        secrets.current(NOW).await.unwrap();
        store.put("/a", NOW, "latter");
        let ring = secrets.current(at(299)).await.unwrap();
        assert_eq!((store.reads(), slot(&ring, "latter")), (1, None));
        let ring = secrets.current(at(300)).await.unwrap();
        assert_eq!(slot(&ring, "latter"), None, "this request does not wait");
        tokio::task::yield_now().await;
        let ring = secrets.current(at(301)).await.unwrap();
        assert_eq!(slot(&ring, "latter"), Some(0));
        assert_eq!(slot(&ring, "former"), Some(1));
    }

    #[tokio::test]
    async fn a_store_that_is_down_leaves_what_is_kept_in_use_and_is_asked_ever_less_often() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        secrets.current(NOW).await.unwrap();
        store.down.store(true, Ordering::Relaxed);
        for second in 300..600 {
            let ring = secrets.current(at(second)).await.unwrap();
            assert_eq!(slot(&ring, "secret"), Some(0));
            tokio::task::yield_now().await;
        }
        // After 1, 2, 4 ... 60 seconds.
        assert_eq!(store.reads(), 11);
        assert_eq!(secrets.take_reads().len(), 11);
        store.down.store(false, Ordering::Relaxed);
        secrets.current(at(700)).await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(secrets.take_reads(), [SecretRead::Ok]);
    }

    #[tokio::test]
    async fn without_anything_kept_a_failed_read_is_not_tried_again_with_every_callback() {
        let store = Arc::new(Store::default());
        store.down.store(true, Ordering::Relaxed);
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        let first = secrets.current(NOW).await.unwrap_err();
        assert_eq!(first.to_string(), "the parameters cannot be read: down");
        let second = secrets.current(NOW).await.unwrap_err();
        assert!(matches!(second, SecretsError::Waiting(_)), "{second}");
        assert_eq!(store.reads(), 1);
        store.down.store(false, Ordering::Relaxed);
        let ring = secrets.current(at(1)).await.unwrap();
        assert_eq!(slot(&ring, "secret"), Some(0));
    }

    #[tokio::test]
    async fn a_flood_of_mismatches_reads_ever_less_often_until_there_is_something_new() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        let mut read = Vec::new();
        for second in 0..2_000 {
            for _ in 0..10 {
                match secrets.refresh(judged, at(second)).await {
                    Refresh::Unchanged => read.push(second),
                    Refresh::Recent { read_at } => assert!(read_at >= NOW),
                    refresh => panic!("{refresh:?}"),
                }
            }
        }
        assert_eq!(read, [0, 30, 90, 210, 450, 930, 1_530]);
        store.put("/a", at(2_000), "newer");
        let refresh = secrets.refresh(judged, at(2_130)).await;
        let Refresh::Newer(newer) = refresh else {
            panic!("{refresh:?}")
        };
        assert_eq!(slot(&newer, "newer"), Some(0));
        let refresh = secrets.refresh(newer.version, at(2_159)).await;
        assert!(matches!(refresh, Refresh::Recent { read_at } if read_at == at(2_130)));
        let refresh = secrets.refresh(newer.version, at(2_160)).await;
        assert!(matches!(refresh, Refresh::Unchanged));
    }

    #[tokio::test]
    async fn of_many_mismatches_at_once_one_reads_and_all_are_told() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "former");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.put("/a", NOW, "newer");
        store.hangs.store(true, Ordering::Relaxed);
        let refreshes = join_all((0..8).map(|_| secrets.refresh(judged, at(1))));
        let released = async {
            tokio::task::yield_now().await;
            store.hangs.store(false, Ordering::Relaxed);
            store.released.notify_waiters();
        };
        let (refreshes, ()) = futures_util::future::join(refreshes, released).await;
        for refresh in refreshes {
            let Refresh::Newer(newer) = refresh else {
                panic!("{refresh:?}")
            };
            assert_eq!(slot(&newer, "newer"), Some(0));
        }
        // The first one, and then the current version and the one before it.
        assert_eq!(store.reads(), 3);
        // One that was judged before all this needs no read.
        assert!(matches!(
            secrets.refresh(judged, at(2)).await,
            Refresh::Newer(_)
        ));
        assert_eq!(store.reads(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn a_mismatch_waits_a_second_for_a_read_and_the_65th_not_at_all() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.hangs.store(true, Ordering::Relaxed);
        let begun = Instant::now();
        let mut waiting: Vec<_> = (0..64)
            .map(|_| Box::pin(secrets.refresh(judged, at(1))))
            .collect();
        for refresh in &mut waiting {
            assert!(refresh.now_or_never().is_none());
        }
        let one_more = secrets.refresh(judged, at(1)).now_or_never();
        assert!(matches!(one_more, Some(Refresh::UnderWay)), "{one_more:?}");
        for refresh in join_all(waiting).await {
            assert!(matches!(refresh, Refresh::UnderWay), "{refresh:?}");
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_has_been_under_way_for_five_seconds_has_failed() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "former");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.hangs.store(true, Ordering::Relaxed);
        let refresh = secrets.refresh(judged, at(1)).await;
        assert!(matches!(refresh, Refresh::UnderWay), "{refresh:?}");
        let refresh = secrets.refresh(judged, at(5)).await;
        assert!(matches!(refresh, Refresh::UnderWay), "{refresh:?}");
        let refresh = secrets.refresh(judged, at(6)).await;
        assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
        // The next one, which is read from another connection, overtakes it.
        store.put("/a", at(10), "newer");
        store.hangs.store(false, Ordering::Relaxed);
        let refresh = secrets.refresh(judged, at(31)).await;
        assert!(matches!(refresh, Refresh::Newer(_)), "{refresh:?}");
        store.released.notify_waiters();
        tokio::task::yield_now().await;
        let at_hand = secrets.current(at(32)).await.unwrap();
        assert_eq!(slot(&at_hand, "newer"), Some(0));
        let reads = [SecretRead::Ok, SecretRead::Failed, SecretRead::Ok];
        assert_eq!(secrets.take_reads(), reads);
    }

    #[tokio::test]
    async fn a_read_that_began_before_the_callback_was_signed_settles_nothing() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "former");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.hangs.store(true, Ordering::Relaxed);
        let mut first = Box::pin(secrets.refresh(judged, at(1)));
        assert!((&mut first).now_or_never().is_none());
        tokio::task::yield_now().await;
        store.put("/a", at(1), "newer");
        let mut second = Box::pin(secrets.refresh(judged, at(2)));
        assert!((&mut second).now_or_never().is_none());
        store.released.notify_waiters();
        let refresh = second.await;
        assert!(
            matches!(refresh, Refresh::Recent { read_at } if read_at == at(1)),
            "{refresh:?}"
        );
    }

    #[tokio::test]
    async fn a_broken_secret_keeps_what_is_at_hand_and_a_broken_former_one_is_left_out() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "former");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.put("/a", NOW, "\"newer\"");
        let refresh = secrets.refresh(judged, at(1)).await;
        assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
        assert_eq!(
            slot(&secrets.current(at(1)).await.unwrap(), "former"),
            Some(0)
        );
        assert_eq!(secrets.take_reads(), [SecretRead::Ok, SecretRead::Broken]);
        store.put("/a", at(2), "newer");
        let refresh = secrets.refresh(judged, at(31)).await;
        let Refresh::Newer(newer) = refresh else {
            panic!("{refresh:?}")
        };
        let slots = ["newer", "former"].map(|secret| slot(&newer, secret));
        assert_eq!(slots, [Some(0), Some(1)]);
    }

    #[tokio::test]
    async fn what_looks_like_a_mistake_is_taken_where_it_is_asked_for() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "\"quoted\"");
        let error = secrets(&store, &["/a"]).current(NOW).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the parameter /a: the secret has quotes around it: leave them off \
             (SECRET_VERBATIM=true takes it as it is)"
        );
        let policy = SecretsPolicy {
            verbatim: true,
            ..secrets(&store, &["/a"]).inner.policy.clone()
        };
        let taken = SsmSecrets::new(Arc::clone(&store), policy);
        let taken = taken.current(NOW).await.unwrap();
        let headers = Signer::new(Secret::verbatim("\"quoted\"").unwrap());
        let signed = headers.sign(b"{}", "nonce", NOW).unwrap();
        let headers = signed.headers();
        let headers = SignedHeaders::collect(headers.iter().map(|(n, v)| (*n, *v))).unwrap();
        let verified = Verifier::new(taken.ring).authenticate(&headers, b"{}", NOW);
        assert!(verified.is_ok());
    }

    #[tokio::test]
    async fn a_mismatch_is_no_verdict_until_a_read_succeeds_again() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.down.store(true, Ordering::Relaxed);
        for second in [0, 1, 29, 30] {
            let refresh = secrets.refresh(judged, at(second)).await;
            assert!(matches!(refresh, Refresh::Unavailable), "{second}");
        }
        store.down.store(false, Ordering::Relaxed);
        let refresh = secrets.refresh(judged, at(60)).await;
        assert!(matches!(refresh, Refresh::Unchanged), "{refresh:?}");
        let refresh = secrets.refresh(judged, at(61)).await;
        assert!(matches!(refresh, Refresh::Recent { .. }), "{refresh:?}");
    }

    #[tokio::test]
    async fn what_a_snapshot_held_is_forgotten() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        secrets.current(NOW).await.unwrap();
        secrets.forget();
        secrets.current(NOW).await.unwrap();
        assert_eq!(store.reads(), 2);
    }
}
