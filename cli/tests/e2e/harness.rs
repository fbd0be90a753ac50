//! A receiver as a process, and a client that can also misbehave.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::Value;
use sinch_callback::{Secret, Signer, UnixSeconds};
use tempfile::TempDir;

/// A secret that nobody has.
pub const SECRET: &str = "made-up-secret-for-tests";
/// The clock of receivers in tests, unless a test wants another.
pub const NOW: u64 = 1_700_000_000;
/// A person's number, which is in every report and must not be in any log.
const IDENTITY: &str = "12025550147";
/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(30);

/// The binary under test, with the log on its standard error.
pub fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_sinch-callback"))
}

/// A running receiver. Killed when it is dropped.
pub struct Receiver {
    child: Child,
    pub address: SocketAddr,
    /// Where it tells what it knows.
    pub admin: SocketAddr,
    pub folder: TempDir,
    log: Option<thread::JoinHandle<String>>,
}

impl Receiver {
    /// A receiver at the tests' clock.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A receiver with further arguments.
    pub fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret.txt"), format!("{SECRET}\n")).unwrap();
        Self::start_in(folder, arguments)
    }

    /// A receiver on the store and the secret that a folder holds.
    pub fn start_in(folder: TempDir, arguments: &[&str]) -> Self {
        let mut command = binary();
        command.args(Self::arguments(folder.path(), arguments));
        Self::spawn(command, folder)
    }

    /// The arguments of a receiver in a folder.
    pub fn arguments(folder: &Path, more: &[&str]) -> Vec<String> {
        let mut arguments: Vec<String> = ["--log", "debug", "serve"].map(String::from).into();
        for option in ["--listen", "--admin-listen"] {
            if !more.contains(&option) {
                arguments.extend([option, "127.0.0.1:0"].map(String::from));
            }
        }
        arguments.extend(["--data".into(), data(folder).display().to_string()]);
        arguments.extend([
            "--secret-file".into(),
            folder.join("secret.txt").display().to_string(),
        ]);
        if !more.iter().any(|option| option.starts_with("--clock-")) {
            arguments.extend(["--clock-at".into(), NOW.to_string()]);
        }
        arguments.extend(more.iter().map(|text| (*text).to_owned()));
        arguments
    }

    /// The receiver that a command starts.
    pub fn spawn(mut command: Command, folder: TempDir) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = child.stderr.take().unwrap();
        let log = thread::spawn(move || {
            let mut log = String::new();
            let _ = errors.read_to_string(&mut log);
            keep_log(&log);
            log
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = |prefix: &str| {
            let line = lines.next().and_then(Result::ok).unwrap_or_default();
            line.strip_prefix(prefix)
                .and_then(|address| address.parse().ok())
                .ok_or(line)
        };
        let addresses = told("listening on http://")
            .and_then(|address| Ok((address, told("admin on http://")?)));
        let (address, admin) = match addresses {
            Ok(addresses) => addresses,
            Err(line) => {
                let _ = child.kill();
                let _ = child.wait();
                panic!("not ready: {line:?}\n{}", log.join().unwrap());
            }
        };
        Self {
            address,
            admin,
            child,
            folder,
            log: Some(log),
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its database is.
    pub fn database(&self) -> PathBuf {
        data(self.folder.path()).join("deliveries.sqlite3")
    }

    /// Ends it as a crash does, and gives the folder.
    pub fn kill(mut self) -> TempDir {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    /// Asks it to end, and gives the folder and what it has logged.
    pub fn stop(self) -> (TempDir, String) {
        signal(self.id(), "TERM");
        self.stop_signalled()
    }

    /// Waits for the end of a receiver that has been asked, and gives the same.
    pub fn stop_signalled(mut self) -> (TempDir, String) {
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}");
        let log = self.log.take().unwrap().join().unwrap();
        let folder = std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap());
        (folder, log)
    }

    /// A connection to it.
    pub fn connect(&self) -> TcpStream {
        connect(self.address)
    }

    /// Posts a callback.
    pub fn post(&self, headers: &Headers, body: &[u8]) -> Reply {
        exchange(
            &mut self.connect(),
            &request("POST", "/callbacks", headers, body),
        )
    }

    /// Posts a body that is signed at the tests' clock.
    pub fn deliver(&self, body: &str) -> Reply {
        self.post(&signed(body.as_bytes()), body.as_bytes())
    }

    /// Gets a path of what it tells; `/healthz` where callbacks go.
    pub fn get(&self, path: &str) -> Reply {
        let address = match path {
            "/healthz" => self.address,
            _ => self.admin,
        };
        exchange(&mut connect(address), &request("GET", path, &[], b""))
    }

    /// Asks for something to be done where it tells what it knows.
    pub fn ask(&self, path: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/json".to_owned())];
        let request = request("POST", path, &headers, body.to_string().as_bytes());
        exchange(&mut connect(self.admin), &request)
    }

    /// The counts over everything, once the queue is empty.
    pub fn settled(&self) -> Value {
        eventually(|| {
            let summary = self.get("/api/summary").json();
            (summary["queued"] == 0).then_some(summary)
        })
    }

    /// A message, once it has been processed.
    pub fn message(&self, id: &str) -> Value {
        self.settled();
        self.get(&format!("/api/messages/{id}")).json()
    }

    /// The value of a metric.
    pub fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").text();
        let line = text.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next())
            .map_or(0.0, |value| value.parse().unwrap())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Until its log is kept.
        self.log.take().map(thread::JoinHandle::join);
    }
}

