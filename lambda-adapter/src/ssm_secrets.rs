use std::sync::{Mutex, PoisonError};

use sinch_callback::{
    InvalidSecret, InvalidSecretRing, SecretRing, UnixSeconds,
    scheme::{AnyKey, AnyScheme},
    secret_schedule::SecretTiming,
};
use sinch_callback_pipeline::{CachedSecrets, Runtime, SecretReport, SecretText, SecretTexts};

use crate::parameter_store::{Parameter, ParameterStore};

/// Which secrets are read, and how they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretsPolicy {
    /// Names of the parameters, at least one. What they hold now comes first in the ring.
    pub names: Vec<String>,
    /// What they are keys of.
    pub scheme: AnyScheme,
    /// How often they are read, and for how long a version is accepted after a newer one was put.
    pub timing: SecretTiming,
    /// Whether secrets are taken as they are, even those that look like a mistake.
    pub verbatim: bool,
}

/// Why there are no secrets to be had. Says nothing of what a parameter holds.
#[derive(Debug, thiserror::Error)]
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
    #[error("{origin}: {source}{}", remedy(.source, *.verbatim_helps))]
    Invalid {
        /// The parameter.
        origin: String,
        /// What is wrong with it.
        source: InvalidSecret,
        /// Whether it would be taken as it is.
        verbatim_helps: bool,
    },
    /// There are none.
    #[error(transparent)]
    Ring(#[from] InvalidSecretRing),
}

