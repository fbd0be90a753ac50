//! The decision, row by row against values stated by hand, and by its properties.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

mod common;

use std::collections::BTreeSet;

use common::{NOW, at};
use proptest::prelude::*;
use serde_json::{Value, json};
use sinch_callback::{DeliveryState, Permanence, Remedy, UnixSeconds};
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{
    CallAnswer, Callbacks, Channel, Circumstances, Decision, Gate, Intent, IntentId, Report,
    Request, decide, ports::Mode,
};

/// An intent accepted at `NOW` by this plan, to a person with a number and an address; its retries are
/// not spread.
fn intent(plan: Value) -> Intent {
    intent_of(json!({
        "key": "k",
        "to": {"SMS": "+15550100", "WHATSAPP": "+15550100", "EMAIL": "ada@example.com"},
        "content": {"text": "Your code is 271828"},
        "plan": plan,
        "deadline": "P1D",
        "valid_until": "2026-11-28T10:00:11Z",
    }))
}

fn intent_of(request: Value) -> Intent {
    let request = Request::parse(request.to_string().as_bytes(), NOW).unwrap();
    let id = IntentId::new(NOW, [0; 10]);
    request.into_intent(id, &ForgetKey::new([7; 64]), Mode::On, NOW)
}

/// Everything is well at this moment, and all that was reported is known.
fn open(now: UnixSeconds) -> Circumstances {
    Circumstances::open(now)
}

/// Runs the step that is decided, and has it accepted as this message.
fn send(intent: &mut Intent, message_id: &str, now: UnixSeconds) {
    let call = intent.start(&open(now)).unwrap();
    let accepted = CallAnswer::Accepted(message_id.into());
    let effects = intent.answered(call.attempt.number, &accepted, now);
    assert!(!effects.gives_back);
}

/// What is decided, in words short enough for a table.
fn shown(decision: Decision) -> String {
    match decision {
        Decision::Send(send) => format!("send {} {}", send.step, send.channel),
        Decision::Wait(until, hold) => format!("wait {} {hold}", until.since(NOW).as_secs()),
        Decision::Done(evidence) => format!("done {evidence}"),
        Decision::GiveUp(why) => format!("give up {why}"),
        Decision::AskAPerson(person) => format!("ask {person}"),
    }
}

fn decided(intent: &Intent, secs: u64) -> String {
    shown(decide(intent, &open(at(secs))))
}

const EVERY: [Permanence; 3] = [
    Permanence::Permanent,
    Permanence::Temporary,
    Permanence::Unknown,
];

/// What follows from a failure 10 s after the first send, after 5 s and once the first backoff is over:
/// of a one-time password and of a notification.
#[test]
fn each_remedy_of_each_plan_leads_to_what_is_stated_by_hand() {
    let next = ["wait 15 settling", "send 1 WHATSAPP", "send 1 WHATSAPP"];
    let person = ["wait 15 settling", "ask request", "ask request"];
    let mail = ["wait 15 settling", "send 2 EMAIL", "send 2 EMAIL"];
    let dropped = ["wait 15 settling", "give up dropped", "give up dropped"];
    let stop = ["wait 15 settling", "give up own_doing", "give up own_doing"];
    let later = ["wait 15 settling", "wait 310 not_yet", "send 0 SMS"];
    for (remedy, permanences, otp, notification) in [
        (Remedy::RetryLater, &EVERY[..1], next, next),
        (Remedy::RetryLater, &EVERY[1..], next, later),
        (Remedy::TryAnotherChannel, &EVERY, next, next),
        (Remedy::FixRequest, &EVERY, person, person),
        (Remedy::CheckConfiguration, &EVERY, person, person),
        (Remedy::DropRecipient, &EVERY, dropped, dropped),
        (Remedy::Nothing, &EVERY, stop, stop),
        (Remedy::Unknown, &EVERY, mail, mail),
    ] {
        for permanence in permanences {
            for (plan, rows) in [("otp", otp), ("notification", notification)] {
                let mut intent = intent(json!(plan));
                send(&mut intent, "m", NOW);
                let failed = Report::failed("m", 1, remedy, *permanence);
                assert!(intent.reported(1, &failed, at(10)));
                let found = [14, 15, 310].map(|secs| decided(&intent, secs));
                assert_eq!(found, rows, "{plan}: {remedy} {permanence}");
            }
        }
    }
}

