use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::MessageView;

use crate::{moment::readable, output};

pub(super) fn print(view: &MessageView) {
    let message = &view.message;
    let state = match &message.state {
        Some(state) => state,
        None if view.log.is_empty() => "watched",
        None => "unknown",
    };
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
        field("sub code", &reason.sub_code);
        field("permanence", reason.permanence.as_str());
        field("remedy", reason.remedy.advice());
    }
    if let Some(carrier) = &message.carrier {
        field("channel code", &carrier.channel_code);
        field("carrier says", &carrier.status_message);
        field("operator", &carrier.operator);
        field(
            "parts",
            &carrier
                .parts
                .map(|parts| parts.to_string())
                .unwrap_or_default(),
        );
        field("encoding", &carrier.encoding);
    }
    for due in &view.dues {
        let deadline = readable(UnixSeconds::new(due.deadline));
        let told = if due.told { "overdue since" } else { "until" };
        field(&due.cause, &format!("{told} {deadline}"));
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
