use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::error::StoreError;
use crate::clock::stopwatch;

/// Connections for those who ask what is stored, apart from the one that processing reads with, so
/// that whatever they ask holds up nobody but themselves.
pub(super) struct Readers {
    idle: Mutex<Vec<Connection>>,
    /// Questions that are answered at once.
    turns: Arc<Semaphore>,
    /// Those, and the ones that wait for a turn.
    places: Semaphore,
}

/// Our own choices: as many as leave a processor to everything else on a small machine; as many in
/// wait as are answered within about a second; and longer than any question takes that an index
/// answers, in a store of ten million messages.
const TURNS: usize = 2;
const PLACES: usize = 32;
const LIMIT: Duration = Duration::from_secs(5);
/// Steps of SQLite's machine between two looks at the time: about a millisecond.
const STEPS: i32 = 50_000;

impl Readers {
    /// Takes connections from `open`.
    pub(super) fn new(
        open: impl Fn() -> Result<Connection, StoreError>,
    ) -> Result<Self, StoreError> {
        let idle = (0..TURNS).map(|_| open()).collect::<Result<_, _>>()?;
        Ok(Self {
            idle: Mutex::new(idle),
            turns: Arc::new(Semaphore::new(TURNS)),
            places: Semaphore::new(PLACES),
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer<T>(
        &self,
        gone: Arc<AtomicBool>,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        // There is one for each turn, unless a question has taken one down with it.
        let mut connection = self.idle().pop().ok_or(StoreError::Closed)?;
        let begun = stopwatch();
        let over = move || begun.elapsed() >= LIMIT || gone.load(Ordering::Relaxed);
        let answer = connection
            .progress_handler(STEPS, Some(over))
            .and_then(|()| connection.unchecked_transaction())
            .and_then(|snapshot| query(&snapshot));
        self.idle().push(connection);
        answer.map_err(|error| match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::OperationInterrupted) => StoreError::TookTooLong {
                limit_secs: LIMIT.as_secs(),
            },
            _ => error.into(),
        })
    }
}

/// Tells the question that nobody waits for its answer any more.
struct Asker(Arc<AtomicBool>);

impl Drop for Asker {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Readers {
    /// Answers a question about what is stored, of one moment, whatever is committed meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Busy`] where too many are asked at once, [`StoreError::TookTooLong`] for one
    /// that no index answers.
    pub(super) async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let readers = Arc::clone(self);
        let _place = self.places.try_acquire().map_err(|_| StoreError::Busy)?;
        let turn = Arc::clone(&readers.turns)
            .acquire_owned()
            .await
            .map_err(|_| StoreError::Closed)?;
        let asker = Asker(Arc::default());
        let gone = Arc::clone(&asker.0);
        let answer = tokio::task::spawn_blocking(move || {
            // Kept until the answer is there, even where nobody waits for it.
            let _turn = turn;
            readers.answer(gone, query)
        });
        let answer = answer.await.unwrap_or(Err(StoreError::Closed));
        drop(asker);
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::{super::open::Store, *};

    const ENDLESS: &str =
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n";

    fn endless(connection: &Connection) -> rusqlite::Result<i64> {
        connection.query_row(ENDLESS, (), |row| row.get(0))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn questions_without_end_hold_up_no_processing_and_end_when_nobody_waits() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let (begun, beginning) = mpsc::channel();
        let asking: Vec<_> = (0..PLACES)
            .map(|_| {
                let (store, begun) = (store.clone(), begun.clone());
                tokio::spawn(async move {
                    store
                        .ask(move |connection| {
                            // Who begins late finds nobody counting any more.
                            let _ = begun.send(());
                            endless(connection)
                        })
                        .await
                })
            })
            .collect();
        tokio::task::spawn_blocking(move || (0..TURNS).try_for_each(|_| beginning.recv()))
            .await
            .unwrap()
            .unwrap();
        while store.readers.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let one_more = store.ask(endless).await;
        assert!(matches!(one_more, Err(StoreError::Busy)));
        let processed = store
            .read(|connection| connection.query_row("SELECT 7", (), |row| row.get::<_, i64>(0)));
        assert_eq!(processed.await.unwrap(), 7);
        for one in asking {
            one.abort();
            let _ = one.await;
        }
        let answer = store
            .ask(|connection| connection.query_row("SELECT 8", (), |row| row.get::<_, i64>(0)));
        assert_eq!(answer.await.unwrap(), 8);
        store.close().await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_question_that_is_broken_off_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).unwrap();
        let readers = Arc::clone(&store.readers);
        let gone = Arc::new(AtomicBool::new(true));
        let answer = tokio::task::spawn_blocking(move || readers.answer(gone, endless)).await;
        assert!(matches!(
            answer.unwrap(),
            Err(StoreError::TookTooLong { limit_secs: 5 })
        ));
        store.close().await.unwrap();
    }
}
