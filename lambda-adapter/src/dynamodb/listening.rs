//! What the watch remembers between two looks.

use super::{
    DeliveryTable,
    attributes::{key, read_text, text},
    error::TableError,
};

const PARTITION: &str = "listening";
const SORT: &str = "kept";
const KEPT: &str = "kept";

impl DeliveryTable {
    /// What was kept last, as text; empty where nothing was.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn listening(&self) -> Result<String, TableError> {
        let item = self.get(PARTITION, SORT, None).await?;
        Ok(item.map(|item| read_text(&item, KEPT)).unwrap_or_default())
    }

    /// Keeps it in the place of what was read; whether nobody has changed it meanwhile.
    ///
    /// # Errors
    /// When the table cannot be written.
    #[cfg(feature = "functions")]
    pub(crate) async fn change_listening(
        &self,
        read: &str,
        kept: &str,
    ) -> Result<bool, TableError> {
        let mut item = key(PARTITION, SORT);
        item.insert(KEPT.into(), text(kept));
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression("kept = :read")
            .expression_attribute_values(":read", text(read))
            .send()
            .await;
        TableError::unless_changed(put)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the table cannot be written.
    pub async fn keep_listening(&self, kept: &str) -> Result<(), TableError> {
        let mut item = key(PARTITION, SORT);
        item.insert(KEPT.into(), text(kept));
        self.put(item).await
    }
}
