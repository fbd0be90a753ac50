//! A world of messages that somebody watches: a host that is down, refuses and lags, and the real code
//! that tells silence. Its referee knows what Sinch has reported and when.

use core::{fmt, ops::Range};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use sinch_callback::{ContentKey, UnixSeconds};
use sinch_callback_pipeline::{
    DeliveryEvent, Envelope, Notifier,
    listening::Listening,
    messages::{Change, Changed, Message, Messages, ReadCallback, Watch, tell_overdue},
};
use tokio::runtime::Runtime;

use crate::{draw::Draw, schedule::SECOND, sinch::retry_after};

/// Something that is done so that silence means silence. A world without it breaks a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SilenceSafeguard {
    /// Silence is counted in listening time at all.
    ListeningTime,
    /// After an outage, retries are waited for as long as it was, and a minute.
    Settling,
    /// An outage among the retries of another counts with it.
    OutagesJoin,
    /// A callback that is queued is waited for.
    QueueCounts,
    /// ... and one that may be a retry of what an outage refused counts from that outage on.
    QueuedRetries,
    /// A callback that we refused is an outage.
    RefusalCounts,
    /// What was missed is kept across a restart.
    SignKept,
    /// What is told is written before it is told.
    WrittenFirst,
    /// What was told is written behind it.
    ToldOnce,
}

impl SilenceSafeguard {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::ListeningTime,
        Self::Settling,
        Self::OutagesJoin,
        Self::QueueCounts,
        Self::QueuedRetries,
        Self::RefusalCounts,
        Self::SignKept,
        Self::WrittenFirst,
        Self::ToldOnce,
    ];

    /// It, in a sentence.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::ListeningTime => "silence is counted in the time in which we listened",
            Self::Settling => {
                "after an outage, retries are waited for as long as it was, and a minute"
            }
            Self::OutagesJoin => "an outage among the retries of another counts with it",
            Self::QueueCounts => "a callback that is queued is waited for",
            Self::QueuedRetries => {
                "one that may be a retry of what an outage refused counts from that outage on"
            }
            Self::RefusalCounts => "a callback that we refused is an outage",
            Self::SignKept => "when we last listened is kept across a restart",
            Self::WrittenFirst => "an event is written before it is published",
            Self::ToldOnce => "that it was published is written behind it",
        }
    }

    /// Where it stands.
    #[must_use]
    pub const fn stands_in(self) -> &'static str {
        match self {
            Self::ListeningTime
            | Self::Settling
            | Self::OutagesJoin
            | Self::QueueCounts
            | Self::QueuedRetries => "pipeline `Listening`",
            Self::RefusalCounts | Self::SignKept => "`serve`'s `Ear`",
            Self::WrittenFirst | Self::ToldOnce => "pipeline `tell_overdue`",
        }
    }

    /// The first of these worlds in which its promise breaks without it.
    #[must_use]
    pub fn search(self, worlds: u64, runtime: &Runtime) -> Option<(u64, SilenceBroken)> {
        (1..=worlds).find_map(|seed| {
            let broken = SilenceWorld::new(seed, Some(self), runtime).run().err()?;
            (broken.promise == self.promise()).then_some((seed, broken))
        })
    }

    /// What breaks without it.
    #[must_use]
    pub const fn promise(self) -> SilencePromise {
        match self {
            Self::WrittenFirst => SilencePromise::OneContent,
            Self::ToldOnce => SilencePromise::ToldOnce,
            _ => SilencePromise::NoFalseSilence,
        }
    }
}

/// What holds of watched messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SilencePromise {
    /// No message is told to be silent of which Sinch had reported the end by then.
    NoFalseSilence,
    /// Every watch is told the end, or overdue within 60 s of its deadline in listening time.
    ToldInTime,
    /// Nothing is told before its time, or again without a crash.
    ToldOnce,
    /// An event is told under one id, with one content.
    OneContent,
}

