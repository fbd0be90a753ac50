use aws_sdk_sqs::{
    Client,
    types::{
        ChangeMessageVisibilityBatchRequestEntry, Message, MessageAttributeValue,
        MessageSystemAttributeName, MessageSystemAttributeNameForSends,
        MessageSystemAttributeValue, QueueAttributeName,
    },
};
use sinch_callback::{ContentKey, Rejection, limits};
use sinch_callback_pipeline::{Envelope, Handoff};

use crate::{
    client::{AwsConfig, AwsError},
    looks::LookQueue,
};

/// A FIFO queue that takes authentic callbacks. Once it has said yes, they are safe.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at this URL.
    #[must_use]
    pub fn new(config: &AwsConfig, url: String) -> Self {
        Self {
            client: Client::new(&config.0),
            url,
        }
    }

    /// The hand-off of one invocation, whose trace goes on with the message.
    #[must_use]
    pub const fn handoff<'a>(&'a self, trace_header: Option<&'a str>) -> SqsHandoff<'a> {
        SqsHandoff {
            queue: self,
            trace_header,
        }
    }
}

/// See [`SqsQueue::handoff`].
#[derive(Clone, Copy, Debug)]
pub struct SqsHandoff<'a> {
    queue: &'a SqsQueue,
    trace_header: Option<&'a str>,
}

/// Why a callback was not queued.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqsError {
    /// The queue cannot be reached or refuses.
    #[error("{0}")]
    Call(#[from] AwsError),
    /// No message holds the callback, though compressed.
    #[error(
        "the callback has {found} bytes as a message, and SQS takes {}",
        limits::SQS_MESSAGE_BYTES
    )]
    TooLarge {
        /// Bytes of the message.
        found: usize,
    },
}

/// Bytes of a body that fit into a message whatever they are: see `Envelope::encode`.
const FITTING_BODY_BYTES: usize = 700_000;

impl Handoff for SqsHandoff<'_> {
    type Error = SqsError;

    fn rejection(error: &SqsError) -> Option<Rejection> {
        match error {
            SqsError::Call(_) => None,
            SqsError::TooLarge { .. } => Some(Rejection::BodyTooLarge {
                limit_bytes: FITTING_BODY_BYTES,
            }),
        }
    }

    async fn send(&self, envelope: Envelope<'_>) -> Result<(), SqsError> {
        let text = envelope.encode();
        if text.len() > limits::SQS_MESSAGE_BYTES {
            return Err(SqsError::TooLarge { found: text.len() });
        }
        let trace = self.trace_header.and_then(|header| {
            MessageSystemAttributeValue::builder()
                .data_type("String")
                .string_value(header)
                .build()
                .ok()
        });
        self.queue
            .client
            .send_message()
            .queue_url(&self.queue.url)
            .message_group_id(group_id(envelope.group()))
            .message_deduplication_id(envelope.content_key().to_string())
            .set_message_system_attributes(
                trace.map(|value| {
                    [(MessageSystemAttributeNameForSends::AwsTraceHeader, value)].into()
                }),
            )
            .message_body(text)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AwsError::of(&error).into())
    }
}

/// Longest id of a group
/// (<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>).
const MAX_GROUP_ID: usize = 128;

/// The group's own name where SQS takes it, else a hash of it, which keeps the same in one group
/// just as well.
fn group_id(group: &str) -> String {
    let taken = (1..=MAX_GROUP_ID).contains(&group.len())
        && group.bytes().all(|byte| byte.is_ascii_graphic());
    if taken {
        group.to_owned()
    } else {
        ContentKey::of_body(group.as_bytes()).to_string()
    }
}

/// The queue as the processor uses it, beside what Lambda does for it.
#[derive(Clone, Debug)]
pub struct ProcessorQueue {
    client: Client,
    url: String,
    dead_url: String,
    recovery: Option<LookQueue>,
}

impl ProcessorQueue {
    /// The queue at `url`, whose dead letters are at `dead_url`.
    #[must_use]
    pub fn new(config: &AwsConfig, url: String, dead_url: String) -> Self {
        Self {
            client: Client::new(&config.0),
            url,
            dead_url,
            recovery: None,
        }
    }

