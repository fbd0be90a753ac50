//! The messages that have to be settled by a moment, as the API lists them.

use std::str::FromStr;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use sinch_callback_pipeline::{DueView, MessageSummary, MessageView};

use super::{messages, queries};

/// A page of them, the next one to be overdue first.
#[derive(Debug, Serialize)]
pub(crate) struct WatchPage {
    watches: Vec<WatchRow>,
    /// What to ask for as `after` to get the next page.
    next_after: Option<String>,
}

#[derive(Debug, Serialize)]
struct WatchRow {
    #[serde(flatten)]
    message: MessageSummary,
    dues: Vec<DueView>,
}

/// Where a page begins: behind a row with this moment and this number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Place {
    due_at: i64,
    seq: i64,
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = text.split_once('.').and_then(|(due_at, seq)| {
            let (due_at, seq) = (due_at.parse().ok()?, seq.parse().ok()?);
            Some(Self { due_at, seq })
        });
        place.ok_or("after: expected the next_after of the page before")
    }
}

impl TryFrom<String> for Place {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl WatchPage {
    /// Those behind a place.
    pub(crate) fn list(
        connection: &Connection,
        after: Option<Place>,
        limit: u32,
        is_masked: bool,
    ) -> rusqlite::Result<Self> {
        let after = after.unwrap_or_default();
        let rows: Vec<_> = connection
            .prepare_cached(
                "SELECT seq, due_at, aggregate FROM messages \
                 WHERE due_at IS NOT NULL AND (due_at, seq) > (?1, ?2) \
                 ORDER BY due_at, seq LIMIT ?3",
            )?
            .query_map(params![after.due_at, after.seq, limit], |row| {
                let MessageView { message, dues, .. } = messages::read(row)?.view();
                let seq = row.get::<_, i64>("seq")?;
                let place = format!("{}.{seq}", row.get::<_, i64>("due_at")?);
                let message = if is_masked {
                    queries::masked(seq, message)
                } else {
                    message
                };
                Ok((place, WatchRow { message, dues }))
            })?
            .collect::<Result<_, _>>()?;
        let is_full = u32::try_from(rows.len()).is_ok_and(|count| count >= limit);
        let next_after = rows
            .last()
            .map(|(place, _)| place.clone())
            .filter(|_| is_full);
        let watches = rows.into_iter().map(|(_, watch)| watch).collect();
        Ok(Self {
            watches,
            next_after,
        })
    }
}
