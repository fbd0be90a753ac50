//! The body of an authentic callback as types.

mod body;
mod conversation;
mod json;
mod kind;
mod report;
mod sms;

pub use body::{Callback, Unrecognized};
pub use kind::CallbackKind;
pub use report::{
    BatchCount, BatchSummary, Carrier, Correlation, DeliveryReport, Failure, ReportSubject,
};
