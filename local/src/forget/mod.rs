//! `forget`: what is known of a person or of a message is deleted.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::{clock::Clock, command_error::CommandError, output, store};

/// Delete what is known of a person or of a message
#[derive(Args, Debug)]
#[command(after_help = "\
Deleted are messages with their channels, log and events, and what waits in the queue or is set
aside; of each callback that speaks of them the body. A keyed hash of each message's id stays for 30
days: what is reported of it by then is dropped. What is sent to a person from then on is new, and is
kept like anything else.

Not reached: backups, logs of proxies, and whoever was told by events.

Works beside a running `serve` and without one. On AWS, what waits in the queues is not reached: run it
again when they are empty. Of a person the whole table is searched, and its point-in-time backups keep
what they have for 35 days.

Exit code: 0 deleted, 1 nothing was found, 2 misuse.

Examples:
  sinch-callback forget --identity +46701234567 --dry-run
  sinch-callback forget --message 01EQBC1A3BEK731GY4YXEN0C2R --data /var/lib/sinch
With the feature aws:
  sinch-callback forget --identity +46701234567 --table sinch-DeliveryTable-1ABC --region eu-west-1")]
pub(crate) struct ForgetArgs {
    /// A person's number, address or id on a channel. Of a number the digits count
    #[arg(
        long,
        value_name = "IDENTITY",
        required_unless_present = "message",
        conflicts_with = "message"
    )]
    identity: Option<String>,

    /// Id of a message
    #[arg(long, value_name = "ID")]
    message: Option<String>,

    /// Only tell what would be deleted
    #[arg(long)]
    dry_run: bool,

    /// Folder of the store
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    data: PathBuf,

    /// DynamoDB table of the states instead: the stack's output TableName
    #[cfg(feature = "aws")]
    #[arg(long, value_name = "NAME", conflicts_with = "data")]
    table: Option<String>,

    #[cfg(feature = "aws")]
    #[command(flatten)]
    aws: crate::aws::AwsArgs,

    /// Print what was deleted as JSON
    #[arg(long)]
    json: bool,
}

/// Whom or what to forget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    Identity(String),
    Message(String),
}

/// How much was deleted, or would be. What a store has none of is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Forgotten {
    pub(crate) messages: u64,
    /// Callbacks whose body is gone.
    pub(crate) bodies: u64,
    pub(crate) events: u64,
    /// Callbacks that waited to be processed, or were set aside.
    pub(crate) queued: u64,
}

impl ForgetArgs {
    fn subject(&self) -> Option<Subject> {
        match (&self.identity, &self.message) {
            (Some(identity), _) => Some(Subject::Identity(identity.clone())),
            (None, Some(message)) => Some(Subject::Message(message.clone())),
            (None, None) => None,
        }
    }
}

impl Subject {
    /// What may stand in a body for it, as bytes to look for. A number is its digits, however it is
    /// written around them.
    ///
    /// # Errors
    /// Where it is too short to be looked for: it would be found in nearly everything.
    pub(crate) fn needle(&self) -> Result<String, CommandError> {
        let text = match self {
            Self::Identity(text) => digits(text).unwrap_or_else(|| text.trim().to_owned()),
            Self::Message(id) => id.clone(),
        };
        if text.len() < SHORTEST {
            return Err(CommandError::Misuse(format!(
                "\"{text}\" is shorter than {SHORTEST} characters, and would be found in what is about others"
            )));
        }
        Ok(text)
    }
}

/// The shortest text that is looked for in bodies.
const SHORTEST: usize = 5;

/// The digits of a phone number; `None` where it is something else.
pub(crate) fn digits(text: &str) -> Option<String> {
    let written = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '.');
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    (text.chars().all(written) && !digits.is_empty()).then_some(digits)
}

/// An identity as it is compared: a number by its digits, anything else whatever the case.
pub(crate) fn normal(identity: &str) -> String {
    digits(identity).unwrap_or_else(|| identity.trim().to_lowercase())
}

/// Whether a text stands in bytes, whatever the case of its letters. A number does not stand in a
/// longer number.
pub(crate) fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let is_number = needle.iter().all(u8::is_ascii_digit);
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    bytes.windows(needle.len()).enumerate().any(|(at, window)| {
        window.eq_ignore_ascii_case(needle) && {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at));
            let after = at.checked_add(needle.len()).and_then(|at| bytes.get(at));
            !(is_number && (is_digit(before) || is_digit(after)))
        }
    })
}

pub(crate) async fn run(args: ForgetArgs) -> Result<(), CommandError> {
    let Some(subject) = args.subject() else {
        return Err(CommandError::Misuse(
            "name --identity or --message".to_owned(),
        ));
    };
    let forgotten = forget(&args, &subject).await?;
    if args.json {
        output::json(&forgotten);
    } else {
        let Forgotten {
            messages,
            bodies,
            events,
            queued,
        } = forgotten;
        let verb = if args.dry_run {
            "would be deleted"
        } else {
            "deleted"
        };
        output::line(&format!(
            "{verb}: {messages} messages, {bodies} bodies, {events} events, {queued} waiting callbacks"
        ));
    }
    if forgotten == Forgotten::default() {
        return Err(CommandError::No);
    }
    Ok(())
}

#[cfg(feature = "aws")]
async fn forget(args: &ForgetArgs, subject: &Subject) -> Result<Forgotten, CommandError> {
    match &args.table {
        Some(table) => crate::aws::forget(&args.aws, table.clone(), subject, args.dry_run).await,
        None => local(args, subject),
    }
}

#[cfg(not(feature = "aws"))]
#[expect(clippy::unused_async, reason = "of a table it is not at once")]
async fn forget(args: &ForgetArgs, subject: &Subject) -> Result<Forgotten, CommandError> {
    local(args, subject)
}

fn local(args: &ForgetArgs, subject: &Subject) -> Result<Forgotten, CommandError> {
    let connection = store::open_for_writing_beside(&args.data)
        .map_err(|error| CommandError::Misuse(error.to_string()))?;
    let now = Clock::System.now();
    store::forget(&connection, subject, &subject.needle()?, args.dry_run, now)
        .map_err(|error| CommandError::failed("the store cannot be changed", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_its_digits_and_nothing_else_is() {
        for (text, needle) in [
            ("+46 (70) 123-45.67", "46701234567"),
            ("46701234567", "46701234567"),
            ("person-7@example.org", "person-7@example.org"),
            ("U02-46701234567", "U02-46701234567"),
        ] {
            let subject = Subject::Identity(text.into());
            assert_eq!(subject.needle().unwrap(), needle);
        }
        assert!(Subject::Identity("+46".into()).needle().is_err());
    }

    #[test]
    fn a_number_is_found_with_a_plus_and_not_inside_another() {
        for (body, there) in [
            (r#"{"identity":"+46701234567"}"#, true),
            (r#"["46701234567"]"#, true),
            ("46701234567", true),
            (r#"{"identity":"467012345678"}"#, false),
            (r#"{"identity":"146701234567"}"#, false),
            (r#"{"nothing":1}"#, false),
            ("", false),
        ] {
            assert_eq!(contains(body.as_bytes(), b"46701234567"), there, "{body}");
        }
        assert!(contains(
            br#""Person-7@Example.org""#,
            b"person-7@example.org"
        ));
    }
}
