//! Intents on this machine: how they are acted upon, and with what.

pub(crate) mod config;
pub(crate) mod error;
mod hearing;
pub(crate) mod host;
pub(crate) mod ports;
mod sender;

pub use config::{MailServer, RecoveryConfig, SinchAccount};
pub use error::RecoveryError;
pub use sinch_callback_recovery::{
    AttemptView, BudgetLimits, Cancel, Channel, Circumstances, Intent, IntentKey, IntentState,
    IntentSummary, IntentView, ports::Mode, sinch::Region,
};
