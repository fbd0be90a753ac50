use std::sync::Arc;

use sinch_callback_recovery::{
    Call, CallAnswer, Channel,
    ports::{Mode, Sender},
    sinch::{AccessKey, Account, Addresses},
};
use zeroize::Zeroizing;

use super::{
    config::{MailServer, RecoveryConfig, SinchAccount},
    error::RecoveryError,
};
use crate::{
    metrics::Metrics,
    secrets::files::text_of_file,
    sending::{
        email::EmailSender,
        https::HttpsClient,
        sinch::{Sinch, sinch_sender},
    },
};

/// What makes calls, by channel, and counts them.
pub(crate) struct ChannelSender {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) accounts: Accounts,
}

/// What is sent with.
pub(crate) struct Accounts {
    sinch: Option<Sinch>,
    email: Option<EmailSender>,
}

impl Accounts {
    /// What a receiver is set up with.
    ///
    /// # Errors
    /// Where something is to be sent and nothing is there to send with, or credentials cannot be used.
    pub(crate) fn of(config: &RecoveryConfig) -> Result<Self, RecoveryError> {
        let accounts = Self {
            sinch: config.sinch.as_ref().map(of_sinch).transpose()?,
            email: config.email.as_ref().map(of_mail_server).transpose()?,
        };
        if config.mode == Mode::On && accounts.sinch.is_none() && accounts.email.is_none() {
            return Err(RecoveryError::NoAccount);
        }
        Ok(accounts)
    }

    /// Whether there is anything to send on this channel with.
    pub(crate) const fn can_send(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.email.is_some(),
            _ => self.sinch.is_some(),
        }
    }
}

fn of_sinch(account: &SinchAccount) -> Result<Sinch, RecoveryError> {
    let path = &account.credentials_file;
    let key = AccessKey::parse(&credentials(path)?).map_err(|_| RecoveryError::NoCredentials {
        path: path.clone(),
        form: "KEY_ID:KEY_SECRET",
    })?;
    let addresses = match &account.url {
        Some(url) => Addresses::at(url)?,
        None => Addresses::of(account.region),
    };
    let account = Account {
        addresses,
        key,
        project_id: account.project_id.clone(),
        app_id: account.app_id.clone(),
        channel_properties: account.channel_properties.clone(),
        callback_url: None,
    };
    Ok(sinch_sender(Arc::new(HttpsClient::new()), account)?)
}

fn of_mail_server(server: &MailServer) -> Result<EmailSender, RecoveryError> {
    let user = match &server.credentials_file {
        Some(path) => {
            let text = credentials(path)?;
            let (user, password) =
                text.split_once(':')
                    .ok_or_else(|| RecoveryError::NoCredentials {
                        path: path.clone(),
                        form: "USER:PASSWORD",
                    })?;
            Some((user.to_owned(), password.to_owned()))
        }
        None => None,
    };
    Ok(EmailSender::new(&server.url, user, &server.from)?)
}

/// The text of a file that holds credentials.
fn credentials(path: &std::path::Path) -> Result<Zeroizing<String>, RecoveryError> {
    let text = text_of_file(path)?;
    let text = String::from_utf8(text.bytes.to_vec()).unwrap_or_default();
    Ok(Zeroizing::new(text.trim().to_owned()))
}

impl Sender for ChannelSender {
    async fn send(&self, call: &Call) -> CallAnswer {
        let nothing =
            || CallAnswer::NotSent(format!("nothing is set up to send on {}", call.channel));
        let answer = match (call.channel, &self.accounts) {
            (
                Channel::Email,
                Accounts {
                    email: Some(email), ..
                },
            ) => email.send(call).await,
            (Channel::Email, _) => nothing(),
            (
                _,
                Accounts {
                    sinch: Some(sinch), ..
                },
            ) => sinch.send(call).await,
            _ => nothing(),
        };
        self.metrics.called(call.channel, &answer);
        answer
    }

    async fn renew(&self) {
        if let Some(sinch) = &self.accounts.sinch {
            sinch.renew().await;
        }
    }
}
