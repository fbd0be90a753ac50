use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sinch_callback::{
    InvalidSecretRing, SecretRing, UnixSeconds,
    scheme::{AnyKey, AnyScheme},
    secret_schedule::SecretTiming,
};
use sinch_callback_pipeline::{
    CachedSecrets, SecretReport, SecretSource, SecretText, SecretTexts, SecretsUnavailable, Tokio,
};

use super::files::{SecretFiles, SecretsError};
use crate::{causes::with_causes, clock::Clock, metrics::Metrics};

/// The secrets of a running receiver.
pub(crate) type KeptSecrets = CachedSecrets<WatchedFiles, Tokio>;

/// The files that hold the secrets, or the text that was given, which stays what it is.
pub(crate) struct WatchedFiles {
    files: SecretFiles,
    /// What they are keys of.
    scheme: AnyScheme,
    metrics: Arc<Metrics>,
    /// Why the last read failed, as the log has said.
    said: Mutex<Option<String>>,
}

/// Reads the secrets for the first time.
pub(crate) async fn load(
    files: SecretFiles,
    scheme: AnyScheme,
    metrics: Arc<Metrics>,
) -> Result<KeptSecrets, SecretsUnavailable<SecretsError>> {
    let files = WatchedFiles {
        files,
        scheme,
        metrics,
        said: Mutex::default(),
    };
    let secrets = CachedSecrets::new(files, SecretTiming::NEARBY, Tokio);
    secrets.current(Clock::System.now()).await?;
    Ok(secrets)
}

/// Reads the secrets again, whatever the files look like, and says in the log how that went.
pub(crate) async fn reload(secrets: &KeptSecrets) {
    // Said again, though it may have been said before.
    *secrets.source().said() = None;
    if secrets.reload(Clock::System.now()).await.is_ok() {
        tracing::info!("the webhook secrets have been read again");
    }
}

/// What tells a file from the one that it was: a quick second write changes at least its size, and
/// a file put in its place is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    modified: SystemTime,
    length: u64,
    number: u64,
}

/// For how long after a write another one might bear the same time: file systems count in steps.
const STEP: Duration = Duration::from_secs(2);

impl WatchedFiles {
    fn said(&self) -> MutexGuard<'_, Option<String>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SecretTexts for WatchedFiles {
    type Error = SecretsError;
    type Stamp = Vec<Look>;

    /// What the files look like; `None` where they could be written again without looking any
    /// different.
    fn stamp(&self) -> Option<Vec<Look>> {
        look(self.files.paths())
            .ok()
            .filter(|look| is_settled(look))
    }

    async fn read(&self, _now: UnixSeconds) -> Result<Vec<SecretText>, SecretsError> {
        let texts = self.files.texts()?;
        if texts.len() > SecretRing::MAX {
            return Err(InvalidSecretRing::TooMany.into());
        }
        Ok(texts)
    }

    fn key(&self, text: &SecretText) -> Result<AnyKey, SecretsError> {
        self.files.key(text, &self.scheme)
    }

    fn is_broken(error: &SecretsError) -> bool {
        error.is_broken()
    }

    fn report(&self, report: SecretReport<'_, SecretsError>) {
        let SecretReport::Failed {
            error,
            is_broken,
            at_hand,
            ..
        } = report
        else {
            self.metrics.secrets_read("ok");
            *self.said() = None;
            return;
        };
        let outcome = if is_broken { "broken" } else { "failed" };
        self.metrics.secrets_read(outcome);
        let why = with_causes(error);
        let mut said = self.said();
        // Once for each cause, because mismatches are as many as strangers like. Where there are none
        // at hand, the command ends and says it.
        if at_hand && said.as_ref() != Some(&why) {
            tracing::error!(
                error = why,
                "the secrets cannot be read again; the ones at hand stay in use, and what matches \
                 none of them is answered 503"
            );
        }
        *said = Some(why);
    }
}

/// What the files look like. What is no file, as a pipe, can be read once and is nobody's to change.
fn look(files: &[PathBuf]) -> io::Result<Vec<Look>> {
    let looks = files.iter().map(|path| {
        let metadata = fs::metadata(path)?;
        Ok(metadata.is_file().then_some(Look {
            modified: metadata.modified()?,
            length: metadata.len(),
            number: number(&metadata),
        }))
    });
    looks.filter_map(Result::transpose).collect()
}

