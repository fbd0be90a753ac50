use std::path::PathBuf;

use clap::Args;
use sinch_callback_server::{Gate, InvalidToken, ListenAddress, Sockets, Token};

use crate::command_error::CommandError;

#[derive(Args, Debug)]
pub(super) struct AdminArgs {
    /// Address and port of what tells what is stored (/api, /metrics, /readyz), or "off". Any other
    /// than loopback needs --admin-token-file
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8081", value_parser = address_or_off)]
    admin_listen: AdminAddress,

    /// Name by which that listener may be called besides loopback and its own address, as the
    /// request's Host says it; repeat it for further names. Other names are refused, so that no web
    /// page can read it through its visitor's browser
    #[arg(long = "admin-host", value_name = "NAME")]
    admin_hosts: Vec<String>,

    /// File with the token that whoever asks there must present: `authorization: Bearer TOKEN`
    #[arg(long, value_name = "FILE")]
    admin_token_file: Option<PathBuf>,
}

/// Where the admin listens; `None` where it does not.
type AdminAddress = Option<ListenAddress>;

fn address_or_off(text: &str) -> Result<AdminAddress, String> {
    match text {
        "off" => Ok(None),
        address => address
            .parse()
            .map(Some)
            .map_err(|error| format!("{error}, or off")),
    }
}

impl AdminArgs {
    /// Listens where it is asked for, and tells who may ask there.
    ///
    /// # Errors
    /// [`CommandError::Misuse`] where others than this machine could ask, and no token is set.
    pub(super) async fn listen(&self) -> Result<Option<(Sockets, Gate)>, CommandError> {
        let token = self.token()?;
        let Some(address) = &self.admin_listen else {
            return Ok(None);
        };
        let sockets = address.bind().await.map_err(|error| {
            CommandError::failed(
                format!(
                    "cannot listen on {address} for the API and the metrics (another address: \
                     --admin-listen ADDRESS; none: --admin-listen off)"
                ),
                error,
            )
        })?;
        if token.is_none() && !sockets.loopback() {
            return Err(CommandError::Misuse(format!(
                "--admin-listen {address} can be reached from other machines, and tells messages \
                 and phone numbers: set a token with --admin-token-file FILE, or listen on loopback \
                 (--admin-listen 127.0.0.1:8081)"
            )));
        }
        let names = self.admin_hosts.iter().cloned().chain(address.host());
        Ok(Some((sockets, Gate::new(names, token))))
    }

    fn token(&self) -> Result<Option<Token>, CommandError> {
        let Some(path) = &self.admin_token_file else {
            return Ok(None);
        };
        match Token::of_file(path) {
            Ok(token) => Ok(Some(token)),
            Err(InvalidToken::Unread(error)) => Err(error.into()),
            Err(error) => Err(CommandError::Misuse(error.to_string())),
        }
    }
}
