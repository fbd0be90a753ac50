use sinch_callback_pipeline::MessageView;

use super::{
    DeliveryTable,
    attributes::{PK, SK, read_text, text},
    error::TableError,
    record::{self, CORRELATION_ID, STATE},
    taken_over,
};

/// The index by `correlation_id`.
const INDEX: &str = "by_correlation";

/// How much there is in a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSize {
    /// Items of all kinds.
    pub items: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl TableSize {
    /// Read units of a search through all of it: half a unit for each 4 KB
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/capacity-unit-calculator.html>).
    #[must_use]
    pub const fn search_units(self) -> u64 {
        self.bytes.div_ceil(8_192)
    }
}

impl DeliveryTable {
    /// What is known of a message; `None` where nothing is.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn message(&self, message_id: &str) -> Result<Option<MessageView>, TableError> {
        match self.message_item(message_id).await? {
            Some(item) => Ok(Some(self.read(&item).await?.view())),
            None => Ok(None),
        }
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
            .index_name(INDEX)
            .key_condition_expression("#correlation = :id")
            .expression_attribute_names("#correlation", CORRELATION_ID)
            .expression_attribute_values(":id", text(correlation_id))
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            let pk = read_text(&item.map_err(|error| TableError::of(&error))?, PK);
            ids.extend(record::message_id(&pk).map(ToOwned::to_owned));
        }
        Ok(ids)
    }

    /// The ids of the messages of SMS batches with this `client_reference`, oldest first. No index has
    /// it: the whole table is read, for half a read unit each 4 KB. `progress` is told the items of
    /// each page.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn referenced(
        &self,
        client_reference: &str,
        progress: impl Fn(u64),
    ) -> Result<Vec<String>, TableError> {
        let mut pages = self
            .client
            .scan()
            .table_name(&self.name)
            .filter_expression("#sk = :state")
            .expression_attribute_names("#sk", SK)
            .expression_attribute_values(":state", text(STATE))
            .into_paginator()
            .send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| TableError::of(&error))?;
            for item in page.items() {
                let message = taken_over::without_log(item)?;
                if message.delivery.client_reference() == client_reference {
                    found.push((message.first_received_at, message.message_id));
                }
            }
            progress(u64::try_from(page.scanned_count()).unwrap_or_default());
        }
        found.sort();
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }

    /// How large the table is, as DynamoDB counts it every six hours
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html>).
    ///
    /// # Errors
    /// When the table cannot be asked.
    pub async fn size(&self) -> Result<TableSize, TableError> {
        let described = self.client.describe_table().table_name(&self.name).send();
        let described = described.await.map_err(|error| TableError::of(&error))?;
        let count = |count: Option<i64>| u64::try_from(count.unwrap_or_default()).unwrap_or(0);
        let table = described.table();
        Ok(TableSize {
            items: count(table.and_then(|table| table.item_count())),
            bytes: count(table.and_then(|table| table.table_size_bytes())),
        })
    }
}