/// The steps of the plans in silence, and the delays of the backoff.
#[test]
fn each_plan_waits_as_long_as_it_says() {
    let mut otp = intent(json!("otp"));
    for (secs, message, before, then) in [
        (0, "a", "send 0 SMS", "wait 30 not_yet"),
        (30, "b", "send 1 WHATSAPP", "wait 60 not_yet"),
    ] {
        assert_eq!(decided(&otp, secs), before);
        send(&mut otp, message, at(secs));
        assert_eq!(decided(&otp, secs), then);
        assert_eq!(decided(&otp, secs + 29), then);
    }
    assert_eq!(decided(&otp, 60), "send 2 EMAIL");
    send(&mut otp, "mail", at(60));
    assert_eq!(decided(&otp, 60), "done accepted", "a mail server's 250");

    let mut notification = intent(json!("notification"));
    send(&mut notification, "a", NOW);
    assert_eq!(decided(&notification, 14_399), "wait 14400 not_yet");
    assert_eq!(decided(&notification, 14_400), "send 1 WHATSAPP");
    // 5 min, 30 min and 2 h after each failure, then the next channel.
    let mut notification = intent(json!("notification"));
    let mut fail = |number: u32, secs: u64| {
        let (message, later) = (format!("m{number}"), Remedy::RetryLater);
        send(&mut notification, &message, at(secs));
        notification.reported(
            number,
            &Report::failed(&message, 1, later, Permanence::Temporary),
            at(secs),
        );
        notification.clone()
    };
    let mut secs = 0;
    for (number, delay) in [(1, 300), (2, 1_800), (3, 7_200)] {
        let failed = fail(number, secs);
        secs += delay;
        assert_eq!(decided(&failed, secs - 1), format!("wait {secs} not_yet"));
        assert_eq!(decided(&failed, secs), "send 0 SMS");
    }
    assert_eq!(decided(&fail(4, secs), secs + 5), "send 1 WHATSAPP");
}

#[test]
fn a_receipt_only_never_sends() {
    let mut intent = intent_of(
        json!({"key": "k", "plan": "receipt-only", "deadline": "PT1H",
        "valid_until": "2026-12-05T10:00:11Z", "sent": {"message_id": "m", "channel": "SMS"}}),
    );
    for (secs, found) in [
        (0, "wait 259200 not_yet"),
        (259_200, "wait 864000 last_step"),
        (864_000, "give up expired"),
    ] {
        assert_eq!(decided(&intent, secs), found);
    }
    let failed = Report::failed("m", 1, Remedy::RetryLater, Permanence::Temporary);
    intent.reported(1, &failed, at(10));
    assert_eq!(decided(&intent, 15), "give up no_step_left");
    intent.reported(1, &Report::delivered("m", 2), at(20));
    assert_eq!(decided(&intent, 20), "done delivered");
}

/// The first send of somebody else is an e-mail: only a report tells that it arrived.
#[test]
fn what_somebody_else_has_sent_is_not_done_at_once() {
    let mut request = json!({"key": "k", "to": {"EMAIL": "ada@example.com"}, "plan": "otp",
        "content": {"text": "t"}, "deadline": "PT1H"});
    request["sent"] = json!({"message_id": "m", "channel": "EMAIL"});
    assert_eq!(decided(&intent_of(request), 0), "wait 30 not_yet");
}

#[test]
fn read_on_a_channel_that_does_not_tell_means_delivered() {
    for (channel, found) in [
        ("SMS", "done delivered"),
        ("EMAIL", "done delivered"),
        ("WHATSAPP", "wait 40 not_yet"),
    ] {
        let step = json!({"channel": channel, "wait": "PT30S", "until": "read"});
        let mut intent = intent(json!({"steps": [step]}));
        send(&mut intent, "m", at(10));
        intent.reported(1, &Report::delivered("m", 1), at(11));
        assert_eq!(decided(&intent, 11), found, "{channel}");
    }
}

