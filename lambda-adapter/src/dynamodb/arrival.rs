//! The items of a callback itself: that it has been seen, and what it said.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use sinch_callback_pipeline::CallbackRecord;

use super::attributes::{Item, key, number, text};

/// Bytes of a body that stand in one item, of the 400 KB that one may have
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
const BODY_BYTES: usize = 300_000;

const PREFIX: &str = "callback#";
/// The sort key of the callback itself: its first part, and the first piece of its body.
pub(super) const CALLBACK: &str = "callback";

/// Why the callback, or a part of it, was not understood; absent where all of it was.
pub(super) const UNRECOGNIZED: &str = "unrecognized";

/// The partition of a callback.
pub(super) fn partition(content_key: &str) -> String {
    format!("{PREFIX}{content_key}")
}

/// The content key of a callback's partition; `None` of another partition.
pub(super) fn content_key(partition: &str) -> Option<&str> {
    partition.strip_prefix(PREFIX)
}

/// The sort key of a part of a callback: the reports that are recorded in one transaction.
pub(super) fn sort_key(part: usize) -> String {
    match part {
        0 => CALLBACK.into(),
        part => format!("part#{part:04}"),
    }
}

/// The item that says that a part has been recorded, and by which arrival.
pub(super) fn part_item(record: &CallbackRecord<'_>, part: usize, expires_at: u64) -> Item {
    let envelope = record.envelope;
    let mut item = key(
        &partition(&envelope.content_key.to_string()),
        &sort_key(part),
    );
    item.insert("request_id".into(), text(envelope.request_id.as_ref()));
    item.insert("received_at".into(), number(envelope.received_at.get()));
    item.insert("expires_at".into(), number(expires_at));
    if part == 0 {
        item.insert("kind".into(), text(envelope.kind.as_ref()));
        item.insert("signed_at".into(), number(envelope.signed_at.get()));
        item.insert("secret_slot".into(), number(envelope.secret_slot.into()));
        item.insert("repeats".into(), number(0));
        if let Some(unrecognized) = record.unrecognized() {
            item.insert(UNRECOGNIZED.into(), text(unrecognized.as_str()));
        }
        let first = envelope.body.chunks(BODY_BYTES).next().unwrap_or_default();
        item.insert("body".into(), AttributeValue::B(Blob::new(first)));
    }
    item
}

/// The rest of a body that one item does not hold.
pub(super) fn body_items(record: &CallbackRecord<'_>, expires_at: u64) -> Vec<Item> {
    let envelope = record.envelope;
    let partition = partition(&envelope.content_key.to_string());
    let rest = envelope.body.chunks(BODY_BYTES).enumerate().skip(1);
    rest.map(|(number_of_piece, piece)| {
        let mut item = key(&partition, &format!("body#{number_of_piece:04}"));
        item.insert("body".into(), AttributeValue::B(Blob::new(piece)));
        item.insert("expires_at".into(), number(expires_at));
        item
    })
    .collect()
}
