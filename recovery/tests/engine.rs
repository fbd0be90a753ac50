//! The engine over ports in memory, with a crash between any two of its steps.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a test may fail loudly"
)]

mod common;
mod world;

use std::collections::{BTreeMap, BTreeSet};

use common::{NOW, at};
use serde_json::{Value, json};
use sinch_callback::{DeliveryState, Permanence, Remedy};
use sinch_callback_pipeline::ForgetKey;
use sinch_callback_recovery::{
    Accepted, CallAnswer, Cancel, Channel, Circumstances, End, Engine, Evidence, GiveUp, Identity,
    Intent, IntentEventKind, Person, Report, Request, Reserve,
    ports::{Budgets, Intents, Mode, SuppressedFor, Suppressions, Switch},
};
use world::{Fuse, Scene, Spoil, World};

fn request(key: &str, plan: Value) -> Value {
    json!({
        "key": key,
        "to": {"SMS": "+15550100", "WHATSAPP": "+15550100", "EMAIL": "ada@example.com"},
        "content": {"text": "Your code is 271828"},
        "plan": plan,
        "deadline": "PT10M",
        "valid_until": "2026-11-25T11:00:11Z",
    })
}

fn failed(remedy: Remedy) -> Scene {
    Scene::Reported(DeliveryState::Failed, remedy)
}

const ARRIVED: Scene = Scene::Reported(DeliveryState::Delivered, Remedy::Nothing);

/// What happens to the calls of an intent, one after the other, and how it then ends.
fn stories() -> Vec<(&'static str, Value, Vec<Scene>, End)> {
    let otp = || json!("otp");
    let delivered = End::Done(Evidence::Delivered);
    let accepted = End::Done(Evidence::Accepted);
    vec![
        ("the first arrives", otp(), vec![ARRIVED], delivered),
        (
            "the second arrives after a failure",
            otp(),
            vec![failed(Remedy::TryAnotherChannel), ARRIVED],
            delivered,
        ),
        (
            "the mail is taken after silence",
            otp(),
            vec![Scene::Silent, Scene::Silent, Scene::Mail],
            accepted,
        ),
        (
            "a call that timed out had sent",
            otp(),
            vec![Scene::TimedOutSent],
            delivered,
        ),
        (
            "a call that timed out had not",
            otp(),
            vec![Scene::TimedOut, ARRIVED],
            delivered,
        ),
        (
            "no route twice",
            otp(),
            vec![Scene::NoRoute, Scene::NoRoute, ARRIVED],
            delivered,
        ),
        (
            "no token once",
            otp(),
            vec![Scene::NoToken, ARRIVED],
            delivered,
        ),
        (
            "refused",
            otp(),
            vec![Scene::Refused],
            End::GivenUp(GiveUp::Expired),
        ),
        (
            "dropped",
            otp(),
            vec![failed(Remedy::DropRecipient)],
            End::GivenUp(GiveUp::Dropped),
        ),
        (
            "later",
            json!("notification"),
            vec![failed(Remedy::RetryLater), ARRIVED],
            delivered,
        ),
    ]
}

/// Plays a story to its end. What is spoiled is spoiled once.
fn play(plan: &Value, scenes: &[Scene], spoil: Option<Spoil>) -> (World, Intent) {
    let world = World::new(scenes, spoil);
    let document = request("k", plan.clone());
    let request = || Request::parse(document.to_string().as_bytes(), NOW).unwrap();
    let mut accepted = world.run(|engine| engine.accept(request()));
    if !matches!(accepted, Some(Ok(_))) {
        accepted = world.run(|engine| engine.accept(request()));
    }
    assert!(matches!(
        accepted,
        Some(Ok(Accepted::Created(_) | Accepted::Same(_)))
    ));
    for secs in 0..3_700 {
        world.tick(at(secs));
    }
    let intent = world.only_intent();
    (world, intent)
}

