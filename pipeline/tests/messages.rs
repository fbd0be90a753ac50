//! Callbacks through the processor into a store in memory, which crashes and conflicts as told.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    sync::Mutex,
};

use proptest::{collection::vec as vec_of, prelude::*, sample::Index};
use sinch_callback::{ContentKey, UnixSeconds, scheme::SchemeName};
use sinch_callback_pipeline::{
    CallbackEvent, DeliveryEvent, Envelope, EventFilter, MessageView, Notifier,
    messages::{
        CURSOR_EVERY, Callbacks, Change, Changed, Cursor, KeptFor, Message, MessageLog, Messages,
        Novelty, ProcessError, Processed, Processor,
    },
};

/// How a call ends.
#[derive(Debug, thiserror::Error)]
#[error("crashed")]
struct Crash;

#[derive(Default)]
struct World {
    messages: Mutex<BTreeMap<String, String>>,
    kept: Mutex<HashMap<ContentKey, String>>,
    cursors: Mutex<HashMap<ContentKey, Cursor>>,
    told: Mutex<BTreeMap<String, String>>,
    /// In the order of telling: the message's id, the type, the version.
    story: Mutex<Vec<(String, String, u64)>>,
    writes: Mutex<u64>,
    /// Calls until the next crash; each call counts twice, before and after its effect.
    crash_in: Mutex<Option<u32>>,
    /// Whether each write finds first that somebody else has been there.
    conflicts: bool,
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

    fn view(&self, id: &str) -> MessageView {
        let text = self.messages.lock().unwrap()[id].clone();
        Message::decode(&text).unwrap().view()
    }

    fn message(&self, id: &str) -> Message {
        Message::decode(&self.messages.lock().unwrap()[id]).unwrap()
    }
}

impl Messages for World {
    type Error = Crash;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Crash> {
        self.step()?;
        let found = self.messages.lock().unwrap().get(message_id).cloned();
        let found = found.map(|text| Message::decode(&text).unwrap());
        if self.conflicts {
            // What it gave is thrown away: it has to be pure.
            let _ = change(found.clone());
        }
        let read = found.as_ref().map_or(0, |message| message.revision);
        let Change { write, changed } = change(found);
        if let Some(message) = write {
            assert_eq!(message.revision, read + 1);
            *self.writes.lock().unwrap() += 1;
            let text = message.encode();
            assert_eq!(Message::decode(&text).as_ref(), Some(&message), "{text}");
            self.messages
                .lock()
                .unwrap()
                .insert(message_id.to_owned(), text);
        }
        self.step()?;
        Ok(changed)
    }
}

impl Callbacks for World {
    async fn keep(&self, envelope: &Envelope<'_>, why: KeptFor) -> Result<Novelty, Crash> {
        self.step()?;
        let by = envelope.request_id().to_owned();
        let mut kept = self.kept.lock().unwrap();
        match kept.get(&envelope.content_key()) {
            Some(before) if *before == by => Ok(Novelty::Redelivered),
            Some(_) => Ok(Novelty::Repeated),
            None => {
                if why.is_kept() {
                    kept.insert(envelope.content_key(), by);
                }
                Ok(Novelty::New)
            }
        }
    }

    async fn cursor(&self, content_key: ContentKey) -> Result<Option<Cursor>, Crash> {
        self.step()?;
        Ok(self.cursors.lock().unwrap().get(&content_key).copied())
    }

    async fn set_cursor(&self, key: ContentKey, cursor: Option<Cursor>) -> Result<(), Crash> {
        self.step()?;
        let mut cursors = self.cursors.lock().unwrap();
        match cursor {
            Some(cursor) => cursors.insert(key, cursor),
            None => cursors.remove(&key),
        };
        drop(cursors);
        self.step()
    }
}

impl Notifier for World {
    type Error = Crash;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Crash> {
        self.step()?;
        for event in events {
            let content = serde_json::to_string(event).unwrap();
            let mut told = self.told.lock().unwrap();
            let before = told.entry(event.id.clone()).or_insert(content.clone());
            assert_eq!(*before, content, "an id has one content");
            self.story.lock().unwrap().push((
                event.message_id.to_string(),
                event.kind.to_owned(),
                event.version,
            ));
        }
        self.step()
    }