/// Where all logs of a run are kept, and what must not stand in them, for `tests/check_logs.py`.
fn kept_logs() -> Option<PathBuf> {
    std::env::var_os("SINCH_TEST_LOGS").map(PathBuf::from)
}

fn keep_log(log: &str) {
    static KEPT: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = kept_logs() {
        let number = KEPT.fetch_add(1, Ordering::Relaxed);
        let name = format!("serve-{}-{number}.log", std::process::id());
        fs::write(folder.join(name), log).unwrap();
    }
}

/// Remembers texts that no log may hold.
fn plant(texts: &[&str]) {
    if let Some(folder) = kept_logs() {
        let markers = folder.join("markers.txt");
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(markers);
        let lines: String = texts.iter().map(|text| format!("{text}\n")).collect();
        file.unwrap().write_all(lines.as_bytes()).unwrap();
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

/// Sends a signal to a process.
pub fn signal(id: u32, name: &str) {
    let status = Command::new("kill")
        .args([format!("-{name}"), id.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Asks again and again until there is an answer, or the test fails. The wait is for another
/// process; no clock of a test is involved.
pub fn eventually<T>(mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..1_500 {
        if let Some(answer) = ask() {
            return answer;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("it did not come to pass within 15 s");
}

pub type Headers = [(&'static str, String)];

/// The headers of a body that is signed at the tests' clock, with a nonce from its own bytes.
pub fn signed(body: &[u8]) -> Vec<(&'static str, String)> {
    signed_as(SECRET, body, "nonce-1", NOW)
}

pub fn signed_as(secret: &str, body: &[u8], nonce: &str, at: u64) -> Vec<(&'static str, String)> {
    let signer = Signer::new(Secret::verbatim(secret).unwrap());
    let signed = signer.sign(body, nonce, UnixSeconds::new(at)).unwrap();
    let headers = signed.headers();
    plant(&[secret, headers[0].1, IDENTITY]);
    // Shorter ones are words that a log may well say.
    if nonce.len() >= 6 {
        plant(&[nonce]);
    }
    headers
        .into_iter()
        .map(|(name, value)| (name, value.to_owned()))
        .collect()
}

/// What a fast receiver's clock says, where nothing holds what it has heard.
pub fn now(receiver: &Receiver) -> u64 {
    let text = receiver.get("/metrics").text();
    let name = "sinch_callback_heard_until_timestamp_seconds ";
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    value.unwrap().parse().unwrap()
}

/// Delivers a body that is signed at the receiver's own time, and gives that.
pub fn deliver(receiver: &Receiver, body: &str) -> u64 {
    let at = now(receiver);
    let signed = signed_as(SECRET, body.as_bytes(), "nonce-fast", at);
    assert_eq!(receiver.post(&signed, body.as_bytes()).status, 200);
    at
}

/// A delivery report.
pub fn report(message: &str, status: &str) -> String {
    format!(
        r#"{{"event_time":"2023-11-14T22:13:20Z","correlation_id":"order-{message}","message_delivery_report":{{"message_id":"{message}","status":"{status}","channel_identity":{{"channel":"SMS","identity":"{IDENTITY}"}},"metadata":"shop"}}}}"#
    )
}

/// A request's bytes.
pub fn request(method: &str, path: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    let mut request = request.into_bytes();
    request.extend_from_slice(body);
    request
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends a request and reads its reply.
pub fn exchange(stream: &mut TcpStream, request: &[u8]) -> Reply {
    stream.write_all(request).unwrap();
    Reply::read(stream).expect("a reply")
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    /// Reads a reply; `None` where the connection ends instead.
    pub fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line.to_ascii_lowercase());
        }
        let status = head.get(9..12)?.parse().ok()?;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |text| text.trim().parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self { status, head, body })
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Status and code.
    pub fn told(&self) -> (u16, String) {
        let json = self.json();
        assert!(json["detail"].as_str().is_some_and(|text| !text.is_empty()));
        (self.status, json["code"].as_str().unwrap().to_owned())
    }
}

/// What a finished command has said.
pub fn said(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}
