use core::{
    error::Error,
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sinch_callback::{
    Ring, RingVersion, UnixSeconds,
    scheme::AnyKey,
    secret_schedule::{ReadOutcome, SecretNext, SecretSchedule, SecretTiming},
};

use crate::{
    ports::{Refresh, SecretSource, Secrets},
    runtime::Runtime,
    secret_texts::{SecretReport, SecretTexts},
    secrets_unavailable::SecretsUnavailable,
};

/// Secrets kept between requests, over a source of their texts. When the source is asked, and what
/// callbacks do meanwhile, is decided by [`SecretSchedule`].
///
/// Reads go on behind the requests, which wait for them: one that gives up waiting does not end its
/// read. All of this is of one process: each environment of a function reads by itself.
///
/// # Examples
/// Secrets in a file that somebody may replace while the program runs:
///
/// ```
/// use core::{convert::Infallible, time::Duration};
/// use std::{fs, io, path::PathBuf};
/// use sinch_callback::{
///     InvalidSecret, InvalidSecretRing, UnixSeconds,
///     scheme::{AnyKey, AnyScheme, Conversation},
///     secret_schedule::SecretTiming,
/// };
/// use sinch_callback_pipeline::{
///     CachedSecrets, Runtime, SecretReport, SecretSource, SecretText, SecretTexts,
/// };
///
/// struct File(PathBuf);
///
/// #[derive(Debug, thiserror::Error)]
/// #[error(transparent)]
/// enum Unreadable {
///     File(#[from] io::Error),
///     Secret(#[from] InvalidSecret),
///     Ring(#[from] InvalidSecretRing),
/// }
///
/// impl SecretTexts for File {
///     type Error = Unreadable;
///     type Stamp = Infallible;
///
///     async fn read(&self, _now: UnixSeconds) -> Result<Vec<SecretText>, Unreadable> {
///         let text = fs::read(&self.0)?;
///         Ok(vec![SecretText::found(text, self.0.display().to_string())])
///     }
///
///     fn key(&self, text: &SecretText) -> Result<AnyKey, Unreadable> {
///         Ok(text.key(&AnyScheme::Conversation(Conversation), false)?)
///     }
///
///     fn is_broken(error: &Unreadable) -> bool {
///         !matches!(error, Unreadable::File(_))
///     }
///
///     fn report(&self, report: SecretReport<'_, Unreadable>) {
///         println!("{report:?}");
///     }
/// }
///
/// /// The feature `tokio` has it.
/// struct Tokio;
///
/// impl Runtime for Tokio {
///     async fn wait(&self, time: Duration) {
///         tokio::time::sleep(time).await;
///     }
///
///     fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
///         tokio::spawn(task);
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let folder = std::env::temp_dir().join(format!("cached-secrets-{}", std::process::id()));
/// fs::create_dir_all(&folder)?;
/// let path = folder.join("secret.txt");
/// let now = UnixSeconds::new(1_700_000_000);
/// let secrets = CachedSecrets::new(File(path.clone()), SecretTiming::NEARBY, Tokio);
/// assert!(secrets.current(now).await.is_err());
/// fs::write(&path, "made-up-and-long-enough\n")?;
/// secrets.reload(now).await?;
/// assert_eq!(secrets.current(now).await?.ring.len(), 1);
/// fs::remove_dir_all(folder)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct CachedSecrets<T: SecretTexts, R>(Arc<Inner<T, R>>);

#[derive(Debug)]
struct Inner<T: SecretTexts, R> {
    source: T,
    runtime: R,
    cache: Mutex<Cache<T>>,
}

struct Cache<T: SecretTexts> {
    schedule: SecretSchedule,
    at_hand: Option<Secrets>,
    /// The source's stamp at the last read whose outcome counts.
    stamp: Option<T::Stamp>,
    /// Why the last read failed.
    error: Option<SecretsUnavailable<T::Error>>,
    /// The end of the read that was begun last.
    end: Arc<End>,
}

impl<T: SecretTexts, R: Runtime> CachedSecrets<T, R> {
    /// Nothing is read yet.
    pub fn new(source: T, timing: SecretTiming, runtime: R) -> Self {
        Self(Arc::new(Inner {
            source,
            runtime,
            cache: Mutex::new(Cache {
                schedule: SecretSchedule::new(timing),
                at_hand: None,
                stamp: None,
                error: None,
                end: Arc::default(),
            }),
        }))
    }

    /// Where the texts come from.
    #[must_use]
    pub fn source(&self) -> &T {
        &self.0.source
    }

    /// Forgets what is at hand: what a snapshot has frozen may have changed since.
    pub fn forget(&self) {
        let mut cache = self.0.cache();
        cache.schedule.forget();
        (cache.at_hand, cache.stamp, cache.error) = (None, None, None);
    }

    /// Reads the secrets now, because a person asks for it, and whatever the schedule says. What is
    /// at hand stays in use where that fails.
    ///
    /// # Errors
    /// When they cannot be read, or not within [`SecretSchedule::READ_LIFE`].
    pub async fn reload(&self, now: UnixSeconds) -> Result<(), SecretsUnavailable<T::Error>> {
        let end = {
            let mut cache = self.0.cache();
            cache.stamp = None;
            let number = cache.schedule.reload(now);
            Inner::begin(&self.0, &mut cache, number, now)
        };
        if !self.0.has_ended(&end, SecretSchedule::READ_LIFE).await {
            return Err(SecretsUnavailable::UnderWay);
        }
        self.0.cache().error.clone().map_or(Ok(()), Err)
    }
}

impl<T: SecretTexts, R: Runtime> SecretSource for CachedSecrets<T, R> {
    type Error = SecretsUnavailable<T::Error>;

    async fn current(&self, now: UnixSeconds) -> Result<Secrets, Self::Error> {
        let settled = self.0.settle(None, now).await;
        match (settled.next, settled.at_hand, settled.error) {
            (SecretNext::Use, Some(secrets), _) => Ok(secrets),
            (SecretNext::Unavailable, _, Some(error)) if settled.has_waited => Err(error),
            (SecretNext::Unavailable, _, Some(error)) => {
                Err(SecretsUnavailable::Waiting(error.into()))
            }
            _ => Err(SecretsUnavailable::UnderWay),
        }
    }

    async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        let settled = self.0.settle(Some(judged), now).await;
        match (settled.next, settled.at_hand) {
            (SecretNext::Use, Some(newer)) => Refresh::Newer(newer),
            (SecretNext::Unchanged, _) => Refresh::Unchanged,
            (SecretNext::Recent(read_at), _) => Refresh::Recent { read_at },
            (SecretNext::UnderWay | SecretNext::Wait(_), _) => Refresh::UnderWay,
            (SecretNext::Use | SecretNext::Unavailable, _) => Refresh::Unavailable,
        }
    }
}