/// What a call's answer leads to, at once and 30 s later, with the effects on budget, token and fleet.
#[test]
fn each_answer_of_a_call_leads_to_what_is_stated_by_hand() {
    for (answer, at_once, later, gives_back, renews) in [
        (
            CallAnswer::Accepted("m".into()),
            "wait 30 not_yet",
            "send 1 WHATSAPP",
            false,
            false,
        ),
        (
            CallAnswer::NotSent("dns".into()),
            "wait 10 not_yet",
            "send 0 SMS",
            true,
            false,
        ),
        (
            CallAnswer::of_status(429, ""),
            "wait 10 not_yet",
            "send 0 SMS",
            true,
            false,
        ),
        (
            CallAnswer::of_status(501, ""),
            "wait 10 not_yet",
            "send 0 SMS",
            true,
            false,
        ),
        (
            CallAnswer::of_status(401, ""),
            "wait 10 not_yet",
            "send 0 SMS",
            true,
            true,
        ),
        (
            CallAnswer::of_status(403, ""),
            "wait 10 not_yet",
            "send 0 SMS",
            true,
            true,
        ),
        (
            CallAnswer::of_status(404, ""),
            "wait 10 not_yet",
            "send 0 SMS",
            true,
            true,
        ),
        (
            CallAnswer::of_status(400, ""),
            "ask request",
            "ask request",
            true,
            false,
        ),
        (
            CallAnswer::of_status(422, ""),
            "ask request",
            "ask request",
            true,
            false,
        ),
        (
            CallAnswer::of_status(500, ""),
            "wait 30 not_yet",
            "send 1 WHATSAPP",
            false,
            false,
        ),
        (
            CallAnswer::of_status(503, ""),
            "wait 30 not_yet",
            "send 1 WHATSAPP",
            false,
            false,
        ),
        (
            CallAnswer::of_status(200, ""),
            "wait 30 not_yet",
            "send 1 WHATSAPP",
            false,
            false,
        ),
        (
            CallAnswer::Unresolved("timed out".into()),
            "wait 30 not_yet",
            "send 1 WHATSAPP",
            false,
            false,
        ),
    ] {
        let mut intent = intent(json!("otp"));
        let call = intent.start(&open(NOW)).unwrap();
        assert_eq!(decided(&intent, 0), "wait 30 under_way");
        let effects = intent.answered(call.attempt.number, &answer, NOW);
        assert_eq!(
            (effects.gives_back, effects.renews),
            (gives_back, renews),
            "{answer:?}"
        );
        assert_eq!(effects.pauses, None, "{answer:?}");
        let found = [decided(&intent, 0), decided(&intent, 30)];
        assert_eq!(found, [at_once, later], "{answer:?}");
    }
}

#[test]
fn a_second_refusal_about_us_pauses_the_fleet_and_costs_the_intent_nothing() {
    let mut intent = intent(json!("otp"));
    let refused = CallAnswer::of_status(401, "invalid token");
    for number in 0..30_u64 {
        let call = intent.start(&open(at(10 * number))).unwrap();
        let effects = intent.answered(call.attempt.number, &refused, at(10 * number));
        let pauses = (number > 0).then(|| "status 401: invalid token".to_owned());
        assert_eq!((effects.renews, effects.pauses), (number == 0, pauses));
    }
    let paused = Circumstances {
        fleet: Gate::Closed,
        ..open(at(300))
    };
    assert_eq!(shown(decide(&intent, &paused)), "wait 360 paused");
    assert_eq!(decided(&intent, 300), "send 0 SMS");
}

