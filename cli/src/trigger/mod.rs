//! `trigger`: one signed callback of any kind.

mod body;
mod edit;

use clap::Args;
use serde::Serialize;
use sinch_callback_server::{client::Client, clock::Clock};

use self::body::{Field, Template};
use crate::{
    command_error::CommandError, output, scheme::SchemeArgs, secrets::SecretArgs,
    signed::SignedCallback,
};

/// Post one signed callback of any kind, with a realistic body
#[derive(Args, Debug)]
#[command(after_help = "\
It is signed as the kind's product signs: add --key for Voice and Verification. The body has an id and times \
of its own each time.
Exit code: 0 when it was answered with 2xx, 1 when not, 2 misuse.

Examples:
  sinch-callback trigger --list
  sinch-callback trigger opt_out --url http://127.0.0.1:8080/callbacks --secret-file secret.txt
  sinch-callback trigger message_delivery --field message_delivery_report.status=FAILED \\
      --secret-file secret.txt
  sinch-callback trigger voice_disconnected_call --edit --url http://127.0.0.1:8080/voice \\
      --key 669E367E-6BBA-48AB-AF15-266871C28135 --secret-file voice-secret.txt")]
pub(crate) struct TriggerArgs {
    /// What it tells: one of --list
    #[arg(value_name = "KIND", required_unless_present = "list")]
    kind: Option<String>,

    /// List the kinds, each with its scheme
    #[arg(long, conflicts_with_all = ["fields", "edit"])]
    list: bool,

    /// Set a field of the body by its path, as message_delivery_report.status=FAILED or
    /// statuses.0.count=3. What is JSON is taken as that, everything else as text; repeat it for more
    #[arg(long = "field", value_name = "PATH=VALUE", value_parser = Field::parse)]
    fields: Vec<Field>,

    /// Edit the body with $VISUAL or $EDITOR first
    #[arg(long)]
    edit: bool,

    /// Where to send, path included
    #[arg(long, default_value = "http://127.0.0.1:8080/callbacks")]
    url: String,

    #[command(flatten)]
    scheme: SchemeArgs,

    #[command(flatten)]
    secrets: SecretArgs,

    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// A kind that can be triggered.
#[derive(Serialize)]
struct Listed<'a> {
    kind: &'a str,
    scheme: &'static str,
    about: &'a str,
}

/// What was sent, and what came back.
#[derive(Serialize)]
struct Triggered<'a> {
    kind: &'a str,
    scheme: &'static str,
    url: &'a str,
    body_bytes: usize,
    status: u16,
    /// The answer's text.
    answer: String,
}

pub(crate) async fn run(args: TriggerArgs) -> Result<(), CommandError> {
    let templates = Template::all()?;
    let Some(kind) = args.kind.as_deref().filter(|_| !args.list) else {
        list(&templates, args.json);
        return Ok(());
    };
    let template = templates.iter().find(|template| template.name == kind);
    let template = template.ok_or_else(|| {
        CommandError::Misuse(format!(
            "no kind is called \"{kind}\": trigger --list shows them"
        ))
    })?;
    let now = Clock::System.now();
    let mut body = template.body(now);
    for field in &args.fields {
        field.set(&mut body)?;
    }
    let mut text = body.to_string();
    if args.edit {
        text = edit::edited(&body)?;
    }
    let name = args.scheme.scheme.unwrap_or_else(|| template.scheme());
    let scheme = args.scheme.of(name)?;
    let signer = args.secrets.signer(scheme)?;
    let mut client =
        Client::new(&args.url).map_err(|error| CommandError::Misuse(error.to_string()))?;
    let path = client.path().to_owned();
    let request = args.scheme.request(&scheme, None, Some(&path))?;
    let signed = SignedCallback::of(&signer, request, text.as_bytes(), now)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let answer = signed
        .post(&mut client)
        .await
        .map_err(|error| CommandError::failed(format!("{} gave no answer", args.url), error))?;
    let triggered = Triggered {
        kind,
        scheme: name.as_str(),
        url: &args.url,
        body_bytes: signed.body.len(),
        status: answer.status,
        answer: String::from_utf8_lossy(&answer.body).trim().to_owned(),
    };
    if args.json {
        output::json(&triggered);
    } else {
        output::line(&format!(
            "{kind}, {} bytes, signed as {name}: {} {}",
            triggered.body_bytes, triggered.status, triggered.answer
        ));
    }
    if (200..300).contains(&answer.status) {
        Ok(())
    } else {
        Err(CommandError::No)
    }
}

fn list(templates: &[Template], as_json: bool) {
    let listed = templates.iter().map(|template| Listed {
        kind: &template.name,
        scheme: template.scheme().as_str(),
        about: &template.about,
    });
    if as_json {
        output::json(&listed.collect::<Vec<_>>());
        return;
    }
    let width = templates.iter().map(|template| template.name.len()).max();
    let width = width.unwrap_or_default();
    for Listed {
        kind,
        scheme,
        about,
    } in listed
    {
        output::line(&format!("{kind:width$}  {scheme:12}  {about}"));
    }
}
