use std::path::Path;

use rusqlite::Connection;
use sinch_callback_pipeline::{MessageSummary, MessageView};
use sinch_callback_server::store::{self, MessageFilter, MessagePage};

use crate::command_error::CommandError;

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

    pub(super) async fn message(&self, id: &str) -> Result<Option<MessageView>, CommandError> {
        match self {
            Self::Local(connection) => store::find_message(connection, id).map_err(unreadable),
            #[cfg(feature = "aws")]
            Self::Table(table) => table.message(id).await.map_err(unreadable),
        }
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
