//! Callbacks that were not understood, as they were received.

use sinch_callback::{ContentKey, SecretSlot, UnixSeconds};
use sinch_callback_pipeline::Envelope;

use super::{
    DeliveryTable,
    attributes::{Item, PK, SK, read_number, read_optional_text, read_text, text},
    callbacks::{self, BODY, CALLBACK, DEFLATED, UNRECOGNIZED},
    error::TableError,
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

fn envelope(key: ContentKey, item: &Item, body: Vec<u8>) -> Envelope<'static> {
    let [received_at, signed_at] =
        ["received_at", "signed_at"].map(|name| UnixSeconds::new(read_number(item, name)));
    let slot = u8::try_from(read_number(item, "secret_slot")).unwrap_or(u8::MAX);
    Envelope::kept(key, signed_at, body)
        .with_kind(read_text(item, "kind"))
        .with_secret_slot(SecretSlot::new(slot))
        .with_arrival(received_at, read_text(item, "request_id"))
}