/// What to do here about a text that is no secret, beyond what its reason says.
const fn remedy(reason: &InvalidSecret, verbatim_helps: bool) -> &'static str {
    match reason {
        InvalidSecret::Empty => " (nothing takes an empty secret: anyone could sign with it)",
        InvalidSecret::SeveralLines => " (several secrets are put as a JSON array of texts)",
        _ if verbatim_helps => " (SECRET_VERBATIM=true takes it as it is)",
        _ => "",
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

/// The texts of secrets in a parameter store.
#[derive(Debug)]
pub struct SsmSecrets<P> {
    store: P,
    policy: SecretsPolicy,
    reads: Mutex<Vec<SecretRead>>,
}

impl<P: ParameterStore + 'static> SsmSecrets<P> {
    /// Those that the policy names.
    pub const fn new(store: P, policy: SecretsPolicy) -> Self {
        Self {
            store,
            policy,
            reads: Mutex::new(Vec::new()),
        }
    }

    /// The secrets of these, kept between requests.
    pub fn cached<R: Runtime>(
        store: P,
        policy: SecretsPolicy,
        runtime: R,
    ) -> CachedSecrets<Self, R> {
        let timing = policy.timing;
        CachedSecrets::new(Self::new(store, policy), timing, runtime)
    }

    /// How the reads since the last call went, for the metrics.
    #[must_use]
    pub fn take_reads(&self) -> Vec<SecretRead> {
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        core::mem::take(&mut *reads)
    }

    /// The texts of one version, each of which is a secret.
    fn texts_of(&self, version: &Parameter) -> Result<Vec<SecretText>, SecretsError> {
        let Parameter { name, value, .. } = version;
        let texts = SecretText::several(value, &format!("the parameter {name}"))
            .ok_or_else(|| SecretsError::NotAnArray(name.clone()))?;
        for text in &texts {
            self.key(text)?;
        }
        Ok(texts)
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
            .filter(|version| {
                let timing = self.policy.timing;
                timing.is_within_overlap(version.modified_at, now)
            })
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

impl<P: ParameterStore + 'static> SecretTexts for SsmSecrets<P> {
    type Error = SecretsError;
    type Stamp = core::convert::Infallible;

    /// What each parameter holds now, then what it held before, as long as that is within the
    /// overlap.
    async fn read(&self, now: UnixSeconds) -> Result<Vec<SecretText>, SecretsError> {
        let names = &self.policy.names;
        let mut versions = self.fetch(names).await?;
        for name in names {
            if !versions.iter().any(|version| answers(version, name)) {
                return Err(SecretsError::Missing(name.clone()));
            }
        }
        versions.sort_by_key(|version| names.iter().position(|name| answers(version, name)));

        let mut texts: Vec<SecretText> = Vec::new();
        let mut is_former = false;
        while !versions.is_empty() && texts.len() < SecretRing::MAX {
            for version in &versions {
                match self.texts_of(version) {
                    Ok(found) => {
                        for text in found {
                            if texts.iter().all(|known| known.bytes != text.bytes) {
                                texts.push(text);
                            }
                        }
                    }
                    Err(error) if !is_former => return Err(error),
                    // What was put by mistake and has been replaced is in nobody's way.
                    Err(error) => tracing::warn!(
                        version = version.version,
                        %error,
                        "a former version of a secret is left out"
                    ),
                }
            }
            is_former = true;
            versions = self.fetch(&self.previous(&versions, now)).await?;
        }
        Ok(texts)
    }

    fn key(&self, text: &SecretText) -> Result<AnyKey, SecretsError> {
        let SecretsPolicy {
            scheme, verbatim, ..
        } = &self.policy;
        text.key(scheme, *verbatim)
            .map_err(|source| SecretsError::Invalid {
                origin: text.origin.clone(),
                source,
                verbatim_helps: text.key(scheme, true).is_ok(),
            })
    }

    fn is_broken(error: &SecretsError) -> bool {
        matches!(
            error,
            SecretsError::Invalid { .. } | SecretsError::NotAnArray(_)
        )
    }

    fn report(&self, report: SecretReport<'_, SecretsError>) {
        let read = match report {
            SecretReport::Read => SecretRead::Ok,
            SecretReport::Failed {
                error,
                is_broken,
                failures,
                at_hand,
            } => {
                tracing::error!(
                    %error,
                    failures,
                    at_hand,
                    "the secrets cannot be read; what is at hand stays in use"
                );
                if is_broken {
                    SecretRead::Broken
                } else {
                    SecretRead::Failed
                }
            }
            SecretReport::TooMany { found } => {
                tracing::warn!(
                    found,
                    taken = SecretRing::MAX,
                    "there are more secrets than are tried; the oldest are left out"
                );
                return;
            }
        };
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.push(read);
    }
}

/// Whether this is the parameter that a name asks for, which may also be an ARN.
fn answers(parameter: &Parameter, name: &str) -> bool {
    parameter.name == name
        || (name.starts_with("arn:") && name.ends_with(&format!(":parameter{}", parameter.name)))
        || (name.starts_with("arn:") && name.ends_with(&format!(":parameter/{}", parameter.name)))
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeMap,
        io,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
    };

    use serde_json::json;
    use sinch_callback::{
        Rules, Secret, SignedHeaders, Signer,
        scheme::{Application, KeyId},
    };
    use sinch_callback_pipeline::{Refresh, SecretSource, Secrets, Tokio};

    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    #[derive(Default)]
    struct Store {
        /// By name, each version's time and value.
        parameters: Mutex<BTreeMap<String, Vec<(u64, String)>>>,
        down: AtomicBool,
    }

    /// A word as a secret that is long enough.
    fn long(word: &str) -> String {
        format!("{word}-made-up-secret")
    }

    impl Store {
        /// Puts the secret of this word.
        fn put_secret(&self, name: &str, at: UnixSeconds, word: &str) {
            self.put(name, at, &long(word));
        }

        fn put(&self, name: &str, at: UnixSeconds, value: &str) {
            let mut parameters = self.parameters.lock().unwrap();
            let versions = parameters.entry(name.into()).or_default();
            versions.push((at.get(), value.into()));
        }
    }

    impl ParameterStore for Arc<Store> {
        type Error = io::Error;

        async fn read(&self, selectors: &[String]) -> io::Result<Vec<Parameter>> {
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

    type Kept = CachedSecrets<SsmSecrets<Arc<Store>>, Tokio>;

    fn kept(store: &Arc<Store>, names: &[&str], verbatim: bool) -> Kept {
        let policy = SecretsPolicy {
            names: names.iter().map(|name| (*name).into()).collect(),
            scheme: AnyScheme::default(),
            timing: SecretTiming::REMOTE,
            verbatim,
        };
        SsmSecrets::cached(Arc::clone(store), policy, Tokio)
    }

    fn secrets(store: &Arc<Store>, names: &[&str]) -> Kept {
        kept(store, names, false)
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
        let signer = Signer::new(Secret::new(long(secret)).unwrap());
        let signed = signer.sign(b"{}", "nonce", NOW).unwrap();
        let headers = signed.headers();
        let headers = SignedHeaders::collect(headers.iter().map(|(n, v)| (*n, *v))).unwrap();
        let verified =
            Rules::BARE.authenticate_by(&AnyScheme::default(), ring, headers.into(), b"{}", NOW);
        verified
            .ok()
            .map(|authentic| authentic.secret_slot().index())
    }

    #[tokio::test]
    async fn the_previous_version_is_taken_within_the_overlap_and_not_past_it() {
        let store = Arc::new(Store::default());
        store.put_secret("/a", ago(90_000), "oldest");
        store.put_secret("/a", ago(86_401), "older");
        store.put_secret("/a", ago(86_399), "current");
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
        store.put_secret("/a", ago(90_000), "first");
        store.put_secret("/a", ago(2_000), "second");
        store.put_secret("/a", ago(1_000), "third");
        let ring = secrets(&store, &["/a"]).current(NOW).await.unwrap();
        let slots = ["third", "second", "first"].map(|secret| slot(&ring, secret));
        assert_eq!(slots, [Some(0), Some(1), Some(2)]);
    }

    #[tokio::test]
    async fn several_parameters_and_arrays_stand_in_the_ring_in_their_order() {
        let store = Arc::new(Store::default());
        store.put(
            "/webhook",
            ago(90_000),
            &json!([long("one"), long("two")]).to_string(),
        );
        store.put("/override", ago(90_000), &format!("{}\n", long("three")));
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
        store.put(
            "/a",
            ago(90_000),
            &json!(["s1", "s2", "s3", "s4", "s5"].map(long)).to_string(),
        );
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
        store.put("/short", NOW, "fifteen-letters");
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
            (
                "/short",
                "the parameter /short: the secret has fewer than 16 bytes: set a longer one at Sinch",
            ),
        ] {
            let error = secrets(&store, &[name]).current(NOW).await.unwrap_err();
            assert!(error.to_string().starts_with(told), "{error}");
        }
    }

    #[tokio::test]
    async fn a_broken_secret_keeps_what_is_at_hand_and_a_broken_former_one_is_left_out() {
        let store = Arc::new(Store::default());
        store.put_secret("/a", ago(90_000), "former");
        let secrets = secrets(&store, &["/a"]);
        let judged = secrets.current(NOW).await.unwrap().version;
        store.put("/a", NOW, "\"newer-made-up-secret\"");
        let refresh = secrets.refresh(judged, at(1)).await;
        assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
        assert_eq!(
            slot(&secrets.current(at(1)).await.unwrap(), "former"),
            Some(0)
        );
        assert_eq!(
            secrets.source().take_reads(),
            [SecretRead::Ok, SecretRead::Broken]
        );
        store.put_secret("/a", at(2), "newer");
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
        store.put("/a", ago(90_000), "\"quoted-made-up-secret\"");
        let error = secrets(&store, &["/a"]).current(NOW).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the parameter /a: the secret has quotes around it: leave them off \
             (SECRET_VERBATIM=true takes it as it is)"
        );
        let taken = kept(&store, &["/a"], true).current(NOW).await.unwrap();
        let headers = Signer::new(Secret::verbatim("\"quoted-made-up-secret\"").unwrap());
        let signed = headers.sign(b"{}", "nonce", NOW).unwrap();
        let headers = signed.headers();
        let headers = SignedHeaders::collect(headers.iter().map(|(n, v)| (*n, *v))).unwrap();
        let verified = Rules::BARE.authenticate_by(
            &AnyScheme::default(),
            &taken.ring,
            headers.into(),
            b"{}",
            NOW,
        );
        assert!(verified.is_ok());
    }

    #[tokio::test]
    async fn a_short_secret_has_no_setting_that_takes_it_and_each_scheme_reads_its_own() {
        let store = Arc::new(Store::default());
        store.put("/short", NOW, "fifteen-letters");
        for verbatim in [false, true] {
            let secrets = kept(&store, &["/short"], verbatim);
            let error = secrets.current(NOW).await.unwrap_err();
            let told = error.to_string();
            assert!(told.ends_with("set a longer one at Sinch"), "{told}");
        }
        // 16 letters, and 12 bytes.
        store.put("/voice", NOW, "c2hvcnQtc2VjcmV0");
        let key = KeyId::new("7").unwrap();
        let policy = SecretsPolicy {
            names: vec!["/voice".into()],
            scheme: AnyScheme::Application(Application::new(key)),
            timing: SecretTiming::REMOTE,
            verbatim: false,
        };
        let voice = SsmSecrets::cached(Arc::clone(&store), policy, Tokio);
        let told = voice.current(NOW).await.unwrap_err().to_string();
        assert!(told.contains("fewer than 16 bytes"), "{told}");
        store.put("/voice", at(1), "bG9uZy1lbm91Z2gtc2VjcmV0");
        assert!(voice.current(at(31)).await.is_ok());
    }

    #[tokio::test]
    async fn a_store_that_is_down_is_a_failed_read_and_no_broken_secret() {
        let store = Arc::new(Store::default());
        store.down.store(true, Ordering::Relaxed);
        let secrets = secrets(&store, &["/a"]);
        let error = secrets.current(NOW).await.unwrap_err();
        assert_eq!(error.to_string(), "the parameters cannot be read: down");
        assert_eq!(secrets.source().take_reads(), [SecretRead::Failed]);
    }
}
