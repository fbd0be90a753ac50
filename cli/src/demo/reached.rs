//! From receipt to outcome: what is to be said reaches its person, and nothing is sent twice.

use core::time::Duration;
use std::collections::BTreeSet;

use serde_json::json;
use sinch_callback_server::recovery::{AttemptView, IntentState, IntentView};

use super::{demo_secret, receiver::Receiver, report::Report, stand_in::StandIn};
use crate::{command_error::CommandError, output};

/// How many times as fast everything goes: half a minute of silence is over in a second and a half.
const SPEED: u32 = 20;
/// How often and how long to look whether all has come to its end.
const LOOKS: u32 = 1_200;
const LOOK: Duration = Duration::from_millis(25);

/// What becomes of what is sent.
const SCENARIO: &str = include_str!("reached.toml");

/// One intent of the story.
struct Tale {
    what: &'static str,
    key: &'static str,
    number: &'static str,
    plan: &'static str,
    /// What becomes of its attempts, and of the intent.
    expected: &'static str,
}

const TALES: [Tale; 4] = [
    Tale {
        what: "a code whose text fails",
        key: "fails",
        number: "+15550101",
        plan: "otp",
        expected: "SMS failed, WHATSAPP read",
    },
    Tale {
        what: "a code on which nothing is ever heard",
        key: "silent",
        number: "+15550102",
        plan: "otp",
        expected: "SMS sent, WHATSAPP delivered",
    },
    Tale {
        what: "a notice whose send is cut off, and had gone out",
        key: "cut-off",
        number: "+15550103",
        plan: "notification",
        expected: "SMS delivered",
    },
    Tale {
        what: "a code that comes late, beside its fallback",
        key: "late",
        number: "+15550104",
        plan: "otp",
        expected: "SMS late, WHATSAPP delivered",
    },
];

/// Notices of a flood to one person, of which so many are within the budget of a day.
const FLOOD: usize = 8;
const WITHIN_BUDGET: usize = 3;
const FLOODED: &str = "+15550105";

pub(super) async fn play(report: &mut Report) -> Result<(), CommandError> {
    let folder = tempfile::tempdir()
        .map_err(|error| CommandError::failed("no temporary folder can be made", error))?;
    let sinch = StandIn::start(folder.path(), SCENARIO, SPEED).await?;
    let secret = demo_secret();
    let receiver = start(folder.path(), &secret, &sinch).await?;
    sinch.calls_back(&receiver, &secret).await?;

    for tale in &TALES {
        accept(&receiver, tale.key, tale.number, tale.plan).await?;
    }
    for number in 0..FLOOD {
        accept(&receiver, &flood_key(number), FLOODED, "notification").await?;
    }
    let mut told = Vec::new();
    for tale in &TALES {
        let view = settled(&receiver, tale.key, |view| {
            outcome(view) == tale.expected && view.intent.state == IntentState::Done
        })
        .await?;
        told.push((tale.what, view));
    }
    let mut flood = Vec::new();
    for number in 0..FLOOD {
        let view = settled(&receiver, &flood_key(number), is_settled).await?;
        flood.push(view);
    }

    report.section(
        "What is to be said reaches its person, by a stand-in for Sinch, at 20 times the speed",
        ["intent", "must become", "became"],
    );
    for (tale, (_, view)) in TALES.iter().zip(&told) {
        report.row(tale.what, 1, tale.expected, outcome(view));
    }
    let count = |is: fn(&IntentView) -> bool| flood.iter().filter(|view| is(view)).count();
    let sent = count(|view| !view.attempts.is_empty());
    let held = count(|view| view.attempts.is_empty() && view.intent.state == IntentState::Waiting);
    report.row(
        "a flood to one person",
        u64::try_from(FLOOD).unwrap_or_default(),
        flooded(WITHIN_BUDGET, FLOOD.saturating_sub(WITHIN_BUDGET)),
        flooded(sent, held),
    );
    let sends = sinch.sends()?;
    let attempts: BTreeSet<_> = sends.iter().map(|send| &send.correlation_id).collect();
    report.row(
        "calls at the stand-in, each attempt once",
        u64::try_from(sends.len()).unwrap_or_default(),
        format!("{} attempts", sends.len()),
        format!("{} attempts", attempts.len()),
    );
    if report.is_told() {
        let flood = flood.into_iter().map(|view| ("the flood", view));
        table(&told.into_iter().chain(flood).collect::<Vec<_>>());
    }
    receiver.stop().await
}

fn flood_key(number: usize) -> String {
    format!("flood-{number}")
}

fn flooded(sent: usize, held: usize) -> String {
    format!("{sent} sent, {held} held by the budget")
}

