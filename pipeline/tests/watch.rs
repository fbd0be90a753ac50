//! Messages that have to be settled by a moment, over a store in memory that crashes as told.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
    time::Duration,
};

use proptest::{collection::vec, prelude::*};
use sinch_callback::{ContentKey, DeliveryState, UnixSeconds};
use sinch_callback_pipeline::{
    DeliveryEvent, Envelope, EventFilter, Notifier,
    messages::{
        AttemptName, Change, Changed, DueCause, Dues, Message, Messages, Novelty, OVERDUE_AFTER,
        ReadCallback, Watch, Watched, tell_overdue,
    },
};

const M: &str = "01EXAMPLEMESSAGE0000000000";
const ATTEMPT: &str = "01KAY9T4Z8Q6E1V7N3M5B2C0XD~1";

const fn at(seconds: u64) -> UnixSeconds {
    UnixSeconds::new(seconds)
}

/// How a call ends.
#[derive(Debug, thiserror::Error)]
#[error("crashed")]
struct Crash;

#[derive(Default)]
struct World {
    message: Mutex<Option<String>>,
    /// What was told under each id.
    told: Mutex<BTreeMap<String, serde_json::Value>>,
    tellings: Mutex<usize>,
    writes: Mutex<usize>,
    /// Calls until the next crash; each counts twice, before and after its effect.
    crash_in: Mutex<Option<u32>>,
}