/// 10 s, doubled each time, at most 15 min: 20 times, then the next step, at the end a person.
#[test]
fn a_call_that_never_leaves_us_is_planned_twenty_times() {
    let one_step = json!({"steps": [{"channel": "SMS", "wait": "PT30S"}]});
    let mut intent = intent(one_step);
    let mut secs = 0;
    for delay in [10, 20, 40, 80, 160, 320, 640].into_iter().chain([900; 13]) {
        let call = intent.start(&open(at(secs))).unwrap();
        assert_eq!(call.attempt.number, 1, "no try is used");
        let _ = intent.answered(1, &CallAnswer::NotSent("no route".into()), at(secs));
        assert_eq!(
            decided(&intent, secs),
            format!("wait {} not_yet", secs + delay)
        );
        secs += delay;
    }
    assert_eq!(decided(&intent, secs), "send 0 SMS");
    intent.start(&open(at(secs))).unwrap();
    let _ = intent.answered(1, &CallAnswer::NotSent("no route".into()), at(secs));
    assert_eq!(decided(&intent, secs + 900), "ask not_sent");
}

#[test]
fn what_is_unresolved_is_never_repeated_unless_a_double_is_harmless() {
    let timed_out = CallAnswer::Unresolved("timed out".into());
    let steps = |double: &str| {
        json!({"double": double, "steps": [
            {"channel": "SMS", "wait": "PT30S", "tries": 2},
            {"channel": "WHATSAPP", "wait": "PT30S", "tries": 2}]})
    };
    for (double, next, then) in [
        ("never", "send 1 WHATSAPP", "ask unresolved"),
        ("harmless", "send 0 SMS", "ask unresolved"),
    ] {
        let mut intent = intent(steps(double));
        intent.start(&open(NOW)).unwrap();
        let _ = intent.answered(1, &timed_out, NOW);
        assert_eq!(decided(&intent, 30), next);
        intent.start(&open(at(30))).unwrap();
        let _ = intent.answered(2, &timed_out, at(30));
        assert_eq!(decided(&intent, 60), then, "a second one is for a person");
        assert!(intent.retry(&open(at(60))));
        let again = if double == "never" {
            "send 1 WHATSAPP"
        } else {
            "send 0 SMS"
        };
        assert_eq!(decided(&intent, 60), again);
    }
    // None left.
    let mut last = intent(json!({"steps": [{"channel": "SMS", "wait": "PT30S", "tries": 2}]}));
    last.start(&open(NOW)).unwrap();
    assert_eq!(decided(&last, 29), "wait 30 under_way");
    assert_eq!(
        decided(&last, 30),
        "ask unresolved",
        "its worker has crashed"
    );
    assert!(
        !last.reported(2, &Report::delivered("m", 1), at(40)),
        "there is no such attempt"
    );
    last.reported(1, &Report::new("m", 1, DeliveryState::Queued), at(40));
    assert_eq!(
        decided(&last, 40),
        "wait 70 not_yet",
        "the report found it sent"
    );
}

#[test]
fn silence_is_counted_in_the_time_in_which_we_listened() {
    let mut intent = intent(json!("otp"));
    send(&mut intent, "m", NOW);
    let heard = |secs, heard: Option<u64>, callbacks| {
        let circumstances = Circumstances {
            heard_until: heard.map(at),
            callbacks,
            ..open(at(secs))
        };
        shown(decide(&intent, &circumstances))
    };
    for (secs, until, callbacks, found) in [
        (30, Some(30), Callbacks::Heard, "send 1 WHATSAPP"),
        (30, Some(29), Callbacks::Heard, "wait 90 not_heard"),
        (3_630, Some(29), Callbacks::Heard, "wait 3690 not_heard"),
        (30, None, Callbacks::Heard, "wait 90 not_heard"),
        (
            30,
            Some(30),
            Callbacks::Stopped,
            "wait 90 callbacks_stopped",
        ),
        (30, Some(30), Callbacks::Probe, "send 1 WHATSAPP"),
        (30, Some(29), Callbacks::Probe, "wait 90 not_heard"),
    ] {
        assert_eq!(heard(secs, until, callbacks), found);
    }
    // A failure is no silence.
    let failed = Report::failed("m", 1, Remedy::TryAnotherChannel, Permanence::Permanent);
    intent.reported(1, &failed, at(3));
    let deaf = Circumstances {
        heard_until: None,
        callbacks: Callbacks::Stopped,
        ..open(at(8))
    };
    assert_eq!(shown(decide(&intent, &deaf)), "send 1 WHATSAPP");
}

