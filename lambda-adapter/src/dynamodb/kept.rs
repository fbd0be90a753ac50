//! Callbacks that were not understood, as they were received.

use sinch_callback::{ContentKey, ReplayKey, UnixSeconds};
use sinch_callback_pipeline::Envelope;

use super::{
    DeliveryTable, TableError,
    attributes::{Item, PK, SK, read_number, read_optional_text, read_text, text},
    callbacks::{self, BODY, CALLBACK, DEFLATED, UNRECOGNIZED},
    packed::{read_binary, unpack},
};

impl DeliveryTable {
    /// The keys of the callbacks that are listed as not understood, whole or in part. Reads the whole
    /// table.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn unrecognized(&self) -> Result<Vec<ContentKey>, TableError> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .filter_expression("attribute_exists(unrecognized)")
            .projection_expression("#pk")
            .expression_attribute_names("#pk", PK)
            .into_paginator()
            .items()
            .send();
        let mut keys = Vec::new();
        while let Some(item) = pages.next().await {
            let pk = read_text(&item.map_err(|error| TableError::of(&error))?, PK);
            keys.extend(callbacks::content_key(&pk).and_then(ContentKey::from_hex));
        }
        Ok(keys)
    }

    /// Why the callback of this key is listed as not understood, and what was queued when it was
    /// received; `None` where it is not listed. Without its body where that was deleted.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn kept(
        &self,
        key: ContentKey,
    ) -> Result<Option<(String, Envelope<'static>)>, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(callbacks::partition(&key.to_string())))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        // The first piece of a body stands with the callback, which sorts behind the others.
        let (mut rest, mut callback) = (Vec::new(), None);
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| TableError::of(&error))?;
            if read_text(&item, SK) == CALLBACK {
                callback = Some(item);
            } else {
                rest.extend_from_slice(read_binary(&item, BODY));
            }
        }
        let Some(callback) = callback else {
            return Ok(None);
        };
        let why = read_optional_text(&callback, UNRECOGNIZED);
        let body = body(&callback, &rest)?;
        Ok(why.map(|why| (why, envelope(key, &callback, body))))
    }
}

/// A callback's body, of whose pieces the first stands in its own item.
pub(super) fn body(callback: &Item, rest: &[u8]) -> Result<Vec<u8>, TableError> {
    let pieces = [read_binary(callback, BODY), rest].concat();
    // One that was deleted has no pieces.
    if pieces.is_empty() || !callback.contains_key(DEFLATED) {
        return Ok(pieces);
    }
    unpack(&pieces)
}

/// Whether it is what [`DeliveryTable::kept`] gave: only there is the delivery named as its content.
pub(super) fn is_queued_again(envelope: &Envelope<'_>) -> bool {
    envelope.replay_key == of_nobody(envelope.content_key)
}

/// In place of the delivery's key, which nobody asks about any more.
fn of_nobody(key: ContentKey) -> ReplayKey {
    ReplayKey::from_bytes(*key.as_bytes())
}

fn envelope(key: ContentKey, item: &Item, body: Vec<u8>) -> Envelope<'static> {
    Envelope {
        kind: read_text(item, "kind").into(),
        group: key.to_string().into(),
        content_key: key,
        replay_key: of_nobody(key),
        secret_slot: u8::try_from(read_number(item, "secret_slot")).unwrap_or(u8::MAX),
        received_at: UnixSeconds::new(read_number(item, "received_at")),
        signed_at: UnixSeconds::new(read_number(item, "signed_at")),
        request_id: read_text(item, "request_id").into(),
        body: body.into(),
    }
}