impl World {
    fn step(&self) -> Result<(), Crash> {
        let mut crash_in = self.crash_in.lock().unwrap();
        match *crash_in {
            Some(0) => {
                *crash_in = None;
                Err(Crash)
            }
            Some(more) => {
                *crash_in = Some(more - 1);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn change(&self, change: impl Fn(Option<Message>) -> Change) -> Changed {
        let mut kept = self.message.lock().unwrap();
        let found = kept.as_ref().map(|text| Message::decode(text).unwrap());
        // It may run again.
        let _ = change(found.clone());
        let read = found.as_ref().map_or(0, |message| message.revision);
        let Change { write, changed } = change(found);
        if let Some(message) = write {
            assert_eq!(message.revision, read + 1);
            *self.writes.lock().unwrap() += 1;
            let text = message.encode();
            assert_eq!(Message::decode(&text).as_ref(), Some(&message), "{text}");
            *kept = Some(text);
        }
        changed
    }

    fn message(&self) -> Message {
        Message::decode(self.message.lock().unwrap().as_ref().unwrap()).unwrap()
    }

    fn dues(&self) -> Dues {
        self.message().dues
    }

    fn next(&self) -> Option<u64> {
        self.dues().next().map(UnixSeconds::get)
    }

    fn arrives(&self, body: &str, now: u64, request_id: &str) -> Changed {
        let callback = read(body, now, request_id);
        self.change(|found| callback.change(0, found))
    }

    fn watch(&self, deadline: u64, now: u64) -> Option<Watched> {
        let watch = until(deadline);
        self.change(|found| watch.change(found, at(now))).watched
    }

    fn look(&self, heard_until: u64) -> Result<usize, ()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(tell_overdue(self, self, M, at(heard_until)))
            .map_err(|_| ())
    }

    /// The causes and deadlines that were told.
    fn told(&self) -> BTreeSet<(String, u64)> {
        let told = self.told.lock().unwrap();
        let told = told.values().map(|event| {
            let cause = event["cause"].as_str().unwrap().to_owned();
            (cause, event["deadline"].as_u64().unwrap())
        });
        told.collect()
    }
}

impl Messages for World {
    type Error = Crash;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Crash> {
        assert_eq!(message_id, M);
        self.step()?;
        let changed = self.change(change);
        self.step()?;
        Ok(changed)
    }
}

impl Notifier for World {
    type Error = Crash;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Crash> {
        self.step()?;
        for event in events {
            assert_eq!(event.kind, "delivery.overdue");
            let content = serde_json::to_value(event).unwrap();
            let mut told = self.told.lock().unwrap();
            let before = told.entry(event.id.clone()).or_insert(content.clone());
            assert_eq!(*before, content, "an id has one content");
            *self.tellings.lock().unwrap() += 1;
        }
        self.step()
    }
}

fn until(deadline: u64) -> Watch {
    Watch {
        message_id: M.into(),
        deadline: Some(at(deadline)),
        attempt: None,
    }
}

fn read(body: &str, now: u64, request_id: &str) -> ReadCallback {
    let key = ContentKey::of_body(body.as_bytes());
    let envelope = Envelope::kept(key, at(now), body.as_bytes()).with_arrival(at(now), request_id);
    ReadCallback::of(&envelope)
}

fn report(status: &str, channel: &str) -> String {
    format!(
        r#"{{"message_delivery_report":{{"message_id":"{M}","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"4791"}}}}}}"#
    )
}

fn submission(number: u64) -> String {
    format!(
        r#"{{"event_time":"2026-01-02T03:04:{number:02}Z","correlation_id":"{ATTEMPT}","message_submit_notification":{{"message_id":"{M}","channel_identity":{{"channel":"SMS","identity":"4791"}}}}}}"#
    )
}

#[test]
fn a_watch_on_an_unknown_message_is_told_once_and_what_comes_late_is_told_as_ever() {
    let world = World::default();
    assert_eq!(world.watch(1_600, 1_000), Some(Watched::New));
    assert_eq!(world.watch(1_600, 1_010), Some(Watched::Same));
    let message = world.message();
    assert_eq!((message.delivery.state(), message.version), (None, 0));
    assert_eq!(*world.writes.lock().unwrap(), 1);
    assert_eq!(world.look(1_599), Ok(0));
    assert_eq!(world.look(1_600), Ok(1));
    assert_eq!(world.look(9_000), Ok(0));
    assert_eq!(world.watch(1_600, 1_601), Some(Watched::Same));
    assert_eq!(world.look(9_000), Ok(0));
    let told = world.told.lock().unwrap().values().next().unwrap().clone();
    assert_eq!(told["state"], serde_json::Value::Null);
    assert_eq!(
        (&told["deadline"], &told["cause"], &told["final"]),
        (&1_600.into(), &"watched".into(), &false.into())
    );
    // The report that is late.
    let body = report("DELIVERED", "SMS");
    let callback = read(&body, 1_700, "r");
    let changed = world.change(|found| callback.change(0, found));
    let events = callback.events(0, &changed, EventFilter::Final);
    assert_eq!(events[0].kind, "delivery.delivered");
    assert!(world.dues().all().is_empty());
    assert_eq!(world.watch(2_000, 1_800), Some(Watched::Ended));
    assert_eq!(world.next(), None);
}

#[test]
fn what_is_asked_for_first_is_told_first_and_each_deadline_is_told() {
    let world = World::default();
    for deadline in [3_000, 2_000, 2_500] {
        assert_eq!(world.watch(deadline, 1_000), Some(Watched::New));
    }
    assert_eq!(world.next(), Some(2_000));
    assert_eq!(world.look(2_400), Ok(1));
    assert_eq!(world.next(), Some(2_500));
    assert_eq!(world.look(5_000), Ok(2));
    let watched = |deadline| ("watched".to_owned(), deadline);
    assert_eq!(world.told(), [2_000, 2_500, 3_000].map(watched).into());
}

#[test]
fn a_message_has_room_for_so_many_deadlines_and_those_told_make_room() {
    let world = World::default();
    let watches = u64::try_from(Dues::WATCHES).unwrap();
    for number in 0..watches {
        assert_eq!(world.watch(2_000 + number, 1_000), Some(Watched::New));
    }
    let before = world.message();
    assert_eq!(world.watch(9_000, 1_000), Some(Watched::Full));
    assert_eq!(world.watch(2_000, 1_000), Some(Watched::Same));
    assert_eq!(world.message(), before);
    assert_eq!(world.look(2_000), Ok(1));
    assert_eq!(world.watch(9_000, 2_001), Some(Watched::New));
}

#[test]
fn a_submitted_message_is_overdue_after_the_wait_that_is_set_unless_it_has_ended() {
    for (wait, next) in [
        (Some(OVERDUE_AFTER), Some(4_600)),
        (Some(Duration::from_secs(60)), Some(1_060)),
        (None, None),
    ] {
        let world = World::default();
        let body = submission(1);
        let callback = read(&body, 1_000, "r").with_overdue_after(wait);
        let _ = world.change(|found| callback.change(0, found));
        assert_eq!(world.next(), next);
        assert_eq!(world.message().delivery.state(), None);
    }
    let world = World::default();
    let _ = world.arrives(&report("FAILED", "SMS"), 900, "r-0");
    let _ = world.arrives(&submission(1), 1_000, "r-1");
    assert_eq!(world.next(), None);
}

#[test]
fn of_several_submissions_the_first_counts_and_a_repeat_adds_nothing() {
    let world = World::default();
    let _ = world.arrives(&submission(1), 1_000, "r-1");
    let _ = world.arrives(&submission(2), 1_300, "r-2");
    let again = world.arrives(&submission(1), 2_000, "r-3");
    assert_eq!(again.novelty, Novelty::Repeated);
    assert_eq!(world.next(), Some(4_600));
    assert_eq!(world.look(9_000), Ok(1));
    let _ = world.arrives(&submission(3), 9_100, "r-4");
    assert_eq!(world.next(), None);
    assert_eq!(world.told(), [("submitted".to_owned(), 4_600)].into());
}

#[test]
fn an_attempt_is_told_of_whatever_changes_its_message() {
    let name = AttemptName::parse(ATTEMPT).unwrap();
    let other = AttemptName::parse("01KAY9T4Z8Q6E1V7N3M5B2C0XD~2").unwrap();
    // By the correlation id that it was sent with.
    let world = World::default();
    let sent = world.arrives(&submission(1), 1_000, "r-1");
    assert_eq!(sent.attempts, std::slice::from_ref(&name));
    let again = world.arrives(&submission(1), 1_000, "r-1");
    assert_eq!(again.novelty, Novelty::Redelivered);
    assert_eq!(again.attempts, std::slice::from_ref(&name));
    let report_of_it = report("DELIVERED", "SMS");
    assert_eq!(
        world.arrives(&report_of_it, 1_001, "r-2").attempts,
        std::slice::from_ref(&name)
    );
    // By somebody's word.
    let world = World::default();
    let mut watch = until(2_000);
    watch.attempt = Some(name.clone());
    watch.deadline = None;
    let said = world.change(|found| watch.change(found, at(1_000)));
    assert_eq!(
        (said.watched, said.attempts),
        (Some(Watched::New), vec![name.clone()])
    );
    let again = world.change(|found| watch.change(found, at(1_000)));
    assert_eq!(again.watched, Some(Watched::Same));
    let reported = world.arrives(&report("FAILED", "SMS"), 1_002, "r-3");
    assert_eq!(reported.attempts, [name]);
    watch.attempt = Some(other);
    let taken = world.change(|found| watch.change(found, at(1_003)));
    assert_eq!(taken.watched, Some(Watched::Full));
    // Whoever gives correlation ids of their own is nobody's attempt.
    let plain = World::default();
    assert!(
        plain
            .arrives(&report("FAILED", "SMS"), 1, "r")
            .attempts
            .is_empty()
    );
}

#[test]
fn what_earlier_versions_kept_of_a_stuck_message_is_still_due() {
    let world = World::default();
    let _ = world.arrives(&report("SWITCHING_CHANNEL", "RCS"), 1_000, "r");
    let now = world.message();
    let key = now.dues.all()[0].key.to_string();
    let mut record: serde_json::Value = serde_json::from_str(&now.encode()).unwrap();
    record.as_object_mut().unwrap().remove("dues");
    record["due"] = serde_json::json!({"at": 4_600, "key": key});
    let message = Message::decode(&record.to_string()).unwrap();
    assert_eq!(message, now);
    assert_eq!(message.dues.all()[0].cause, DueCause::Stuck);
}

#[derive(Clone, Debug)]
enum Doing {
    Submits(u64),
    Watches(u64),
    Reports(&'static str, &'static str),
    Looks { crash_in: u32 },
    Waits(u64),
}

fn doing() -> impl Strategy<Value = Doing> {
    let statuses = prop::sample::select(vec![
        "QUEUED_ON_CHANNEL",
        "SWITCHING_CHANNEL",
        "FAILED",
        "DELIVERED",
    ]);
    let channels = prop::sample::select(vec!["RCS", "SMS"]);
    prop_oneof![
        (0_u64..3).prop_map(Doing::Submits),
        (1_u64..6).prop_map(|number| Doing::Watches(number * 1_000)),
        (statuses, channels).prop_map(|(status, channel)| Doing::Reports(status, channel)),
        (0_u32..8).prop_map(|crash_in| Doing::Looks { crash_in }),
        (1_u64..2_000).prop_map(Doing::Waits),
    ]
}

proptest! {
    /// Every deadline of a watch is told, or the message has ended; nothing is told before its time,
    /// nothing under two contents, and nothing once more than there were crashes.
    #[test]
    fn every_deadline_is_told_or_the_message_has_ended(doings in vec(doing(), 1..24)) {
        let world = World::default();
        let (mut now, mut crashes, mut asked) = (1_000_u64, 0, BTreeSet::new());
        for (number, doing) in doings.into_iter().enumerate() {
            let has_ended = |world: &World| {
                world.message.lock().unwrap().is_some() && world.message().has_ended()
            };
            match doing {
                Doing::Submits(which) => {
                    let _ = world.arrives(&submission(which), now, &number.to_string());
                }
                Doing::Watches(after) => {
                    if world.watch(now + after, now) == Some(Watched::New) {
                        asked.insert(now + after);
                    }
                }
                Doing::Reports(status, channel) => {
                    let _ = world.arrives(&report(status, channel), now, &number.to_string());
                }
                Doing::Looks { crash_in } => {
                    *world.crash_in.lock().unwrap() = Some(crash_in);
                    crashes += usize::from(world.look(now).is_err());
                    *world.crash_in.lock().unwrap() = None;
                }
                Doing::Waits(seconds) => now += seconds,
            }
            if has_ended(&world) {
                // Whoever asked is told of the end by its own event.
                asked.clear();
            }
            let told = world.told();
            prop_assert!(told.iter().all(|(_, deadline)| *deadline <= now), "{told:?} {now}");
        }
        now += 100_000;
        prop_assert!(world.look(now).is_ok());
        prop_assert_eq!(world.look(now), Ok(0));
        let told: BTreeSet<u64> = world.told().into_iter().map(|(_, deadline)| deadline).collect();
        prop_assert!(asked.is_subset(&told), "{asked:?} {told:?}");
        let repeated = *world.tellings.lock().unwrap() - world.told.lock().unwrap().len();
        prop_assert!(repeated <= crashes * 10);
        prop_assert_eq!(world.next_if_any(), None);
    }

    /// Until something is told, what is due is a function of what was asked and reported, in whatever
    /// order and however often.
    #[test]
    fn what_is_due_does_not_depend_on_order_or_repeats(
        watches in vec(1_u64..9, 0..6),
        submits in vec(0_u64..4, 0..4),
        order in any::<prop::sample::Index>(),
    ) {
        let due = |watches: &[u64], submits: &[u64], is_turned: bool| {
            let world = World::default();
            let ask = || for number in watches {
                world.watch(9_000 + number, 1_000);
            };
            if !is_turned {
                ask();
            }
            for (place, number) in submits.iter().enumerate() {
                let _ = world.arrives(&submission(*number), 1_000 + number, &place.to_string());
            }
            ask();
            let dues = if world.message.lock().unwrap().is_some() {
                world.dues()
            } else {
                Dues::default()
            };
            let mut all: Vec<_> = dues.all().iter().map(|due| (due.at, due.cause.as_str(), due.key)).collect();
            all.sort_unstable();
            all
        };
        let turned = |list: &[u64]| -> Vec<u64> {
            let mut list = list.to_vec();
            if !list.is_empty() {
                let by = order.index(list.len());
                list.rotate_left(by);
            }
            list.extend(list.clone());
            list
        };
        prop_assert_eq!(
            due(&watches, &submits, false),
            due(&turned(&watches), &turned(&submits), true)
        );
    }
}

impl World {
    fn next_if_any(&self) -> Option<u64> {
        let is_any = self.message.lock().unwrap().is_some();
        is_any.then(|| self.next()).flatten()
    }
}

#[test]
fn a_watch_of_a_recipient_of_a_batch_knows_what_it_is_and_a_report_knows_better() {
    let watch = |id: &str| Watch {
        message_id: id.into(),
        deadline: Some(at(2_000)),
        attempt: None,
    };
    let subject = |id: &str| {
        let Change { write, .. } = watch(id).change(None, at(1_000));
        write.unwrap().subject
    };
    assert_eq!(subject("01BATCH:4791"), "sms_recipient");
    assert_eq!(subject(M), "message");
    let event = format!(r#"{{"event_delivery_report":{{"event_id":"{M}","status":"DELIVERED"}}}}"#);
    let world = World::default();
    world.watch(2_000, 1_000);
    let _ = world.arrives(&event, 1_100, "r");
    assert_eq!(world.message().subject, "event");
    assert_eq!(
        world.message().delivery.state(),
        Some(DeliveryState::Delivered)
    );
}
