//! `sign`: the headers that Sinch would send with a body.

use std::path::PathBuf;

use clap::Args;
use sinch_callback::{Signer, UnixSeconds};
use sinch_callback_server::{clock::Clock, ids};

use crate::{command_error::CommandError, files, output, secrets::SecretArgs};

/// Print the headers that Sinch would sign a body with
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  SINCH_WEBHOOK_SECRET=… sinch-callback sign --body report.json
  sinch-callback sign --secret-file secret.txt --body report.json > headers.txt")]
pub(crate) struct SignArgs {
    /// File with the raw body; - for standard input
    #[arg(long, value_name = "FILE")]
    body: PathBuf,

    /// Nonce to sign with; a new ULID if left out
    #[arg(long)]
    nonce: Option<String>,

    /// Moment to sign at; now if left out
    #[arg(long, value_name = "UNIX_SECONDS")]
    at: Option<u64>,

    #[command(flatten)]
    secrets: SecretArgs,
}

pub(crate) fn run(args: &SignArgs) -> Result<(), CommandError> {
    let signer = Signer::new(args.secrets.current()?);
    let body = files::read(&args.body)?;
    let nonce = args.nonce.clone().unwrap_or_else(ids::unique);
    let at = args
        .at
        .map_or_else(|| Clock::System.now(), UnixSeconds::new);
    let signed = signer
        .sign(&body, &nonce, at)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    for (name, value) in signed.headers() {
        output::line(&format!("{name}: {value}"));
    }
    Ok(())
}