/// Each gate by itself, closed and unreadable.
#[test]
fn each_gate_holds_a_send_by_itself() {
    let mut request = json!({"key": "k", "to": {"SMS": "+15550100"}, "plan": "otp",
        "content": {"text": "t"}, "deadline": "PT1H"});
    let plain = intent_of(request.clone());
    // 11:00:11 in Stockholm, and half of an hour is more than 15 minutes.
    request["quiet_hours"] = json!({"from": "11:00", "to": "12:00", "zone": "Europe/Stockholm"});
    let quiet = intent_of(request.clone());
    request["to"] = json!({"EMAIL": "ada@example.com"});
    let quiet_mail = intent_of(request);
    let everybody = BTreeSet::from([Channel::Sms]);
    for (intent, circumstances, found) in [
        (&plain, open(NOW), "send 0 SMS"),
        (
            &plain,
            Circumstances {
                switch: Gate::Closed,
                ..open(NOW)
            },
            "wait 60 switch",
        ),
        (
            &plain,
            Circumstances {
                switch: Gate::Unreadable,
                ..open(NOW)
            },
            "wait 60 switch",
        ),
        (
            &plain,
            Circumstances {
                fleet: Gate::Closed,
                ..open(NOW)
            },
            "wait 60 paused",
        ),
        (
            &plain,
            Circumstances {
                fleet: Gate::Unreadable,
                ..open(NOW)
            },
            "wait 60 paused",
        ),
        (
            &plain,
            Circumstances {
                budget: Gate::Unreadable,
                ..open(NOW)
            },
            "wait 60 budget",
        ),
        (
            &plain,
            Circumstances {
                budget: Gate::Closed,
                budget_from: Some(at(900)),
                ..open(NOW)
            },
            "wait 900 budget",
        ),
        (
            &plain,
            Circumstances {
                suppressed: None,
                ..open(NOW)
            },
            "wait 60 suppressions",
        ),
        (
            &plain,
            Circumstances {
                suppressed: Some(everybody),
                ..open(NOW)
            },
            "give up suppressed",
        ),
        (
            &plain,
            Circumstances {
                is_dry_run: true,
                ..open(NOW)
            },
            "wait 60 dry_run",
        ),
        (&plain, open(at(86_400)), "give up expired"),
        (&quiet, open(NOW), "wait 900 quiet_hours"),
        (&quiet, open(at(3_589)), "send 0 SMS"),
        (&quiet_mail, open(NOW), "send 0 EMAIL"),
    ] {
        assert_eq!(shown(decide(intent, &circumstances)), found);
    }
}

#[test]
fn the_ttl_is_what_is_left_and_in_a_one_time_password_the_wait() {
    for (plan, secs, ttl) in [
        ("otp", 0, 30),
        ("notification", 0, 259_200),
        ("notification", 60, 259_140),
    ] {
        let call = intent(json!(plan)).start(&open(at(secs))).unwrap();
        assert_eq!(call.ttl.as_secs(), ttl, "{plan}");
    }
}

/// The example of 8x8's `channels`: `fallbackAfter` seconds without `successStatus`, and at once on a
/// failure. Rows: what is reported when, and the channel and second of the fallback, or none.
#[test]
fn a_plan_of_8x8_has_the_same_outcomes() {
    // [{"channel": "WhatsApp", "fallbackAfter": 1800, "successStatus": "Read"},
    //  {"channel": "SMS", "fallbackAfter": 300, "successStatus": "Delivered"}]
    let plan = json!({"steps": [
        {"channel": "WHATSAPP", "wait": "PT30M", "until": "read"},
        {"channel": "SMS", "wait": "PT5M", "until": "delivered"}]});
    same_outcomes(&plan, 1_800);
}