    /// Has the intents looked at by way of this queue whose attempts a callback concerns.
    #[must_use]
    pub fn with_recovery(mut self, recovery: Option<LookQueue>) -> Self {
        self.recovery = recovery;
        self
    }

    /// That queue.
    #[must_use]
    pub const fn recovery(&self) -> Option<&LookQueue> {
        self.recovery.as_ref()
    }

    /// Puts a message among the dead letters, with the cause beside it.
    ///
    /// # Errors
    /// When SQS does not answer or refuses.
    pub async fn put_dead_letter(
        &self,
        message_id: String,
        body: String,
        group: &str,
        cause: &str,
    ) -> Result<(), AwsError> {
        let cause = MessageAttributeValue::builder()
            .data_type("String")
            .string_value(attribute_text(cause))
            .build()
            .map_err(|error| AwsError::of(&error))?;
        self.client
            .send_message()
            .queue_url(&self.dead_url)
            .message_group_id(group_id(group))
            // Of the same message within five minutes SQS keeps one.
            .message_deduplication_id(ContentKey::of_body(message_id.as_bytes()).to_string())
            .message_attributes(CAUSE, cause)
            .message_body(body)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AwsError::of(&error))
    }

    /// Hides messages, each by its receipt and for so many seconds.
    ///
    /// # Errors
    /// When SQS does not answer or refuses one of them.
    pub async fn change_visibility(&self, messages: Vec<(String, u32)>) -> Result<(), AwsError> {
        hide(&self.client, &self.url, messages).await
    }
}

/// Hides messages of a queue, each by its receipt and for so many seconds.
pub(crate) async fn hide(
    client: &Client,
    url: &str,
    messages: Vec<(String, u32)>,
) -> Result<(), AwsError> {
    let entries = messages
        .into_iter()
        .enumerate()
        .map(|(number, (receipt, seconds))| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(number.to_string())
                .receipt_handle(receipt)
                .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| AwsError::of(&error))?;
    for entries in entries.chunks(MAX_ENTRIES) {
        let answer = client
            .change_message_visibility_batch()
            .queue_url(url)
            .set_entries(Some(entries.to_vec()))
            .send()
            .await
            .map_err(|error| AwsError::of(&error))?;
        if let Some(refused) = answer.failed().first() {
            return Err(AwsError::saying(refused.code().to_owned()));
        }
    }
    Ok(())
}

/// The attribute of a dead letter that says why it is one.
const CAUSE: &str = "cause";
/// Characters of that. Our own choice.
const MAX_CAUSE: usize = 1_000;

/// A text that an attribute takes: not empty, of the characters that a body may have.
fn attribute_text(text: &str) -> String {
    let taken = text.chars().take(MAX_CAUSE).map(|character| {
        if character.is_control() || matches!(character, '\u{fffe}' | '\u{ffff}') {
            ' '
        } else {
            character
        }
    });
    let text: String = taken.collect();
    if text.is_empty() { " ".into() } else { text }
}

/// The queue of what could not be processed, and the one it came from.
#[derive(Clone, Debug)]
pub struct DeadLetters {
    client: Client,
    dead_url: String,
    url: String,
}

/// A message that could not be processed.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// SQS's name for it.
    pub message_id: String,
    /// What was queued: an envelope, unless that is what is wrong with it.
    pub body: String,
    /// Why the processor set it aside; empty where SQS did, after too many attempts.
    pub cause: String,
    group: String,
    receipt: String,
}

/// How long a message that is being looked at stays hidden from others. Enough to move it.
const HIDDEN_SECS: i32 = 30;
/// Most messages in one call.
const MAX_MESSAGES: i32 = 10;
/// The same, of those that name messages.
const MAX_ENTRIES: usize = 10;

impl DeadLetters {
    /// The dead letters at `dead_url` of the queue at `url`.
    #[must_use]
    pub fn new(config: &AwsConfig, dead_url: String, url: String) -> Self {
        Self {
            client: Client::new(&config.0),
            dead_url,
            url,
        }
    }

