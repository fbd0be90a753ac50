use sinch_callback_pipeline::MessageView;

use super::{
    DeliveryTable, TableError,
    attributes::{PK, read_text, text},
    record::{self, CORRELATION_ID},
};

/// The index by `correlation_id`.
const INDEX: &str = "by_correlation";

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
}