/// The example of Vonage Dispatch's `failover`: another message after `expiry_time` without
/// `condition_status`, and at once where the first is rejected.
#[test]
fn a_plan_of_vonage_dispatch_has_the_same_outcomes() {
    // {"workflow": [{"from": {"type": "whatsapp"}, "failover": {"expiry_time": 600,
    //   "condition_status": "read"}}, {"from": {"type": "sms"}}]}
    let plan = json!({"steps": [
        {"channel": "WHATSAPP", "wait": "PT10M", "until": "read"},
        {"channel": "SMS", "wait": "PT10M"}]});
    same_outcomes(&plan, 600);
}

fn same_outcomes(plan: &Value, wait: u64) {
    let rejected = Report::failed("m", 1, Remedy::TryAnotherChannel, Permanence::Permanent);
    let (delivered, read) = (
        Report::delivered("m", 1),
        Report::new("m", 2, DeliveryState::Read),
    );
    for (reports, fallback) in [
        (vec![], Some(wait)),
        (vec![(3, delivered.clone())], Some(wait)),
        (vec![(3, delivered.clone()), (wait - 1, read.clone())], None),
        (vec![(wait - 1, read)], None),
        // Ours settles first: a correction of the failure may be on its way.
        (vec![(3, rejected)], Some(8)),
    ] {
        let mut intent = intent(plan.clone());
        send(&mut intent, "m", NOW);
        for (secs, report) in &reports {
            intent.reported(1, report, at(*secs));
        }
        let sends = |secs: u64| decided(&intent, secs) == "send 1 SMS";
        let first = (1..=2 * wait).find(|secs| sends(*secs));
        assert_eq!(first, fallback, "{reports:?}");
    }
}

/// Ten intents a second for an hour, delivered 5 s after their send, while our own processor stands
/// still: what it has not applied is no silence. What the callbacks waiting in the queue say decides,
/// and a timer that does not ask doubles all but those of the last half minute.
#[test]
fn an_hour_in_which_nothing_is_processed_is_no_silence() {
    const HOUR: u64 = 3_600;
    let (mut steps, mut doubled) = (0_u32, 0_u32);
    for secs in 0..HOUR {
        let mut intent = intent(json!("otp"));
        send(&mut intent, "m", at(secs));
        // The oldest callback that waits is that of the first send.
        let heard_until = |now: u64| if now < 5 { at(now) } else { at(5) };
        let looks = (secs..HOUR).filter(|now| (now - secs) % 30 == 0);
        let sends = |now: u64, heard_until: UnixSeconds| {
            let circumstances = Circumstances {
                heard_until: Some(heard_until),
                ..open(at(now))
            };
            matches!(decide(&intent, &circumstances), Decision::Send(_))
        };
        let mut looks_again = looks.clone();
        steps += 10 * u32::from(looks_again.any(|now| sends(now, heard_until(now))));
        let mut looks = looks;
        doubled += 10 * u32::from(looks.any(|now| sends(now, at(now))));
        // The hour is over: the receipt is applied before it is silent again.
        intent.reported(1, &Report::delivered("m", 1), at(HOUR));
        assert_eq!(decided(&intent, HOUR), "done delivered");
    }
    assert_eq!(steps, 0);
    assert!(
        doubled > 35_000,
        "a plain timer doubles {doubled} of 36,000"
    );
}

/// Something that happens to an intent.
#[derive(Clone, Debug)]
enum Act {
    Start,
    Answer(CallAnswer),
    NotCalled,
    Report(u32, Option<DeliveryState>, Remedy, Permanence, u8),
    Cancel,
    Retry,
    Settle,
    Pass(u64),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let states = || prop::sample::select(DeliveryState::ALL.to_vec());
    let answers = prop_oneof![
        3 => Just(CallAnswer::Accepted("m".into())),
        1 => (200..600_u16).prop_map(|status| CallAnswer::of_status(status, "words")),
        1 => Just(CallAnswer::NotSent(String::new())),
        1 => Just(CallAnswer::Unresolved(String::new())),
    ];
    let report = (
        1..4_u32,
        prop::option::weighted(0.9, states()),
        prop::sample::select(Remedy::ALL.to_vec()),
        prop::sample::select(Permanence::ALL.to_vec()),
        0..2_u8,
    );
    let act = prop_oneof![
        5 => Just(Act::Start),
        4 => answers.prop_map(Act::Answer),
        1 => Just(Act::NotCalled),
        4 => report.prop_map(|(number, state, remedy, permanence, message)| {
            Act::Report(number, state, remedy, permanence, message)
        }),
        1 => Just(Act::Cancel),
        1 => Just(Act::Retry),
        2 => Just(Act::Settle),
        6 => prop_oneof![0..40_u64, 200..8_000_u64, Just(100_000_u64)].prop_map(Act::Pass),
    ];
    prop::collection::vec(act, 0..25)
}

