//! What is told of intents while the receiver is killed: each event once, by its id, and none is lost.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufReader,
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::{
    harness::eventually,
    intent_world::{TEXT, World, code},
    notify::{Target, answer, event, read},
};

/// Bodies of the events that were taken.
type Posts = Arc<Mutex<Vec<Vec<u8>>>>;

/// Takes what is told, but refuses one post in seven.
fn listen(listener: TcpListener) -> Posts {
    let posts = Posts::default();
    let taken = Arc::clone(&posts);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let taken = Arc::clone(&taken);
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.unwrap());
                let Some((_, body)) = read(&mut reader) else {
                    return;
                };
                let is_refused = number % 7 == 3;
                if !is_refused {
                    taken.lock().unwrap().push(body);
                }
                answer(&mut reader.into_inner(), if is_refused { 503 } else { 200 });
            });
        }
    });
    posts
}

/// A line of an intent's log, or an event about it: what, why, and of which attempt.
type Said = (String, String, Option<u64>);

/// What must be told of an intent, by its log: the same write has made both.
fn to_be_told(view: &Value) -> Vec<Said> {
    let mut told: Vec<Said> = Vec::new();
    let mut ended = None;
    for line in view["log"].as_array().unwrap() {
        let text = |field: &str| line[field].as_str().unwrap_or_default().to_owned();
        let (what, why, attempt) = (text("what"), text("why"), line["attempt"].as_u64());
        let (kind, reason) = match &*what {
            "sent" | "unresolved" | "refused" => ("intent.attempt", what.clone()),
            "doubled" if why == "late" => ("intent.doubled", why),
            "ask_a_person" => ("intent.needs_person", why),
            "done" | "given_up" => {
                let kind = match (&ended, &*what) {
                    (None, "done") => "intent.done",
                    (None, _) => "intent.given_up",
                    (Some(before), after) if before != after => "intent.corrected",
                    // Better evidence of the same end.
                    _ => continue,
                };
                ended = Some(what.clone());
                (kind, why)
            }
            _ => continue,
        };
        let is_of_attempt = ["intent.attempt", "intent.doubled"].contains(&kind);
        told.push((kind.into(), reason, attempt.filter(|_| is_of_attempt)));
    }
    told.sort();
    told
}

/// What was told of each intent: each id once, in the order in which it was first taken.
fn told(posts: &[Vec<u8>]) -> BTreeMap<String, Vec<Value>> {
    let mut seen = BTreeSet::new();
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for post in posts {
        let event = event(post);
        let is_first = seen.insert(event["id"].as_str().unwrap().to_owned());
        if let (Some(key), true) = (event["key"].as_str(), is_first) {
            told.entry(key.to_owned()).or_default().push(event);
        }
    }
    told
}

fn said(events: &[Value]) -> Vec<Said> {
    let text = |event: &Value, field: &str| event[field].as_str().unwrap().to_owned();
    let mut said: Vec<Said> = events
        .iter()
        .map(|event| {
            let kind = text(event, "type");
            let is_of_attempt = ["intent.attempt", "intent.doubled"].contains(&&*kind);
            let attempt = event["attempt"].as_u64().filter(|_| is_of_attempt);
            (kind, text(event, "reason"), attempt)
        })
        .collect();
    said.sort();
    said
}