#[cfg(unix)]
fn number(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
const fn number(_metadata: &fs::Metadata) -> u64 {
    0
}

/// Whether a write from here on would be seen.
fn is_settled(look: &[Look]) -> bool {
    let now = Duration::from_secs(Clock::System.now().get());
    look.iter().all(|file| {
        file.modified
            .duration_since(UNIX_EPOCH)
            .is_ok_and(|modified| now.saturating_sub(modified) > STEP)
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sinch_callback_pipeline::Refresh;

    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    async fn kept(files: &[&Path]) -> KeptSecrets {
        let files = files.iter().map(|path| path.to_path_buf()).collect();
        let metrics = Arc::new(Metrics::new());
        load(SecretFiles::new(files), AnyScheme::default(), metrics)
            .await
            .unwrap()
    }

    /// Writes a file that was last written at this moment, however long ago.
    fn write(path: &Path, text: &str, at: u64) {
        fs::write(path, text).unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        let at = UNIX_EPOCH.checked_add(Duration::from_secs(at)).unwrap();
        file.set_modified(at).unwrap();
    }

    #[tokio::test]
    async fn a_file_is_read_again_when_it_is_another_one_however_it_came_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.txt");
        write(&path, "made-up-secret-1", 1_000);
        let secrets = kept(&[&path]).await;
        let mut judged = secrets.current(NOW).await.unwrap().version;
        let unchanged = secrets.refresh(judged, NOW).await;
        assert!(matches!(unchanged, Refresh::Unchanged), "{unchanged:?}");

        // Another time; another size at the same time; another file of the same size and time.
        let beside = folder.path().join("beside.txt");
        for change in 0..3 {
            match change {
                0 => write(&path, "made-up-secret-2", 1_001),
                1 => write(&path, "made-up-secret-33", 1_001),
                _ => {
                    write(&beside, "made-up-secret-44", 1_001);
                    fs::rename(&beside, &path).unwrap();
                }
            }
            let refresh = secrets.refresh(judged, NOW).await;
            let Refresh::Newer(newer) = refresh else {
                panic!("{change}: {refresh:?}")
            };
            // Whoever was judged with the former secrets is told at once.
            let late = secrets.refresh(judged, NOW).await;
            assert!(matches!(late, Refresh::Newer(_)), "{late:?}");
            judged = newer.version;
        }
        assert!(matches!(
            secrets.refresh(judged, NOW).await,
            Refresh::Unchanged
        ));
    }

    #[tokio::test]
    async fn a_file_that_was_written_a_moment_ago_is_read_though_it_looks_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.txt");
        let moment_ago = Clock::System.now().get();
        write(&path, "made-up-secret-1", moment_ago);
        let secrets = kept(&[&path]).await;
        let judged = secrets.current(NOW).await.unwrap().version;
        let inside = fs::File::options().write(true).open(&path).unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "made-up-secret-2").unwrap();
        inside.set_modified(before).unwrap();
        assert!(matches!(
            secrets.refresh(judged, NOW).await,
            Refresh::Newer(_)
        ));
    }

    #[tokio::test]
    async fn what_is_broken_leaves_what_is_at_hand_and_is_counted_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret.txt");
        write(&path, "made-up-secret-1", 1_000);
        let secrets = kept(&[&path]).await;
        let judged = secrets.current(NOW).await.unwrap().version;
        for (text, at) in [("\"made-up-secret-2\"", 1_001), ("", 1_002)] {
            write(&path, text, at);
            let refresh = secrets.refresh(judged, NOW).await;
            assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
            assert_eq!(secrets.current(NOW).await.unwrap().version, judged);
        }
        // Nothing has changed, and nothing is read.
        let refresh = secrets.refresh(judged, NOW).await;
        assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
        let counted = secrets.source().metrics.text();
        let line = "sinch_callback_secret_reads_total{outcome=\"broken\"} 2";
        assert!(counted.contains(line), "{counted}");
        write(&path, "made-up-secret-1", 1_003);
        assert!(matches!(
            secrets.refresh(judged, NOW).await,
            Refresh::Unchanged
        ));
        assert!(secrets.source().said().is_none());
    }
}
