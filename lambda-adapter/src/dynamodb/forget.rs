//! Deletes what the table knows of a person or of a message.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use sinch_callback_pipeline::{ForgetKey, Forgotten, Subject};

use super::{
    DeliveryTable,
    attributes::{Item, PK, SK, key, read_text, text},
    callbacks::{self, CALLBACK},
    error::TableError,
    kept::body,
    packed::read_binary,
    record::{self, STATE},
    taken_over,
};
use crate::clock::Clock;

/// What there is about a subject.
#[derive(Default)]
struct Found {
    message_ids: BTreeSet<String>,
    content_keys: BTreeSet<String>,
}

impl DeliveryTable {
    /// Deletes the messages of a subject with their logs, and the body of each callback that speaks
    /// of it. A mark of each message stays: what is reported of it later must not bring it back. A
    /// person is searched for in the whole table; a message is not. `new_key` are random bytes, for the
    /// first mark of all.
    ///
    /// Marks come first and bodies go next, so that what breaks off is found again.
    ///
    /// # Errors
    /// When the table cannot be read or changed. What was deleted by then stays so.
    pub async fn forget(
        &self,
        subject: &Subject,
        new_key: [u8; ForgetKey::LEN],
        dry_run: bool,
    ) -> Result<Forgotten, TableError> {
        let mut found = match subject.message_id() {
            Some(id) => Found {
                message_ids: BTreeSet::from([id.to_owned()]),
                ..Found::default()
            },
            None => self.search(subject).await?,
        };
        let mut partitions = Vec::with_capacity(found.message_ids.len());
        for id in &found.message_ids {
            let items = self.partition(&record::partition(id)).await?;
            for item in &items {
                let key = read_text(item, "content_key");
                found
                    .content_keys
                    .extend(Some(key).filter(|key| !key.is_empty()));
                if let Some(message) = record::read(item)? {
                    let entries = message.log.entries().iter();
                    found
                        .content_keys
                        .extend(entries.map(|entry| entry.content_key.to_string()));
                }
            }
            if !items.is_empty() && !dry_run {
                self.mark_forgotten(id, new_key, Clock::System.now())
                    .await?;
            }
            partitions.push(items);
        }
        let mut forgotten = Forgotten::default();
        for content_key in &found.content_keys {
            let bodies = self.bodies(content_key).await?;
            if bodies.is_empty() {
                continue;
            }
            if !dry_run {
                self.blank(&bodies).await?;
            }
            forgotten.bodies = forgotten.bodies.saturating_add(1);
        }
        for items in partitions.iter().filter(|items| !items.is_empty()) {
            if !dry_run {
                // The state last: it is what a search finds.
                let (state, log): (Vec<_>, Vec<_>) =
                    items.iter().partition(|item| read_text(item, SK) == STATE);
                for item in log.into_iter().chain(state) {
                    self.delete(&read_text(item, PK), &read_text(item, SK))
                        .await?;
                }
            }
            forgotten.messages = forgotten.messages.saturating_add(1);
        }
        Ok(forgotten)
    }

    /// Looks at each item there is.
    async fn search(&self, subject: &Subject) -> Result<Found, TableError> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut found = Found::default();
        // A body is split among items of a partition, and what is looked for may be too. Its first
        // piece, the callback's own item, sorts behind the others.
        let (mut partition, mut rest) = (String::new(), Vec::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| TableError::of(&error))?;
            let pk = read_text(&item, PK);
            if read_text(&item, SK) == STATE
                && let Some(id) = record::message_id(&pk)
            {
                let message = taken_over::without_log(&item)?;
                let identities = message.delivery.identities();
                // Of a message of an early version, whose legs knew nobody.
                let known = read_text(&item, "identity");
                if identities
                    .chain([known.as_str()])
                    .any(|identity| subject.is_person(identity))
                {
                    found.message_ids.insert(id.to_owned());
                }
            }
            if pk != partition {
                partition = pk;
                rest.clear();
            }
            if read_text(&item, SK) != CALLBACK {
                rest.extend_from_slice(read_binary(&item, "body"));
                continue;
            }
            if let Some(content_key) = callbacks::content_key(&partition)
                && subject.is_spoken_of(&body(&item, &rest)?)
            {
                found.content_keys.insert(content_key.to_owned());
            }
        }
        Ok(found)
    }

    /// The items of a message's partition.
    async fn partition(&self, pk: &str) -> Result<Vec<Item>, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(pk))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(|error| TableError::of(&error))?);
        }
        Ok(items)
    }

    /// The items that hold a callback's body.
    pub(super) async fn bodies(&self, content_key: &str) -> Result<Vec<Item>, TableError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("#pk = :pk")
            .filter_expression("attribute_exists(body)")
            .projection_expression("#pk, #sk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":pk", text(callbacks::partition(content_key)))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            items.push(item.map_err(|error| TableError::of(&error))?);
        }
        Ok(items)
    }

    /// Takes a body out of its items: the callback's own stays without it, the others go.
    async fn blank(&self, bodies: &[Item]) -> Result<(), TableError> {
        for item in bodies {
            if read_text(item, SK) != CALLBACK {
                self.delete(&read_text(item, PK), &read_text(item, SK))
                    .await?;
                continue;
            }
            self.client
                .update_item()
                .table_name(&self.name)
                .set_key(Some(key_alone(item)))
                .update_expression("REMOVE body SET forgotten = :yes")
                .condition_expression("attribute_exists(#pk)")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_values(":yes", AttributeValue::Bool(true))
                .send()
                .await
                .map_err(|error| TableError::of(&error))?;
        }
        Ok(())
    }
}

fn key_alone(item: &Item) -> Item {
    key(&read_text(item, PK), &read_text(item, SK))
}
