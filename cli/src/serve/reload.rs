//! SIGHUP: secrets and settings are read again, and nothing ends.

use sinch_callback_server::Running;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::service_manager::ServiceManager;
use crate::{command_error::CommandError, settings::Settings};

/// SIGHUP, from the moment it is made: before that, it ends the process.
pub(super) struct HangUp(Signal);

impl HangUp {
    pub(super) fn listen() -> Result<Self, CommandError> {
        signal(SignalKind::hangup())
            .map(Self)
            .map_err(|error| CommandError::failed("signals cannot be received", error))
    }

    pub(super) async fn received(&mut self) {
        self.0.recv().await;
    }
}

/// What is read again.
pub(super) struct Reload {
    pub(super) settings: Settings,
    pub(super) manager: ServiceManager,
}

impl Reload {
    /// Reads everything again, and says what was taken and what waits for a restart. What cannot be
    /// read stays as it was.
    pub(super) async fn run(&mut self, running: &Running) {
        self.manager.reloading();
        running.reload_secrets().await;
        let read = self.settings.read_again(|flag, matches| {
            let days = matches.try_get_one::<u32>("retain_days").ok().flatten();
            match (flag, days) {
                ("retain-days", Some(days)) => running.retain(*days),
                _ => false,
            }
        });
        match read {
            Ok(changes) => {
                let (taken, at_restart) = (changes.taken.join(", "), changes.at_restart.join(", "));
                if taken.is_empty() && at_restart.is_empty() {
                    tracing::info!("the settings have been read again: none has changed");
                } else if at_restart.is_empty() {
                    tracing::info!(taken, "the settings have been read again");
                } else {
                    tracing::warn!(
                        taken,
                        at_restart,
                        "the settings have been read again; what is named at_restart has changed and counts after a restart"
                    );
                }
            }
            Err(error) => tracing::error!(
                error = error.line(),
                "the settings cannot be read again; the ones at hand stay in use"
            ),
        }
        self.manager.ready();
    }
}