impl SilencePromise {
    /// It, in a sentence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoFalseSilence => "no message is called silent whose end was reported",
            Self::ToldInTime => "every watch ends in time",
            Self::ToldOnce => "nothing is published again without a crash",
            Self::OneContent => "an event has one content",
        }
    }
}

/// A promise that broke.
#[derive(Clone, Debug)]
pub struct SilenceBroken {
    /// Which one.
    pub promise: SilencePromise,
    /// What was seen.
    pub detail: String,
}

impl fmt::Display for SilenceBroken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.promise, self.detail)
    }
}

/// What a world has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct SilenceStats {
    /// Deadlines that somebody waited for.
    pub watches: u64,
    /// Those that were told to be overdue.
    pub overdue: u64,
    /// The longest that one was told behind its deadline, in listening time, where nothing crashed.
    pub told_within_secs: u64,
}

/// Seconds of a world.
type Secs = u64;

const START: Secs = 1_800_000_000;
/// During how long messages are sent.
const SENDING: Secs = 4 * 3_600;
/// When all is over: past every outage, its retries, and every deadline.
const END: Secs = START + 30 * 3_600;
/// How often the host looks, and keeps a sign of life.
const LOOK: Secs = 5;
const SIGN: Secs = 10;
/// The issue's: how late a watch may be told, in listening time.
const MOST: Secs = 60;

/// One callback of Sinch.
struct Report {
    message: usize,
    body: String,
    is_final: bool,
    sent: Secs,
}

struct Sent {
    id: String,
    /// Each with whether the host has taken it.
    deadlines: Vec<(Secs, bool)>,
}

/// What happens, at a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Watches(usize, usize),
    /// A try of a report, counted from 0.
    Tries(usize, u32),
    Stops,
    Starts,
    /// Of one life of the host: a crash ends it.
    Looks(u64),
    Catches,
}

/// A world made from one seed.
pub struct SilenceWorld<'r> {
    runtime: &'r Runtime,
    without: Option<SilenceSafeguard>,
    draw: Draw,
    /// Where a commit keeps its events (SQLite), or a bus takes them behind a write (AWS).
    in_one_commit: bool,
    crash: f64,
    down: Vec<Range<Secs>>,
    refuses: Vec<Range<Secs>>,
    lags: Vec<Range<Secs>>,
    messages: Vec<Sent>,
    reports: Vec<Report>,
    /// When each report was applied.
    applied: Vec<Option<Secs>>,
    events: BTreeSet<(Secs, u64, Event)>,
    next: u64,
    store: Kept,
    queue: VecDeque<(usize, Secs)>,
    listening: Listening,
    kept_listening: Listening,
    signed_at: Secs,
    life: u64,
    crashes: HashMap<String, u64>,
    told: BTreeMap<(String, Secs), Secs>,
    stats: SilenceStats,
}

/// The store and the bus, which crash as they are told.
#[derive(Default)]
struct Kept(Mutex<Inside>);

#[derive(Default)]
struct Inside {
    messages: HashMap<String, Message>,
    told: Vec<Told>,
    contents: HashMap<String, String>,
    crash_in: Option<u64>,
}

struct Told {
    id: String,
    message: String,
    deadline: Secs,
    has_other_content: bool,
}

#[derive(Debug)]
struct Crash;

impl fmt::Display for Crash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("crashed")
    }
}

impl std::error::Error for Crash {}

