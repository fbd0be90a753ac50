//! A receiver that acts on intents beside Sinch as it is played, and what is asked of it.

use serde_json::{Value, json};
use sinch_callback_server::clock::Clock;
use tempfile::TempDir;

use crate::{
    harness::{Receiver, SECRET},
    stand_in::StandIn,
};

/// How many times as fast the clocks of both run.
pub const SPEED: u32 = 20;

/// What is to be said, which no log, view or event may hold.
pub const TEXT: &str = "Your made-up code is 4711";

/// A code to a person with a number.
pub fn code(key: &str, number: &str) -> Value {
    json!({
        "key": key,
        "to": {"SMS": number, "WHATSAPP": number},
        "content": {"text": TEXT},
        "plan": "otp",
        "deadline": "PT10M",
    })
}

/// A text that must not be sent twice, with no other way to the person.
pub fn notice(key: &str, number: &str) -> Value {
    json!({
        "key": key,
        "to": {"SMS": number},
        "content": {"text": TEXT},
        "plan": "notification",
        "deadline": "PT6H",
    })
}

/// A receiver whose clock runs fast, beside Sinch as it is played, at the same speed.
pub struct World {
    pub receiver: Receiver,
    pub sinch: StandIn,
    arguments: Vec<String>,
    /// The receiver's, unless it stands still.
    pub clock: Clock,
    /// Where the access key lies.
    _folder: TempDir,
}

impl World {
    /// Both, with further arguments of the receiver.
    pub fn start(scenario: &str, more: &[&str]) -> Self {
        let speed = SPEED.to_string();
        let sinch = StandIn::start(scenario, "http://127.0.0.1:9/", &["--speed", &speed]);
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("key.txt");
        std::fs::write(&key, "made-up-id:made-up-key\n").unwrap();
        let from = Clock::System.now();
        let clock = Clock::Fast { from, speed: SPEED };
        let mut arguments: Vec<String> = more.iter().map(|text| (*text).to_owned()).collect();
        for (flag, value) in [
            ("--clock-speed", speed),
            ("--clock-from", from.get().to_string()),
            ("--recovery-mode", "on".into()),
            ("--recovery-url", sinch.url()),
            ("--recovery-project-id", "p".into()),
            ("--recovery-app-id", "app".into()),
            ("--recovery-credentials-file", key.display().to_string()),
            ("--recovery-per-hour", "100000".into()),
        ] {
            let is_fixed = flag.starts_with("--clock-") && more.contains(&"--clock-at");
            if !is_fixed && !more.contains(&flag) {
                arguments.extend([flag.to_owned(), value]);
            }
        }
        let started: Vec<_> = arguments.iter().map(String::as_str).collect();
        let receiver = Receiver::start_with(&started);
        let webhook = json!({
            "app_id": "app", "target": format!("http://{}/callbacks", receiver.address),
            "target_type": "HTTP", "secret": SECRET, "triggers": ["MESSAGE_DELIVERY", "MESSAGE_SUBMIT"],
        });
        let made = sinch.ask("POST", "/v1/projects/p/webhooks", &webhook);
        assert_eq!(made.status, 200, "{}", made.text());
        Self {
            receiver,
            sinch,
            arguments,
            clock,
            _folder: folder,
        }
    }

    /// Ends the receiver as a crash does, and starts it again at the same address.
    pub fn crash(self) -> Self {
        self.crash_with(&[], || ())
    }

    /// The same, with other values of some arguments, and something done while it is down.
    pub fn crash_with(mut self, changes: &[(&str, &str)], meanwhile: impl FnOnce()) -> Self {
        let address = self.receiver.address.to_string();
        for (flag, value) in changes.iter().chain(&[("--listen", &*address)]) {
            match self.arguments.iter().position(|given| given == flag) {
                Some(at) => self.arguments[at + 1] = (*value).into(),
                None => self.arguments.extend([*flag, *value].map(String::from)),
            }
        }
        let arguments: Vec<_> = self.arguments.iter().map(String::as_str).collect();
        let folder = self.receiver.kill();
        meanwhile();
        let receiver = Receiver::start_in(folder, &arguments);
        Self { receiver, ..self }
    }

    pub fn accept(&self, intent: &Value) -> Value {
        let reply = self.receiver.ask("/api/intents", intent);
        assert_eq!(reply.status, 201, "{}", reply.text());
        reply.json()
    }

    pub fn shown(&self, key: &str) -> Value {
        self.receiver.get(&format!("/api/intents/{key}")).json()
    }

    /// The intent, once it is in this state for this reason.
    pub fn once(&self, key: &str, state: &str, reason: &str) -> Value {
        let mut last = Value::Null;
        for _ in 0..1_500 {
            last = self.shown(key);
            if last["state"] == state && last["reason"] == reason {
                return last;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{key} is not {state} for {reason}: {last:#}");
    }

    /// On which channels the stand-in has been called for somebody, in order.
    pub fn calls(&self, to: &str) -> Vec<String> {
        let sends = self.sinch.written("send").into_iter();
        sends
            .filter(|send| send["to"].as_str().unwrap().ends_with(to))
            .map(|send| send["channel"].as_str().unwrap().to_owned())
            .collect()
    }
}
