use sinch_callback::UnixSeconds;
use sinch_callback_server::recovery::{AttemptView, IntentSummary, IntentView};

use crate::{moment::readable, output};

/// An intent on one line.
pub(super) fn line(intent: &IntentSummary) {
    output::line(&format!(
        "{}  {}  {}  {}",
        moment(intent.accepted_at),
        intent.key,
        intent.state,
        intent.reason
    ));
}

/// All that is known of an intent.
pub(super) fn whole(view: &IntentView) {
    let intent = &view.intent;
    output::line(&format!("{}  {}", intent.key, intent.state));
    let to = intent.to.iter();
    let to: Vec<_> = to
        .map(|(channel, who)| format!("{channel} {who}"))
        .collect();
    field("because", &intent.reason);
    field("id", &intent.intent_id);
    field("to", &to.join(", "));
    field("accepted", &moment(intent.accepted_at));
    field(
        "told after",
        &intent.deadline.map_or_else(String::new, moment),
    );
    field("valid until", &moment(intent.valid_until));
    field(
        "looked at",
        &intent.look_at.map_or_else(String::new, moment),
    );
    if intent.dry_run {
        field("dry run", "nothing is sent for it");
    }
    for attempt in &view.attempts {
        let name = format!("attempt {}", attempt.number);
        let message = attempt.message_id.as_deref().unwrap_or_default();
        let told = format!(
            "{}  {}  {}  {message}  {}",
            moment(attempt.called_at),
            attempt.channel,
            outcome(attempt),
            why(attempt),
        );
        field(&name, told.trim_end());
    }
    output::line("");
    for line in &view.log {
        let attempt = line
            .attempt
            .map_or_else(String::new, |it| format!("(attempt {it})"));
        let told = format!(
            "{}  {:14}  {}  {attempt}",
            readable(line.at),
            line.what,
            line.why
        );
        output::line(&format!("  {}", told.trim_end()));
    }
}

/// What came of an attempt.
fn outcome(attempt: &AttemptView) -> &str {
    let state = attempt.message_state.as_deref();
    state.unwrap_or_else(|| attempt.state.as_str())
}

/// Why it came to that.
fn why(attempt: &AttemptView) -> &str {
    let failure = attempt
        .failure
        .as_ref()
        .map(|failure| failure.code.as_str());
    failure.unwrap_or(&attempt.words)
}

fn moment(seconds: u64) -> String {
    readable(UnixSeconds::new(seconds))
}

/// A line of what is known; what is not known has none.
fn field(name: &str, value: &str) {
    if !value.is_empty() {
        output::line(&format!("  {name:12}  {value}"));
    }
}
