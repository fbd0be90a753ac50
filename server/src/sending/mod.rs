//! What recovery's calls go out by: HTTPS to Sinch, SMTP to a mail server, or a log.

pub(crate) mod email;
pub(crate) mod https;
mod log;
pub(crate) mod sinch;

pub use email::{EmailSender, InvalidMailServer};
pub use https::HttpsClient;
pub use log::LogSender;
pub use sinch::{Sinch, sinch_sender};
