//! A receiver as a user starts it: this program, as a process of its own.

use core::time::Duration;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
};

use hyper::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sinch_callback_server::client::Client;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{command_error::CommandError, settings};

/// How long a receiver may take to start or to stop.
const PATIENCE: Duration = Duration::from_secs(20);

pub(super) struct Receiver {
    child: Child,
    address: String,
    admin: String,
    data: PathBuf,
}

impl Receiver {
    /// Starts a receiver with its store and its secrets in `folder`, the current secret first, and with
    /// further arguments.
    pub(super) async fn start(
        folder: &Path,
        secrets: &[String],
        more: &[String],
    ) -> Result<Self, CommandError> {
        let failed = |error| CommandError::failed("a receiver cannot be started", error);
        let data = folder.join("data");
        let mut command = Command::new(env::current_exe().map_err(failed)?);
        command
            .args(["--log", "off", "serve", "--listen", "127.0.0.1:0"])
            .args(["--admin-listen", "127.0.0.1:0", "--data"])
            .arg(&data);
        for (index, secret) in secrets.iter().enumerate() {
            let path = folder.join(format!("secret-{index}.txt"));
            fs::write(&path, secret).map_err(failed)?;
            command.arg("--secret-file").arg(path);
        }
        command.args(more);
        // What is set for others is not for a receiver that shows something.
        for name in settings::variables_set() {
            command.env_remove(name);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        let mut lines = String::new();
        if let Some(output) = child.stdout.take() {
            let mut output = BufReader::new(output);
            for _ in 0..2 {
                let read = tokio::time::timeout(PATIENCE, output.read_line(&mut lines)).await;
                read.map_err(|error| failed(error.into()))?
                    .map_err(failed)?;
            }
        }
        let told = |prefix: &str| {
            lines
                .lines()
                .find_map(|line| line.strip_prefix(prefix))
                .map(str::to_owned)
                .ok_or_else(|| CommandError::failed("a receiver cannot be started", "it ended"))
        };
        let (address, admin) = (told("listening on ")?, told("admin on ")?);
        Ok(Self {
            child,
            address,
            admin,
            data,
        })
    }

    /// The address of what it tells, without a path.
    pub(super) fn admin(&self) -> &str {
        &self.admin
    }

    /// The folder of its store.
    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// A client of its callbacks path.
    pub(super) fn client(&self) -> Result<Client, CommandError> {
        client(&self.callbacks())
    }

    /// What it shows at `path`.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CommandError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            CommandError::failed(format!("{path} cannot be read"), error)
        };
        let answer = client(&self.admin)?
            .get(path)
            .await
            .map_err(|e| failed(e.into()))?;
        serde_json::from_slice(&answer.body).map_err(|e| failed(e.into()))
    }

    /// The address that callbacks go to.
    pub(super) fn callbacks(&self) -> String {
        format!("{}/callbacks", self.address)
    }

    /// Asks it for something, and gives the status and what came back.
    pub(super) async fn ask(&self, path: &str, body: &Value) -> Result<(u16, Value), CommandError> {
        ask(&self.admin, path, body).await
    }

    /// Ends it as a crash does: at once, with nothing finished.
    pub(super) async fn kill(mut self) -> Result<(), CommandError> {
        self.child
            .kill()
            .await
            .map_err(|error| CommandError::failed("the receiver cannot be killed", error))
    }

    /// Asks it to end, and waits until it has.
    pub(super) async fn stop(mut self) -> Result<(), CommandError> {
        let failed = |error| CommandError::failed("the receiver cannot be stopped", error);
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            kill_process(pid, Signal::TERM).map_err(|error| failed(error.into()))?;
        }
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = ended
            .map_err(|error| failed(error.into()))?
            .map_err(failed)?;
        if status.success() {
            Ok(())
        } else {
            Err(CommandError::failed(
                "the receiver did not end as it should",
                status.to_string(),
            ))
        }
    }
}

/// Posts JSON to a server, and gives the status and the JSON that came back.
pub(super) async fn ask(
    server: &str,
    path: &str,
    body: &Value,
) -> Result<(u16, Value), CommandError> {
    let kinds = [
        ("content-type", "application/json"),
        ("authorization", "Bearer demo"),
    ];
    let answer = client(server)?
        .request(Method::POST, path, kinds, body.to_string())
        .await
        .map_err(|error| CommandError::failed(format!("{path} cannot be asked"), error))?;
    let value = serde_json::from_slice(&answer.body).unwrap_or_default();
    Ok((answer.status, value))
}

fn client(url: &str) -> Result<Client, CommandError> {
    Client::new(url)
        .map_err(|error| CommandError::failed("the receiver has no usable address", error))
}
