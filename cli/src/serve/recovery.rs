//! Flags about intents.

use std::path::PathBuf;

use clap::Args;
use sinch_callback_server::recovery::{
    BudgetLimits, MailServer, Mode, RecoveryConfig, Region, SinchAccount,
};

use crate::command_error::CommandError;

/// How intents are acted upon.
#[derive(Args, Debug)]
#[command(next_help_heading = "Intents: retries and fallbacks")]
pub(super) struct RecoveryArgs {
    /// Whether intents (POST /api/intents) are acted upon: "off", "dry-run" (everything is decided and
    /// shown, nothing is sent), "on". In the file of settings these flags stand in [recovery], without
    /// "recovery" in front: mode = "on"
    #[arg(long, value_name = "MODE", default_value = "off")]
    recovery_mode: Mode,

    /// Project at Sinch
    #[arg(long, value_name = "ID")]
    recovery_project_id: Option<String>,

    /// App at Sinch's Conversation API
    #[arg(long, value_name = "ID")]
    recovery_app_id: Option<String>,

    /// Region that the app lives in: us, eu or br
    #[arg(long, value_name = "REGION", default_value_t)]
    recovery_region: Region,

    /// File with the access key that Sinch is called with, one line: KEY_ID:KEY_SECRET
    #[arg(long, value_name = "FILE")]
    recovery_credentials_file: Option<PathBuf>,

    /// What Sinch calls a channel property, as SMS_SENDER=+15550100 for the number that texts come from;
    /// repeat it for further ones
    #[arg(long = "recovery-channel-property", value_name = "NAME=VALUE", value_parser = property)]
    recovery_channel_properties: Vec<(String, String)>,

    /// Address that is called in place of Sinch's: a stand-in, for tests (`play-sinch`)
    #[arg(long, value_name = "URL")]
    recovery_url: Option<String>,

    /// Mail server that e-mails are sent by: smtps://HOST, or smtp://HOST:PORT with STARTTLS
    #[arg(long, value_name = "URL", requires = "recovery_smtp_from")]
    recovery_smtp_url: Option<String>,

    /// Address that e-mails come from
    #[arg(long, value_name = "ADDRESS")]
    recovery_smtp_from: Option<String>,

    /// File with what the mail server asks for, one line: USER:PASSWORD
    #[arg(long, value_name = "FILE", requires = "recovery_smtp_url")]
    recovery_smtp_credentials_file: Option<PathBuf>,

    /// Most sends to a person on a day of UTC
    #[arg(long, value_name = "NUMBER", default_value_t = BudgetLimits::default().per_recipient_and_day)]
    recovery_per_person: u32,

    /// Most sends in an hour, to anybody
    #[arg(long, value_name = "NUMBER", default_value_t = BudgetLimits::default().per_hour)]
    recovery_per_hour: u32,

    /// Kill switch: while this file exists, nothing is sent. Seen in front of each send; by API:
    /// POST /api/recovery
    #[arg(long, value_name = "FILE")]
    recovery_stop_file: Option<PathBuf>,
}

impl RecoveryArgs {
    /// What intents are acted upon with.
    ///
    /// # Errors
    /// [`CommandError::Misuse`] where they are to be sent and it is not said from what account.
    pub(super) fn config(&self) -> Result<RecoveryConfig, CommandError> {
        let mut config = RecoveryConfig::default();
        config.mode = self.recovery_mode;
        config.limits.per_recipient_and_day = self.recovery_per_person;
        config.limits.per_hour = self.recovery_per_hour;
        config.stop_file.clone_from(&self.recovery_stop_file);
        config.sinch = self.account()?;
        config.email = self.mail_server();
        if config.mode == Mode::On && config.sinch.is_none() && config.email.is_none() {
            return Err(CommandError::Misuse(
                "--recovery-mode on has nothing to send with: name the app at Sinch \
                 (--recovery-project-id, --recovery-app-id) and a file with its access key, one line \
                 KEY_ID:KEY_SECRET (--recovery-credentials-file), or a mail server \
                 (--recovery-smtp-url); or see what would be sent, with --recovery-mode dry-run"
                    .into(),
            ));
        }
        Ok(config)
    }

    /// The account, where all of it is named, or none of it is.
    fn account(&self) -> Result<Option<SinchAccount>, CommandError> {
        let project_id = self.recovery_project_id.clone();
        let app_id = self.recovery_app_id.clone();
        let credentials_file = self.recovery_credentials_file.clone();
        match (project_id, app_id, credentials_file) {
            (Some(project_id), Some(app_id), Some(credentials_file)) => Ok(Some(SinchAccount {
                project_id,
                app_id,
                region: self.recovery_region,
                credentials_file,
                channel_properties: self.recovery_channel_properties.iter().cloned().collect(),
                url: self.recovery_url.clone(),
            })),
            (None, None, None) => Ok(None),
            (project_id, app_id, credentials_file) => {
                let missing = [
                    ("--recovery-project-id", project_id.is_none()),
                    ("--recovery-app-id", app_id.is_none()),
                    ("--recovery-credentials-file", credentials_file.is_none()),
                ];
                let missing: Vec<_> = missing
                    .into_iter()
                    .filter_map(|(flag, is_missing)| is_missing.then_some(flag))
                    .collect();
                Err(CommandError::Misuse(format!(
                    "{} is missing: an app at Sinch is named by its project, its id and a file with \
                     its access key, one line KEY_ID:KEY_SECRET",
                    missing.join(" and ")
                )))
            }
        }
    }

    fn mail_server(&self) -> Option<MailServer> {
        Some(MailServer {
            url: self.recovery_smtp_url.clone()?,
            from: self.recovery_smtp_from.clone()?,
            credentials_file: self.recovery_smtp_credentials_file.clone(),
        })
    }
}

fn property(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("expected NAME=VALUE, as SMS_SENDER=+15550100".into()),
    }
}