/// Nothing is called twice, nothing is sent after a success is known, each event id has one content, and
/// the end is told, whatever was spoiled.
fn check(world: &World, intent: &Intent, story: &str) {
    let mut calls: BTreeMap<String, u32> = BTreeMap::new();
    for call in world.calls() {
        // What was told not to have been sent may be called under its name once more.
        *calls.entry(call.name.clone()).or_default() += u32::from(call.may_have_sent);
        assert!(
            !call.was_reached,
            "{story}: {} was called after a success was known",
            call.name
        );
    }
    assert!(
        calls.values().all(|count| *count <= 1),
        "{story}: {calls:?}"
    );
    for (index, step) in intent.plan().steps().iter().enumerate() {
        let of_step = intent
            .attempts()
            .iter()
            .filter(|attempt| attempt.step() == index);
        let may_have_sent = of_step.filter(|attempt| {
            use sinch_callback_recovery::AttemptState as S;
            matches!(attempt.state(), S::Sent | S::Unresolved | S::Sending)
        });
        let count = u32::try_from(may_have_sent.count()).unwrap();
        assert!(count <= step.tries, "{story}: {count} of step {index}");
    }
    let mut ids = BTreeMap::new();
    for event in world.told() {
        let known = ids.insert(event.id.clone(), event.clone());
        assert!(
            known.is_none_or(|known| known == event),
            "{story}: {} changed",
            event.id
        );
    }
    let ends = [IntentEventKind::Done, IntentEventKind::GivenUp];
    let told = ids
        .values()
        .filter(|event| ends.contains(&event.kind))
        .count();
    assert_eq!(told, 1, "{story}: {ids:#?}");
    assert!(!intent.has_content() && intent.owed().is_empty(), "{story}");
    assert_eq!(intent.look_at(), None, "{story}");
}

#[test]
fn each_story_ends_as_is_stated_by_hand() {
    for (story, plan, scenes, end) in stories() {
        let (world, intent) = play(&plan, &scenes, None);
        check(&world, &intent, story);
        assert_eq!(intent.end(), Some(end), "{story}: {:#?}", intent.log());
    }
}

/// Each story again for each call of a port: a crash before it has done its work, a crash behind it, and
/// an error in either place.
#[test]
fn a_crash_between_any_two_steps_sends_nothing_twice_and_loses_nothing() {
    for (story, plan, scenes, end) in stories() {
        for fuse in Fuse::ALL {
            for place in 0.. {
                let (world, intent) = play(&plan, &scenes, Some(Spoil { place, fuse }));
                if !world.was_spoiled() {
                    assert!(place > 8, "{story}: the fuse is too short");
                    break;
                }
                let story = format!("{story}, {fuse:?} at {place}");
                check(&world, &intent, &story);
                // A lost call counts as silence, so another end than the undisturbed one is possible
                // where a call did not send; what had sent is known by its report.
                if matches!(end, End::Done(_)) && world.calls().iter().any(|call| call.arrives) {
                    assert!(
                        matches!(intent.end(), Some(End::Done(_))),
                        "{story}: {:#?}",
                        intent.log()
                    );
                }
            }
        }
    }
}

fn parsed(document: &Value) -> Request {
    Request::parse(document.to_string().as_bytes(), NOW).unwrap()
}

fn accept(world: &World, document: &Value) -> Accepted {
    world
        .run(|engine| engine.accept(parsed(document)))
        .unwrap()
        .unwrap()
}

#[test]
fn the_same_request_is_accepted_once_and_another_under_its_key_is_a_conflict() {
    let world = World::new(&[ARRIVED], None);
    let mut document = request("k", json!("otp"));
    assert!(matches!(accept(&world, &document), Accepted::Created(_)));
    (0..40).for_each(|secs| world.tick(at(secs)));
    document["valid_until"] = json!("2026-11-25T12:00:00Z");
    let Accepted::Same(intent) = accept(&world, &document) else {
        panic!("the same is another");
    };
    assert_eq!(
        intent.end(),
        Some(End::Done(Evidence::Delivered)),
        "its content is gone, and it is known"
    );
    document["content"]["text"] = json!("Your code is 314159");
    assert_eq!(accept(&world, &document), Accepted::Conflict);
    assert_eq!(world.calls().len(), 1);
}