async fn start(
    folder: &std::path::Path,
    secret: &str,
    sinch: &StandIn,
) -> Result<Receiver, CommandError> {
    let key = folder.join("key.txt");
    std::fs::write(&key, "demo-key-id:demo-key")
        .map_err(|error| CommandError::failed("a receiver cannot be started", error))?;
    let more = [
        ("--clock-speed", SPEED.to_string()),
        ("--recovery-mode", "on".into()),
        ("--recovery-project-id", "demo".into()),
        ("--recovery-app-id", "demo-app".into()),
        ("--recovery-credentials-file", key.display().to_string()),
        ("--recovery-url", sinch.url().to_owned()),
    ];
    let more = more
        .into_iter()
        .flat_map(|(flag, value)| [flag.to_owned(), value]);
    let secrets = [secret.to_owned()];
    Receiver::start(folder, &secrets, &more.collect::<Vec<_>>()).await
}

async fn accept(
    receiver: &Receiver,
    key: &str,
    number: &str,
    plan: &str,
) -> Result<(), CommandError> {
    let is_code = plan == "otp";
    let to = if is_code {
        json!({ "SMS": number, "WHATSAPP": number })
    } else {
        json!({ "SMS": number })
    };
    let intent = json!({
        "key": key,
        "to": to,
        "content": {"text": if is_code { "Your code is 4711" } else { "Your parcel comes today" }},
        "plan": plan,
        "deadline": "PT10M",
    });
    match receiver.ask("/api/intents", &intent).await? {
        (201, _) => Ok(()),
        (status, told) => Err(CommandError::failed(
            format!("the intent {key} is not accepted"),
            format!(
                "{status}: {}",
                told.get("detail").cloned().unwrap_or_default()
            ),
        )),
    }
}

/// The intent, once it is as it must become, or as it is when that takes too long.
async fn settled(
    receiver: &Receiver,
    key: &str,
    is_settled: impl Fn(&IntentView) -> bool,
) -> Result<IntentView, CommandError> {
    let path = format!("/api/intents/{key}");
    let mut view: IntentView = receiver.get(&path).await?;
    for _ in 0..LOOKS {
        if is_settled(&view) {
            break;
        }
        tokio::time::sleep(LOOK).await;
        view = receiver.get(&path).await?;
    }
    Ok(view)
}

fn is_settled(view: &IntentView) -> bool {
    let is_held = view.intent.state == IntentState::Waiting && view.intent.reason == "budget";
    is_held || view.intent.state == IntentState::Done
}

/// What became of an intent's attempts, and of the intent.
fn outcome(view: &IntentView) -> String {
    let attempts = view.attempts.iter().map(|attempt| {
        let became = if is_late(view, attempt) {
            "late"
        } else {
            became(attempt)
        };
        format!("{} {became}", attempt.channel)
    });
    attempts.collect::<Vec<_>>().join(", ")
}

/// Whether an attempt's message came beside that of another.
fn is_late(view: &IntentView, attempt: &AttemptView) -> bool {
    let mut lines = view.log.iter();
    lines.any(|line| line.why == "late" && line.attempt == Some(attempt.number))
}

/// What was sent and why, and what was not and why.
fn table(views: &[(&str, IntentView)]) {
    output::line("\nWhat was sent and why, and what was not sent and why");
    line(["intent", "what", "why", "what became of it"]);
    for (_, view) in views {
        let key = view.intent.key.as_str();
        let mut why = "the plan begins with it".to_owned();
        for attempt in &view.attempts {
            let channel = attempt.channel;
            let became = if is_late(view, attempt) {
                "delivered late: told as a double"
            } else {
                became(attempt)
            };
            line([key, &format!("{channel} sent"), &why, became]);
            why = match (&attempt.failure, attempt.unresolved) {
                (Some(failure), _) => {
                    let code = failure.code.split(' ').next().unwrap_or_default();
                    format!("{channel} failed: {code}")
                }
                (None, true) => format!("{channel} may have gone out: no answer came"),
                (None, false) => format!("{channel} was silent for its wait"),
            };
            if attempt.unresolved {
                line([
                    key,
                    &format!("{channel} not again"),
                    &why,
                    "it had gone out",
                ]);
            }
        }
        match (view.intent.state, view.intent.reason.as_str()) {
            (IntentState::Done, evidence) => {
                line([
                    key,
                    "nothing more",
                    &format!("the person is reached: {evidence}"),
                    "",
                ]);
            }
            (_, "budget") => line([
                key,
                "nothing sent",
                "the person's budget of the day is used up",
                "",
            ]),
            (state, reason) => line([key, state.as_str(), reason, ""]),
        }
    }
}

fn became(attempt: &AttemptView) -> &str {
    let state = attempt.message_state.as_deref();
    state.unwrap_or_else(|| attempt.state.as_str())
}

fn line([intent, what, why, became]: [&str; 4]) {
    let text = format!("  {intent:10}  {what:18}  {why:44}  {became}");
    output::line(text.trim_end());
}
