//! What recovery's calls go out by: HTTPS to Sinch, SMTP to a mail server, or a log.

mod email;
mod https;
mod log;
mod sinch;

pub use email::{EmailSender, InvalidMailServer};
pub use https::HttpsClient;
pub use log::LogSender;
pub use sinch::{Sinch, sinch_sender};
