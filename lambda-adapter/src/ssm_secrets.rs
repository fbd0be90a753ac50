use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use sinch_callback::{InvalidSecret, InvalidSecretRing, Secret, SecretRing, UnixSeconds};
use sinch_callback_pipeline::{Reread, RereadLimit, SecretSource};
use zeroize::Zeroizing;

use crate::{Parameter, ParameterStore, backoff::Backoff};

/// How secrets are read and kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretsPolicy {
    /// Names of the parameters, at least one. What they hold now comes first in the ring.
    pub names: Vec<String>,
    /// Seconds for which a version is still taken after a newer one was put.
    pub overlap_secs: u64,
    /// Age in seconds after which what is kept is read again, behind a request.
    pub refresh_secs: u64,
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
    #[error("the parameter {name}: {source}")]
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

/// Seconds between reads that fail in a row.
const RETRY: Backoff = Backoff {
    first_ms: 1_000,
    longest_ms: 60_000,
};

/// Secrets from a parameter store, kept between requests.
///
/// What is kept is used however the store fares. It is read again behind a request once it is old,
/// and at a mismatch at most once in 30 seconds. Reads that fail wait ever longer for the next.
pub struct SsmSecrets<P> {
    inner: Arc<Inner<P>>,
}

struct Inner<P> {
    store: P,
    policy: SecretsPolicy,
    kept: Mutex<Kept>,
    reread: RereadLimit,
    reads: Mutex<Vec<bool>>,
}

#[derive(Default)]
struct Kept {
    ring: Option<Arc<SecretRing>>,
    /// Not before this moment is the store asked again.
    due_at: Option<UnixSeconds>,
    failures: u32,
    last_error: Option<SecretsError>,
}

impl<P> Clone for SsmSecrets<P> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<P: ParameterStore + 'static> SsmSecrets<P> {
    /// Nothing is read yet.
    pub fn new(store: P, policy: SecretsPolicy) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                policy,
                kept: Mutex::default(),
                reread: RereadLimit::default(),
                reads: Mutex::default(),
            }),
        }
    }

    /// Forgets what is kept: what a snapshot has frozen may have changed since.
    pub fn forget(&self) {
        *self.inner.kept() = Kept::default();
    }

    /// How the reads since the last call went, for the metrics: true for each that brought a ring.
    #[must_use]
    pub fn take_reads(&self) -> Vec<bool> {
        let mut reads = self
            .inner
            .reads
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        core::mem::take(&mut reads)
    }
}

impl<P: ParameterStore + 'static> SecretSource for SsmSecrets<P> {
    type Error = SecretsError;

    async fn current(&self, now: UnixSeconds) -> Result<Arc<SecretRing>, SecretsError> {
        let (ring, due) = {
            let mut kept = self.inner.kept();
            let due = kept.due_at.is_none_or(|due_at| now >= due_at);
            if due {
                // Whoever asks while this read is under way does not start another.
                kept.put_off(now);
            } else if kept.ring.is_none() {
                let error = kept.last_error.clone();
                return Err(SecretsError::Waiting(Box::new(error.unwrap_or_else(
                    || SecretsError::Store("a read is under way".into()),
                ))));
            }
            (kept.ring.clone(), due)
        };
        match ring {
            Some(ring) => {
                if due {
                    let inner = Arc::clone(&self.inner);
                    tokio::spawn(async move { inner.read(now).await.ok() });
                }
                Ok(ring)
            }
            None => self.inner.read(now).await,
        }
    }

    async fn reread(&self, now: UnixSeconds) -> Reread {
        if !self.inner.reread.take(now) {
            return match self.inner.kept().failures {
                0 => Reread::Recent,
                _ => Reread::Unavailable,
            };
        }
        self.inner
            .read(now)
            .await
            .map_or(Reread::Unavailable, Reread::Read)
    }
}

impl Kept {
    fn put_off(&mut self, now: UnixSeconds) {
        let wait = RETRY.after(self.failures.saturating_add(1));
        self.due_at = Some(later(now, wait));
    }
}

fn later(now: UnixSeconds, wait: Duration) -> UnixSeconds {
    UnixSeconds::new(now.get().saturating_add(wait.as_secs()))
}

