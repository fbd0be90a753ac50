//! `sign`: the headers that Sinch would send with a body.

use std::path::PathBuf;

use clap::Args;
use sinch_callback::{
    UnixSeconds,
    scheme::{SchemeName, ToSign},
};
use sinch_callback_server::clock::Clock;

use crate::{
    command_error::CommandError, files, output, scheme::SchemeArgs, secrets::SecretArgs,
    signed::nonce_for,
};

/// Print the headers that Sinch would sign a body with; Mailgun's proof stands in the body, which is
/// printed in their place
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  SINCH_WEBHOOK_SECRET=… sinch-callback sign --body report.json
  sinch-callback sign --secret-file secret.txt --body report.json > headers.txt
  sinch-callback sign --scheme application --key 669E367E-6BBA-48AB-AF15-266871C28135 \\
      --path /sinch/voice --secret-file voice-secret.txt --body dice.json
  sinch-callback sign --scheme numbers --secret-file numbers-secret.txt --body event.json")]
pub(crate) struct SignArgs {
    /// File with the raw body; - for standard input
    #[arg(long, value_name = "FILE")]
    body: PathBuf,

    /// Nonce or token to sign with, where the scheme has one; a new one if left out
    #[arg(long)]
    nonce: Option<String>,

    /// Moment to sign at; now if left out
    #[arg(long, value_name = "UNIX_SECONDS")]
    at: Option<u64>,

    /// Media type of the body, where it is signed
    #[arg(long, value_name = "TYPE", default_value = "application/json")]
    content_type: String,

    #[command(flatten)]
    scheme: SchemeArgs,

    #[command(flatten)]
    secrets: SecretArgs,
}

pub(crate) fn run(args: &SignArgs) -> Result<(), CommandError> {
    let scheme = args.scheme.given()?;
    let signer = args.secrets.signer(scheme)?;
    let body = files::read(&args.body)?;
    let nonce = args.nonce.clone().unwrap_or_else(|| nonce_for(&signer));
    let at = args
        .at
        .map_or_else(|| Clock::System.now(), UnixSeconds::new);
    let request = args.scheme.request(&scheme, None, None)?;
    let what = ToSign::new(request, &body, &nonce, at).with_content_type(&args.content_type);
    let signed = signer
        .sign(&what)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    for (name, value) in &signed.headers {
        output::line(&format!("{name}: {value}"));
    }
    if args.scheme.scheme == Some(SchemeName::Mailgun) {
        output::line(&String::from_utf8_lossy(&signed.body));
    }
    Ok(())
}