/// How a callback goes on, and what there is at that moment.
struct Settled<E> {
    next: SecretNext,
    at_hand: Option<Secrets>,
    error: Option<SecretsUnavailable<E>>,
    has_waited: bool,
}

impl<T: SecretTexts, R> Inner<T, R> {
    fn cache(&self) -> MutexGuard<'_, Cache<T>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: SecretTexts, R: Runtime> Inner<T, R> {
    /// Does what the schedule says until the callback goes on. `judged` is the version under which it
    /// has matched no secret.
    async fn settle(
        self: &Arc<Self>,
        judged: Option<RingVersion>,
        now: UnixSeconds,
    ) -> Settled<T::Error> {
        let mut waited = None;
        loop {
            let (next, failed) = {
                let mut cache = self.cache();
                let at_hand = cache.at_hand.as_ref().map(|secrets| secrets.version);
                let is_at_hand = at_hand == judged;
                let schedule = &mut cache.schedule;
                let step = match (waited, judged) {
                    (Some((wait, has_ended)), _) => {
                        schedule.waited(wait, has_ended, is_at_hand, now)
                    }
                    (None, Some(_)) => schedule.refresh(is_at_hand, now),
                    (None, None) => schedule.current(now),
                };
                let failed = step.gave_up.then(|| cache.give_up());
                if let Some(number) = step.begin {
                    Self::begin(self, &mut cache, number, now);
                }
                let next = match step.next {
                    SecretNext::Wait(wait) => Ok((wait, Arc::clone(&cache.end))),
                    next => Err(Settled {
                        next,
                        at_hand: cache.at_hand.clone(),
                        error: cache.error.clone(),
                        has_waited: waited.is_some(),
                    }),
                };
                (next, failed)
            };
            if let Some(failed) = failed {
                failed.report(&self.source);
            }
            let (wait, end) = match next {
                Ok(wait) => wait,
                Err(settled) => return settled,
            };
            let place = Place(self);
            let has_ended = self.has_ended(&end, wait.limit).await;
            drop(place);
            waited = Some((wait, has_ended));
        }
    }

