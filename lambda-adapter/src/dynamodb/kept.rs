//! Callbacks that were not understood, as they were received.

use sinch_callback::{ContentKey, SecretSlot, UnixSeconds, scheme::SchemeName};
use sinch_callback_pipeline::Envelope;

use super::{
    DeliveryTable,
    attributes::{Item, PK, SK, read_number, read_optional_text, read_text, text},
    callbacks::{self, BODY, CALLBACK, DEFLATED, SCHEME, UNRECOGNIZED},
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
        why.map(|why| Ok((why, envelope(key, &callback, body)?)))
            .transpose()
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

/// # Errors
/// [`TableError::Unreadable`] for a scheme that this version does not know: by another one, what nobody has
/// signed could count as said by Sinch.
fn envelope(key: ContentKey, item: &Item, body: Vec<u8>) -> Result<Envelope<'static>, TableError> {
    let scheme = match read_optional_text(item, SCHEME) {
        None => SchemeName::Conversation,
        Some(name) => name.parse().map_err(|_| TableError::Unreadable)?,
    };
    let [received_at, signed_at] =
        ["received_at", "signed_at"].map(|name| UnixSeconds::new(read_number(item, name)));
    let slot = u8::try_from(read_number(item, "secret_slot")).unwrap_or(u8::MAX);
    let envelope = Envelope::kept(key, signed_at, body)
        .with_scheme(scheme)
        .with_kind(read_text(item, "kind"))
        .with_secret_slot(SecretSlot::new(slot))
        .with_arrival(received_at, read_text(item, "request_id"));
    Ok(envelope)
}

#[cfg(test)]
mod tests {
    use sinch_callback::{Callback, Unrecognized};

    use super::*;
    use crate::dynamodb::attributes::number;

    #[test]
    fn what_no_signature_covers_is_no_report_when_it_is_read_again() {
        let report: &[u8] =
            br#"{"message_delivery_report":{"message_id":"m","status":"DELIVERED"}}"#;
        let key = ContentKey::from_bytes([3; 16]);
        let mut item = Item::from([("received_at".into(), number(7))]);
        let read = |item: &Item| {
            let envelope = envelope(key, item, report.into()).unwrap();
            Callback::parse_by(envelope.scheme(), envelope.body())
        };
        assert!(read(&item).is_ok());
        item.insert(SCHEME.into(), text("mailgun"));
        assert_eq!(read(&item).unwrap_err(), Unrecognized::NotCovered);
        item.insert(SCHEME.into(), text("of-tomorrow"));
        let unknown = envelope(key, &item, report.into());
        assert!(matches!(unknown, Err(TableError::Unreadable)));
    }
}
