//! A stand-in for Sinch's API as a process.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Stdio},
};

use serde_json::Value;
use sinch_callback_server::clock::Clock;
use tempfile::TempDir;

use crate::harness::{
    Headers, Receiver, Reply, SECRET, binary, connect, eventually, exchange, request,
};

/// A running stand-in. Killed when it is dropped.
pub struct StandIn {
    child: Child,
    pub address: SocketAddr,
    folder: TempDir,
}

impl StandIn {
    /// One that plays a scenario, a thousand times faster unless other arguments say so, and calls back
    /// to `callback_url` where a message has no other address.
    pub fn start(scenario: &str, callback_url: &str, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let mut command = binary();
        command
            .args(["play-sinch", "--listen", "127.0.0.1:0", "--scenario"])
            .arg(file("scenario.toml", scenario))
            .arg("--journal")
            .arg(file("journal.jsonl", ""))
            .arg("--secret-file")
            .arg(file("secret.txt", SECRET))
            .args(["--callback-url", callback_url])
            .args(arguments);
        if !arguments.contains(&"--speed") {
            command.args(["--speed", "1000"]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap();
        Self {
            address: address.parse().unwrap(),
            child,
            folder,
        }
    }

    /// The address, as other commands are given it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has written down so far.
    pub fn journal(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join("journal.jsonl")).unwrap();
        let lines = text
            .split_inclusive('\n')
            .filter(|line| line.ends_with('\n'));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// What it has written down of this kind.
    pub fn written(&self, what: &str) -> Vec<Value> {
        let mut entries = self.journal();
        entries.retain(|entry| entry["what"] == what);
        entries
    }

    /// The entries of this kind, once there are so many.
    pub fn count(&self, what: &str, count: usize) -> Vec<Value> {
        eventually(|| {
            let entries = self.written(what);
            (entries.len() >= count).then_some(entries)
        })
    }

    /// Asks it something.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.ask_as("Bearer any", method, path, body)
    }

    pub fn ask_as(&self, who: &str, method: &str, path: &str, body: &Value) -> Reply {
        let headers: &Headers = &[
            ("authorization", who.to_owned()),
            ("content-type", "application/json".to_owned()),
        ];
        let body = match body {
            Value::Null => Vec::new(),
            Value::String(form) => form.clone().into_bytes(),
            body => body.to_string().into_bytes(),
        };
        let request = request(method, path, headers, &body);
        exchange(&mut connect(self.address), &request)
    }

    /// Sends a text to somebody.
    pub fn send(&self, channel: &str, to: &str, correlation_id: &str) -> Reply {
        self.ask(
            "POST",
            "/v1/projects/p/messages:send",
            &text(channel, to, correlation_id),
        )
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The body of a send.
pub fn text(channel: &str, to: &str, correlation_id: &str) -> Value {
    serde_json::json!({
        "app_id": "app",
        "recipient": {"identified_by": {"channel_identities": [{"channel": channel, "identity": to}]}},
        "message": {"text_message": {"text": "Your code is 1234"}},
        "channel_priority_order": [channel],
        "correlation_id": correlation_id,
        "message_metadata": "shop",
        "ttl": "600s",
    })
}

/// A receiver at the present, and where its callbacks go.
pub fn receiver() -> (Receiver, String) {
    let now = Clock::System.now().get().to_string();
    let receiver = Receiver::start_with(&["--clock-at", &now]);
    let url = format!("http://{}/callbacks", receiver.address);
    (receiver, url)
}
