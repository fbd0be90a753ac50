//! The pipeline's ports on SQLite, and what is asked of a store beside a running receiver.

mod budgets;
pub(crate) mod callbacks;
mod checkpoint;
mod copy;
pub(crate) mod error;
pub(crate) mod forget;
mod forgotten;
pub(crate) mod intents;
pub(crate) mod kept;
mod last_failure;
pub(crate) mod listening;
pub(crate) mod looks;
mod messages;
mod moment;
pub(crate) mod open;
pub(crate) mod outbox;
mod overdue;
pub(crate) mod pause;
mod polled;
mod private;
#[cfg(test)]
mod property_tests;
pub(crate) mod queries;
pub(crate) mod queue;
mod readers;
mod retention;
mod schema;
pub(crate) mod suppressions;
pub(crate) mod watches;
mod writer;

pub use copy::{Contents, Place, check_copy, copy_into, place_for_restore};
pub use error::StoreError;
pub use forget::forget;
pub use intents::{IntentFilter, IntentPage, change as change_intent, find as find_intent};
pub use kept::KeptCallback;
pub use listening::Hearing;
pub use open::{open_for_reading, open_for_writing_beside};
pub use outbox::EventRow;
pub use pause::Pause;
pub use polled::{is_news, queue_beside, unsettled_sms};
pub use private::DATABASE;
pub use queries::{MessageFilter, MessagePage, find_message};
pub use queue::SetAsideRow;
pub use suppressions::SuppressionCount;