    /// Begins a read, which goes on behind whoever asked.
    fn begin(this: &Arc<Self>, cache: &mut Cache<T>, number: u32, now: UnixSeconds) -> Arc<End> {
        let end = Arc::<End>::default();
        cache.end = Arc::clone(&end);
        let (inner, ends) = (Arc::clone(this), Ends(Arc::clone(&end)));
        this.runtime.spawn(async move {
            inner.read(number, now).await;
            drop(ends);
        });
        end
    }

    /// Reads the secrets and keeps them, or keeps what there is.
    async fn read(&self, number: u32, now: UnixSeconds) {
        // In front of the read: what is written meanwhile has another stamp the next time.
        let stamp = self.source.stamp();
        let is_known = stamp.is_some() && self.cache().stamp == stamp;
        let found = if is_known {
            None
        } else {
            Some(self.ring(now).await)
        };
        let failed = {
            let mut cache = self.cache();
            let result = match found {
                Some(Ok(ring)) => Ok(Some(Secrets::new(ring, now))),
                Some(Err(error)) => Err(SecretsUnavailable::Unread(Arc::new(error))),
                // The last read found the same.
                None => cache.error.clone().map_or(Ok(None), Err),
            };
            if !cache.keep(number, result, now) || is_known {
                return;
            }
            cache.stamp = stamp;
            cache.failed()
        };
        match failed {
            Some(failed) => failed.report(&self.source),
            None => self.source.report(SecretReport::Read),
        }
    }

    async fn ring(&self, now: UnixSeconds) -> Result<Ring<AnyKey>, T::Error> {
        let texts = self.source.read(now).await?;
        let keys = texts.iter().map(|text| self.source.key(text));
        let mut secrets = keys.collect::<Result<Vec<_>, _>>()?;
        let found = secrets.len();
        if found > Ring::<AnyKey>::MAX {
            self.source.report(SecretReport::TooMany { found });
            secrets.truncate(Ring::<AnyKey>::MAX);
        }
        Ok(Ring::new(secrets)?)
    }

    /// Whether a read has come to its end within the limit.
    async fn has_ended(&self, end: &End, limit: Duration) -> bool {
        let mut late = pin!(self.runtime.wait(limit));
        poll_fn(|context| {
            if end.has_come(context) {
                return Poll::Ready(true);
            }
            late.as_mut().poll(context).map(|()| false)
        })
        .await
    }
}

impl<T: SecretTexts> Cache<T> {
    /// Keeps what the read of this number has brought; `None` is what is at hand. False where it
    /// comes too late.
    fn keep(
        &mut self,
        number: u32,
        result: Result<Option<Secrets>, SecretsUnavailable<T::Error>>,
        now: UnixSeconds,
    ) -> bool {
        let at_hand = self.at_hand.as_ref().map(|secrets| secrets.version);
        let outcome = match &result {
            Err(_) => ReadOutcome::Failed,
            Ok(Some(secrets)) if at_hand != Some(secrets.version) => ReadOutcome::Other,
            Ok(_) => ReadOutcome::Same,
        };
        let is_kept = self.schedule.ended(number, outcome);
        if is_kept {
            self.error = None;
            match (result, &mut self.at_hand) {
                (Err(error), _) => self.error = Some(error),
                (Ok(Some(secrets)), at_hand) if outcome == ReadOutcome::Other => {
                    *at_hand = Some(secrets);
                }
                (Ok(_), Some(at_hand)) => at_hand.read_at = now,
                (Ok(_), None) => {}
            }
        }
        is_kept
    }

    /// The read under way has failed, as the schedule says.
    fn give_up(&mut self) -> Failed<T::Error> {
        // Whatever it has seen of the source.
        self.stamp = None;
        let error = SecretsUnavailable::Unanswered;
        self.error = Some(error.clone());
        self.failed_of(error)
    }

    fn failed(&self) -> Option<Failed<T::Error>> {
        Some(self.failed_of(self.error.clone()?))
    }

