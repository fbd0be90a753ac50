//! Counts the messages that a store of an earlier version has left uncounted, a little at a time.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::store::open::Store;

/// Between two steps, so that callbacks have the disk in between.
const BREATH: Duration = Duration::from_millis(5);

/// Runs until all are counted. What a step has counted stays so, and the next start goes on from there.
pub(crate) async fn run(store: Store, stop: CancellationToken) {
    loop {
        let counted = tokio::select! {
            () = stop.cancelled() => return,
            counted = store.count_some() => counted,
        };
        match counted {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::error!(
                    %error,
                    "messages of before cannot be counted: the overview lacks them until the next start"
                );
                return;
            }
        }
        tokio::time::sleep(BREATH).await;
    }
}
