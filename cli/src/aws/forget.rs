//! `forget --table`: what the table on AWS knows of a person or of a message is deleted.

use sinch_callback_lambda::{DeliveryTable, Retention};
use sinch_callback_pipeline::{Forgotten, Subject};
use sinch_callback_server::ids;

use super::AwsArgs;
use crate::command_error::CommandError;

pub(crate) async fn forget(
    aws: &AwsArgs,
    table: String,
    subject: &Subject,
    dry_run: bool,
) -> Result<Forgotten, CommandError> {
    // Nothing is written here that would be kept.
    let table = DeliveryTable::new(&aws.config().await, table, Retention::default());
    table
        .forget(subject, ids::random(), dry_run)
        .await
        .map_err(|error| CommandError::failed("the table cannot be read or changed", error))
}