    fn failed_of(&self, error: SecretsUnavailable<T::Error>) -> Failed<T::Error> {
        Failed {
            error,
            failures: self.schedule.failures(),
            at_hand: self.at_hand.is_some(),
        }
    }
}

/// A read that failed, to be reported once nothing is locked.
struct Failed<E> {
    error: SecretsUnavailable<E>,
    failures: u32,
    at_hand: bool,
}

impl<E: Error> Failed<E> {
    fn report<T: SecretTexts<Error = E>>(&self, source: &T) {
        let error = &self.error;
        source.report(SecretReport::Failed {
            error,
            is_broken: matches!(error, SecretsUnavailable::Unread(error) if T::is_broken(error)),
            failures: self.failures,
            at_hand: self.at_hand,
        });
    }
}

impl<T: SecretTexts, R> Clone for CachedSecrets<T, R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: SecretTexts> core::fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Cache")
            .field("at_hand", &self.at_hand)
            .finish_non_exhaustive()
    }
}

/// A place among those who wait for a read, given back however the wait ends.
struct Place<'a, T: SecretTexts, R>(&'a Inner<T, R>);

impl<T: SecretTexts, R> Drop for Place<'_, T, R> {
    fn drop(&mut self) {
        self.0.cache().schedule.leave();
    }
}

/// The end of a read, for those who wait for it.
#[derive(Debug, Default)]
struct End(Mutex<Waiters>);

#[derive(Debug, Default)]
struct Waiters {
    has_come: bool,
    wakers: Vec<Waker>,
}

impl End {
    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has come. If not, whoever asks is woken then.
    fn has_come(&self, context: &Context<'_>) -> bool {
        let mut waiters = self.waiters();
        let waker = context.waker();
        if !waiters.has_come && !waiters.wakers.iter().any(|known| known.will_wake(waker)) {
            waiters.wakers.push(waker.clone());
        }
        waiters.has_come
    }
}

/// Lets the end come, also where the task of the read is dropped.
struct Ends(Arc<End>);

