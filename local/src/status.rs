//! `status`: a message's timeline for a person.

use std::path::PathBuf;

use clap::Args;
use sinch_callback::{Remedy, UnixSeconds};

use crate::{
    clock::readable,
    command_error::CommandError,
    output,
    store::{self, MessageView},
};

/// Show what is known of a message: its timeline, reason, correlation
#[derive(Args, Debug)]
#[command(after_help = "\
Exit code: 0 found, 1 not found, 2 misuse.

Examples:
  sinch-callback status 01EQBC1A3BEK731GY4YXEN0C2R
  sinch-callback status 01FC66621XXXXX119Z8PMV1QPQ:44231235674 --data /var/lib/sinch --json")]
pub(crate) struct StatusArgs {
    /// Id of the message; for an SMS batch, batch id and recipient's digits with a colon between
    message_id: String,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// Print what is known as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &StatusArgs) -> Result<(), CommandError> {
    let connection = store::open_for_reading(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let view = MessageView::find(&connection, &args.message_id)
        .map_err(|error| CommandError::failed("the store cannot be read", error))?;
    let Some(view) = view else {
        return Err(CommandError::failed(
            format!(
                "no report of a message {} has been recorded",
                args.message_id
            ),
            "has its callback been processed, and is this its store?",
        ));
    };
    if args.json {
        output::json(&view);
    } else {
        print(&view);
    }
    Ok(())
}

fn print(view: &MessageView) {
    let message = &view.message;
    let state = message.state.as_deref().unwrap_or("unknown");
    let mark = if message.contradicted {
        "  (CONTRADICTED: reports disagree on how it ended)"
    } else {
        ""
    };
    output::line(&format!("{}  {state}{mark}", message.message_id));
    field("channel", &named(&message.channel));
    field("recipient", &message.identity);
    field("conversation", &message.conversation_id);
    field("contact", &message.contact_id);
    field("metadata", &message.correlation.metadata);
    field("correlation", &message.correlation.correlation_id);
    field("reference", &message.correlation.client_reference);
    if let Some(reason) = &message.reason {
        field("reason", &reason_line(&reason.code, &reason.description));
        let advice = Remedy::parse(&reason.asks_for).unwrap_or(Remedy::Unknown);
        field("asks for", advice.advice());
    }
    output::line("");
    for entry in &view.log {
        let received = readable(UnixSeconds::new(entry.received_at));
        let reason = entry
            .reason
            .as_ref()
            .map(|reason| format!("  {}", reason.code))
            .unwrap_or_default();
        let repeats = match entry.repeats {
            0 => String::new(),
            1 => "  (repeated once)".into(),
            times => format!("  (repeated {times} times)"),
        };
        output::line(&format!(
            "  {received}  {:10}  {:18}  {:12}{reason}{repeats}",
            named(&entry.channel),
            entry.status,
            entry.step,
        ));
    }
}

fn named(channel: &str) -> String {
    if channel.is_empty() { "-" } else { channel }.to_owned()
}

fn reason_line(code: &str, description: &str) -> String {
    if description.is_empty() {
        code.to_owned()
    } else {
        format!("{code}: {description}")
    }
}

/// A line of what is known; what is not known has none.
fn field(name: &str, value: &str) {
    if !value.is_empty() {
        output::line(&format!("  {name:12}  {value}"));
    }
}
