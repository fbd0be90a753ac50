//! How a receiver acts on intents: not at all, unless it is switched on.

use std::{collections::BTreeMap, path::PathBuf};

use sinch_callback_recovery::{BudgetLimits, ports::Mode, sinch::Region};

/// How intents are acted upon. By default they are not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecoveryConfig {
    /// Whether anything is decided, and whether it is sent: [`Mode::Off`] by default.
    pub mode: Mode,
    /// The account at Sinch that messages are sent from; none by default.
    pub sinch: Option<SinchAccount>,
    /// The mail server that e-mails are sent by; none by default.
    pub email: Option<MailServer>,
    /// How much may be sent: [`BudgetLimits::default`] by default.
    pub limits: BudgetLimits,
    /// While this file exists, nothing is sent; it is looked for in front of each send. None by default.
    pub stop_file: Option<PathBuf>,
}

impl Default for RecoveryConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Off,
            sinch: None,
            email: None,
            limits: BudgetLimits::default(),
            stop_file: None,
        }
    }
}

/// An app at Sinch's Conversation API, and the key that it is called with.
#[derive(Clone, Debug)]
pub struct SinchAccount {
    /// The project.
    pub project_id: String,
    /// The app.
    pub app_id: String,
    /// Where the app lives. A wrong region answers 404.
    pub region: Region,
    /// File of one line: the access key's id, a colon, and its secret.
    pub credentials_file: PathBuf,
    /// What Sinch calls channel properties: `SMS_SENDER` for the number that texts come from.
    pub channel_properties: BTreeMap<String, String>,
    /// Called in place of Sinch: the address of a stand-in, for tests.
    pub url: Option<String>,
}

/// A mail server that takes e-mails by SMTP.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// `smtps://HOST` (TLS from the start), or `smtp://HOST:PORT` (STARTTLS; in the open on loopback alone).
    pub url: String,
    /// The address that e-mails come from.
    pub from: String,
    /// File of one line: the user, a colon, and the password; `None` where the server asks for none.
    pub credentials_file: Option<PathBuf>,
}
