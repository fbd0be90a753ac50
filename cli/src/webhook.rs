//! `webhook`: where an app's callbacks go, told to Sinch by its API.

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use sinch_callback::{UnixSeconds, scheme::AnyScheme};
use sinch_callback_recovery::sinch::{
    AccessKey, Api, ApiError, ExchangeError, NewWebhook, Region, Webhook, Webhooks,
};
use sinch_callback_server::{clock::Clock, sending::HttpsClient, with_causes};
use zeroize::Zeroizing;

use crate::{command_error::CommandError, output, secrets::SecretArgs, sinch};

/// Register where Sinch sends an app's callbacks, with the secret to sign them with
#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    Create(CreateArgs),
    List(ListArgs),
    Delete(DeleteArgs),
}

/// Whose webhooks.
#[derive(Args, Debug)]
struct ProjectArgs {
    /// Id of the project at Sinch
    #[arg(long, value_name = "ID")]
    project: String,

    /// Where its data lies: us, eu or br. A wrong one answers 404
    #[arg(long, value_name = "REGION", default_value = "us")]
    region: Region,

    /// File that holds the access key: KEY_ID:KEY_SECRET, on one line
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,

    /// Address of a stand-in for Sinch, as play-sinch prints it
    #[arg(long, value_name = "URL")]
    sinch_url: Option<String>,
}

/// Register an address for an app's callbacks
#[derive(Args, Debug)]
#[command(after_help = "\
The secret is that of --secret-file, or of SINCH_WEBHOOK_SECRET: the one that serve verifies with. An app \
has at most 5 webhooks, each with an address of its own.

Exit code: 0 registered, 1 Sinch said no or did not answer, 2 misuse.

Example:
  sinch-callback webhook create --project c36f3d3d-1513-2edd-ae42-11995557ff61 --key-file key.txt \\
      --app 01EB37HMH1M6SV18BSNS3G135H --target https://example.com/callbacks \\
      --secret-file secret.txt")]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Id of the app
    #[arg(long, value_name = "ID")]
    app: String,

    /// Where callbacks are to go
    #[arg(long, value_name = "URL")]
    target: String,

    /// Which callbacks; repeat it for more. Without it, delivery reports, what was submitted, and who
    /// opts out or in
    #[arg(long = "trigger", value_name = "TRIGGER")]
    triggers: Vec<String>,

    #[command(flatten)]
    secrets: SecretArgs,

    /// Print the webhook as JSON
    #[arg(long)]
    json: bool,
}

/// List an app's webhooks
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  sinch-callback webhook list --project c36f3d3d-1513-2edd-ae42-11995557ff61 --key-file key.txt \\
      --app 01EB37HMH1M6SV18BSNS3G135H")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    project: ProjectArgs,

    /// Id of the app
    #[arg(long, value_name = "ID")]
    app: String,

    /// Print each as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Remove a webhook: callbacks stop to go there
#[derive(Args, Debug)]
#[command(after_help = "\
Example:
  sinch-callback webhook delete 01EXA07N79THJ20WSN6AS30TMW --key-file key.txt \\
      --project c36f3d3d-1513-2edd-ae42-11995557ff61")]
pub(crate) struct DeleteArgs {
    /// Id of the webhook, as `webhook list` shows it
    id: String,

    #[command(flatten)]
    project: ProjectArgs,
}

type ByHttps = Webhooks<Arc<HttpsClient>, fn() -> UnixSeconds>;

impl ProjectArgs {
    fn webhooks(&self) -> Result<ByHttps, CommandError> {
        let addresses = sinch::addresses(self.region, self.sinch_url.as_deref())?;
        let key = AccessKey::parse(&sinch::credential(&self.key_file)?).map_err(|error| {
            CommandError::Misuse(format!("{}: {error}", self.key_file.display()))
        })?;
        let now: fn() -> UnixSeconds = || Clock::System.now();
        let api = Api::new(sinch::client(), now, &addresses, key, &self.project)
            .map_err(|error| CommandError::Misuse(format!("--project: {error}")))?;
        Ok(Webhooks::of(api))
    }
}