#[test]
fn what_was_accepted_in_a_dry_run_is_never_sent() {
    let world = World::new(&[ARRIVED], None);
    world.memory.switch.set(Mode::DryRun);
    accept(&world, &request("k", json!("otp")));
    world.memory.switch.set(Mode::On);
    (0..40).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.only_intent().end(),
        Some(End::GivenUp(GiveUp::DryRun))
    );
    assert!(world.calls().is_empty());
}

#[test]
fn what_cannot_be_read_to_be_a_dry_run_is_not_accepted() {
    for fuse in [Fuse::ErrorBefore, Fuse::CrashBefore] {
        let world = World::new(&[ARRIVED], Some(Spoil { place: 0, fuse }));
        let document = request("k", json!("otp"));
        let accepted = world.run(|engine| engine.accept(parsed(&document)));
        assert!(!matches!(accepted, Some(Ok(_))));
        assert!(
            matches!(accept(&world, &document), Accepted::Created(_)),
            "it was not kept"
        );
    }
}

#[test]
fn nothing_is_sent_before_the_switch_is_on() {
    let world = World::new(&[ARRIVED], None);
    world.memory.switch.set(Mode::Off);
    accept(&world, &request("k", json!("otp")));
    (0..120).for_each(|secs| world.tick(at(secs)));
    assert!(world.calls().is_empty());
    world.memory.switch.set(Mode::On);
    (120..240).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.only_intent().end(),
        Some(End::Done(Evidence::Delivered))
    );
}

/// The write takes so long by the clock, or the clock goes back meanwhile: what the gates said is too
/// old, and they are asked anew.
#[test]
fn a_worker_that_is_too_late_does_not_call() {
    for (jump, called) in [(0_i64, 1), (4, 1), (5, 2), (900, 2), (-1, 2)] {
        let world = World::new(&[ARRIVED], None);
        accept(&world, &request("k", json!("otp")));
        world.jump_before_the_call(jump);
        (10..1_000).for_each(|secs| world.tick(at(secs)));
        let intent = world.only_intent();
        let states: Vec<_> = intent
            .attempts()
            .iter()
            .map(|attempt| attempt.state().as_str())
            .collect();
        assert_eq!(states, ["not_called", "sent"][2 - called..], "{jump}");
        let name = intent
            .attempt_name(u32::try_from(called).unwrap())
            .to_string();
        let calls: Vec<_> = world.calls().into_iter().map(|call| call.name).collect();
        assert_eq!(calls, [name], "{jump}");
        assert_eq!(world.reserved(), 1, "what was not called is given back");
    }
}

#[test]
fn a_token_that_is_refused_twice_pauses_the_fleet_until_a_person_sets_the_switch() {
    let world = World::new(&[Scene::NoToken, Scene::NoToken, ARRIVED], None);
    accept(&world, &request("k", json!("otp")));
    (0..300).for_each(|secs| world.tick(at(secs)));
    assert_eq!((world.calls().len(), world.renewed()), (2, 1));
    let state = world.run_port(|memory| memory.switch.read()).unwrap();
    assert_eq!(state.paused.as_deref(), Some("status 401: token"));
    world.memory.switch.set(Mode::On);
    (300..400).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.only_intent().end(),
        Some(End::Done(Evidence::Delivered))
    );
}

/// Three a recipient and day: the fourth intent to a number waits until midnight, and longer than it is
/// valid.
#[test]
fn a_flood_is_stopped_by_the_budget() {
    let world = World::new(&[ARRIVED; 9], None);
    for number in 0..8 {
        accept(&world, &request(&format!("k{number}"), json!("otp")));
    }
    (0..3_700).for_each(|secs| world.tick(at(secs)));
    assert_eq!(world.calls().len(), 3);
    let reasons: Vec<_> = world.told().into_iter().map(|event| event.reason).collect();
    assert_eq!(
        reasons.iter().filter(|reason| *reason == "expired").count(),
        5
    );
}

