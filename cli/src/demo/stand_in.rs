//! Sinch, as it is played: this program's `play-sinch`, as a process of its own.

use core::time::Duration;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use super::receiver::{Receiver, ask};
use crate::{command_error::CommandError, settings};

/// How long it may take to start.
const PATIENCE: Duration = Duration::from_secs(20);

/// A stand-in. It ends when it is dropped.
pub(super) struct StandIn {
    _child: Child,
    url: String,
    journal: PathBuf,
}

/// A call that it has taken.
#[derive(Debug, Deserialize)]
pub(super) struct Send {
    /// The attempt that it was made for.
    pub(super) correlation_id: String,
}

impl StandIn {
    /// Starts one that plays a scenario, so many times as fast.
    pub(super) async fn start(
        folder: &Path,
        scenario: &str,
        speed: u32,
    ) -> Result<Self, CommandError> {
        let failed = |error| CommandError::failed("Sinch cannot be played", error);
        let (rules, journal) = (folder.join("scenario.toml"), folder.join("journal.jsonl"));
        fs::write(&rules, scenario).map_err(failed)?;
        fs::write(&journal, "").map_err(failed)?;
        let mut command = Command::new(env::current_exe().map_err(failed)?);
        command
            .args(["--log", "off", "play-sinch", "--listen", "127.0.0.1:0"])
            .args(["--speed", &speed.to_string(), "--scenario"])
            .arg(&rules)
            .arg("--journal")
            .arg(&journal);
        for name in settings::variables_set() {
            command.env_remove(name);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            let read = tokio::time::timeout(PATIENCE, output.read_line(&mut line)).await;
            read.map_err(|error| failed(error.into()))?
                .map_err(failed)?;
        }
        let url = line.trim().strip_prefix("listening on ");
        let ended = || CommandError::failed("Sinch cannot be played", "it ended");
        Ok(Self {
            url: url.ok_or_else(ended)?.to_owned(),
            _child: child,
            journal,
        })
    }

    /// Where its API is.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Has it call a receiver back, signed with this secret.
    pub(super) async fn calls_back(
        &self,
        receiver: &Receiver,
        secret: &str,
    ) -> Result<(), CommandError> {
        let webhook = json!({
            "app_id": "demo-app",
            "target": receiver.callbacks(),
            "target_type": "HTTP",
            "secret": secret,
            "triggers": ["MESSAGE_DELIVERY", "MESSAGE_SUBMIT"],
        });
        match ask(&self.url, "/v1/projects/demo/webhooks", &webhook).await? {
            (200, _) => Ok(()),
            (status, _) => Err(CommandError::failed(
                "the webhook cannot be made",
                format!("answered {status}"),
            )),
        }
    }

    /// The calls that it has taken, in order.
    pub(super) fn sends(&self) -> Result<Vec<Send>, CommandError> {
        let text = fs::read_to_string(&self.journal)
            .map_err(|error| CommandError::failed("the journal cannot be read", error))?;
        let lines = text.lines();
        let sends = lines.filter(|line| line.contains(r#""what":"send""#));
        Ok(sends
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect())
    }
}