impl Kept {
    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self) -> Result<(), Crash> {
        let crash_in = &mut self.inside().crash_in;
        match crash_in {
            Some(0) => Err(Crash),
            Some(more) => {
                *more -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn change(&self, id: &str, change: impl Fn(Option<Message>) -> Change) -> Changed {
        let mut inside = self.inside();
        let Change { write, changed } = change(inside.messages.get(id).cloned());
        if let Some(message) = write {
            // What a store keeps is text.
            let kept = Message::decode(&message.encode()).expect("what was written");
            inside.messages.insert(id.to_owned(), kept);
        }
        changed
    }

    fn tell(&self, event: &DeliveryEvent<'_>) {
        let mut inside = self.inside();
        let content = format!("{event:?}");
        let known = inside.contents.entry(event.id.clone());
        let has_other_content = *known.or_insert_with(|| content.clone()) != content;
        inside.told.push(Told {
            id: event.id.clone(),
            message: event.message_id.to_string(),
            deadline: event.deadline.unwrap_or_default(),
            has_other_content,
        });
    }
}

impl Messages for Kept {
    type Error = Crash;

    async fn update(
        &self,
        message_id: &str,
        change: impl Fn(Option<Message>) -> Change + Send + Sync + 'static,
    ) -> Result<Changed, Crash> {
        self.step()?;
        let changed = self.change(message_id, change);
        self.step()?;
        Ok(changed)
    }
}

impl Notifier for Kept {
    type Error = Crash;

    async fn notify(&self, events: &[DeliveryEvent<'_>]) -> Result<(), Crash> {
        self.step()?;
        for event in events {
            self.tell(event);
        }
        self.step()
    }
}

const fn at(seconds: Secs) -> UnixSeconds {
    UnixSeconds::new(seconds)
}

impl<'r> SilenceWorld<'r> {
    /// The world of this seed, perhaps without a safeguard.
    #[must_use]
    pub fn new(seed: u64, without: Option<SilenceSafeguard>, runtime: &'r Runtime) -> Self {
        let mut draw = Draw::new(seed);
        let down = ranges(&mut draw, 2, 5, 3 * 3_600);
        let mut world = Self {
            runtime,
            without,
            in_one_commit: draw.chance(0.5),
            crash: *draw.one_of(&[0.0, 0.1, 0.5]),
            down,
            refuses: ranges(&mut draw, 2, 1, 3_600),
            lags: ranges(&mut draw, 2, 1, 3_600),
            messages: Vec::new(),
            reports: Vec::new(),
            applied: Vec::new(),
            events: BTreeSet::new(),
            next: 0,
            store: Kept::default(),
            queue: VecDeque::new(),
            listening: Listening::default(),
            kept_listening: Listening::default(),
            signed_at: START,
            life: 0,
            crashes: HashMap::new(),
            told: BTreeMap::new(),
            stats: SilenceStats::default(),
            draw,
        };
        world.send();
        for range in world.down.clone() {
            world.at(range.start, Event::Stops);
            world.at(range.end, Event::Starts);
        }
        for range in world.lags.clone() {
            world.at(range.end, Event::Catches);
        }
        world.at(START, Event::Looks(0));
        world
    }

    fn send(&mut self) {
        for number in 0..self.draw.between(5, 30) as usize {
            let id = format!("01SILENCE{number:017}");
            let sent = START + self.draw.between(0, SENDING);
            let mut deadlines = Vec::new();
            for watch in 0..self.draw.between(1, 3) as usize {
                deadlines.push(sent + self.draw.magnitude(20, 2 * 3_600));
                self.at(sent + 1, Event::Watches(number, watch));
            }
            deadlines.sort_unstable();
            deadlines.dedup();
            let deadlines: Vec<_> = deadlines.into_iter().map(|due| (due, false)).collect();
            let report = |status: &str, after: Secs, is_final| Report {
                message: number,
                body: format!(
                    r#"{{"message_delivery_report":{{"message_id":"{id}","status":"{status}","channel_identity":{{"channel":"SMS","identity":"4670{number}"}}}}}}"#
                ),
                is_final,
                sent: sent + after,
            };
            let mut reports = Vec::new();
            let near = self.draw.one_of(&deadlines).0 - sent;
            if self.draw.chance(0.7) {
                let after = if self.draw.chance(0.3) {
                    near + self.draw.between(0, 12)
                } else {
                    self.draw.between(1, 9)
                };
                reports.push(report("QUEUED_ON_CHANNEL", after, false));
            }
            if self.draw.chance(0.7) {
                let status = *self.draw.one_of(&["DELIVERED", "FAILED"]);
                // Often around a deadline.
                let after = if self.draw.chance(0.5) {
                    near.saturating_sub(self.draw.between(0, 30)).max(2)
                } else {
                    self.draw.magnitude(2, 3 * 3_600)
                };
                reports.push(report(status, after, true));
            }
            for report in reports {
                self.at(report.sent, Event::Tries(self.reports.len(), 0));
                self.reports.push(report);
                self.applied.push(None);
            }
            self.messages.push(Sent { id, deadlines });
        }
    }

    fn at(&mut self, moment: Secs, event: Event) {
        self.next += 1;
        self.events.insert((moment, self.next, event));
    }

    fn is_in(ranges: &[Range<Secs>], now: Secs) -> bool {
        ranges.iter().any(|range| range.contains(&now))
    }

    /// Lets the world take its course.
    ///
    /// # Errors
    /// The first promise that breaks.
    pub fn run(mut self) -> Result<SilenceStats, SilenceBroken> {
        while let Some((now, _, event)) = self.events.pop_first() {
            if now > END {
                break;
            }
            let is_down = Self::is_in(&self.down, now);
            match event {
                Event::Watches(message, watch) => self.watch(message, watch, now, is_down),
                Event::Tries(report, number) => self.tries(report, number, now, is_down),
                Event::Stops => self.life += 1,
                Event::Starts if !is_down => self.starts(now),
                Event::Looks(life) if !is_down && life == self.life => {
                    self.looks(now)?;
                    self.at(now + LOOK, Event::Looks(life));
                }
                Event::Catches if !is_down => self.catches_up(now),
                // Who is down begins again when it starts.
                Event::Starts | Event::Looks(_) | Event::Catches => {}
            }
        }
        self.at_rest()
    }

    /// Whoever watches tries until it is taken.
    fn watch(&mut self, message: usize, watch: usize, now: Secs, is_down: bool) {
        let sent = &mut self.messages[message];
        let Some((deadline, is_taken)) = sent.deadlines.get_mut(watch) else {
            return;
        };
        let deadline = *deadline;
        if deadline <= now {
            // Refused: it is too late to wait.
            return;
        }
        if is_down {
            self.at(now + 10, Event::Watches(message, watch));
            return;
        }
        *is_taken = true;
        let watch = Watch {
            message_id: sent.id.clone(),
            deadline: Some(at(deadline)),
            attempt: None,
        };
        let id = sent.id.clone();
        self.store.change(&id, |found| watch.change(found, at(now)));
    }

    /// A report is tried, and tried again where it is not taken.
    fn tries(&mut self, report: usize, number: u32, now: Secs, is_down: bool) {
        let is_refused = Self::is_in(&self.refuses, now);
        if is_down || is_refused {
            if !is_down && self.without != Some(SilenceSafeguard::RefusalCounts) {
                self.missed(now, now);
            }
            if let Some(after) = retry_after(number + 1) {
                self.at(now + after / SECOND, Event::Tries(report, number + 1));
            }
        } else if Self::is_in(&self.lags, now) || !self.queue.is_empty() {
            self.queue.push_back((report, now));
        } else {
            self.apply(report, now, now);
        }
    }

    fn missed(&mut self, from: Secs, until: Secs) {
        if self.without == Some(SilenceSafeguard::OutagesJoin) {
            self.listening = Listening::default();
        }
        self.listening.missed(at(from), at(until));
    }

    fn apply(&mut self, report: usize, received_at: Secs, now: Secs) {
        let Report { message, body, .. } = &self.reports[report];
        let key = ContentKey::of_body(body.as_bytes());
        let envelope = Envelope::kept(key, at(received_at), body.as_bytes())
            .with_arrival(at(received_at), report.to_string());
        let callback = ReadCallback::of(&envelope);
        let id = &self.messages[*message].id;
        self.store.change(id, |found| callback.change(0, found));
        self.applied[report] = Some(now);
    }

    fn catches_up(&mut self, now: Secs) {
        if Self::is_in(&self.lags, now) {
            return;
        }
        while let Some((report, received_at)) = self.queue.pop_front() {
            self.apply(report, received_at, now);
        }
    }

    fn starts(&mut self, now: Secs) {
        self.life += 1;
        if self.without == Some(SilenceSafeguard::SignKept) {
            self.listening = Listening::default();
        } else {
            self.listening = self.kept_listening.clone();
            self.missed(self.signed_at, now);
        }
        self.catches_up(now);
        self.at(now, Event::Looks(self.life));
    }

    fn looks(&mut self, now: Secs) -> Result<(), SilenceBroken> {
        if now >= self.signed_at + SIGN {
            self.signed_at = now;
            self.kept_listening = self.listening.clone();
        }
        let waiting = self.queue.front().map(|(_, received_at)| at(*received_at));
        let waiting = waiting.filter(|_| self.without != Some(SilenceSafeguard::QueueCounts));
        let heard_until = match self.without {
            Some(SilenceSafeguard::ListeningTime) => at(now),
            Some(SilenceSafeguard::Settling) => Listening::default().heard_until(at(now), waiting),
            Some(SilenceSafeguard::QueuedRetries) => {
                let heard = self.listening.heard_until(at(now), None);
                waiting.map_or(heard, |waiting| waiting.min(heard))
            }
            _ => self.listening.heard_until(at(now), waiting),
        };
        let due: Vec<String> = {
            let inside = self.store.inside();
            let mut due: Vec<_> = inside.messages.iter().collect();
            due.retain(|(_, message)| message.dues.next().is_some_and(|due| due <= heard_until));
            due.into_iter().map(|(id, _)| id.clone()).collect()
        };
        for id in due {
            let has_crashed = self.tell(&id, heard_until);
            *self.crashes.entry(id).or_default() += u64::from(has_crashed);
        }
        self.referee(now)
    }

    /// Tells what is overdue of a message, and whether that broke off.
    fn tell(&mut self, id: &str, heard_until: UnixSeconds) -> bool {
        let crash_in = self
            .draw
            .chance(self.crash)
            .then(|| self.draw.between(0, 5));
        match self.without {
            Some(SilenceSafeguard::WrittenFirst) => {
                let mut inside = self.store.inside();
                let mut message = inside.messages[id].clone();
                let events = message.take_overdue(heard_until);
                if crash_in.is_none() {
                    inside.messages.insert(id.to_owned(), message);
                }
                drop(inside);
                events.iter().for_each(|event| self.store.tell(event));
                return crash_in.is_some();
            }
            Some(SilenceSafeguard::ToldOnce) => {
                let mut message = self.store.inside().messages[id].clone();
                let events = message.take_overdue(heard_until);
                events.iter().for_each(|event| self.store.tell(event));
                return false;
            }
            _ => {}
        }
        if self.in_one_commit {
            // A crash leaves all of it undone.
            if crash_in.is_none() {
                let mut inside = self.store.inside();
                let message = inside.messages.get_mut(id).expect("it is due");
                let events = message.take_overdue(heard_until);
                drop(inside);
                events.iter().for_each(|event| self.store.tell(event));
            }
            return crash_in.is_some();
        }
        self.store.inside().crash_in = crash_in;
        let told = tell_overdue(&self.store, &self.store, id, heard_until);
        let told = self.runtime.block_on(told);
        self.store.inside().crash_in = None;
        told.is_err()
    }

    /// When Sinch gets a report through, whatever the host makes of it; `None` where it gives up.
    fn arrives(&self, report: &Report) -> Option<Secs> {
        let mut moment = report.sent;
        let mut number = 0;
        while Self::is_in(&self.down, moment) || Self::is_in(&self.refuses, moment) {
            number += 1;
            moment += retry_after(number)? / SECOND;
        }
        Some(moment)
    }

    /// Judges what was told since the last look.
    fn referee(&mut self, now: Secs) -> Result<(), SilenceBroken> {
        let told: Vec<_> = self.store.inside().told.drain(..).collect();
        for event in told {
            let Told {
                id,
                message,
                deadline,
                has_other_content,
            } = event;
            let broken = |promise, what: &str| {
                Err(SilenceBroken {
                    promise,
                    detail: format!("{id}, due at {deadline}, told at {now}: {what}"),
                })
            };
            if has_other_content {
                return broken(SilencePromise::OneContent, "with another content");
            }
            if deadline > now {
                return broken(SilencePromise::ToldOnce, "before its time");
            }
            let crashes = self.crashes.get(&message).copied().unwrap_or_default();
            let key = (message, deadline);
            if self.told.contains_key(&key) && crashes == 0 {
                return broken(SilencePromise::ToldOnce, "told again, and nothing crashed");
            }
            let mut reports = self.reports.iter().zip(&self.applied);
            let missing = reports.find(|(report, applied)| {
                self.messages[report.message].id == key.0
                    && report.is_final
                    && report.sent < deadline
                    && applied.is_none()
                    && self.arrives(report).is_some()
            });
            if let Some((report, _)) = missing {
                let what = format!("Sinch had reported its end at {}", report.sent);
                return broken(SilencePromise::NoFalseSilence, &what);
            }
            self.told.entry(key).or_insert(now);
        }
        Ok(())
    }

    /// The first moment from a deadline on at which all was heard by then: by the world's own outages,
    /// which the host notices by its signs.
    fn listened(&self, deadline: Secs) -> Secs {
        let down = self
            .down
            .iter()
            .map(|range| range.start - SIGN - LOOK..range.end);
        let mut outages: Vec<_> = down.chain(self.refuses.iter().cloned()).collect();
        outages.sort_by_key(|range| range.start);
        let settled = |range: &Range<Secs>| range.end + (range.end - range.start) + 60;
        let mut joined: Vec<Range<Secs>> = Vec::new();
        for outage in outages {
            match joined.last_mut() {
                Some(before) if outage.start < settled(before) => {
                    before.end = before.end.max(outage.end);
                }
                _ => joined.push(outage),
            }
        }
        let mut moment = deadline;
        loop {
            let down = self.down.iter().chain(&self.lags);
            let waits = down
                .filter(|range| range.contains(&moment))
                .map(|range| range.end);
            let holds = joined
                .iter()
                .filter(|range| (range.start..settled(range)).contains(&moment))
                .map(settled);
            match waits.chain(holds).max() {
                Some(later) => moment = later,
                None => return moment,
            }
        }
    }

    fn at_rest(mut self) -> Result<SilenceStats, SilenceBroken> {
        for (number, sent) in self.messages.iter().enumerate() {
            let reports = self.reports.iter().zip(&self.applied);
            let ends = reports.filter(|(report, _)| report.message == number && report.is_final);
            let ended_at = ends.filter_map(|(_, applied)| *applied).min();
            for (deadline, _) in sent.deadlines.iter().filter(|(_, is_taken)| *is_taken) {
                self.stats.watches += 1;
                let listened = self.listened(*deadline);
                let told = self.told.get(&(sent.id.clone(), *deadline)).copied();
                let crashes = self.crashes.get(&sent.id).copied().unwrap_or_default();
                let latest = listened + MOST + crashes * LOOK;
                let heard = [told, ended_at].into_iter().flatten().min();
                if heard.is_none_or(|heard| heard > latest) {
                    return Err(SilenceBroken {
                        promise: SilencePromise::ToldInTime,
                        detail: format!(
                            "{} is due at {deadline}, all was heard at {listened}, and it was told at {told:?} and ended at {ended_at:?}",
                            sent.id
                        ),
                    });
                }
                self.stats.overdue += u64::from(told.is_some());
                if let Some(told) = told.filter(|_| crashes == 0) {
                    let late = told.saturating_sub(listened);
                    self.stats.told_within_secs = self.stats.told_within_secs.max(late);
                }
            }
        }
        Ok(self.stats)
    }
}

/// Up to so many ranges within the time in which messages are sent, of a length between these.
fn ranges(draw: &mut Draw, most: u64, shortest: Secs, longest: Secs) -> Vec<Range<Secs>> {
    (0..draw.between(0, most))
        .map(|_| {
            let start = START + draw.between(60, SENDING);
            start..start + draw.magnitude(shortest, longest)
        })
        .collect()
}
