use serde::{Deserialize, Serialize};
use sinch_callback::{ContentKey, DeliveryState, UnixSeconds};

use super::fields;
use crate::{said::Said, view::DueView};

sinch_callback::named! {
    /// Why a message has to be settled by a moment.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum DueCause {
        /// It waits on one leg while another has failed, or is on none: the report that would settle it
        /// seems to be lost.
        Stuck = "stuck",
        /// Sinch has told that it was submitted.
        Submitted = "submitted",
        /// Somebody has asked to be told by then.
        Watched = "watched",
    }
}

/// The moments by which a message has to be settled: one because it is stuck, one because it was
/// submitted, and one for each deadline of a watch.
///
/// Each is told once. Putting the same there again changes nothing, in whatever order they come; what
/// is told stays remembered until the message has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dues(Vec<Due>);

/// A moment by which a message has to be settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The moment.
    pub at: UnixSeconds,
    /// Since when it has been waited for.
    pub since: UnixSeconds,
    /// Why.
    #[serde(rename = "by")]
    pub cause: DueCause,
    /// What the event's id begins with: the callback since which it waits, or a hash of the watch.
    #[serde(with = "fields::key")]
    pub key: ContentKey,
    /// How far it is told.
    #[serde(default, skip_serializing_if = "fields::is_zero")]
    pub telling: Telling,
}

/// How far an overdue message is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Telling {
    /// It may still be settled in time.
    #[default]
    Waits,
    /// It is being told, and this is what is said, however often.
    Begun(Box<Overdue>),
    /// It is told.
    Done,
}

/// What is said of an overdue message: how it stood when the telling began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overdue {
    /// Its version.
    #[serde(rename = "v")]
    pub version: u64,
    /// Its state.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::state"
    )]
    pub state: Option<DeliveryState>,
    /// Whether reports disagreed on how a leg ended.
    #[serde(default, skip_serializing_if = "fields::is_false")]
    pub contradicted: bool,
    /// By which report, and for which of the sender's doings.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "fields::lean"
    )]
    pub said: Option<Said>,
    /// When its last callback had been received, in Unix seconds.
    #[serde(rename = "at")]
    pub updated_at: u64,
}

impl Dues {
    /// Deadlines of watches that a message may have at once. Our own choice: they lie in its one item.
    pub const WATCHES: usize = 8;

    /// All of them, those that are told included, in the order in which they were put there.
    #[must_use]
    pub fn all(&self) -> &[Due] {
        &self.0
    }

    /// The next moment at which there is something to tell: what a store's index holds.
    #[must_use]
    pub fn next(&self) -> Option<UnixSeconds> {
        self.pending().map(|due| due.at).min()
    }

    /// Since when a message that was sent has been waited for. Who is stuck has had reports.
    pub(super) fn waits_since(&self) -> Option<UnixSeconds> {
        let sent = self.pending().filter(|due| due.cause != DueCause::Stuck);
        sent.map(|due| due.since).min()
    }

    fn pending(&self) -> impl Iterator<Item = &Due> {
        self.0.iter().filter(|due| due.telling != Telling::Done)
    }

    /// The message is stuck since then, or is so no more.
    pub(super) fn set_stuck(&mut self, due: Option<Due>) {
        self.0
            .retain(|known| known.cause != DueCause::Stuck || known.is_being_told());
        self.0.extend(due);
    }

    /// The message was submitted: of several such callbacks the first counts.
    pub(super) fn submitted(&mut self, due: Due) {
        let known = self
            .0
            .iter_mut()
            .find(|known| known.cause == DueCause::Submitted);
        match known {
            None => self.0.push(due),
            Some(known) => {
                let is_earlier = (due.at, due.key) < (known.at, known.key);
                if is_earlier && known.telling == Telling::Waits {
                    *known = due;
                }
            }
        }
    }

    /// Adds a deadline of a watch. `None` where there is no room for it; else whether it is new.
    pub(super) fn watch(&mut self, due: Due) -> Option<bool> {
        if self.0.iter().any(|known| known.key == due.key) {
            return Some(false);
        }
        let is_watch = |known: &Due| known.cause == DueCause::Watched;
        if self.0.iter().filter(|known| is_watch(known)).count() >= Self::WATCHES {
            let told =
                |known: &Due| known.cause == DueCause::Watched && known.telling == Telling::Done;
            let place = self.0.iter().position(told)?;
            self.0.remove(place);
        }
        self.0.push(due);
        Some(true)
    }

    /// The message has ended: nothing is waited for. What is being told is told to its end, since
    /// somebody may have been told already.
    pub(super) fn end(&mut self) {
        self.0.retain(Due::is_being_told);
    }

    /// Begins to tell what is due by then, of a message that stands like this. Gives all that is being
    /// told, what was begun before included.
    pub(super) fn begin(&mut self, heard_until: UnixSeconds, overdue: &Overdue) -> Vec<Due> {
        for due in &mut self.0 {
            if due.telling == Telling::Waits && due.at <= heard_until {
                due.telling = Telling::Begun(Box::new(overdue.clone()));
            }
        }
        let begun = self.0.iter().filter(|due| due.is_being_told());
        begun.cloned().collect()
    }

    /// These have been told. Whether any of them was not known to be.
    pub(super) fn done(&mut self, keys: &[ContentKey]) -> bool {
        let mut is_any = false;
        for due in &mut self.0 {
            if due.is_being_told() && keys.contains(&due.key) {
                due.telling = Telling::Done;
                is_any = true;
            }
        }
        is_any
    }

    pub(super) fn view(&self) -> Vec<DueView> {
        let view = |due: &Due| DueView {
            deadline: due.at.get(),
            cause: due.cause.as_str().into(),
            since: due.since.get(),
            told: due.telling != Telling::Waits,
        };
        self.0.iter().map(view).collect()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Due> for Dues {
    fn from(due: Due) -> Self {
        Self(vec![due])
    }
}

impl Due {
    const fn is_being_told(&self) -> bool {
        matches!(self.telling, Telling::Begun(_))
    }
}
