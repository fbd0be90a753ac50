use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::{Envelope, messages::ReadCallback};
use sinch_callback_server::{clock::Clock, store};

use super::ReconcileArgs;
use crate::command_error::CommandError;

/// Where what is found goes in: the queue that callbacks go through.
pub(super) enum Door {
    Local(rusqlite::Connection),
    #[cfg(feature = "aws")]
    Queue(sinch_callback_lambda::SqsQueue),
}

impl Door {
    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "of a queue it is not at once")
    )]
    pub(super) async fn open(args: &ReconcileArgs) -> Result<Self, CommandError> {
        #[cfg(feature = "aws")]
        if let Some(url) = &args.queue_url {
            if args.batches.is_empty() && args.last_hours.is_none() {
                return Err(CommandError::Misuse(
                    "--queue-url needs --batch or --last-hours: a queue does not tell what waits"
                        .into(),
                ));
            }
            let config = args.aws.config().await;
            return Ok(Self::Queue(sinch_callback_lambda::SqsQueue::new(
                &config,
                url.clone(),
            )));
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

    /// The ids of messages that have heard nothing for so many seconds and have no end.
    pub(super) fn unsettled(
        &self,
        seconds: u64,
        limit: usize,
    ) -> Result<Vec<String>, CommandError> {
        let before = UnixSeconds::new(Clock::System.now().get().saturating_sub(seconds));
        match self {
            Self::Local(connection) => {
                store::unsettled_sms(connection, before, limit).map_err(unusable)
            }
            #[cfg(feature = "aws")]
            Self::Queue(_) => Ok(Vec::new()),
        }
    }

    /// Whether this version reads a report on anyone in it.
    pub(super) fn understands(envelope: &Envelope<'_>) -> bool {
        ReadCallback::of(envelope).messages() > 0
    }

    /// Whether it tells anything that is not known. A queue cannot say, and takes it: what is known has
    /// no second effect.
    pub(super) fn is_news(&self, envelope: &Envelope<'_>) -> Result<bool, CommandError> {
        match self {
            Self::Local(connection) => store::is_news(connection, envelope).map_err(unusable),
            #[cfg(feature = "aws")]
            Self::Queue(_) => Ok(true),
        }
    }

    #[cfg_attr(
        not(feature = "aws"),
        expect(clippy::unused_async, reason = "into a queue it is not at once")
    )]
    pub(super) async fn queue(&self, envelope: &Envelope<'_>) -> Result<(), CommandError> {
        match self {
            Self::Local(connection) => store::queue_beside(connection, envelope).map_err(unusable),
            #[cfg(feature = "aws")]
            Self::Queue(queue) => {
                use sinch_callback_pipeline::Handoff;

                queue
                    .handoff(None)
                    .send(envelope.clone())
                    .await
                    .map_err(unusable)
            }
        }
    }
}

fn unusable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> CommandError {
    CommandError::failed("what is kept cannot be read or queued", error)
}
