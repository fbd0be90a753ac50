//! What a browser is given, to whom, and what it may do with it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;
use sinch_callback_server::clock::stopwatch;

use crate::harness::{NOW, Receiver, Reply, SECRET, connect, exchange, report, signed_as};

const TOKEN: &str = "made-up-admin-token";
/// Whom the tests' reports go to.
const DIGITS: &str = "12025550147";

/// A receiver that wants the token.
fn with_token() -> Receiver {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("secret.txt"), SECRET).unwrap();
    let token = folder.path().join("token.txt");
    fs::write(&token, TOKEN).unwrap();
    let token = token.display().to_string();
    Receiver::start_in(folder, &["--admin-token-file", &token])
}

/// Asks with these lines of a head, besides the host.
fn ask(address: SocketAddr, line: &str, headers: &[&str], body: &str) -> Reply {
    let mut head = format!("{line} HTTP/1.1\r\nhost: localhost\r\n");
    for header in headers {
        head.push_str(&format!("{header}\r\n"));
    }
    let length = body.len();
    let request = format!("{head}content-length: {length}\r\n\r\n{body}");
    exchange(&mut connect(address), request.as_bytes())
}

fn get(receiver: &Receiver, path: &str, headers: &[&str]) -> Reply {
    ask(receiver.admin, &format!("GET {path}"), headers, "")
}

/// An answer that comes in pieces, to its end.
fn whole(receiver: &Receiver, path: &str) -> String {
    let mut stream = connect(receiver.admin);
    let request = format!("GET {path} HTTP/1.0\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn header<'a>(reply: &'a Reply, name: &str) -> &'a str {
    let line = reply
        .head
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name}: {}", reply.head))
}

/// What a browser keeps of a cookie that is set.
fn cookie(reply: &Reply) -> String {
    let set = header(reply, "set-cookie");
    format!("cookie: {}", set.split(';').next().unwrap())
}

