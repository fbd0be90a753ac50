//! The item of a message.

use sinch_callback_pipeline::messages::Message;

use super::{
    attributes::{Item, PK, key, number, read_text, text},
    error::TableError,
    packed::{binary, pack_behind, read_binary, unpack, unpack_behind},
};

/// The sort key.
pub(super) const STATE: &str = "state";
/// The message itself: [`Message::encode`], deflated behind its dictionary.
const MESSAGE: &str = "m";
/// The same, deflated alone: how it was written at first.
const MESSAGE_ALONE: &str = "message";
/// What stands in messages: names, Sinch's words. A byte of it that changed would make every message
/// unreadable; a better one takes an attribute of its own.
const WORDS: &[u8] = include_bytes!("message.words");
/// [`Message::revision`].
pub(super) const REVISION: &str = "revision";
pub(super) const EXPIRES_AT: &str = "expires_at";
/// What the index is about.
pub(super) const CORRELATION_ID: &str = "correlation_id";

/// By when it has to be settled.
pub(super) const DUE: &str = "due";
/// Which part of the index of what is due it is in.
pub(super) const SHARD: &str = "due_shard";
/// Parts of that index: one takes a thousand changes a second
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>).
pub(super) const SHARDS: u64 = 16;

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

fn shard(message_id: &str) -> u64 {
    let bytes = message_id.bytes().map(u64::from);
    let hash = bytes.fold(7_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte));
    hash.checked_rem(SHARDS).unwrap_or_default()
}

pub(super) fn item(message: &Message, expires_at: u64) -> Item {
    let mut item = key(&partition(&message.message_id), STATE);
    item.insert(REVISION.into(), number(message.revision));
    item.insert(EXPIRES_AT.into(), number(expires_at));
    // An index takes no empty text and none that is too long.
    let correlation_id = message.delivery.correlation_id();
    if (1..=LONGEST_KEY).contains(&correlation_id.len()) {
        item.insert(CORRELATION_ID.into(), text(correlation_id));
    }
    // While there is something to tell of it, it is in the index of what is due.
    if let Some(due) = message.dues.next() {
        item.insert(DUE.into(), number(due.get()));
        item.insert(SHARD.into(), number(shard(&message.message_id)));
    }
    let packed = pack_behind(&dictionary(&item), message.encode().as_bytes());
    item.insert(MESSAGE.into(), binary(packed));
    item
}

/// What a message is likely to repeat: what its item says in the clear, and [`WORDS`].
fn dictionary(item: &Item) -> Vec<u8> {
    let clear = read_text(item, PK) + &read_text(item, CORRELATION_ID);
    [clear.as_bytes(), WORDS].concat()
}

/// The message of an item; `None` of an item in the form of an earlier version.
pub(super) fn read(item: &Item) -> Result<Option<Message>, TableError> {
    let text = if item.contains_key(MESSAGE) {
        unpack_behind(&dictionary(item), read_binary(item, MESSAGE))?
    } else if item.contains_key(MESSAGE_ALONE) {
        unpack(read_binary(item, MESSAGE_ALONE))?
    } else {
        return Ok(None);
    };
    let message = str::from_utf8(&text).ok().and_then(Message::decode);
    message.map(Some).ok_or(TableError::Unreadable)
}

#[cfg(test)]
mod tests {
    use sinch_callback::{ContentKey, UnixSeconds};
    use sinch_callback_pipeline::{Envelope, messages::ReadCallback};

    use super::*;
    use crate::dynamodb::packed::pack;

    fn message() -> Message {
        let body = br#"{"correlation_id":"order-1","message_delivery_report":{"message_id":"m","status":"READ"}}"#;
        let envelope = Envelope::kept(ContentKey::of_body(body), UnixSeconds::new(7), body);
        let callback = ReadCallback::of(&envelope);
        callback.change(0, None).write.unwrap()
    }

    #[test]
    fn an_item_is_read_in_the_form_of_before_too() {
        let message = message();
        let mut item = item(&message, 9);
        assert_eq!(read(&item).unwrap().as_ref(), Some(&message));
        let packed = item.remove(MESSAGE).unwrap();
        let alone = pack(message.encode().as_bytes());
        let packed = packed.as_b().unwrap().as_ref().len();
        assert!(packed * 2 < alone.len(), "{packed} of {}", alone.len());
        item.insert(MESSAGE_ALONE.into(), binary(alone));
        assert_eq!(read(&item).unwrap(), Some(message));
    }

    /// By `sha256sum`.
    #[test]
    fn the_words_stay_as_they_are() {
        let key = ContentKey::of_body(WORDS).to_string();
        assert_eq!(key, "97ac90c74ae149f9a5e970aed445665c");
    }

    #[test]
    fn ids_are_spread_over_all_parts() {
        let mut counts = [0_u32; 16];
        for number in 0..16_000 {
            counts[usize::try_from(shard(&format!("01KAY9T4Z8Q6E1V7N3M5{number:06}"))).unwrap()] +=
                1;
        }
        assert!(
            counts.iter().all(|count| (700..1_300).contains(count)),
            "{counts:?}"
        );
    }
}