    /// About how many there are: those waiting, and those hidden because somebody looks at them.
    ///
    /// # Errors
    /// When SQS does not answer or refuses.
    pub async fn count(&self) -> Result<u64, AwsError> {
        let waiting = QueueAttributeName::ApproximateNumberOfMessages;
        let hidden = QueueAttributeName::ApproximateNumberOfMessagesNotVisible;
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(&self.dead_url)
            .attribute_names(waiting.clone())
            .attribute_names(hidden.clone())
            .send()
            .await
            .map_err(|error| AwsError::of(&error))?;
        let number = |name| {
            answer
                .attributes()
                .and_then(|attributes| attributes.get(&name))
                .and_then(|text| text.parse::<u64>().ok())
                .unwrap_or_default()
        };
        Ok(number(waiting).saturating_add(number(hidden)))
    }

    /// Takes the next few, oldest first, and hides them from others for half a minute. Empty when
    /// there is none to be had at present.
    ///
    /// # Errors
    /// When SQS does not answer or refuses.
    pub async fn take(&self) -> Result<Vec<DeadLetter>, AwsError> {
        let answer = self
            .client
            .receive_message()
            .queue_url(&self.dead_url)
            .max_number_of_messages(MAX_MESSAGES)
            .visibility_timeout(HIDDEN_SECS)
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .message_attribute_names(CAUSE)
            .send()
            .await
            .map_err(|error| AwsError::of(&error))?;
        Ok(answer
            .messages
            .unwrap_or_default()
            .into_iter()
            .map(letter)
            .collect())
    }

    /// Shows a message to others again that was taken and is not to be moved.
    ///
    /// # Errors
    /// When SQS does not answer or refuses; it then shows it after half a minute by itself.
    pub async fn put_back(&self, letter: &DeadLetter) -> Result<(), AwsError> {
        self.client
            .change_message_visibility()
            .queue_url(&self.dead_url)
            .receipt_handle(&letter.receipt)
            .visibility_timeout(0)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AwsError::of(&error))
    }

    /// Moves a message back to its queue. A crash between the two steps leaves it in both, where
    /// it is processed once all the same.
    ///
    /// # Errors
    /// When SQS does not answer or refuses; the message is then still among the dead letters.
    pub async fn redrive(&self, letter: &DeadLetter) -> Result<(), AwsError> {
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_group_id(group_id(&letter.group))
            // Not the content key: within five minutes of the first copy SQS would take this one
            // and throw it away.
            .message_deduplication_id(ContentKey::of_body(letter.message_id.as_bytes()).to_string())
            .message_body(&letter.body)
            .send()
            .await
            .map_err(|error| AwsError::of(&error))?;
        self.client
            .delete_message()
            .queue_url(&self.dead_url)
            .receipt_handle(&letter.receipt)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| AwsError::of(&error))
    }
}

fn letter(message: Message) -> DeadLetter {
    let group = message
        .attributes
        .and_then(|mut attributes| attributes.remove(&MessageSystemAttributeName::MessageGroupId));
    let cause = message
        .message_attributes
        .and_then(|mut attributes| attributes.remove(CAUSE)?.string_value);
    DeadLetter {
        cause: cause.unwrap_or_default(),
        message_id: message.message_id.unwrap_or_default(),
        body: message.body.unwrap_or_default(),
        group: group.unwrap_or_default(),
        receipt: message.receipt_handle.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_a_text_that_sqs_takes() {
        assert_eq!(attribute_text("a\u{0}b\u{ffff}"), "a b ");
        assert_eq!(attribute_text(""), " ");
        assert_eq!(attribute_text(&"x".repeat(2_000)).len(), 1_000);
    }

    #[test]
    fn a_group_keeps_its_name_where_sqs_takes_it() {
        assert_eq!(group_id("01EXAMPLE:4790000000"), "01EXAMPLE:4790000000");
        let longest = "m".repeat(128);
        assert_eq!(group_id(&longest), longest);
    }

    #[test]
    fn a_group_that_sqs_refuses_is_named_by_its_hash() {
        for group in ["", "with space", "m\u{e9}", &"m".repeat(129)] {
            let id = group_id(group);
            assert_eq!(id.len(), 32, "{group}");
            assert_eq!(id, group_id(group));
        }
        assert_ne!(group_id("a b"), group_id("a c"));
    }
}
