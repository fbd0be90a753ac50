use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;
use sinch_callback::{UnixSeconds, normalized_identity};
use sinch_callback_recovery::{
    Channel, Identity,
    ports::{SuppressedFor, Suppressions},
};

use super::table::{RecoveryTable, key};
use crate::{
    clock::Clock,
    dynamodb::{
        TableError,
        attributes::{number, read_number},
    },
};

/// Who must not be reached, kept as keyed hashes: whoever is forgotten stays suppressed.
#[derive(Clone, Debug)]
pub(super) struct TableSuppressions {
    table: RecoveryTable,
    clock: Clock,
}

/// What stands for a channel that is none in particular: the wish holds on all of them.
const ANY: &str = "";

impl TableSuppressions {
    /// Those of the table.
    #[must_use]
    pub(super) const fn new(table: RecoveryTable, clock: Clock) -> Self {
        Self { table, clock }
    }

    fn partition(&self, channel: &str, identity: &str) -> String {
        let (channel, identity) = (channel.to_uppercase(), normalized_identity(identity));
        let mark = self
            .table
            .mark(&format!("suppressed\n{channel}\n{identity}"));
        format!("suppressed#{mark}")
    }

    /// Notes since when an identity is suppressed for a reason, or no longer is. What was said later
    /// holds, in whatever order it comes.
    pub(super) async fn note(
        &self,
        channel: &str,
        identity: &str,
        why: SuppressedFor,
        (is_suppressed, at): (bool, UnixSeconds),
    ) -> Result<(), TableError> {
        let (since, until) = attributes(why);
        let attribute = if is_suppressed { since } else { until };
        let written = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key(&self.partition(channel, identity))))
            .update_expression("SET #at = :at")
            .condition_expression("attribute_not_exists(#at) OR #at < :at")
            .expression_attribute_names("#at", attribute)
            .expression_attribute_values(":at", number(at.get()))
            .send()
            .await;
        TableError::unless_changed(written).map(|_| ())
    }

    async fn is_suppressed(&self, channel: &str, identity: &str) -> Result<bool, TableError> {
        let found = self.table.get(&self.partition(channel, identity)).await?;
        let item = found.unwrap_or_default();
        Ok(SuppressedFor::ALL.iter().any(|why| {
            let (since, until) = attributes(*why);
            // A moment has both: the opt-out holds.
            item.contains_key(since) && read_number(&item, since) >= read_number(&item, until)
        }))
    }
}

/// What an item says of a reason: since when it holds, and when it was taken back.
const fn attributes(why: SuppressedFor) -> (&'static str, &'static str) {
    match why {
        SuppressedFor::OptedOut => ("opted_out", "opted_in"),
        SuppressedFor::Dropped => ("dropped", "undropped"),
    }
}

impl Suppressions for TableSuppressions {
    type Error = TableError;

    async fn suppressed(
        &self,
        to: &BTreeMap<Channel, Identity>,
    ) -> Result<BTreeSet<Channel>, TableError> {
        let asked = to.iter().map(|(channel, identity)| async {
            let own = self.is_suppressed(channel.as_str(), identity.as_str());
            let any = self.is_suppressed(ANY, identity.as_str());
            Ok::<_, TableError>((own.await? || any.await?).then_some(*channel))
        });
        Ok(try_join_all(asked).await?.into_iter().flatten().collect())
    }

    async fn suppress(
        &self,
        channel: Channel,
        identity: &Identity,
        why: SuppressedFor,
    ) -> Result<(), TableError> {
        let now = self.clock.now();
        self.note(channel.as_str(), identity.as_str(), why, (true, now))
            .await
    }

    async fn lift(&self, channel: Channel, identity: &Identity) -> Result<(), TableError> {
        let (why, now) = (SuppressedFor::OptedOut, self.clock.now());
        self.note(channel.as_str(), identity.as_str(), why, (false, now))
            .await
    }
}
