#[cfg(feature = "functions")]
use core::time::Duration;

use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};
#[cfg(feature = "functions")]
use sinch_callback::UnixSeconds;

use crate::client::{AwsConfig, AwsError};
#[cfg(feature = "functions")]
use crate::sqs::hide;

/// The queue by which the recovery function is told to look at an intent. What it says changes when
/// something is done, and not what: a note that is lost, late or doubled does no harm.
#[derive(Clone, Debug)]
pub struct LookQueue {
    client: Client,
    url: String,
}

/// A message of the queue that the function has put there itself, or the processor.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(untagged, deny_unknown_fields)]
pub(crate) enum Note {
    /// Look at an intent.
    #[cfg(feature = "functions")]
    Look {
        /// Its id.
        look: String,
        /// When it is due. Where it is due at another moment by then, another note is about that one.
        at: UnixSeconds,
    },
    /// Something is known of the message of an attempt.
    Reported {
        /// The attempt's name.
        reported: String,
        /// The message, as Sinch names it.
        message_id: String,
    },
}

/// The longest that SQS holds a message back
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
#[cfg(feature = "functions")]
const LONGEST: Duration = Duration::from_secs(900);

impl LookQueue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(config: &AwsConfig, url: String) -> Self {
        Self {
            client: Client::new(&config.0),
            url,
        }
    }

    /// Has an attempt's intent looked at, since something has become known of its message.
    ///
    /// # Errors
    /// When the queue does not take it.
    pub async fn reported(&self, attempt: &str, message_id: &str) -> Result<(), AwsError> {
        let note = Note::Reported {
            reported: attempt.to_owned(),
            message_id: message_id.to_owned(),
        };
        self.put(&note, 0).await
    }

    /// Puts a note that is handed out after so long; none where a message cannot be held back as long.
    #[cfg(feature = "functions")]
    pub(crate) async fn put_later(&self, note: &Note, delay: Duration) -> Result<(), AwsError> {
        if delay > LONGEST {
            return Ok(());
        }
        let seconds = i32::try_from(delay.as_secs()).unwrap_or_default();
        self.put(note, seconds).await
    }

    /// Whether a queue with this ARN is it.
    #[cfg(feature = "functions")]
    pub(crate) fn is_at(&self, arn: &str) -> bool {
        let name = |text: &str, separator| text.rsplit(separator).next().map(str::to_owned);
        name(&self.url, '/') == name(arn, ':')
    }

    /// Hides messages of it, each by its receipt and for so many seconds.
    #[cfg(feature = "functions")]
    pub(crate) async fn hide(&self, messages: Vec<(String, u32)>) -> Result<(), AwsError> {
        hide(&self.client, &self.url, messages).await
    }

    async fn put(&self, note: &Note, delay: i32) -> Result<(), AwsError> {
        // Texts under fixed names have no way to fail.
        let body = serde_json::to_string(note).unwrap_or_default();
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(delay)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AwsError::of(&error))
    }
}