#[test]
fn a_dropped_recipient_is_suppressed_and_an_opt_in_does_not_lift_that() {
    let world = World::new(&[failed(Remedy::DropRecipient)], None);
    accept(&world, &request("k", json!("otp")));
    (0..40).for_each(|secs| world.tick(at(secs)));
    let number = Identity::new("1 555 01-00");
    let to = BTreeMap::from([
        (Channel::Sms, number.clone()),
        (Channel::WhatsApp, number.clone()),
    ]);
    let on = |world: &World| {
        world
            .run_port(|memory| memory.suppressions.suppressed(&to))
            .unwrap()
    };
    assert_eq!(on(&world), BTreeSet::from([Channel::Sms]));
    let out = SuppressedFor::OptedOut;
    for channel in [Channel::Sms, Channel::WhatsApp] {
        world
            .run_port(|memory| memory.suppressions.suppress(channel, &number, out))
            .unwrap();
    }
    assert_eq!(on(&world).len(), 2);
    for channel in [Channel::Sms, Channel::WhatsApp] {
        world
            .run_port(|memory| memory.suppressions.lift(channel, &number))
            .unwrap();
    }
    assert_eq!(on(&world), BTreeSet::from([Channel::Sms]));
    // The next one to this person goes another way.
    accept(&world, &request("k2", json!("otp")));
    world.tick(at(41));
    assert_eq!(world.calls().last().unwrap().channel, Channel::WhatsApp);
}

#[test]
fn callbacks_that_have_stopped_let_one_probe_through() {
    let world = World::new(&[Scene::Silent; 9], None);
    for number in 0..3 {
        let mut document = request(&format!("k{number}"), json!("otp"));
        document["to"]["SMS"] = json!(format!("+1555010{number}"));
        document["to"]["WHATSAPP"] = json!(format!("+1555010{number}"));
        accept(&world, &document);
    }
    world.memory.hearing.set_stopped(true, 1);
    (0..300).for_each(|secs| world.tick(at(secs)));
    assert_eq!(world.calls().len(), 4, "three first steps and a probe");
    world.memory.hearing.set_stopped(false, 0);
    (300..400).for_each(|secs| world.tick(at(secs)));
    assert!(world.calls().len() > 6);
}

#[test]
fn a_cancellation_stops_what_has_not_begun_and_says_what_has() {
    let world = World::new(&[Scene::Silent, ARRIVED], None);
    accept(&world, &request("k", json!("otp")));
    world.tick(at(0));
    let key = "k".parse().unwrap();
    let cancelled = world.run(|engine| engine.cancel(&key)).unwrap().unwrap();
    assert_eq!(cancelled, Some(Cancel::Cancelled));
    (1..100).for_each(|secs| world.tick(at(secs)));
    assert_eq!(world.calls().len(), 1);
    assert_eq!(
        world.only_intent().end(),
        Some(End::GivenUp(GiveUp::Cancelled))
    );
    let again = world.run(|engine| engine.cancel(&key)).unwrap().unwrap();
    assert_eq!(again, Some(Cancel::HadEnded));
    let unknown = "other".parse().unwrap();
    assert_eq!(
        world
            .run(|engine| engine.cancel(&unknown))
            .unwrap()
            .unwrap(),
        None
    );

    // While the call is under way.
    let spoiled = Spoil {
        place: 0,
        fuse: Fuse::CrashInTheCall,
    };
    let world = World::new(&[ARRIVED], Some(spoiled));
    accept(&world, &request("k", json!("otp")));
    world.tick(at(0));
    let cancelled = world.run(|engine| engine.cancel(&key)).unwrap().unwrap();
    assert_eq!(cancelled, Some(Cancel::UnderWay(1)));
    (1..100).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.only_intent().end(),
        Some(End::Done(Evidence::Delivered)),
        "its result is recorded"
    );
}

#[test]
fn late_evidence_corrects_an_end_and_sends_nothing() {
    // The mail is taken, and the text arrives after all; another mail comes back.
    let world = World::new(&[Scene::Silent, Scene::Silent, Scene::Mail], None);
    accept(&world, &request("k", json!("otp")));
    (0..70).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.only_intent().end(),
        Some(End::Done(Evidence::Accepted))
    );
    world.report(3, DeliveryState::Failed, Remedy::TryAnotherChannel);
    world.tick(at(80));
    assert_eq!(
        world.only_intent().end(),
        Some(End::GivenUp(GiveUp::Bounced))
    );
    world.report(1, DeliveryState::Delivered, Remedy::Nothing);
    world.tick(at(90));
    assert_eq!(
        world.only_intent().end(),
        Some(End::Done(Evidence::Delivered))
    );
    let corrected = world
        .told()
        .into_iter()
        .filter(|event| event.kind == IntentEventKind::Corrected);
    let reasons: Vec<_> = corrected.map(|event| event.reason).collect();
    assert_eq!(reasons, ["bounced", "delivered"]);
    assert_eq!(world.calls().len(), 3);
}