pub(crate) async fn run(command: WebhookCommand) -> Result<(), CommandError> {
    match command {
        WebhookCommand::Create(args) => create(args).await,
        WebhookCommand::List(args) => {
            let webhooks = args.project.webhooks()?;
            let listed = webhooks.list(&args.app).await;
            let listed = listed.map_err(|error| refused("the webhooks cannot be listed", error))?;
            for webhook in &listed {
                tell(webhook, args.json);
            }
            Ok(())
        }
        WebhookCommand::Delete(args) => {
            let deleted = args.project.webhooks()?.delete(&args.id).await;
            deleted.map_err(|error| refused("the webhook cannot be deleted", error))?;
            output::line(&format!("{} deleted", args.id));
            Ok(())
        }
    }
}

async fn create(args: CreateArgs) -> Result<(), CommandError> {
    let new = new_webhook(&args)?;
    let webhooks = args.project.webhooks()?;
    let others = webhooks.list(&new.app_id).await;
    let others = others.map_err(|error| refused("the app's webhooks cannot be listed", error))?;
    if let Some(other) = others.iter().find(|other| other.target == new.target) {
        return Err(CommandError::failed(
            "the webhook is not made",
            format!("{} has this target; delete it first to change it", other.id),
        ));
    }
    if others.len() >= NewWebhook::MOST {
        return Err(CommandError::failed(
            "the webhook is not made",
            "the app has 5 webhooks, which is the most: delete one that `webhook list` shows",
        ));
    }
    let made = webhooks.create(&new).await;
    let made = made.map_err(|error| match error {
        ApiError::Exchange(ExchangeError::MayHaveLeft(_)) => CommandError::failed(
            "the webhook may have been made, which `webhook list` tells",
            error,
        ),
        error => refused("the webhook is not made", error),
    })?;
    tell(&made, args.json);
    Ok(())
}

fn new_webhook(args: &CreateArgs) -> Result<NewWebhook, CommandError> {
    let is_local = args.project.sinch_url.is_some() && args.target.starts_with("http://");
    if !args.target.starts_with("https://") && !is_local {
        return Err(CommandError::Misuse(
            "--target: Sinch calls an https address, from outside".into(),
        ));
    }
    let longest = NewWebhook::LONGEST_TARGET;
    if args.target.chars().count() > longest {
        return Err(CommandError::Misuse(format!(
            "--target: longer than {longest} characters, which Sinch does not take"
        )));
    }
    let files = args.secrets.files()?;
    let text = files.texts()?.into_iter().next();
    let text = text.ok_or(sinch_callback_server::secrets::SecretsError::None)?;
    // What serve would not verify with is not registered.
    files.key(&text, &AnyScheme::default())?;
    let secret = String::from_utf8(text.bytes.to_vec())
        .map_err(|_| CommandError::Misuse(format!("{} is not UTF-8", text.origin)))?;
    let triggers = if args.triggers.is_empty() {
        NewWebhook::TRIGGERS.map(str::to_owned).into()
    } else {
        args.triggers.clone()
    };
    Ok(NewWebhook {
        app_id: args.app.clone(),
        target: args.target.clone(),
        triggers,
        secret: Zeroizing::new(secret),
    })
}

fn tell(webhook: &Webhook, as_json: bool) {
    if as_json {
        output::json(webhook);
    } else {
        let triggers = webhook.triggers.join(" ");
        output::line(&format!("{}  {}  {triggers}", webhook.id, webhook.target));
    }
}

/// What Sinch said, with what to look at.
fn refused(what: &str, error: ApiError) -> CommandError {
    let hint = match &error {
        ApiError::Token(_) | ApiError::Status { status: 401, .. } => {
            "is the access key of --key-file one of this project?"
        }
        ApiError::Status { status: 403, .. } => "the access key has no right to do this",
        ApiError::Status { status: 404, .. } => {
            "nothing of this id is there: are --project and --region right?"
        }
        _ => return CommandError::failed(what, error),
    };
    CommandError::failed(what, format!("{} ({hint})", with_causes(&error)))
}
