use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use sinch_callback::{RingVersion, UnixSeconds};
use sinch_callback_pipeline::{Refresh, SecretSource, Secrets};

use super::metrics::Metrics;
use crate::{
    clock::Clock,
    secrets::{SecretArgs, SecretsError},
};

/// The secrets of a running receiver.
///
/// At a mismatch the files are looked at, which costs so little that it needs no pause: they are
/// read again where they are other files than those that were read. The environment variable is
/// what it was at the start.
pub(super) struct KeptSecrets {
    args: SecretArgs,
    metrics: Arc<Metrics>,
    kept: Mutex<Kept>,
}

struct Kept {
    secrets: Secrets,
    /// What the files looked like before they were read; `None` where they may have been written
    /// since without looking any different.
    look: Option<Vec<Look>>,
    /// Why the last read failed.
    failed: Option<String>,
}

/// What tells a file from the one that it was: a quick second write changes at least its size, and
/// a file put in its place is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    modified: SystemTime,
    length: u64,
    number: u64,
}

/// For how long after a write another one might bear the same time: file systems count in steps.
const STEP: Duration = Duration::from_secs(2);

impl KeptSecrets {
    /// Reads the secrets for the first time.
    pub(super) fn load(args: SecretArgs, metrics: Arc<Metrics>) -> Result<Self, SecretsError> {
        let look = look(args.paths()).ok().filter(|look| is_settled(look));
        let ring = args.ring()?;
        Ok(Self {
            kept: Mutex::new(Kept {
                secrets: Secrets::new(ring, Clock::System.now()),
                look,
                failed: None,
            }),
            args,
            metrics,
        })
    }

    /// Reads the secrets again, whatever the files look like, and says in the log how that went.
    pub(super) fn reload(&self) {
        let mut kept = self.kept();
        // Said again, though it may have been said before.
        kept.failed = None;
        self.read(&mut kept, Clock::System.now());
        if kept.failed.is_none() {
            tracing::info!("the webhook secrets have been read again");
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the secrets again. What is broken leaves in use what is at hand.
    fn read(&self, kept: &mut Kept, now: UnixSeconds) {
        // Looked at first: what is written while they are read looks different the next time.
        kept.look = look(self.args.paths()).ok().filter(|look| is_settled(look));
        match self.args.ring() {
            Ok(ring) => {
                self.metrics.secrets_read("ok");
                kept.secrets = Secrets::new(ring, now);
                kept.failed = None;
            }
            Err(error) => {
                let outcome = if error.is_broken() {
                    "broken"
                } else {
                    "failed"
                };
                self.metrics.secrets_read(outcome);
                let why = describe(&error);
                // Once for each cause: mismatches are as many as strangers like.
                if kept.failed.as_ref() != Some(&why) {
                    tracing::error!(
                        error = why,
                        "the secrets cannot be read again; the ones at hand stay in use, and what \
                         matches none of them is answered 503"
                    );
                }
                kept.failed = Some(why);
            }
        }
    }
}

fn describe(error: &SecretsError) -> String {
    match error {
        SecretsError::Unreadable { source, .. } => format!("{error}: {source}"),
        error => error.to_string(),
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

impl SecretSource for KeptSecrets {
    type Error = SecretsError;

    async fn current(&self, _now: UnixSeconds) -> Result<Secrets, SecretsError> {
        Ok(self.kept().secrets.clone())
    }

    async fn refresh(&self, judged: RingVersion, now: UnixSeconds) -> Refresh {
        let mut kept = self.kept();
        if kept.secrets.version != judged {
            return Refresh::Newer(kept.secrets.clone());
        }
        let is_known = match (look(self.args.paths()), &kept.look) {
            (Ok(found), Some(known)) => found == *known,
            (Ok(found), None) => found.is_empty(),
            (Err(_), _) => false,
        };
        if !is_known {
            self.read(&mut kept, now);
        }
        match kept.failed {
            Some(_) => Refresh::Unavailable,
            None if kept.secrets.version != judged => Refresh::Newer(kept.secrets.clone()),
            None => Refresh::Unchanged,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        secrets: SecretArgs,
    }

    fn kept(files: &[&Path]) -> KeptSecrets {
        let mut line = vec!["test".to_owned()];
        for file in files {
            line.push(format!("--secret-file={}", file.display()));
        }
        let command = Command::try_parse_from(line).unwrap();
        KeptSecrets::load(command.secrets, Arc::new(Metrics::new())).unwrap()
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
        write(&path, "made-up-1", 1_000);
        let secrets = kept(&[&path]);
        let mut judged = secrets.current(NOW).await.unwrap().version;
        let unchanged = secrets.refresh(judged, NOW).await;
        assert!(matches!(unchanged, Refresh::Unchanged), "{unchanged:?}");

        // Another time; another size at the same time; another file of the same size and time.
        let beside = folder.path().join("beside.txt");
        for change in 0..3 {
            match change {
                0 => write(&path, "made-up-2", 1_001),
                1 => write(&path, "made-up-33", 1_001),
                _ => {
                    write(&beside, "made-up-44", 1_001);
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
        write(&path, "made-up-1", moment_ago);
        let secrets = kept(&[&path]);
        let judged = secrets.current(NOW).await.unwrap().version;
        let inside = fs::File::options().write(true).open(&path).unwrap();
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "made-up-2").unwrap();
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
        write(&path, "made-up-1", 1_000);
        let secrets = kept(&[&path]);
        let judged = secrets.current(NOW).await.unwrap().version;
        for (text, at) in [("\"made-up-2\"", 1_001), ("", 1_002)] {
            write(&path, text, at);
            let refresh = secrets.refresh(judged, NOW).await;
            assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
            assert_eq!(secrets.current(NOW).await.unwrap().version, judged);
        }
        // Nothing has changed, and nothing is read.
        let refresh = secrets.refresh(judged, NOW).await;
        assert!(matches!(refresh, Refresh::Unavailable), "{refresh:?}");
        let counted = secrets.metrics.text();
        let line = "sinch_callback_secret_reads_total{outcome=\"broken\"} 2";
        assert!(counted.contains(line), "{counted}");
        write(&path, "made-up-1", 1_003);
        assert!(matches!(
            secrets.refresh(judged, NOW).await,
            Refresh::Unchanged
        ));
        assert!(secrets.kept().failed.is_none());
    }
}