/// The text that the mail was sent for arrives after all, once and once more.
#[test]
fn a_success_beside_its_fallback_is_told_once() {
    let world = World::new(&[Scene::Silent, Scene::Silent, Scene::Mail], None);
    accept(&world, &request("k", json!("otp")));
    (0..70).for_each(|secs| world.tick(at(secs)));
    world.report(1, DeliveryState::Delivered, Remedy::Nothing);
    world.tick(at(80));
    world.report(1, DeliveryState::Read, Remedy::Nothing);
    world.tick(at(90));
    let told = world.told().into_iter();
    let doubled = told.filter(|event| event.kind == IntentEventKind::Doubled);
    let told: Vec<_> = doubled.map(|event| (event.reason, event.attempt)).collect();
    assert_eq!(told, [("late".to_owned(), Some(1))]);
}

#[test]
fn two_messages_of_one_attempt_are_told_and_left_to_a_person() {
    let world = World::new(&[Scene::Silent], None);
    accept(&world, &request("k", json!("otp")));
    world.tick(at(0));
    world.report_of(1, "another", DeliveryState::Queued);
    (1..100).for_each(|secs| world.tick(at(secs)));
    let kinds: Vec<_> = world
        .told()
        .into_iter()
        .map(|event| (event.kind, event.reason))
        .collect();
    assert!(
        kinds.contains(&(IntentEventKind::Doubled, "two_messages".into())),
        "{kinds:?}"
    );
    let asked = (
        IntentEventKind::NeedsPerson,
        Person::Doubled.as_str().to_owned(),
    );
    assert_eq!(kinds.iter().filter(|kind| **kind == asked).count(), 1);
    assert_eq!(world.calls().len(), 1);
}

#[test]
fn a_person_lets_a_step_run_once_more() {
    let plan = json!({"steps": [{"channel": "SMS", "wait": "PT30S"}]});
    let world = World::new(&[Scene::TimedOut, ARRIVED], None);
    accept(&world, &request("k", plan));
    (0..100).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.calls().len(),
        1,
        "what has no known outcome is not repeated"
    );
    let key = "k".parse().unwrap();
    assert_eq!(
        world.run(|engine| engine.retry(&key)).unwrap().unwrap(),
        Some(true)
    );
    (100..110).for_each(|secs| world.tick(at(secs)));
    assert_eq!(
        world.only_intent().end(),
        Some(End::Done(Evidence::Delivered))
    );
    assert_eq!(
        world.run(|engine| engine.retry(&key)).unwrap().unwrap(),
        Some(false)
    );
}

#[test]
fn the_deadline_is_told_once_it_was_listened_until_then_and_stops_nothing() {
    let world = World::new(&[Scene::Silent; 3], None);
    let mut document = request("k", json!("notification"));
    document["deadline"] = json!("PT1M");
    accept(&world, &document);
    world.memory.hearing.set_until(Some(at(59)));
    (0..200).for_each(|secs| world.tick(at(secs)));
    let overdue = |world: &World| {
        let told = world.told().into_iter();
        told.filter(|event| event.kind == IntentEventKind::Overdue)
            .map(|event| event.at)
            .collect::<Vec<_>>()
    };
    assert_eq!(overdue(&world), []);
    world.memory.hearing.set_until(None);
    (200..400).for_each(|secs| world.tick(at(secs)));
    let told = overdue(&world);
    assert_eq!(told.len(), 1);
    assert!(told[0] <= at(260), "within 60 s of listening");
    assert_eq!(world.only_intent().end(), None);
}

