//! Where the examples keep callbacks: a folder with a file for each. In its place stand your table or
//! your queue.

use std::{
    io,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
};

use sinch_callback::{Authentic, Callback};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt,
};

/// A folder of callbacks.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    writes: AtomicU64,
}

impl Folder {
    pub(crate) fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            writes: AtomicU64::new(0),
        }
    }

    /// Keeps a callback. Once this is `Ok`, no crash loses it. A copy of it replaces it by the same bytes:
    /// both have one content key.
    pub(crate) async fn keep(&self, callback: &Authentic<'_>) -> io::Result<()> {
        let key = callback.content_key();
        let part = self.writes.fetch_add(1, Ordering::Relaxed);
        let part = self.path.join(format!("{key}.{part}.part"));
        let mut file = File::create(&part).await?;
        file.write_all(callback.body()).await?;
        file.sync_all().await?;
        fs::rename(part, self.path.join(format!("{key}.json"))).await?;
        File::open(&self.path).await?.sync_all().await?;
        // Read after it is kept: its kind may be one that Sinch has added since.
        for report in Callback::of(callback).reports {
            println!("{} is {}", report.message_id, report.status);
        }
        Ok(())
    }
}
