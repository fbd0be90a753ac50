//! `secret`: puts the webhook's secret where the receiver on AWS reads it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use sinch_callback::Secret;
use sinch_callback_lambda::{ParameterError, Parameters};
use sinch_callback_server::secrets::text_of_file;

use super::AwsArgs;
use crate::{command_error::CommandError, output};

/// Put the webhook's secret into SSM's parameter store, encrypted
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Put a secret under a name that is not taken yet
    #[command(after_help = "\
Example:
  sinch-callback secret set /sinch/webhook --secret-file secret.txt --region eu-west-1")]
    Set(PutArgs),
    /// Put a new version of a secret; the receiver takes the previous one for another 24 hours
    #[command(after_help = "\
First rotate here, wait half a minute, then change the secret at Sinch, within an hour: until then \
callbacks are signed with the previous one, and afterwards with the new one, and both are taken.

Example:
  sinch-callback secret rotate /sinch/webhook --secret-file new-secret.txt")]
    Rotate(PutArgs),
}

#[derive(Args, Debug)]
pub(crate) struct PutArgs {
    /// Name of the parameter, as the stack was given it
    name: String,

    /// File that holds the secret. One newline at its end does not count
    #[arg(long, value_name = "FILE")]
    secret_file: PathBuf,

    /// Take the secret as it is, even if it looks like a mistake. The receiver needs SECRET_VERBATIM
    /// for it
    #[arg(long)]
    verbatim_secrets: bool,

    /// KMS key to encrypt with; else the account's key for SSM
    #[arg(long, value_name = "KEY")]
    key_id: Option<String>,

    #[command(flatten)]
    aws: AwsArgs,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

#[derive(serde::Serialize)]
struct Put<'a> {
    name: &'a str,
    version: i64,
}

pub(crate) async fn run(command: SecretCommand) -> Result<(), CommandError> {
    let (args, overwrite) = match command {
        SecretCommand::Set(args) => (args, false),
        SecretCommand::Rotate(args) => (args, true),
    };
    let text = text_of_file(&args.secret_file)?;
    let secret = if args.verbatim_secrets {
        Secret::verbatim(&text.bytes)
    } else {
        Secret::new(&text.bytes)
    };
    secret.map_err(|error| {
        CommandError::Misuse(format!("{}: {error}", args.secret_file.display()))
    })?;
    let value = str::from_utf8(&text.bytes).map_err(|_| {
        CommandError::Misuse(format!(
            "{}: the secret is not UTF-8, and SSM keeps texts only",
            args.secret_file.display()
        ))
    })?;
    let parameters = Parameters::new(&args.aws.config().await);
    let version = parameters
        .put(&args.name, value, args.key_id, overwrite)
        .await
        .map_err(|error| match error {
            ParameterError::Exists => CommandError::failed(
                format!("there is a parameter {} already", args.name),
                "`secret rotate` puts a new version of it",
            ),
            error => CommandError::failed(format!("{} cannot be put", args.name), error),
        })?;
    if args.json {
        output::json(&Put {
            name: &args.name,
            version,
        });
    } else {
        output::line(&format!("{} has version {version}", args.name));
        if overwrite {
            output::line(
                "Receivers take it at the first callback that is signed with it, and the previous version for another 24 hours.\nWait half a minute, then change the secret at Sinch, within an hour.",
            );
        }
    }
    Ok(())
}