/// A thousand intents, half of them in trouble, while the receiver is killed again and again: each ends,
/// all that became of it is told once, and no attempt is called twice.
#[test]
fn no_kill_9_sends_twice_or_loses_an_intent_or_what_is_told_of_it() {
    let scenario = r#"
[[rule]]
name = "fails"
channel = "SMS"
share = 0.25
[[rule.report]]
after = "2s"
status = "FAILED"
code = "RECIPIENT_NOT_REACHABLE"

[[rule]]
name = "never answered"
channel = "SMS"
share = 0.17
answer = "cut"
sent = true
[[rule.report]]
after = "5s"
status = "DELIVERED"

[[rule]]
name = "silent"
channel = "SMS"
share = 0.2
submit_after = "never"
"#;
    const INTENTS: usize = 1_000;
    const CRASHES: usize = 4;
    let target = Target {
        events: "final",
        ..Target::new()
    };
    let arguments = target.arguments(&[]);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let posts = listen(target.listener.try_clone().unwrap());
    let mut crashes = Vec::new();
    let mut world = World::start(scenario, &arguments);
    let intent = |number: usize| code(&format!("intent-{number}"), &format!("+1555{number:07}"));
    for crash in 0..CRASHES {
        let begin = crash * INTENTS / CRASHES;
        let end = (crash + 1) * INTENTS / CRASHES;
        thread::scope(|clients| {
            for client in 0..8 {
                let (world, intent) = (&world, &intent);
                clients.spawn(move || {
                    for number in (begin..end).filter(|number| number % 8 == client) {
                        world.accept(&intent(number));
                    }
                });
            }
        });
        let clock = world.clock;
        world = world.crash_with(&[], || crashes.push(clock.now().get()));
        // What was accepted before is known afterwards.
        let again = world.receiver.ask("/api/intents", &intent(end - 1));
        assert_eq!(again.status, 200, "{}", again.text());
    }
    let mut left = Value::Null;
    for _ in 0..6_000 {
        left = world.receiver.get("/api/recovery").json()["intents"].clone();
        if left["waiting"].is_null() && left["sending"].is_null() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let ended = |state: &str| left[state].as_u64().unwrap_or(0);
    assert_eq!(
        ended("done") + ended("given_up") + ended("needs_person"),
        INTENTS as u64,
        "{left}"
    );
    assert!(ended("done") >= 900, "{left}");
    // By the stand-in's own book: no attempt was called twice.
    let mut names = BTreeSet::new();
    let sends = world.sinch.written("send");
    for send in &sends {
        let name = send["correlation_id"].as_str().unwrap().to_owned();
        assert!(names.insert(name.clone()), "{name} was called twice");
    }
    assert!(sends.len() > INTENTS, "{}", sends.len());
    // No channel twice for a person, and never more calls than the plan has.
    let mut channels = BTreeSet::new();
    for send in &sends {
        let call = (send["to"].to_string(), send["channel"].to_string());
        assert!(channels.insert(call.clone()), "{call:?}");
    }

    // All that is to be told has been, and nothing else.
    let views: BTreeMap<String, Value> = (0..INTENTS)
        .map(|number| format!("intent-{number}"))
        .map(|key| (key.clone(), world.shown(&key)))
        .collect();
    eventually(|| {
        let known = told(&posts.lock().unwrap());
        let is_told = |(key, view): (&String, &Value)| {
            let events = known.get(key).map_or(0, Vec::len);
            events >= to_be_told(view).len()
        };
        views.iter().all(is_told).then_some(())
    });
    eventually(|| (world.receiver.settled()["events_waiting"] == 0).then_some(()));
    let posts = posts.lock().unwrap();
    let known = told(&posts);
    for (key, view) in &views {
        let events = &known[key];
        assert_eq!(said(events), to_be_told(view), "{key}: {view:#}");
        let versions = events
            .iter()
            .map(|event| event["version"].as_u64().unwrap());
        assert!(versions.is_sorted(), "{key} was told out of order");
    }
    // By the stand-in's book again: of each call it was told what became of it.
    for name in &names {
        let (id, number) = name.split_once('~').unwrap();
        let is_of_call = |event: &Value| {
            event["type"] == "intent.attempt"
                && event["intent_id"] == id
                && event["attempt"].as_u64() == number.parse().ok()
        };
        assert!(
            known.values().flatten().any(is_of_call),
            "nothing was told of {name}"
        );
    }
    // Whoever is told again is told the same, and only behind a crash that what was told lies before.
    let mut taken: BTreeMap<String, Vec<&Vec<u8>>> = BTreeMap::new();
    for post in posts.iter() {
        let event = event(post);
        if event["key"].is_string() {
            let id = event["id"].as_str().unwrap().to_owned();
            taken.entry(id).or_default().push(post);
        }
    }
    for (id, bodies) in &taken {
        let at = event(bodies[0])["at"].as_u64().unwrap();
        let behind = crashes.iter().filter(|crash| at <= **crash).count();
        // Twice by a crash between the listener's answer and what is kept of it: the outbox posts its row
        // again, and then the intent puts what it has not noted as told into the outbox again.
        assert!(
            bodies.len() <= 1 + 2 * behind,
            "{id} was told {} times",
            bodies.len()
        );
        assert!(
            bodies.iter().all(|body| *body == bodies[0]),
            "{id} has two contents"
        );
    }
    let again = taken.values().filter(|bodies| bodies.len() > 1).count();
    println!(
        "{} events were told, and {again} of them again behind a crash",
        taken.len()
    );
    let all = String::from_utf8(posts.concat()).unwrap();
    assert!(!all.contains(TEXT) && !all.contains("\"+1555"));
}
