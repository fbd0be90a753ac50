//! `forget --table`: what the table on AWS knows of a person or of a message is deleted.

use sinch_callback_lambda::{DeliveryTable, ForgetSubject, Retention};
use sinch_callback_server::{
    ids,
    store::{Forgotten, Subject, contains, normal},
};

use super::AwsArgs;
use crate::command_error::CommandError;

/// A subject, with what stands for it in bodies.
struct Searched<'a> {
    subject: &'a Subject,
    needle: String,
}

impl ForgetSubject for Searched<'_> {
    fn message_id(&self) -> Option<&str> {
        match self.subject {
            Subject::Message(id) => Some(id),
            Subject::Identity(_) => None,
        }
    }

    fn is_message(&self, message_id: &str, identity: &str) -> bool {
        match self.subject {
            Subject::Message(id) => id == message_id,
            Subject::Identity(wanted) => normal(wanted) == normal(identity),
        }
    }

    fn is_spoken_of(&self, body: &[u8]) -> bool {
        contains(body, self.needle.as_bytes())
    }
}

pub(crate) async fn forget(
    aws: &AwsArgs,
    table: String,
    subject: &Subject,
    dry_run: bool,
) -> Result<Forgotten, CommandError> {
    let searched = Searched {
        subject,
        needle: subject.needle()?,
    };
    // Nothing is written here that would be kept.
    let table = DeliveryTable::new(&aws.config().await, table, Retention::default());
    let forgotten = table
        .forget(&searched, ids::random(), dry_run)
        .await
        .map_err(|error| CommandError::failed("the table cannot be read or changed", error))?;
    Ok(Forgotten {
        messages: forgotten.messages,
        bodies: forgotten.bodies,
        ..Forgotten::default()
    })
}