    async fn notify_of_callback(&self, events: &[CallbackEvent<'_>]) -> Result<(), Crash> {
        for event in events {
            let content = serde_json::to_string(event).unwrap();
            self.told.lock().unwrap().insert(event.id.clone(), content);
        }
        Ok(())
    }
}

#[test]
fn no_filter_drops_what_is_told_of_a_callback_as_a_whole() {
    let body = r#"{"type":"mo_text","from":"4791","body":"STOP"}"#;
    for filter in EventFilter::ALL {
        let world = World::default();
        let processor = Processor::new(&world, &world, 32).with_events(*filter);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let done = runtime.block_on(processor.process(&envelope(body, "r-1", 10), || true));
        assert_eq!(done.unwrap().events, 1, "{filter}");
    }
}

fn envelope<'a>(body: &'a str, request_id: &'a str, received_at: u64) -> Envelope<'a> {
    let key = ContentKey::of_body(body.as_bytes());
    Envelope::kept(key, UnixSeconds::new(received_at - 1), body.as_bytes())
        .with_arrival(UnixSeconds::new(received_at), request_id)
}

fn process(
    world: &World,
    envelope: &Envelope<'_>,
    has_time: impl Fn() -> bool + Sync,
) -> Result<Processed, ProcessError<Crash, Crash>> {
    let processor = Processor::new(world, world, 32).with_events(EventFilter::Channel);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(processor.process(envelope, has_time))
}

fn report(id: &str, status: &str, channel: &str, code: &str, at: &str) -> String {
    format!(
        r#"{{"event_time":"{at}","message_delivery_report":{{"message_id":"{id}","status":"{status}","channel_identity":{{"channel":"{channel}","identity":"4670"}},"reason":{{"code":"{code}"}}}}}}"#
    )
}

/// A report on these many recipients, which names the first one twice.
fn batch(recipients: usize) -> String {
    let numbers = (0..recipients).map(|number| format!("\"{}\"", 46_700_000_000 + number as u64));
    let numbers: Vec<_> = numbers.collect();
    format!(
        r#"{{"type":"delivery_report_sms","batch_id":"b","statuses":[{{"code":401,"status":"Dispatched","recipients":["+46700000000"]}},{{"code":0,"status":"Delivered","recipients":[{}]}}]}}"#,
        numbers.join(",")
    )
}

fn any_body() -> impl Strategy<Value = String> {
    let id = prop::sample::select(&["m-1", "m-2"][..]);
    let status = prop::sample::select(
        &[
            "QUEUED_ON_CHANNEL",
            "SWITCHING_CHANNEL",
            "FAILED",
            "DELIVERED",
            "READ",
            "TELEPORTED",
        ][..],
    );
    let channel = prop::sample::select(&["SMS", "RCS", ""][..]);
    let code =
        prop::sample::select(&["", "NO_CHANNELS_LEFT", "RECIPIENT_INVALID_CHANNEL_IDENTITY"][..]);
    let at = prop::sample::select(&["", "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"][..]);
    (id, status, channel, code, at)
        .prop_map(|(id, status, channel, code, at)| report(id, status, channel, code, at))
}

/// What is a function of the set of reports.
fn standing(view: &MessageView) -> String {
    let mut message = view.message.clone();
    (
        message.version,
        message.first_received_at,
        message.updated_at,
    ) = (0, 0, 0);
    let mut channels = view.channels.clone();
    for channel in &mut channels {
        channel.updated_at = 0;
    }
    channels.sort_by(|one, other| one.channel.cmp(&other.channel));
    serde_json::to_string(&(message, channels)).unwrap()
}

proptest! {
    /// Orders, repeats and redeliveries, with a crash anywhere: what is kept is what the set of the
    /// reports says, each arrival raises the version by one at most, and each change of state is told.
    #[test]
    fn no_order_no_repeat_and_no_crash_changes_what_is_kept(
        bodies in vec_of(any_body(), 1..7),
        arrivals in vec_of(any::<Index>(), 0..10),
        crashes in vec_of(0_u32..12, 0..4),
        seed in any::<u64>(),
        conflicts in any::<bool>(),
    ) {
        let expected = World::default();
        for body in &bodies {
            let _ = process(&expected, &envelope(body, &format!("first-{body}"), 10), || true).unwrap();
        }
        let mut order: Vec<&String> = bodies.iter().collect();
        order.extend(arrivals.iter().map(|index| index.get(&bodies)));
        fastrand::Rng::with_seed(seed).shuffle(&mut order);
        let world = World { conflicts, ..World::default() };
        let mut crashes = crashes.into_iter();
        let mut versions: HashMap<String, u64> = HashMap::new();
        for (number, body) in order.iter().enumerate() {
            let request_id = format!("r-{number}");
            let envelope = envelope(body, &request_id, 10 + number as u64);
            *world.crash_in.lock().unwrap() = crashes.next();
            // The queue hands it out until it is done, and once more.
            while process(&world, &envelope, || true).is_err() {}
            *world.crash_in.lock().unwrap() = None;
            let again = process(&world, &envelope, || true).unwrap();
            prop_assert_ne!(again.novelty, Novelty::New);
            for (id, text) in &*world.messages.lock().unwrap() {
                let version = Message::decode(text).unwrap().version;
                let before = versions.insert(id.clone(), version).unwrap_or(0);
                prop_assert!(version >= before && version <= before + 1);
            }
        }
        let ids: Vec<_> = expected.messages.lock().unwrap().keys().cloned().collect();
        for id in &ids {
            prop_assert_eq!(standing(&world.view(id)), standing(&expected.view(id)));
            let message = world.message(id);
            for entry in message.log.entries() {
                if let Some(state) = entry.moved_to() {
                    let told = format!("{}:{id}:delivery.{state}", entry.content_key);
                    prop_assert!(world.told.lock().unwrap().contains_key(&told), "{}", told);
                }
            }
        }
    }
}

#[test]
fn a_callback_that_names_a_recipient_twice_is_one_write_and_one_event() {
    let world = World::default();
    let body = batch(1);
    let processed = process(&world, &envelope(&body, "r", 10), || true).unwrap();
    assert_eq!(processed.novelty, Novelty::New);
    assert_eq!(
        (
            *world.writes.lock().unwrap(),
            world.messages.lock().unwrap().len()
        ),
        (1, 1)
    );
    let message = world.message("b:46700000000");
    assert_eq!((message.version, message.revision), (1, 1));
    let story = world.story.lock().unwrap();
    let kinds: Vec<_> = story.iter().map(|(_, kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["delivery.delivered", "delivery.channel"]);
}

#[test]
fn a_repeat_is_counted_once_for_each_arrival_and_tells_nothing() {
    let world = World::default();
    let body = report("m", "DELIVERED", "SMS", "", "");
    for (request_id, novelty, repeats) in [
        ("r-1", Novelty::New, 0),
        ("r-1", Novelty::Redelivered, 0),
        ("r-2", Novelty::Repeated, 1),
        ("r-2", Novelty::Repeated, 1),
        ("r-3", Novelty::Repeated, 2),
        ("r-1", Novelty::Redelivered, 2),
    ] {
        let told = world.story.lock().unwrap().len();
        let processed = process(&world, &envelope(&body, request_id, 10), || true).unwrap();
        assert_eq!(processed.novelty, novelty, "{request_id}");
        let entry = &world.view("m").log[0];
        assert_eq!(entry.repeats, repeats, "{request_id}");
        let tells = world.story.lock().unwrap().len() > told;
        assert_eq!(tells, novelty != Novelty::Repeated, "{request_id}");
    }
    assert_eq!(world.message("m").version, 1);
}

#[test]
fn what_moved_a_leg_outlasts_any_number_of_other_arrivals_and_repeats_go_first() {
    let world = World::default();
    let mut number = 0;
    let mut deliver = |status: &str, at: &str| {
        number += 1;
        let body = report("m", status, "SMS", "", at);
        let request_id = format!("r-{number}");
        let _ = process(&world, &envelope(&body, &request_id, 10 + number), || true).unwrap();
    };
    deliver("QUEUED_ON_CHANNEL", "0");
    deliver("READ", "1");
    for late in 0..10 {
        deliver("DELIVERED", &format!("late-{late}"));
    }
    for again in 0..200 {
        deliver("READ", &format!("again-{again}"));
    }
    let message = world.message("m");
    let steps = message
        .log
        .entries()
        .iter()
        .map(|entry| entry.reports[0].step.as_str());
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for step in steps {
        *counted.entry(step).or_default() += 1;
    }
    let others = MessageLog::OTHERS - 10;
    assert_eq!(
        counted,
        BTreeMap::from([("moved", 2), ("late", 10), ("repeated", others)])
    );
    // What the log has let go of is applied again, and moves nothing.
    let version = message.version;
    deliver("READ", "again-0");
    assert_eq!(world.message("m").version, version);
}

#[test]
fn a_status_that_nobody_knew_is_applied_once_it_is_known() {
    let world = World::default();
    let unknown = report("m", "TELEPORTED", "SMS", "", "");
    let _ = process(&world, &envelope(&unknown, "r", 10), || true).unwrap();
    // As a newer version reads the same body.
    let mut text = world.messages.lock().unwrap()["m"].clone();
    let known = report("m", "DELIVERED", "SMS", "", "");
    let key = |body: &str| ContentKey::of_body(body.as_bytes()).to_string();
    text = text.replace(&key(&unknown), &key(&known));
    world.messages.lock().unwrap().insert("m".into(), text);
    let processed = process(&world, &envelope(&known, "r", 10), || true).unwrap();
    assert_eq!(processed.novelty, Novelty::New);
    let view = world.view("m");
    assert_eq!(view.message.state.as_deref(), Some("delivered"));
    assert_eq!(
        (view.log.len(), view.log[0].status.as_str()),
        (1, "DELIVERED")
    );
}

#[test]
fn a_large_callback_goes_on_behind_its_cursor_wherever_it_breaks_off() {
    let recipients = 3 * CURSOR_EVERY + 7;
    let body = batch(recipients);
    let envelope = envelope(&body, "r", 10);
    let world = World::default();
    // After each part its time is up.
    let attempts = (1..).find(|_| match process(&world, &envelope, || false) {
        Ok(_processed) => true,
        Err(ProcessError::Unfinished(processed)) => {
            assert!(processed.moves.values().sum::<u64>() >= CURSOR_EVERY as u64);
            false
        }
        Err(error) => panic!("{error}"),
    });
    assert_eq!(attempts, Some(4));
    assert_eq!(
        *world.writes.lock().unwrap(),
        recipients as u64,
        "nothing was done twice"
    );
    assert_eq!(world.messages.lock().unwrap().len(), recipients);
    assert!(world.cursors.lock().unwrap().is_empty());

    // A crash in front of each step that there is.
    let steps = Cell::new(0);
    for step in (0..).step_by(97) {
        let world = World::default();
        *world.crash_in.lock().unwrap() = Some(step);
        let crashed = process(&world, &envelope, || true).is_err();
        let done = world
            .cursors
            .lock()
            .unwrap()
            .values()
            .map(|cursor| cursor.done)
            .sum::<usize>();
        let written = *world.writes.lock().unwrap();
        assert!(written as usize >= done, "told before it was written");
        if crashed {
            let _ = process(&world, &envelope, || true).unwrap();
            let again = *world.writes.lock().unwrap() - written;
            assert!(
                again as usize <= recipients - done,
                "{again} writes behind {done}"
            );
        }
        assert_eq!(*world.writes.lock().unwrap(), recipients as u64);
        let told = world.told.lock().unwrap();
        let messages = told.keys().filter(|id| id.ends_with(":delivery.delivered"));
        assert_eq!(messages.count(), recipients);
        drop(told);
        if !crashed {
            break;
        }
        steps.set(steps.get() + 1);
    }
    assert!(steps.get() > 30, "{}", steps.get());
}

#[test]
fn what_is_told_of_a_callback_as_a_whole_is_told_once_for_its_content() {
    for (body, kind) in [
        ("{}", "delivery.unrecognized"),
        (
            r#"{"opt_out_notification":{"channel":"SMS","identity":"4791","status":"OPT_OUT_SUCCEEDED"}}"#,
            "contact.opted_out",
        ),
        (
            r#"{"message":{"contact_message":{"text_message":{"text":"STOP"}},"channel_identity":{"channel":"SMS","identity":"4791"}}}"#,
            "contact.opted_out",
        ),
        (
            r#"{"type":"mo_text","from":"4791","to":"2440","body":"Stop."}"#,
            "contact.opted_out",
        ),
        (
            r#"{"opt_in_notification":{"channel":"SMS","identity":"4791","status":"OPT_IN_SUCCEEDED"}}"#,
            "contact.opted_in",
        ),
        (
            r#"{"eventId":"e","eventType":"HOSTING_PROCESS","status":"COMPLETED"}"#,
            "numbers.event",
        ),
        (r#"{"event":"dice","callid":"c"}"#, "voice.event"),
        (r#"{"event":"notify","callid":"c"}"#, "voice.event"),
        (
            r#"{"event":"call.hangup","call":{"callId":"c"}}"#,
            "voice.event",
        ),
        (
            r#"{"event":"VerificationResultEvent","id":"v"}"#,
            "verification.event",
        ),
        (
            r#"{"type":"delivery_report_sms","batch_id":"b","total_message_count":3,"statuses":[{"code":0,"status":"Delivered","count":3}]}"#,
            "delivery.batch",
        ),
    ] {
        let world = World::default();
        let scheme = match kind {
            "numbers.event" => SchemeName::Numbers,
            "voice.event" if body.contains("call.") => SchemeName::Service,
            "voice.event" | "verification.event" => SchemeName::Application,
            _ => SchemeName::Conversation,
        };
        for (request_id, novelty) in [
            ("r-1", Novelty::New),
            ("r-1", Novelty::Redelivered),
            ("r-2", Novelty::Repeated),
        ] {
            let envelope = envelope(body, request_id, 10).with_scheme(scheme);
            let processed = process(&world, &envelope, || true).unwrap();
            assert_eq!(processed.novelty, novelty);
            assert_eq!(processed.events, usize::from(novelty != Novelty::Repeated));
        }
        let told = world.told.lock().unwrap();
        let ids: Vec<_> = told.keys().cloned().collect();
        let key = ContentKey::of_body(body.as_bytes());
        assert_eq!(ids, [format!("{key}::{kind}")]);
    }
}
