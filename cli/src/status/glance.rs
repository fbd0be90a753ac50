use sinch_callback::UnixSeconds;
use sinch_callback_server::store::RecoveryState;

use super::source::Source;
use crate::{command_error::CommandError, moment::readable, output};

/// Shows how a receiver stands.
pub(super) fn show(source: &Source, as_json: bool) -> Result<(), CommandError> {
    let state = source.state()?;
    if as_json {
        output::json(&state);
        return Ok(());
    }
    if let Some(line) = source.hearing()? {
        eprintln!("{line}");
    }
    let field = |name: &str, value: &str| output::line(&format!("{name:9}  {value}"));
    field("recovery", state.mode.as_str());
    field("paused", &paused(&state));
    field(
        "budget",
        &format!(
            "{} of {} sends this hour; {} to a person on a day",
            state.used_this_hour, state.per_hour, state.per_person_and_day
        ),
    );
    let intents = state.intents.iter();
    let intents: Vec<_> = intents
        .map(|(name, count)| format!("{count} {name}"))
        .collect();
    let intents = intents.join(", ");
    field(
        "intents",
        if intents.is_empty() { "none" } else { &intents },
    );
    if state.intents.contains_key("needs_person") {
        output::line("");
        output::line("Some wait for a person: `sinch-callback intents list --state needs_person`");
    }
    Ok(())
}

fn paused(state: &RecoveryState) -> String {
    match (&state.paused, &state.unreadable) {
        (Some(pause), _) => {
            let since = readable(UnixSeconds::new(pause.at));
            format!("since {since}: {}", pause.why)
        }
        (None, Some(why)) => format!("nothing is sent while it cannot be told: {why}"),
        (None, None) => "no".into(),
    }
}
