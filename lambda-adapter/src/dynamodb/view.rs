use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use sinch_callback::Permanence;
use sinch_callback_pipeline::{CarrierWords, LogView, MessageView, Reason};

use super::{
    DeliveryTable, TableError, arrival,
    attributes::{Item, PK, SK, key, read_map, read_number, read_optional_text, read_text, text},
    message::{self, STATE, VERSION, partition},
};
use crate::AwsError;

/// Keys in one read
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>).
const KEYS: usize = 100;

impl DeliveryTable {
    /// What is known of a message; `None` where nothing is. Its log goes back as far as the
    /// retention.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn message(&self, message_id: &str) -> Result<Option<MessageView>, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition(message_id)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let (mut state, mut log) = (None, Vec::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| AwsError::of(&error))?;
            if read_text(&item, SK) == STATE {
                state = Some(item);
            } else {
                log.push(log_view(&item));
            }
        }
        let Some(item) = state else {
            return Ok(None);
        };
        self.add_repeats(&mut log).await?;
        let message = message::read(&item)?;
        Ok(Some(MessageView {
            message: message.summary(),
            channels: message.channels(),
            log,
        }))
    }

    /// The ids of the messages that were sent with this `correlation_id`.
    ///
    /// # Errors
    /// When the table's index cannot be read.
    pub async fn correlated(&self, correlation_id: &str) -> Result<Vec<String>, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .index_name("correlation")
            .key_condition_expression("correlation_id = :id")
            .expression_attribute_values(":id", AttributeValue::S(correlation_id.into()))
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            ids.push(read_text(
                &item.map_err(|error| AwsError::of(&error))?,
                "message_id",
            ));
        }
        Ok(ids)
    }

    /// How often each event came again stands with its callback.
    async fn add_repeats(&self, log: &mut [LogView]) -> Result<(), TableError> {
        let mut repeats = HashMap::new();
        for entries in log.chunks(KEYS) {
            let mut keys: Vec<Item> = entries
                .iter()
                .map(|entry| {
                    key(
                        &arrival::partition(&entry.content_key),
                        &arrival::sort_key(0),
                    )
                })
                .collect();
            keys.sort_by_key(|key| read_text(key, PK));
            keys.dedup();
            let wanted =
                KeysAndAttributes::builder().projection_expression("pk, repeats, last_repeat_at");
            for item in self.get_as(wanted, keys).await? {
                repeats.insert(read_text(&item, PK), item);
            }
        }
        for entry in log {
            if let Some(item) = repeats.get(&arrival::partition(&entry.content_key)) {
                entry.repeats = read_number(item, "repeats");
                entry.last_repeat_at = item
                    .contains_key("last_repeat_at")
                    .then(|| read_number(item, "last_repeat_at"));
            }
        }
        Ok(())
    }
}

fn log_view(item: &Item) -> LogView {
    LogView {
        received_at: read_number(item, "received_at"),
        signed_at: read_number(item, "signed_at"),
        occurred_at: read_text(item, "occurred_at"),
        channel: read_text(item, "channel"),
        status: read_text(item, "status"),
        step: read_text(item, "step"),
        state: read_optional_text(item, STATE),
        version: read_number(item, VERSION),
        reason: reason_view(item),
        carrier: carrier_view(item),
        content_key: read_text(item, "content_key"),
        secret_slot: u8::try_from(read_number(item, "secret_slot")).unwrap_or(u8::MAX),
        repeats: 0,
        last_repeat_at: None,
    }
}

fn reason_view(item: &Item) -> Option<Reason<'static>> {
    let reason = read_map(item, "reason")?;
    let text = |name| read_text(reason, name).into();
    Some(Reason {
        code: text("code"),
        sub_code: text("sub_code"),
        description: text("description"),
        channel_code: text("channel_code"),
        status_message: text("status_message"),
        // Items of versions that did not know of it yet have none, and name the remedy otherwise.
        permanence: read_optional_text(reason, "permanence")
            .unwrap_or_else(|| Permanence::Unknown.as_str().into())
            .into(),
        remedy: read_optional_text(reason, "remedy")
            .unwrap_or_else(|| read_text(reason, "asks_for"))
            .into(),
    })
}

fn carrier_view(item: &Item) -> Option<CarrierWords<'static>> {
    let carrier = read_map(item, "carrier")?;
    let text = |name| read_text(carrier, name).into();
    Some(CarrierWords {
        channel_code: text("channel_code"),
        status_message: text("status_message"),
        operator: text("operator"),
        parts: carrier
            .get("parts")
            .and_then(|parts| parts.as_n().ok())
            .and_then(|parts| parts.parse().ok()),
        encoding: text("encoding"),
    })
}