impl Drop for Ends {
    fn drop(&mut self) {
        let mut waiters = self.0.waiters();
        waiters.has_come = true;
        let wakers = core::mem::take(&mut waiters.wakers);
        drop(waiters);
        wakers.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
#[cfg(feature = "tokio")]
mod tests {
    use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use sinch_callback::{InvalidSecretRing, Secret};
    use tokio::{
        sync::Notify,
        task::{JoinHandle, yield_now},
        time::Instant,
    };

    use super::*;
    use crate::{SecretText, Tokio};

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    fn at(offset: u64) -> UnixSeconds {
        UnixSeconds::new(NOW.get().saturating_add(offset))
    }

    #[derive(Debug, thiserror::Error)]
    enum Trouble {
        #[error("down")]
        Down,
        #[error("no secret")]
        NoSecret,
        #[error(transparent)]
        Ring(#[from] InvalidSecretRing),
    }

    /// A source that holds one text; none where it is down.
    #[derive(Default)]
    struct Source {
        text: Mutex<Option<&'static str>>,
        stamp: AtomicU32,
        reads: AtomicU32,
        /// Whether reads that begin now go on only when they are told to.
        hangs: AtomicBool,
        released: Notify,
        reports: Mutex<Vec<&'static str>>,
    }

    impl Source {
        fn put(&self, text: Option<&'static str>) {
            *self.text.lock().unwrap() = text;
        }

        fn reads(&self) -> u32 {
            self.reads.load(Ordering::Relaxed)
        }

        fn take_reports(&self) -> Vec<&'static str> {
            core::mem::take(&mut self.reports.lock().unwrap())
        }

        fn hang(&self) {
            self.hangs.store(true, Ordering::Relaxed);
        }

        /// Lets reads go on.
        fn release(&self) {
            self.hangs.store(false, Ordering::Relaxed);
            self.released.notify_waiters();
        }
    }

    impl SecretTexts for Source {
        type Error = Trouble;
        type Stamp = u32;

        fn stamp(&self) -> Option<u32> {
            let stamp = self.stamp.load(Ordering::Relaxed);
            (stamp > 0).then_some(stamp)
        }

        async fn read(&self, _now: UnixSeconds) -> Result<Vec<SecretText>, Trouble> {
            self.reads.fetch_add(1, Ordering::Relaxed);
            // What it will say is settled when it is asked.
            let text = *self.text.lock().unwrap();
            if self.hangs.load(Ordering::Relaxed) {
                self.released.notified().await;
            }
            let text = text.ok_or(Trouble::Down)?;
            Ok(vec![SecretText::found(text.into(), "the source".into())])
        }

        fn key(&self, text: &SecretText) -> Result<AnyKey, Trouble> {
            let secret = Secret::new(&text.bytes).map_err(|_| Trouble::NoSecret);
            Ok(secret?.into())
        }

        fn is_broken(error: &Trouble) -> bool {
            matches!(error, Trouble::NoSecret)
        }

        fn report(&self, report: SecretReport<'_, Trouble>) {
            self.reports.lock().unwrap().push(match report {
                SecretReport::Read => "read",
                SecretReport::Failed {
                    is_broken: true, ..
                } => "broken",
                SecretReport::Failed { .. } => "failed",
                SecretReport::TooMany { .. } => "too many",
            });
        }
    }

    type Kept = CachedSecrets<Source, Tokio>;

    fn kept(text: &'static str, timing: SecretTiming) -> Kept {
        let source = Source::default();
        source.put(Some(text));
        CachedSecrets::new(source, timing, Tokio)
    }

    fn version(text: &str) -> RingVersion {
        Ring::<AnyKey>::from(Secret::new(text).unwrap()).version()
    }

    /// Asks for newer secrets in a task of its own.
    fn refresh(secrets: &Kept, judged: &'static str, offset: u64) -> JoinHandle<Refresh> {
        let secrets = secrets.clone();
        tokio::spawn(async move { secrets.refresh(version(judged), at(offset)).await })
    }

    fn is_newer(refresh: &Refresh, text: &str) -> bool {
        matches!(refresh, Refresh::Newer(newer) if newer.version == version(text))
    }

    #[tokio::test]
    async fn old_secrets_are_read_again_behind_a_request_that_does_not_wait() {
        let secrets = kept("former", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.source().put(Some("latter"));
        let used = secrets.current(at(300)).await.unwrap();
        assert_eq!(used.version, version("former"));
        yield_now().await;
        let used = secrets.current(at(301)).await.unwrap();
        assert_eq!((used.version, used.read_at), (version("latter"), at(300)));
    }

    #[tokio::test]
    async fn a_first_read_that_fails_is_told_with_its_cause_and_then_that_it_is_tried_again() {
        let secrets = kept("secret", SecretTiming::REMOTE);
        secrets.source().put(None);
        let first = secrets.current(NOW).await.unwrap_err();
        assert_eq!(first.to_string(), "down");
        let second = secrets.current(NOW).await.unwrap_err();
        assert_eq!(second.to_string(), "down (tried again in a moment)");
        assert_eq!(secrets.source().reads(), 1);
        secrets.source().put(Some("secret"));
        secrets.current(at(1)).await.unwrap();
        assert_eq!(secrets.source().take_reports(), ["failed", "read"]);
    }

    #[tokio::test]
    async fn what_is_broken_leaves_what_is_at_hand_in_use() {
        let secrets = kept("former", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.source().put(Some("\"newer\""));
        let refreshed = secrets.refresh(version("former"), at(1)).await;
        assert!(matches!(refreshed, Refresh::Unavailable), "{refreshed:?}");
        let used = secrets.current(at(1)).await.unwrap();
        assert_eq!(used.version, version("former"));
        assert_eq!(secrets.source().take_reports(), ["read", "broken"]);
    }

    #[tokio::test]
    async fn of_many_mismatches_at_once_one_reads_and_all_are_told() {
        let secrets = kept("former", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.source().put(Some("newer"));
        secrets.source().hang();
        let refreshes = [(); 8].map(|()| refresh(&secrets, "former", 1));
        yield_now().await;
        yield_now().await;
        secrets.source().release();
        for refreshed in refreshes {
            let refreshed = refreshed.await.unwrap();
            assert!(is_newer(&refreshed, "newer"), "{refreshed:?}");
        }
        assert_eq!(secrets.source().reads(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_mismatch_waits_a_second_for_a_read_and_the_65th_not_at_all() {
        let secrets = kept("secret", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.source().hang();
        let begun = Instant::now();
        let waiting = [(); 64].map(|()| refresh(&secrets, "secret", 1));
        yield_now().await;
        let one_more = refresh(&secrets, "secret", 1).await.unwrap();
        assert!(matches!(one_more, Refresh::UnderWay), "{one_more:?}");
        assert_eq!(begun.elapsed(), Duration::ZERO);
        for refreshed in waiting {
            let refreshed = refreshed.await.unwrap();
            assert!(matches!(refreshed, Refresh::UnderWay), "{refreshed:?}");
        }
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_is_dropped_gives_back_its_place() {
        let secrets = kept("secret", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.source().hang();
        let waiting = [(); 64].map(|()| refresh(&secrets, "secret", 1));
        yield_now().await;
        for request in waiting {
            request.abort();
            assert!(request.await.is_err());
        }
        let begun = Instant::now();
        let refreshed = secrets.refresh(version("secret"), at(1)).await;
        assert!(matches!(refreshed, Refresh::UnderWay), "{refreshed:?}");
        assert_eq!(begun.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_read_brings_that_was_given_up_is_not_kept() {
        let secrets = kept("former", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.source().hang();
        let refreshed = secrets.refresh(version("former"), at(1)).await;
        assert!(matches!(refreshed, Refresh::UnderWay), "{refreshed:?}");
        let refreshed = secrets.refresh(version("former"), at(6)).await;
        assert!(matches!(refreshed, Refresh::Unavailable), "{refreshed:?}");
        // The next one, which reads from another connection, overtakes it.
        secrets.source().put(Some("newer"));
        secrets.source().hangs.store(false, Ordering::Relaxed);
        let refreshed = secrets.refresh(version("former"), at(31)).await;
        assert!(is_newer(&refreshed, "newer"), "{refreshed:?}");
        secrets.source().release();
        yield_now().await;
        let used = secrets.current(at(32)).await.unwrap();
        assert_eq!(used.version, version("newer"));
        assert_eq!(secrets.source().take_reports(), ["read", "failed", "read"]);
    }

    #[tokio::test]
    async fn what_bears_the_stamp_of_the_last_read_is_not_read_and_stands_as_it_was() {
        let secrets = kept("former", SecretTiming::NEARBY);
        secrets.source().stamp.store(1, Ordering::Relaxed);
        secrets.current(NOW).await.unwrap();
        let refreshed = secrets.refresh(version("former"), at(1)).await;
        assert!(matches!(refreshed, Refresh::Unchanged), "{refreshed:?}");
        secrets.source().put(None);
        secrets.source().stamp.store(2, Ordering::Relaxed);
        for _ in 0..2 {
            let refreshed = secrets.refresh(version("former"), at(1)).await;
            assert!(matches!(refreshed, Refresh::Unavailable), "{refreshed:?}");
        }
        assert_eq!(secrets.source().take_reports(), ["read", "failed"]);
        assert_eq!(secrets.source().reads(), 2);
        // A person's word counts for more than the stamp.
        secrets.source().put(Some("latter"));
        secrets.reload(at(2)).await.unwrap();
        let used = secrets.current(at(2)).await.unwrap();
        assert_eq!(used.version, version("latter"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_was_given_up_leaves_no_stamp_behind() {
        let secrets = kept("secret", SecretTiming::NEARBY);
        secrets.source().stamp.store(1, Ordering::Relaxed);
        secrets.current(NOW).await.unwrap();
        secrets.source().hang();
        secrets.source().stamp.store(2, Ordering::Relaxed);
        let refreshed = secrets.refresh(version("secret"), at(1)).await;
        assert!(matches!(refreshed, Refresh::UnderWay), "{refreshed:?}");
        secrets.source().hangs.store(false, Ordering::Relaxed);
        secrets.source().stamp.store(1, Ordering::Relaxed);
        let refreshed = secrets.refresh(version("secret"), at(6)).await;
        assert!(matches!(refreshed, Refresh::Unchanged), "{refreshed:?}");
        assert_eq!(secrets.source().reads(), 3);
    }

    #[tokio::test]
    async fn what_a_snapshot_held_is_forgotten() {
        let secrets = kept("former", SecretTiming::REMOTE);
        secrets.current(NOW).await.unwrap();
        secrets.forget();
        secrets.source().put(Some("latter"));
        let used = secrets.current(NOW).await.unwrap();
        assert_eq!(used.version, version("latter"));
    }
}
