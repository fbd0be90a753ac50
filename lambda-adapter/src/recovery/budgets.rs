use sinch_callback::UnixSeconds;
use sinch_callback_recovery::{BudgetLimits, Identity, Reservation, Reserve, ports::Budgets};

use super::table::{EXPIRES_AT, RecoveryTable, key};
use crate::{
    dynamodb::{TableError, attributes::number},
    metrics::{Metrics, Sample},
};

/// How much may be sent, counted in the table.
#[derive(Debug)]
pub(super) struct TableBudgets {
    table: RecoveryTable,
    limits: BudgetLimits,
    metrics: Metrics,
}

impl TableBudgets {
    /// These limits, for all who share the table.
    #[must_use]
    pub(super) const fn new(table: RecoveryTable, limits: BudgetLimits, metrics: Metrics) -> Self {
        Self {
            table,
            limits,
            metrics,
        }
    }

    /// These limits.
    pub(super) const fn limits(&self) -> BudgetLimits {
        self.limits
    }

    fn full(&self, until: UnixSeconds) -> Reserve {
        self.metrics.write(&[Sample::one("BudgetReached")]);
        Reserve::Full(until)
    }

    fn day(&self, reservation: &Reservation) -> String {
        let recipient = self.table.mark(&reservation.recipient);
        format!("day#{}#{recipient}", reservation.day)
    }

    /// Counts up where there is room; whether there was.
    async fn take(&self, pk: &str, limit: u32, expires_at: u64) -> Result<bool, TableError> {
        let counted = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(pk)))
            .update_expression("SET #expires = :expires ADD taken :one")
            .condition_expression("attribute_not_exists(taken) OR taken < :limit")
            .expression_attribute_names("#expires", EXPIRES_AT)
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":limit", number(limit.into()))
            .expression_attribute_values(":expires", number(expires_at))
            .send()
            .await;
        TableError::unless_changed(counted)
    }

    async fn give(&self, pk: &str) -> Result<(), TableError> {
        let counted = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(pk)))
            .update_expression("SET taken = taken - :one")
            .condition_expression("taken > :none")
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":none", number(0))
            .send()
            .await;
        TableError::unless_changed(counted).map(|_| ())
    }
}

impl Budgets for TableBudgets {
    type Error = TableError;

    async fn reserve(&self, identity: &Identity, now: UnixSeconds) -> Result<Reserve, TableError> {
        let reservation = Reservation::of(identity, now);
        let expires_at = now.saturating_add(Reservation::KEPT).get();
        let day = self.day(&reservation);
        if self.limits.per_recipient_and_day == 0 || self.limits.per_hour == 0 {
            return Ok(self.full(reservation.next_day()));
        }
        let limit = self.limits.per_recipient_and_day;
        if !self.take(&day, limit, expires_at).await? {
            return Ok(self.full(reservation.next_day()));
        }
        let hour = format!("hour#{}", reservation.hour);
        if self.take(&hour, self.limits.per_hour, expires_at).await? {
            return Ok(Reserve::Reserved(reservation));
        }
        self.give(&day).await?;
        Ok(self.full(reservation.next_hour()))
    }

    async fn give_back(&self, reservation: Reservation) -> Result<(), TableError> {
        self.give(&self.day(&reservation)).await?;
        self.give(&format!("hour#{}", reservation.hour)).await
    }
}
