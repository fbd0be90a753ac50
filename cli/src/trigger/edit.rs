use std::{env, fs, process::Command};

use serde_json::Value;

use crate::command_error::CommandError;

/// What a person makes of a body in their editor, byte for byte.
pub(super) fn edited(body: &Value) -> Result<String, CommandError> {
    let failed = |error| CommandError::failed("the body cannot be edited", error);
    let folder = tempfile::tempdir().map_err(failed)?;
    let file = folder.path().join("body.json");
    let pretty = serde_json::to_string_pretty(body).unwrap_or_default();
    fs::write(&file, format!("{pretty}\n")).map_err(failed)?;
    let editor = editor()?;
    // As git does: the variable may hold arguments, so a shell reads it.
    let status = Command::new("sh")
        .args(["-c", &format!("{editor} \"$@\""), &editor])
        .arg(&file)
        .status()
        .map_err(failed)?;
    if !status.success() {
        return Err(CommandError::Misuse(format!(
            "{editor} ended with {status}: nothing was sent"
        )));
    }
    fs::read_to_string(&file).map_err(failed)
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is where the host takes the editor from its environment"
)]
fn editor() -> Result<String, CommandError> {
    let named = |name| env::var(name).ok().filter(|editor| !editor.is_empty());
    named("VISUAL").or_else(|| named("EDITOR")).ok_or_else(|| {
        CommandError::Misuse(
            "no editor is known: set the environment variable EDITOR, or use --field".into(),
        )
    })
}
