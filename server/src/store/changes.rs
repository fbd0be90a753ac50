//! Which messages have changed of late, for those who watch.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::Notify;

/// Ids that are kept: of more it is told that there were more.
const KEPT: usize = 50;

/// Kept only while somebody watches, so that it costs nothing else.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    watchers: AtomicUsize,
    latest: Mutex<Latest>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Latest {
    /// How many changes there have been.
    count: u64,
    /// The messages of the last of them.
    ids: VecDeque<String>,
}

impl Changes {
    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A message has changed, and that is on the disk.
    pub(super) fn note(&self, message_id: &str) {
        if self.watchers.load(Ordering::Relaxed) == 0 {
            return;
        }
        let mut latest = self.latest();
        latest.count = latest.count.saturating_add(1);
        if latest.ids.back().is_none_or(|last| last != message_id) {
            if latest.ids.len() >= KEPT {
                latest.ids.pop_front();
            }
            latest.ids.push_back(message_id.to_owned());
        }
        drop(latest);
        self.changed.notify_waiters();
    }

    /// Whether anybody would be told: spares whoever writes the making of ids.
    pub(super) fn are_watched(&self) -> bool {
        self.watchers.load(Ordering::Relaxed) > 0
    }
}

/// Who may watch at once. Our own choice: each is a connection that stays.
const WATCHERS: usize = 16;

/// One who watches.
#[derive(Debug)]
pub(crate) struct Watching {
    changes: Arc<Changes>,
    /// How many changes it has been told of.
    seen: u64,
}

/// What has changed since somebody looked last.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    /// Messages that have changed, the latest of them.
    pub(crate) ids: Vec<String>,
    /// How many changes there were.
    pub(crate) count: u64,
}

impl Watching {
    /// Begins to watch; `None` where enough do.
    pub(crate) fn begin(changes: &Arc<Changes>) -> Option<Self> {
        let one_more = |watchers: usize| watchers.checked_add(1).filter(|count| *count <= WATCHERS);
        changes
            .watchers
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more)
            .ok()?;
        let seen = changes.latest().count;
        Some(Self {
            changes: Arc::clone(changes),
            seen,
        })
    }

    /// Waits until there is something new, and gives all of it.
    pub(crate) async fn next(&mut self) -> Changed {
        let changes = Arc::clone(&self.changes);
        loop {
            let mut noted = core::pin::pin!(changes.changed.notified());
            // From here on no change is missed.
            noted.as_mut().enable();
            if let Some(changed) = self.take() {
                return changed;
            }
            noted.await;
        }
    }

    fn take(&mut self) -> Option<Changed> {
        let latest = self.changes.latest();
        let count = latest
            .count
            .checked_sub(self.seen)
            .filter(|count| *count > 0)?;
        self.seen = latest.count;
        let new = usize::try_from(count).unwrap_or(usize::MAX);
        let mut ids: Vec<_> = latest.ids.iter().rev().take(new).cloned().collect();
        ids.sort();
        ids.dedup();
        Some(Changed { ids, count })
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.changes.watchers.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_changes_while_somebody_watches_is_told_once_and_bounded() {
        let changes = Arc::<Changes>::default();
        changes.note("unseen");
        let mut watching = Watching::begin(&changes).unwrap();
        assert_eq!(watching.take(), None);
        for id in ["b", "a", "b"] {
            changes.note(id);
        }
        let told = watching.next().await;
        assert_eq!((told.ids, told.count), (vec!["a".into(), "b".into()], 3));
        assert_eq!(watching.take(), None);
        for number in 0..200 {
            changes.note(&format!("m-{number}"));
        }
        let told = watching.next().await;
        assert_eq!((told.ids.len(), told.count), (KEPT, 200));
        assert!(told.ids.contains(&"m-199".to_owned()));
        // One that comes while it waits wakes it.
        let waiting = tokio::spawn(async move { watching.next().await.ids });
        while changes.latest().count == 203 {
            changes.note("late");
            tokio::task::yield_now().await;
        }
        assert_eq!(waiting.await.unwrap(), ["late"]);
    }

    #[test]
    fn there_are_only_so_many_and_one_that_goes_makes_room() {
        let changes = Arc::<Changes>::default();
        let mut all: Vec<_> = (0..WATCHERS)
            .map(|_| Watching::begin(&changes).unwrap())
            .collect();
        assert!(Watching::begin(&changes).is_none());
        all.pop();
        assert!(Watching::begin(&changes).is_some());
        all.clear();
        assert!(!changes.are_watched());
    }
}
