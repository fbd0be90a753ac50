//! Intents on this machine: how they are acted upon, and with what.

mod config;
mod hearing;
pub(crate) mod host;
pub(crate) mod ports;
mod sender;

pub use config::{MailServer, RecoveryConfig, SinchAccount};
pub use host::RecoveryError;
pub use sinch_callback_recovery::{
    AttemptView, BudgetLimits, Cancel, Channel, Circumstances, Intent, IntentKey, IntentState,
    IntentSummary, IntentView, ports::Mode,
};