/// A host whose reports lag behind reads the messages itself before it looks.
#[test]
fn no_step_runs_between_two_reports_that_are_given_together() {
    // Its second message has been silent for longer than its step waits.
    let silent = || {
        let scenes = [
            failed(Remedy::TryAnotherChannel),
            Scene::Silent,
            Scene::Mail,
        ];
        let world = World::new(&scenes, None);
        accept(&world, &request("k", json!("otp")));
        (0..30).for_each(|secs| world.tick(at(secs)));
        assert_eq!(world.calls().len(), 2);
        world.memory.set_now(at(60));
        world
    };
    let remedy = Remedy::TryAnotherChannel;
    let known = || Report::failed("m1", 1, remedy, Permanence::Temporary);
    let world = silent();
    let intent = world.only_intent();
    let reports = vec![(1, known()), (2, Report::delivered("m2", 1))];
    let looked = world.run(|engine| engine.look_by(intent.id(), reports));
    assert_eq!(looked.unwrap().unwrap().unwrap().calls, 0);
    assert_eq!(world.calls().len(), 2);
    let ended = world.only_intent().end();
    assert_eq!(ended, Some(End::Done(Evidence::Delivered)));
    // One after the other, the look behind the first takes the step.
    let world = silent();
    let intent = world.only_intent();
    let looked = world.run(|engine| engine.reported_of(intent.attempt_name(1), known()));
    assert_eq!(looked.unwrap().unwrap().unwrap().calls, 1);
}

/// Two workers see the same decision; one of them gets the write.
#[test]
fn of_two_workers_one_calls_and_the_other_gives_its_budget_back() {
    let world = World::new(&[ARRIVED; 2], None);
    accept(&world, &request("k", json!("otp")));
    let id = world.only_intent().id();
    // The second one looks while the first one holds its reservation.
    world.look_between(id);
    world.tick(at(0));
    assert_eq!(world.calls().len(), 1);
    assert_eq!(world.reserved(), 1);
}

/// The place that was taken for the e-mail is no place for the number, on which the first step is to be
/// tried again since its late answer says that it never left.
#[test]
fn a_step_that_becomes_another_one_takes_its_own_place_in_the_budget() {
    let world = World::new(&[ARRIVED; 2], None);
    let steps = json!({"steps": [
        {"channel": "SMS", "wait": "PT30S"},
        {"channel": "EMAIL", "wait": "PT30S"},
    ]});
    accept(&world, &request("k", steps));
    let id = world.only_intent().id();
    let started = world.run_port(|memory| {
        memory.intents.update(id, |mut intent| {
            intent.start(&Circumstances::open(at(0))).unwrap();
            (Some(intent), ())
        })
    });
    assert!(started.is_some());
    world.change_between(id, |intent| {
        let effects = intent.answered(1, &CallAnswer::NotSent("never left".into()), at(1));
        assert!(effects.gives_back);
    });
    world.memory.set_now(at(100));
    world.run(|engine| engine.look(id)).unwrap().unwrap();
    let calls = world.calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].channel, Channel::Sms);
    // What may go to the address to-day is untouched: three, not two.
    let address = Identity::new("ada@example.com");
    for _ in 0..3 {
        let reserved = world.run_port(|memory| memory.budgets.reserve(&address, at(100)));
        assert!(
            matches!(reserved, Some(Reserve::Reserved(_))),
            "{reserved:?}"
        );
    }
}

#[test]
fn an_engine_works_over_the_plain_ports_in_memory() {
    let sender = world::Provider::new(&[ARRIVED]);
    let memory = sinch_callback_recovery::memory::Memory::new(sender, NOW);
    let engine = Engine::new(memory, ForgetKey::new([1; 64]));
    let accepted = world::now(engine.accept(parsed(&request("k", json!("otp"))))).unwrap();
    let Ok(Accepted::Created(intent)) = accepted else {
        panic!("it is new");
    };
    let looked = world::now(engine.look(intent.id())).unwrap().unwrap();
    assert_eq!((looked.calls, looked.next), (1, Some(at(30))));
    let swept = world::now(engine.sweep(10)).unwrap().unwrap();
    assert_eq!((swept.looked, swept.failed), (0, 0));
    let due = world::now(engine.ports().intents.due(at(30), 10))
        .unwrap()
        .unwrap();
    assert_eq!(due, [intent.id()]);
}
