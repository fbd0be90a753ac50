//! What the stand-in knows: messages, tokens, webhooks.

use core::time::Duration;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    journal::Journal,
    message::Sent,
    poster::Poster,
    scenario::{Rule, Scenario},
    token::Tokens,
    webhook::Webhooks,
};

/// Sinch, as far as it is played.
pub(super) struct StandIn {
    pub(super) journal: Journal,
    pub(super) tokens: Tokens,
    pub(super) webhooks: Webhooks,
    pub(super) poster: Poster,
    scenario: Scenario,
    speed: u32,
    /// What was sent, in order.
    sent: Mutex<Messages>,
    /// How many calls of a recipient on a channel a rule has had.
    calls: Mutex<HashMap<(usize, String), u32>>,
}

/// Messages by their id, and in order.
#[derive(Default)]
pub(super) struct Messages {
    ids: Vec<String>,
    by_id: HashMap<String, Sent>,
}

impl Messages {
    pub(super) fn add(&mut self, id: String, sent: Sent) {
        self.ids.push(id.clone());
        self.by_id.insert(id, sent);
    }

    pub(super) fn find(&self, id: &str) -> Option<&Sent> {
        self.by_id.get(id)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut Sent> {
        self.by_id.get_mut(id)
    }

    /// All of them, oldest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Sent> {
        self.ids.iter().filter_map(|id| self.by_id.get(id))
    }
}

impl StandIn {
    pub(super) fn new(scenario: Scenario, journal: Journal, speed: u32) -> Self {
        Self {
            journal,
            tokens: Tokens::default(),
            webhooks: Webhooks::default(),
            poster: Poster::default(),
            scenario,
            speed,
            sent: Mutex::default(),
            calls: Mutex::default(),
        }
    }

    pub(super) fn messages(&self) -> MutexGuard<'_, Messages> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A time of the scenario as it passes here.
    pub(super) fn hastened(&self, time: Duration) -> Duration {
        time.checked_div(self.speed).unwrap_or(time)
    }

    /// The rule that a message falls under. A rule for some calls has one less after it.
    pub(super) fn rule(&self, to: &str, channel: &str, key: &str) -> &Rule {
        let mut counts = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        self.scenario.rule(to, channel, key, |rule, calls| {
            let place = (rule, [channel, ":", to].concat());
            let count = counts.entry(place).or_default();
            let is_left = *count < calls;
            *count = count.saturating_add(u32::from(is_left));
            is_left
        })
    }
}