/// The paths that a page names to load.
fn loaded(html: &str) -> Vec<String> {
    let named = html.split("src=\"").chain(html.split("href=\"")).skip(1);
    named
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| path.starts_with("/assets/"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_page_is_whole_and_nothing_else_may_run_in_it_or_frame_it() {
    let receiver = Receiver::start();
    let page = get(&receiver, "/", &["accept: text/html"]);
    assert_eq!(page.status, 200);
    let policy = header(&page, "content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    ] {
        assert!(policy.split("; ").any(|known| known == rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let files = loaded(&page.text());
    assert!(files.len() >= 2, "{files:?}");
    for path in files
        .iter()
        .map(String::as_str)
        .chain(["/", "/api/summary", "/nothing"])
    {
        let reply = get(&receiver, path, &[]);
        assert_eq!(reply.status == 200, path != "/nothing", "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "deny"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(&reply, name), value, "{path}");
        }
        let policy = header(&reply, "content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
    }
    let script = files.iter().find(|path| path.ends_with(".js")).unwrap();
    let script = get(&receiver, script, &[]);
    assert!(header(&script, "content-type").starts_with("text/javascript"));
    let known = format!("if-none-match: {}", header(&page, "etag"));
    let again = get(&receiver, "/", &[&known]);
    assert_eq!((again.status, again.body.len()), (304, 0));
    assert_eq!(header(&again, "cache-control"), "no-cache");
    for path in [
        "/assets/deliveries/index.html",
        "/assets/inspector/inspector.html",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e/Cargo.toml",
        "/assets/",
        "/assets/common",
    ] {
        assert_eq!(get(&receiver, path, &[]).status, 404, "{path}");
    }
    // Who has pointed a name of theirs here is given nothing of it.
    let head = "GET / HTTP/1.1\r\nhost: attacker.example\r\n\r\n";
    let rebound = exchange(&mut connect(receiver.admin), head.as_bytes());
    assert_eq!(rebound.told(), (403, "unknown_host".into()));
    // Without a token there is nothing to log in to.
    let login = get(&receiver, "/login", &[]);
    assert_eq!((login.status, header(&login, "location")), (303, "/"));
    assert_eq!(get(&receiver, "/api/session", &[]).json()["login"], false);
}

#[test]
fn without_the_token_there_is_a_login_and_nothing_else() {
    let receiver = with_token();
    assert_eq!(receiver.deliver(&report("m-1", "DELIVERED")).status, 200);
    let html = "accept: text/html,application/xhtml+xml";
    for path in [
        "/api/messages",
        "/api/messages/m-1",
        "/api/messages/m-1/timeline",
        "/api/messages.csv",
        "/api/search?q=m",
        "/api/overview",
        "/api/stream",
        "/api/session",
        "/api/callbacks",
        "/api/intents",
        "/assets/deliveries/app.js",
        "/assets/vendor/uPlot.iife.min.js",
        "/metrics",
        "/readyz",
        "/nothing",
    ] {
        let refused = get(&receiver, path, &[html]);
        assert_eq!(refused.told(), (401, "unauthorized".into()), "{path}");
    }
    for path in ["/", "/inspector"] {
        let asked = get(&receiver, path, &[html]);
        assert_eq!((asked.status, header(&asked, "location")), (303, "/login"));
        assert_eq!(get(&receiver, path, &[]).status, 401, "{path}");
    }
    let login = get(&receiver, "/login", &[html]);
    assert_eq!(login.status, 200);
    let files = loaded(&login.text());
    assert!(!files.is_empty());
    for path in files {
        let file = get(&receiver, &path, &[]);
        assert_eq!(file.status, 200, "{path}");
        assert!(!file.text().contains("m-1"), "{path}");
    }
    let log_in = |token: &str, more: &[&str]| {
        let kind = "content-type: application/x-www-form-urlencoded";
        let headers: Vec<_> = [kind].iter().chain(more).copied().collect();
        ask(
            receiver.admin,
            "POST /login",
            &headers,
            &format!("token={token}"),
        )
    };
    for wrong in ["", "made-up-admin-toke", "MADE-UP-ADMIN-TOKEN", "x%00"] {
        let refused = log_in(wrong, &[]);
        assert_eq!(
            (refused.status, header(&refused, "location")),
            (303, "/login?wrong")
        );
        assert!(!refused.head.contains("set-cookie"), "{}", refused.head);
    }
    let foreign = log_in(TOKEN, &["origin: http://attacker.example"]);
    assert_eq!(foreign.told(), (403, "foreign_origin".into()));

    let logged_in = log_in(
        TOKEN,
        &["origin: http://localhost", "sec-fetch-site: same-origin"],
    );
    assert_eq!(
        (logged_in.status, header(&logged_in, "location")),
        (303, "/")
    );
    let set = header(&logged_in, "set-cookie");
    for part in ["httponly", "samesite=strict", "path=/", "max-age="] {
        assert!(
            set.split("; ").any(|known| known.starts_with(part)),
            "{set}"
        );
    }
    assert!(!set.contains(TOKEN), "{set}");
    let session = cookie(&logged_in);
    assert_eq!(get(&receiver, "/", &[&session]).status, 200);
    assert_eq!(
        get(&receiver, "/api/session", &[&session]).json()["login"],
        true
    );

    // A person is shown no number until they ask, in a list neither.
    let shown = |path: &str| get(&receiver, path, &[&session]).text();
    for path in [
        "/api/messages/m-1",
        "/api/messages/m-1/timeline",
        "/api/messages",
        "/api/search?q=m-1",
        "/api/search?q=%2B1202&by=recipient",
    ] {
        let text = shown(path);
        assert!(
            text.contains("+1…47") && !text.contains(DIGITS),
            "{path}: {text}"
        );
    }
    for path in ["/api/messages/m-1?reveal=1", "/api/search?q=m-1&reveal=1"] {
        assert!(shown(path).contains(DIGITS), "{path}");
    }
    // A program is given what it always was.
    let bearer = format!("authorization: Bearer {TOKEN}");
    let told = get(&receiver, "/api/messages/m-1", &[&bearer]).text();
    assert!(told.contains(DIGITS), "{told}");

    let other_session = cookie(&log_in(TOKEN, &[]));
    let gone = ask(receiver.admin, "POST /logout", &[&session], "");
    assert_eq!((gone.status, header(&gone, "location")), (303, "/login"));
    assert_eq!(get(&receiver, "/api/summary", &[&session]).status, 401);
    assert_eq!(
        get(&receiver, "/api/summary", &[&other_session]).status,
        200
    );

    let (_, log) = receiver.stop();
    assert!(
        log.contains("a recipient was shown") && log.contains("by=session"),
        "{log}"
    );
    let ids = [&session, &other_session].map(|line| line.rsplit('=').next().unwrap());
    for secret in [TOKEN, DIGITS, ids[0], ids[1]] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn a_page_of_another_origin_can_neither_ask_nor_change_anything() {
    let receiver = Receiver::start_with(&["--recovery-mode", "dry-run"]);
    let json = "content-type: application/json";
    let body = r#"{"paused":true}"#;
    for headers in [
        &["sec-fetch-site: cross-site"][..],
        &["sec-fetch-site: same-site"],
        &["origin: http://localhost:3000"],
        &["origin: null"],
        &[
            "sec-fetch-site: cross-site",
            "sec-fetch-mode: navigate",
            "sec-fetch-dest: iframe",
        ],
    ] {
        for line in [
            "GET /api/summary",
            "GET /api/stream",
            "GET /",
            "POST /api/recovery",
            "POST /logout",
        ] {
            let with: Vec<_> = headers.iter().chain([&json]).copied().collect();
            let refused = ask(receiver.admin, line, &with, body);
            assert_eq!(
                refused.told(),
                (403, "foreign_origin".into()),
                "{line} {headers:?}"
            );
        }
    }
    let link = [
        "sec-fetch-site: cross-site",
        "sec-fetch-mode: navigate",
        "sec-fetch-dest: document",
    ];
    assert_eq!(get(&receiver, "/", &link).status, 200);
    assert_eq!(get(&receiver, "/api/summary", &link).status, 403);
    // A form needs no leave of a browser to be sent, and is not JSON.
    let form = "content-type: text/plain";
    let refused = ask(receiver.admin, "POST /api/recovery", &[form], body);
    assert_eq!(refused.told(), (415, "not_json".into()));
    assert_eq!(receiver.get("/api/recovery").json()["paused"], Value::Null);
    let own = [
        "sec-fetch-site: same-origin",
        "origin: http://localhost",
        json,
    ];
    assert_eq!(
        ask(receiver.admin, "POST /api/recovery", &own, body).status,
        200
    );
}

/// A report at a moment, with what it fails for.
fn at(message: &str, status: &str, second: u32, more: &str) -> String {
    format!(
        r#"{{"event_time":"2023-11-14T22:13:{second:02}Z","message_delivery_report":{{"message_id":"{message}","status":"{status}","channel_identity":{{"channel":"SMS","identity":"+1 202 555 0147"}}{more}}}}}"#
    )
}

fn deliver(receiver: &Receiver, body: &str) {
    assert_eq!(receiver.deliver(body).told().1, "accepted");
}

#[test]
fn a_timeline_tells_what_each_report_did_and_where_its_body_is() {
    let receiver = Receiver::start();
    let reason =
        r#","reason":{"code":"RECIPIENT_NOT_REACHABLE","description":"12025550147 is off"}"#;
    deliver(&receiver, &at("m-1", "QUEUED_ON_CHANNEL", 1, ""));
    deliver(&receiver, &at("m-1", "FAILED", 4, reason));
    let late = at("m-1", "DELIVERED", 9, "");
    deliver(&receiver, &late);
    let afresh = signed_as(SECRET, late.as_bytes(), "nonce-2", NOW);
    assert_eq!(receiver.post(&afresh, late.as_bytes()).status, 200);
    let timeline = receiver.get("/api/messages/m-1/timeline").json();
    assert_eq!(timeline["message"]["state"], "delivered");
    assert_eq!(timeline["message"]["identity"], "+1…47");
    let entries = timeline["entries"].as_array().unwrap();
    let told: Vec<_> = entries
        .iter()
        .map(|it| {
            (
                it["status"].as_str().unwrap(),
                it["since_previous_ms"].as_i64(),
                it["corrects"].as_str(),
                it["repeats"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("QUEUED_ON_CHANNEL", None, None, 0),
            ("FAILED", Some(3_000), None, 0),
            ("DELIVERED", Some(5_000), Some("failed"), 1),
        ]
    );
    assert_eq!(entries[1]["reason"]["description"], "+1…47 is off");
    assert!(
        entries[1]["reason"]["remedy"].is_string()
            && entries[1]["reason"]["permanence"].is_string()
    );
    assert_eq!(entries[2]["body"], "kept");
    let path = entries[2]["body_path"].as_str().unwrap();
    assert_eq!(receiver.get(path).text(), late);
    let without = path.split('?').next().unwrap();
    assert_eq!(receiver.get(without).told().1, "unknown_callback");
    assert!(timeline["intent"].is_null());
    assert_eq!(
        receiver.get("/api/messages/m-2/timeline").told(),
        (404, "unknown_message".into())
    );
    // Of a batch, no path names the recipient either.
    deliver(
        &receiver,
        r#"{"type":"recipient_delivery_report_sms","batch_id":"b-1","recipient":"12025550147","code":0,"status":"Delivered","at":"2023-11-14T22:13:20Z"}"#,
    );
    receiver.settled();
    let found = receiver.get("/api/search?q=b-1").json();
    assert_eq!(found["matches"][0]["matched"], "batch");
    assert!(!found.to_string().contains(DIGITS), "{found}");
    let id = found["matches"][0]["message_id"].as_str().unwrap();
    let timeline = receiver.get(&format!("/api/messages/{id}/timeline")).json();
    assert_eq!(timeline["message"]["message_id"], id);
    assert!(!timeline.to_string().contains(DIGITS), "{timeline}");
    let shown = receiver.get(&format!("/api/messages/{id}?reveal=1")).json();
    assert_eq!(shown["message_id"], format!("b-1:{DIGITS}"));
}

#[test]
fn an_overview_follows_corrections_and_each_count_is_a_filter_of_the_list() {
    let receiver = Receiver::start();
    let overview = || receiver.get("/api/overview").json();
    let reason = r#","reason":{"code":"RATE_LIMITED"}"#;
    for message in ["m-1", "m-2", "m-3"] {
        deliver(&receiver, &at(message, "QUEUED_ON_CHANNEL", 1, ""));
    }
    deliver(&receiver, &at("m-1", "FAILED", 2, reason));
    deliver(&receiver, &at("m-2", "FAILED", 3, reason));
    receiver.settled();
    let before = overview();
    assert_eq!(before["funnel"]["failed"], 2, "{before}");
    assert_eq!(before["funnel"]["queued"], 1);
    let row = &before["failures"]["by_reason"][0];
    assert_eq!(
        (row["reason"].as_str(), row["count"].as_u64()),
        (Some("RATE_LIMITED"), Some(2))
    );
    assert_eq!(before["failures"]["by_channel"][0]["channel"], "SMS");
    assert_eq!(before["failures"]["by_country_prefix"][0]["prefix"], "+1");
    deliver(&receiver, &at("m-1", "DELIVERED", 5, ""));
    assert_eq!(receiver.post(&[], b"{}").status, 400);
    receiver.settled();
    let after = overview();
    assert_eq!(after["funnel"]["failed"], 1, "{after}");
    assert_eq!(after["funnel"]["delivered"], 1);
    let took = &after["times"]["queued_delivered"];
    assert_eq!(took["count"], 1);
    let median = took["p50_ms"].as_u64().unwrap();
    assert!(median.abs_diff(4_000) <= 500, "{median}");
    assert_eq!(after["refusals"][0]["count"], 1, "{after}");
    assert_eq!(after["ages"]["count"], 6, "{after}");
    assert_eq!(
        (
            &after["paused"],
            &after["callbacks_stopped"],
            &after["overdue"]
        ),
        (&Value::Null, &Value::Null, &0.into())
    );
    let (from, to) = (
        after["from"].as_u64().unwrap(),
        after["to"].as_u64().unwrap(),
    );
    let list = |query: &str| {
        let page = receiver
            .get(&format!(
                "/api/messages?masked=1&from={from}&to={to}&{query}"
            ))
            .json();
        page["messages"].as_array().unwrap().len()
    };
    for (query, count) in [
        ("state=failed&reason=RATE_LIMITED", 1),
        ("state=failed&channel=SMS", 1),
        ("state=failed&prefix=%2B1", 1),
        ("state=failed&prefix=+1", 1),
        ("state=failed&prefix=49", 0),
        ("state=arrived", 1),
        ("state=overdue", 0),
        ("", 3),
    ] {
        assert_eq!(list(query), count, "{query}");
    }
    for query in ["from=2&to=1", "from=0", "x=1"] {
        let refused = receiver.get(&format!("/api/overview?{query}"));
        assert_eq!(refused.told(), (400, "malformed_query".into()), "{query}");
    }
}

#[test]
fn a_table_has_all_that_the_filter_lets_through_and_no_formula() {
    let receiver = Receiver::start();
    for number in 0..7 {
        deliver(&receiver, &report(&format!("m-{number}"), "DELIVERED"));
    }
    deliver(
        &receiver,
        &at(
            "m-x",
            "FAILED",
            1,
            r#","metadata":"=cmd|' /C calc'!A0","reason":{"code":"BAD_REQUEST","description":"@SUM(1),\"x\""}"#,
        ),
    );
    receiver.settled();
    let table = whole(&receiver, "/api/messages.csv");
    let (head, table) = table.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains("text/csv") && head.contains("attachment"),
        "{head}"
    );
    let rows: Vec<_> = table.lines().collect();
    assert_eq!(rows.len(), 9, "{table}");
    assert!(rows[1].contains("\"'=cmd|' /C calc'!A0\""), "{}", rows[1]);
    assert!(rows[1].contains("\"'@SUM(1),\"\"x\"\"\""), "{}", rows[1]);
    assert!(
        table.contains("'+1…47") && !table.contains(DIGITS),
        "{table}"
    );
    let failed = whole(&receiver, "/api/messages.csv?state=failed");
    assert_eq!(failed.split("\r\n\r\n").nth(1).unwrap().lines().count(), 2);
    let shown = whole(&receiver, "/api/messages.csv?reveal=1");
    assert!(shown.contains(DIGITS), "{shown}");
    let (_, log) = receiver.stop();
    assert!(
        log.contains("the recipients of a table were shown"),
        "{log}"
    );
}

/// A stream of events, from its first line on.
fn stream(receiver: &Receiver) -> (u16, BufReader<TcpStream>) {
    let mut stream = connect(receiver.admin);
    stream
        .write_all(b"GET /api/stream HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    let mut reader = BufReader::new(stream);
    let status = line(&mut reader)[9..12].parse().unwrap();
    if status == 200 {
        while !line(&mut reader).starts_with(": open") {}
    }
    (status, reader)
}

fn line(reader: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    assert!(
        reader.read_line(&mut line).unwrap() > 0,
        "the stream has ended"
    );
    line
}

/// The next event's data.
fn event(reader: &mut BufReader<TcpStream>) -> Value {
    loop {
        if let Some(data) = line(reader).strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[test]
fn an_open_page_is_told_of_changes_once_a_second_and_only_so_many_are() {
    let receiver = Receiver::start();
    let (status, mut told) = stream(&receiver);
    assert_eq!(status, 200);
    deliver(&receiver, &report("m-first", "DELIVERED"));
    assert_eq!(event(&mut told)["messages"], serde_json::json!(["m-first"]));
    let begun = stopwatch();
    for number in 0..60 {
        deliver(&receiver, &report(&format!("m-{number}"), "DELIVERED"));
    }
    let next = event(&mut told);
    assert!(begun.elapsed().as_millis() >= 500, "{:?}", begun.elapsed());
    assert!(next["messages"].as_array().unwrap().len() <= 50);
    let mut count = next["count"].as_u64().unwrap();
    while count < 60 {
        count += event(&mut told)["count"].as_u64().unwrap();
    }
    let mut others: Vec<_> = (0..15).map(|_| stream(&receiver)).collect();
    assert!(others.iter().all(|(status, _)| *status == 200));
    assert_eq!(stream(&receiver).0, 503);
    others.clear();
    // One that went makes room once the receiver has noticed: it is told of the next change.
    crate::harness::eventually(|| {
        deliver(
            &receiver,
            &report(&format!("m-{:?}", stopwatch()), "DELIVERED"),
        );
        (stream(&receiver).0 == 200).then_some(())
    });
    // None of them holds up the end.
    let begun = stopwatch();
    let (_, log) = receiver.stop();
    assert!(begun.elapsed().as_secs() < 5, "{log}");
}
