//! Intents that reach their person by e-mail, over a mail server of this machine.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

use crate::{
    harness::eventually,
    intent_world::{TEXT, World, code},
};

/// A mail server: takes all e-mails, but refuses bob's and has no room for carl's first.
struct MailServer {
    url: String,
    /// What it was told, a connection each.
    told: Arc<Mutex<Vec<Vec<String>>>>,
}

impl MailServer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let told = Arc::<Mutex<Vec<Vec<String>>>>::default();
        let connections = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let known = connections.lock().unwrap().concat();
                let is_busy = |line: &str| line.contains("carl@") && !known.contains(&line.into());
                let lines = talk(stream.unwrap(), is_busy);
                connections.lock().unwrap().push(lines);
            }
        });
        Self { url, told }
    }

    /// What it was told over connections about somebody, once there have been so many.
    fn told_of(&self, to: &str, connections: usize) -> Vec<Vec<String>> {
        let line = format!("RCPT TO:<{to}>");
        eventually(|| {
            let mut told = self.told.lock().unwrap().clone();
            told.retain(|lines| lines.contains(&line));
            (told.len() == connections).then_some(told)
        })
    }
}

fn talk(mut stream: TcpStream, is_busy: impl Fn(&str) -> bool) -> Vec<String> {
    let reader = BufReader::new(stream.try_clone().unwrap());
    let mut told = Vec::new();
    let mut say = |text: &str| {
        let _ = stream.write_all(format!("{text}\r\n").as_bytes());
    };
    say("220 mail.example.com ESMTP");
    let mut is_content = false;
    for line in reader.lines() {
        let Ok(line) = line else { break };
        told.push(line.clone());
        if is_content && line != "." {
            continue;
        }
        let command: String = line.chars().take(4).collect();
        is_content = command == "DATA";
        match &*command {
            "RCPT" if line.contains("bob@") => say("550 no such user: bob@example.com"),
            "RCPT" if is_busy(&line) => say("451 later"),
            "DATA" => say("354 go on"),
            "QUIT" => {
                say("221 bye");
                break;
            }
            _ => say("250 ok"),
        }
    }
    told
}

const FAILS: &str = r#"
[[rule]]
channel = "SMS"
[[rule.report]]
after = "1s"
status = "FAILED"
code = "RECIPIENT_NOT_REACHABLE"
"#;

fn to(key: &str, to: Value) -> Value {
    let mut intent = code(key, "+15550101");
    intent["to"] = to;
    intent["content"]["subject"] = "Your code".into();
    intent
}

#[test]
fn a_text_that_fails_is_followed_by_an_e_mail_whose_acceptance_is_an_end() {
    let mail = MailServer::start();
    let smtp = [
        "--recovery-smtp-url",
        &mail.url,
        "--recovery-smtp-from",
        "Shop <shop@example.com>",
    ];
    let world = World::start(FAILS, &smtp);
    let both = json!({"SMS": "+15550101", "EMAIL": "ada@example.com"});
    let accepted = world.accept(&to("ada", both));
    world.accept(&to("bob", json!({"EMAIL": "bob@example.com"})));
    world.accept(&to("carl", json!({"EMAIL": "carl@example.com"})));
    let done = world.once("ada", "done", "accepted");
    assert_eq!(world.calls("15550101"), ["SMS"]);
    let attempt = done["attempts"].as_array().unwrap().last().unwrap();
    let id = format!(
        "<{}~{}@example.com>",
        accepted["intent_id"].as_str().unwrap(),
        attempt["number"]
    );
    assert_eq!(
        (&attempt["channel"], &attempt["message_id"]),
        (&"EMAIL".into(), &Value::from(&*id))
    );
    let told = mail.told_of("ada@example.com", 1);
    for line in [
        "MAIL FROM:<shop@example.com>",
        "From: Shop <shop@example.com>",
        "Subject: Your code",
        &format!("Message-ID: {id}"),
        TEXT,
    ] {
        assert!(
            told[0].iter().any(|told| told == line),
            "{line}: {:?}",
            told[0]
        );
    }

    // Refused for good: a person, with what the server answered and without its words, which name whom.
    let refused = world.once("bob", "needs_person", "request");
    assert_eq!(refused["attempts"][0]["state"], "refused");
    assert_eq!(
        refused["attempts"][0]["words"],
        "the mail server answered 550"
    );
    // Not now: it is planned again.
    world.once("carl", "done", "accepted");
    mail.told_of("carl@example.com", 2);
    mail.told_of("bob@example.com", 1);
    assert_eq!(
        world
            .receiver
            .metric("sinch_callback_attempts_total{channel=\"EMAIL\",outcome=\"sent\"}"),
        2.0
    );
    let (_, log) = world.receiver.stop();
    assert!(
        !log.contains(TEXT) && !log.contains("@example.com"),
        "{log}"
    );
}

#[test]
fn an_intent_by_e_mail_is_not_taken_where_there_is_no_mail_server() {
    let world = World::start("", &[]);
    let intent = to("ada", json!({"EMAIL": "ada@example.com"}));
    let reply = world.receiver.ask("/api/intents", &intent);
    assert_eq!(reply.told(), (400, "invalid_intent".into()));
    assert_eq!(reply.json()["faults"][0]["field"], "to.EMAIL");
}
