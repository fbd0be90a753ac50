use rusqlite::Connection;
use sinch_callback::ContentKey;
use sinch_callback_server::store::{self, KeptCallback};

use super::ReprocessArgs;
use crate::command_error::CommandError;

/// Where callbacks are kept, and the queue that leads to it.
pub(super) enum Source {
    Local(Connection),
    #[cfg(feature = "aws")]
    Table {
        table: sinch_callback_lambda::DeliveryTable,
        queue: Option<sinch_callback_lambda::SqsQueue>,
    },
}

impl Source {
    pub(super) async fn open(args: &ReprocessArgs) -> Result<Self, CommandError> {
        #[cfg(feature = "aws")]
        if let Some(name) = &args.table {
            use sinch_callback_lambda::{DeliveryTable, Retention, SqsQueue};

            if args.queue_url.is_none() && !args.dry_run {
                return Err(CommandError::Misuse(
                    "--table needs --queue-url, the stack's output QueueUrl: the processor processes \
                     again what is put there (or --dry-run, which only tells)"
                        .into(),
                ));
            }
            let config = args.aws.config().await;
            return Ok(Self::Table {
                // Nothing is written there: for how long it is kept does not matter.
                table: DeliveryTable::new(&config, name.clone(), Retention::default()),
                queue: args
                    .queue_url
                    .clone()
                    .map(|url| SqsQueue::new(&config, url)),
            });
        }
        let opened = if args.dry_run {
            store::open_for_reading(&args.data)
        } else {
            store::open_for_writing_beside(&args.data)
        };
        opened
            .map(Self::Local)
            .map_err(|error| CommandError::Misuse(error.to_string()))
    }

    /// The keys of all that is listed as not understood.
    pub(super) async fn keys(&self) -> Result<Vec<ContentKey>, CommandError> {
        match self {
            Self::Local(connection) => KeptCallback::keys(connection).map_err(unusable),
            #[cfg(feature = "aws")]
            Self::Table { table, .. } => table.unrecognized().await.map_err(unusable),
        }
    }

    /// The one of this key; `None` where it is not listed.
    pub(super) async fn find(&self, key: ContentKey) -> Result<Option<KeptCallback>, CommandError> {
        match self {
            Self::Local(connection) => KeptCallback::find(connection, key).map_err(unusable),
            #[cfg(feature = "aws")]
            Self::Table { table, .. } => {
                let kept = table.kept(key).await.map_err(unusable)?;
                Ok(kept.map(|(why, envelope)| KeptCallback { why, envelope }))
            }
        }
    }

    /// Puts one back into the queue, as the arrival that it was.
    pub(super) async fn queue_again(&self, kept: KeptCallback) -> Result<(), CommandError> {
        match self {
            Self::Local(connection) => kept.queue_again(connection).map_err(unusable),
            #[cfg(feature = "aws")]
            Self::Table { queue, .. } => {
                use sinch_callback_pipeline::Handoff;

                let Some(queue) = queue else {
                    return Ok(());
                };
                let sent = queue.handoff(None).send(kept.envelope).await;
                sent.map_err(unusable)
            }
        }
    }
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::failed("what is kept cannot be read or queued", error)
}
