//! Kill -9 at any moment loses nothing that was acknowledged and applies nothing twice.

use std::{
    collections::BTreeSet,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

use crate::harness::{NOW, Receiver, Reply, SECRET, connect, report, request, signed_as};

const ROUNDS: u64 = 5;
const CLIENTS: u64 = 8;

#[test]
fn what_was_acknowledged_before_kill_9_is_there_once_afterwards() {
    let mut receiver = Receiver::start();
    let mut acknowledged: BTreeSet<String> = BTreeSet::new();
    let mut sent: BTreeSet<String> = BTreeSet::new();
    for round in 0..ROUNDS {
        let (took, tried) = load_until_killed(&receiver, round);
        acknowledged.extend(took);
        sent.extend(tried);
        receiver = Receiver::start_in(receiver.kill(), &[]);
    }
    let summary = receiver.settled();
    assert!(
        acknowledged.len() > 200,
        "too little load: {}",
        acknowledged.len()
    );
    let stored = summary["messages"].as_u64().unwrap();
    assert_eq!(summary["callbacks"].as_u64().unwrap(), stored);
    // Every message was sent once, so whatever was applied twice would be a repeat.
    assert_eq!(summary["repeats"], 0);
    assert!(stored >= acknowledged.len() as u64);
    assert!(stored <= sent.len() as u64);
    for id in &acknowledged {
        let message = receiver.get(&format!("/api/messages/{id}")).json();
        assert_eq!(message["state"], "delivered", "{id}");
        assert_eq!(message["log"].as_array().unwrap().len(), 1, "{id}");
    }
}

/// Clients that send until the receiver dies under them. It is killed from outside after a number of
/// answers that differs from round to round. Gives what was acknowledged, and what was sent.
fn load_until_killed(receiver: &Receiver, round: u64) -> (Vec<String>, Vec<String>) {
    let answers = Arc::new(AtomicU64::new(0));
    let kill_after = 60 + round * 37;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (address, answers) = (receiver.address, Arc::clone(&answers));
            thread::spawn(move || {
                let mut stream = connect(address);
                let (mut took, mut tried) = (Vec::new(), Vec::new());
                for number in 0.. {
                    let id = format!("m-{round}-{client}-{number}");
                    let body = report(&id, "DELIVERED");
                    let headers = signed_as(SECRET, body.as_bytes(), &id, NOW);
                    tried.push(id.clone());
                    let bytes = request("POST", "/callbacks", &headers, body.as_bytes());
                    if stream.write_all(&bytes).is_err() {
                        break;
                    }
                    match Reply::read(&mut stream) {
                        Some(reply) if reply.status == 200 => took.push(id),
                        Some(reply) => panic!("{reply:?}"),
                        None => break,
                    }
                    answers.fetch_add(1, Ordering::Relaxed);
                }
                (took, tried)
            })
        })
        .collect();
    crate::harness::eventually(|| (answers.load(Ordering::Relaxed) >= kill_after).then_some(()));
    crate::harness::signal(receiver.id(), "KILL");
    let (mut took, mut tried) = (Vec::new(), Vec::new());
    for client in clients {
        let (of_client, tried_by_client) = client.join().unwrap();
        took.extend(of_client);
        tried.extend(tried_by_client);
    }
    (took, tried)
}
