//! The item of a message.

use sinch_callback_pipeline::messages::Message;

use super::{
    TableError,
    attributes::{Item, key, number, text},
    packed::{binary, pack, read_binary, unpack},
};

/// The sort key.
pub(super) const STATE: &str = "state";
/// The message itself: [`Message::encode`], deflated.
pub(super) const MESSAGE: &str = "message";
/// [`Message::revision`].
pub(super) const REVISION: &str = "revision";
pub(super) const EXPIRES_AT: &str = "expires_at";
/// What the index is about.
pub(super) const CORRELATION_ID: &str = "correlation_id";

const PREFIX: &str = "message#";
/// Bytes of a key of an index
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const LONGEST_KEY: usize = 2_048;

/// The partition of a message.
pub(super) fn partition(message_id: &str) -> String {
    format!("{PREFIX}{message_id}")
}

/// The id of a message's partition; `None` of another partition.
pub(super) fn message_id(partition: &str) -> Option<&str> {
    partition.strip_prefix(PREFIX)
}

pub(super) fn item(message: &Message, expires_at: u64) -> Item {
    let mut item = key(&partition(&message.message_id), STATE);
    item.insert(MESSAGE.into(), binary(pack(message.encode().as_bytes())));
    item.insert(REVISION.into(), number(message.revision));
    item.insert(EXPIRES_AT.into(), number(expires_at));
    // An index takes no empty text and none that is too long.
    let correlation_id = message.delivery.correlation_id();
    if (1..=LONGEST_KEY).contains(&correlation_id.len()) {
        item.insert(CORRELATION_ID.into(), text(correlation_id));
    }
    item
}

/// The message of an item; `None` of an item in the form of an earlier version.
pub(super) fn read(item: &Item) -> Result<Option<Message>, TableError> {
    if !item.contains_key(MESSAGE) {
        return Ok(None);
    }
    let text = unpack(read_binary(item, MESSAGE))?;
    let message = str::from_utf8(&text).ok().and_then(Message::decode);
    message.map(Some).ok_or(TableError::Unreadable)
}
