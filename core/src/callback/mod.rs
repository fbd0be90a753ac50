//! The body of an authentic callback as types.

mod body;
mod conversation;
mod fields;
mod kind;
mod report;
mod sms;

pub use body::{Callback, Unrecognized};
pub use kind::CallbackKind;
pub use report::{Carrier, Correlation, DeliveryReport, Failure, ReportSubject};