impl<P: ParameterStore> Inner<P> {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the secrets and keeps them, or keeps what there is.
    async fn read(&self, now: UnixSeconds) -> Result<Arc<SecretRing>, SecretsError> {
        let result = self.ring(now).await;
        self.reads
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(result.is_ok());
        let mut kept = self.kept();
        match result {
            Ok(ring) => {
                let ring = Arc::new(ring);
                let refresh = Duration::from_secs(self.policy.refresh_secs);
                *kept = Kept {
                    ring: Some(Arc::clone(&ring)),
                    due_at: Some(later(now, refresh)),
                    ..Kept::default()
                };
                Ok(ring)
            }
            Err(error) => {
                kept.put_off(now);
                kept.failures = kept.failures.saturating_add(1);
                kept.last_error = Some(error.clone());
                tracing::error!(
                    %error,
                    failures = kept.failures,
                    at_hand = kept.ring.is_some(),
                    "the secrets cannot be read; what is at hand stays in use"
                );
                Err(error)
            }
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
        while !versions.is_empty() && texts.len() < SecretRing::MAX {
            for version in &versions {
                for text in texts_of(version)? {
                    if !texts.contains(&text) {
                        texts.push(text);
                    }
                }
            }
            versions = self.fetch(&self.previous(&versions, now)).await?;
        }
        if texts.len() > SecretRing::MAX {
            tracing::warn!(
                found = texts.len(),
                taken = SecretRing::MAX,
                "there are more secrets than are tried; the oldest are left out"
            );
            texts.truncate(SecretRing::MAX);
        }
        let secrets: Result<Vec<_>, _> = texts
            .iter()
            .map(|text| {
                Secret::new(text.as_bytes()).map_err(|source| SecretsError::Invalid {
                    name: names.join(", "),
                    source,
                })
            })
            .collect();
        Ok(SecretRing::new(secrets?)?)
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
    use std::{
        collections::BTreeMap,
        io,
        sync::atomic::{AtomicBool, AtomicU32, Ordering},
    };

    use sinch_callback::{SignedHeaders, Signer, Verifier};

    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    #[derive(Default)]
    struct Store {
        /// By name, each version's time and value.
        parameters: Mutex<BTreeMap<String, Vec<(u64, String)>>>,
        down: AtomicBool,
        reads: AtomicU32,
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
            let parameters = self.parameters.lock().unwrap();
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
    fn slot(ring: &Arc<SecretRing>, secret: &str) -> Option<u8> {
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
        assert_eq!(ring.len(), 3);
    }

    #[tokio::test]
    async fn a_fifth_secret_is_left_out_and_the_others_serve() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), r#"["s1","s2","s3","s4","s5"]"#);
        let ring = secrets(&store, &["/a"]).current(NOW).await.unwrap();
        assert_eq!(
            (ring.len(), slot(&ring, "s4"), slot(&ring, "s5")),
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
        assert_eq!(secrets.take_reads(), [true]);
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
    async fn a_flood_of_mismatches_reads_once_in_thirty_seconds() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        secrets.current(NOW).await.unwrap();
        for second in 0..60 {
            let mut first = true;
            for _ in 0..100 {
                let reread = secrets.reread(at(second)).await;
                assert_eq!(matches!(reread, Reread::Read(_)), second % 30 == 0 && first);
                first = false;
            }
        }
        assert_eq!(store.reads(), 3);
    }

    #[tokio::test]
    async fn a_mismatch_is_no_verdict_until_a_read_succeeds_again() {
        let store = Arc::new(Store::default());
        store.put("/a", ago(90_000), "secret");
        let secrets = secrets(&store, &["/a"]);
        secrets.current(NOW).await.unwrap();
        store.down.store(true, Ordering::Relaxed);
        for second in [0, 1, 29, 30] {
            let reread = secrets.reread(at(second)).await;
            assert!(matches!(reread, Reread::Unavailable), "{second}");
        }
        store.down.store(false, Ordering::Relaxed);
        assert!(matches!(secrets.reread(at(60)).await, Reread::Read(_)));
        assert!(matches!(secrets.reread(at(61)).await, Reread::Recent));
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