fn plans() -> impl Strategy<Value = Value> {
    let step = (
        prop::sample::select(vec!["SMS", "WHATSAPP", "EMAIL"]),
        prop::sample::select(vec!["PT30S", "PT10M"]),
        prop::sample::select(vec!["delivered", "read"]),
        1..4_u32,
        prop::sample::select(vec![json!([]), json!(["PT5M", "PT2H"])]),
    )
        .prop_map(|(channel, wait, until, tries, backoff)| {
            json!({"channel": channel, "wait": wait, "until": until, "tries": tries, "backoff": backoff})
        });
    let own = (
        prop::collection::vec(step, 1..4),
        prop::sample::select(vec!["harmless", "never"]),
    )
        .prop_map(|(steps, double)| json!({"steps": steps, "double": double}));
    prop_oneof![Just(json!("otp")), Just(json!("notification")), own]
}

/// An intent to which this has happened, and the moment.
fn after(plan: Value, acts: &[Act]) -> (Intent, u64) {
    let (mut intent, mut secs, mut version) = (intent(plan), 0, 0);
    for act in acts {
        let now = at(secs);
        let last = u32::try_from(intent.attempts().len()).unwrap();
        match act {
            Act::Start => {
                let _ = intent.start(&open(now));
            }
            Act::Answer(answer) => {
                let _ = intent.answered(last, answer, now);
            }
            Act::NotCalled => {
                let _ = intent.not_called(last, now);
            }
            Act::Report(number, state, remedy, permanence, message) => {
                version += 1;
                let mut report =
                    Report::failed(&format!("m{message}"), version, *remedy, *permanence);
                report.state = *state;
                // What was never sent is not reported on.
                if has_left(&intent, *number) {
                    intent.reported(*number, &report, now);
                }
            }
            Act::Cancel => {
                intent.cancel(now);
            }
            Act::Retry => {
                intent.retry(&open(now));
            }
            Act::Settle => {
                intent.settle(&open(now));
            }
            Act::Pass(more) => secs += more,
        }
    }
    (intent, secs)
}

fn has_left(intent: &Intent, number: u32) -> bool {
    use sinch_callback_recovery::AttemptState as S;
    let attempt = usize::try_from(number - 1)
        .ok()
        .and_then(|index| intent.attempts().get(index));
    attempt.is_some_and(|attempt| !matches!(attempt.state(), S::Planned | S::NotCalled))
}

fn gates() -> impl Strategy<Value = Circumstances> {
    let gate =
        || prop_oneof![3 => Just(Gate::Open), 1 => Just(Gate::Closed), 1 => Just(Gate::Unreadable)];
    let callbacks =
        prop::sample::select(vec![Callbacks::Heard, Callbacks::Stopped, Callbacks::Probe]);
    let suppressed = prop::option::weighted(
        0.8,
        prop::collection::btree_set(
            prop::sample::select(vec![Channel::Sms, Channel::Email]),
            0..2,
        ),
    );
    let heard = prop::option::weighted(0.8, 0..10_000_u64);
    (
        gate(),
        gate(),
        gate(),
        callbacks,
        suppressed,
        heard,
        any::<bool>(),
    )
        .prop_map(
            |(switch, fleet, budget, callbacks, suppressed, behind, is_dry_run)| {
                let mut circumstances = open(NOW);
                (
                    circumstances.switch,
                    circumstances.fleet,
                    circumstances.budget,
                ) = (switch, fleet, budget);
                (circumstances.callbacks, circumstances.suppressed) = (callbacks, suppressed);
                // How far behind, until the moment is known.
                circumstances.heard_until = behind.map(UnixSeconds::new);
                circumstances.is_dry_run = is_dry_run;
                circumstances
            },
        )
}

