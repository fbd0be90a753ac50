use std::path::Path;

use rusqlite::Connection;
use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{MessageSummary, MessageView};
use sinch_callback_server::{
    clock::Clock,
    store::{self, Hearing, MessageFilter, MessagePage, RecoveryState},
};

use crate::{command_error::CommandError, moment::readable};

/// Where states are kept.
pub(super) enum Source {
    Local(Connection),
    #[cfg(feature = "aws")]
    Table(sinch_callback_lambda::DeliveryTable),
}

/// Most messages of one correlation that are shown.
const LIMIT: u32 = 500;

impl Source {
    pub(super) fn local(folder: &Path) -> Result<Self, CommandError> {
        store::open_for_reading(folder)
            .map(Self::Local)
            .map_err(|error| CommandError::Misuse(error.to_string()))
    }

    #[cfg(feature = "aws")]
    pub(super) async fn table(aws: &crate::aws::AwsArgs, name: String) -> Self {
        let config = aws.config().await;
        // Nothing is written here: for how long it is kept does not matter.
        Self::Table(sinch_callback_lambda::DeliveryTable::new(
            &config,
            name,
            sinch_callback_lambda::Retention::default(),
        ))
    }

    /// How a receiver on this machine stands.
    pub(super) fn state(&self) -> Result<RecoveryState, CommandError> {
        match self {
            Self::Local(connection) => {
                RecoveryState::read(connection, Clock::System.now()).map_err(unreadable)
            }
            #[cfg(feature = "aws")]
            Self::Table(_) => Err(CommandError::Misuse(
                "--table shows messages: name one, or --correlation or --client-reference".into(),
            )),
        }
    }

    pub(super) async fn message(&self, id: &str) -> Result<Option<MessageView>, CommandError> {
        match self {
            Self::Local(connection) => store::find_message(connection, id).map_err(unreadable),
            #[cfg(feature = "aws")]
            Self::Table(table) => table.message(id).await.map_err(unreadable),
        }
    }

    /// What has to be known of our own listening before silence means anything; nothing where all has
    /// been heard.
    pub(super) fn hearing(&self) -> Result<Option<String>, CommandError> {
        let connection = match self {
            Self::Local(connection) => connection,
            #[cfg(feature = "aws")]
            Self::Table(_) => return Ok(None),
        };
        let Some(hearing) = Hearing::read(connection).map_err(unreadable)? else {
            return Ok(None);
        };
        let moment = |seconds| readable(UnixSeconds::new(seconds));
        if hearing.callbacks == Hearing::STOPPED {
            let last = hearing.last_callback_at.map_or_else(
                || "none ever came".into(),
                |at| format!("the last one came at {}", moment(at)),
            );
            return Ok(Some(format!(
                "Callbacks have stopped, though messages wait for theirs ({last}): silence says nothing of a message."
            )));
        }
        let is_behind = hearing.heard_until < hearing.alive_at;
        Ok(is_behind.then(|| format!(
            "Heard until {}: callbacks are queued, or retries of what an outage missed are under way.",
            moment(hearing.heard_until)
        )))
    }

    /// The ids of the messages that a business entity is tied to, oldest first.
    pub(super) async fn correlated(&self, correlation: &str) -> Result<Vec<String>, CommandError> {
        match self {
            Self::Local(connection) => listed(connection, correlation, |_| true),
            #[cfg(feature = "aws")]
            Self::Table(table) => table.correlated(correlation).await.map_err(unreadable),
        }
    }

    /// The ids of the messages of SMS batches with this client reference, oldest first.
    pub(super) async fn referenced(&self, reference: &str) -> Result<Vec<String>, CommandError> {
        match self {
            Self::Local(connection) => listed(connection, reference, |message| {
                message.correlation.client_reference == reference
            }),
            #[cfg(feature = "aws")]
            Self::Table(table) => {
                let size = table.size().await.map_err(unreadable)?;
                eprintln!(
                    "No index has client references: all of the table is read, {} items by its last count, \
                     for about {} read units.",
                    size.items,
                    size.search_units()
                );
                let bar = crate::progress::bar(size.items, "items", true);
                let found = table.referenced(reference, |items| bar.inc(items)).await;
                bar.finish_and_clear();
                found.map_err(unreadable)
            }
        }
    }
}

/// The ids of those messages of a local store that this ties to a business entity, oldest first.
fn listed(
    connection: &Connection,
    correlation: &str,
    is_wanted: impl Fn(&MessageSummary) -> bool,
) -> Result<Vec<String>, CommandError> {
    let filter = MessageFilter {
        correlation: Some(correlation.to_owned()),
        limit: LIMIT,
        ..MessageFilter::default()
    };
    let page = MessagePage::list(connection, &filter).map_err(unreadable)?;
    let wanted = page.messages.into_iter().rev().filter(is_wanted);
    Ok(wanted.map(|message| message.message_id).collect())
}

fn unreadable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::failed("the states cannot be read", error)
}
