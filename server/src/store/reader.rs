use std::thread;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::error::StoreError;

/// Most queries that are answered of one moment. Bounds how old that gets.
const MAX_BATCH: usize = 512;
/// Queries that may wait for the thread before their callers wait to hand theirs in.
const WAITING: usize = 1_024;

/// One thread that answers what processing has to know, many queries of one moment.
///
/// A moment costs locks, and the pages that were kept of the one before. So those that gather while
/// others are answered share the next.
#[derive(Clone)]
pub(super) struct Reader {
    queries: mpsc::Sender<Query>,
}

/// Answers its caller, from the store as it is at a moment behind the call, or with why there is none.
type Query = Box<dyn FnOnce(Result<&Connection, StoreError>) + Send>;

impl Reader {
    pub(super) fn spawn(connection: Connection) -> Result<Self, StoreError> {
        let (queries, waiting) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("reads".into())
            .spawn(move || run(&connection, waiting))
            .map_err(|source| StoreError::folder("the thread that reads".as_ref(), source))?;
        Ok(Self { queries })
    }

    /// Answers a query. All that it reads is of one moment, whatever is committed meanwhile.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (caller, answer) = oneshot::channel();
        let query: Query = Box::new(move |moment| {
            let answer = moment.and_then(|moment| query(moment).map_err(StoreError::from));
            // A caller that has gone away wants no answer.
            let _ = caller.send(answer);
        });
        let handed_in = self.queries.send(query).await;
        handed_in.map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}

fn run(connection: &Connection, mut waiting: mpsc::Receiver<Query>) {
    let mut queries = Vec::with_capacity(MAX_BATCH);
    while waiting.blocking_recv_many(&mut queries, MAX_BATCH) > 0 {
        let moment = connection.unchecked_transaction().map_err(StoreError::from);
        for query in queries.drain(..) {
            query(moment.as_deref().map_err(Clone::clone));
        }
    }
}