fn moved(gates: &Circumstances, secs: u64) -> Circumstances {
    let behind = |heard: UnixSeconds| UnixSeconds::new(at(secs).get() - heard.get().min(secs));
    Circumstances {
        now: at(secs),
        heard_until: gates.heard_until.map(behind),
        ..gates.clone()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Total: whatever has happened there is a decision, a wait ends, and a closed gate lets no send pass.
    #[test]
    fn there_is_always_a_decision(plan in plans(), acts in acts(), gates in gates()) {
        let (intent, secs) = after(plan, &acts);
        let circumstances = moved(&gates, secs);
        match decide(&intent, &circumstances) {
            Decision::Wait(until, _) => prop_assert!(until > at(secs)),
            Decision::Send(_) => {
                let all = [gates.switch, gates.fleet, gates.budget];
                prop_assert_eq!(all, [Gate::Open; 3]);
                prop_assert!(!gates.is_dry_run && gates.suppressed.is_some());
                prop_assert!(at(secs) < intent.valid_until() && intent.end().is_none());
            }
            _ => {}
        }
        let again = Intent::decode(&intent.encode());
        prop_assert_eq!(again.as_ref(), Some(&intent));
    }

    /// Monotone: whoever is known to be reached better is sent no more, now or later.
    #[test]
    fn more_success_never_leads_to_more_sends(
        plan in plans(),
        acts in acts(),
        gates in gates(),
        which in any::<prop::sample::Index>(),
        is_read in any::<bool>(),
        later in prop_oneof![0..100_u64, 100..20_000_u64],
    ) {
        let (worse, secs) = after(plan, &acts);
        let count = u32::try_from(worse.attempts().len()).unwrap();
        let sent: Vec<_> = (1..=count).filter(|number| has_left(&worse, *number)).collect();
        if sent.is_empty() {
            return Ok(());
        }
        let number = *which.get(&sent);
        let mut better = worse.clone();
        let state = if is_read { DeliveryState::Read } else { DeliveryState::Delivered };
        let index = usize::try_from(number - 1).unwrap();
        let message = worse.attempts()[index].message_id().unwrap_or("m0").to_owned();
        better.reported(number, &Report::new(&message, 1_000, state), at(secs));
        let circumstances = moved(&gates, secs + later);
        if let Decision::Send(send) = decide(&better, &circumstances) {
            prop_assert_eq!(decide(&worse, &circumstances), Decision::Send(send));
        }
    }

    /// Of the reports on a message the one of the highest version holds, in whatever order they come.
    #[test]
    fn the_order_of_reports_changes_nothing(
        states in prop::collection::vec((prop::sample::select(DeliveryState::ALL.to_vec()),
            prop::sample::select(Remedy::ALL.to_vec())), 1..6).prop_shuffle(),
        order in Just((0..6_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        // By the law of the aggregate a message that has arrived stays so.
        let arrived = |state: DeliveryState| state >= DeliveryState::Delivered;
        let mut ordered = states;
        ordered.sort_by_key(|(state, _)| arrived(*state).then_some(*state));
        let reports: Vec<_> = (1..).zip(&ordered).map(|(version, (state, remedy))| {
            let mut report = Report::failed("m", version, *remedy, Permanence::Temporary);
            report.state = Some(*state);
            report
        }).collect();
        let told = |order: &mut dyn Iterator<Item = &Report>| {
            let mut intent = intent(json!("otp"));
            send(&mut intent, "m", NOW);
            for report in order {
                intent.reported(1, report, at(1));
            }
            let attempt = &intent.attempts()[0];
            let failure = attempt.failure().filter(|_| attempt.success().is_none()).cloned();
            (attempt.message(), attempt.success(), failure, decided(&intent, 6))
        };
        let shuffled: Vec<_> = order.iter().filter_map(|index| reports.get(*index)).collect();
        prop_assert_eq!(told(&mut reports.iter()), told(&mut shuffled.into_iter()));
    }
}
