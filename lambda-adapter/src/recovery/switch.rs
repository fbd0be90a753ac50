use std::time::Instant;

use futures_util::lock::Mutex;
use sinch_callback_recovery::ports::{Mode, Switch, SwitchState};

use crate::{client::AwsError, clock, parameter_store::ParameterStore, ssm::Parameters};

/// The kill switch: a parameter of SSM that says `off`, `dry-run`, `on`, or `paused: ` and why.
///
/// It is read for each decision to send: nothing of it is kept. Those who ask at once share an answer
/// that was asked for after all of them had come.
#[derive(Debug)]
pub(super) struct ParameterSwitch {
    parameters: Parameters,
    name: String,
    read: Mutex<Option<(Instant, Option<SwitchState>)>>,
}

const PAUSED: &str = "paused: ";
/// Characters of a reason that are written. Our own choice.
const LONGEST: usize = 1_000;

impl ParameterSwitch {
    /// The switch of this name.
    #[must_use]
    pub(super) fn new(parameters: Parameters, name: String) -> Self {
        Self {
            parameters,
            name,
            read: Mutex::new(None),
        }
    }

    /// Lets sends pass.
    ///
    /// # Errors
    /// When it is not certain that they do.
    pub(super) async fn resume(&self) -> Result<(), AwsError> {
        tracing::warn!(parameter = self.name, "sends are let go again");
        self.put(Mode::On.as_str()).await
    }

    async fn put(&self, text: &str) -> Result<(), AwsError> {
        let mut read = self.read.lock().await;
        *read = None;
        self.parameters.put_text(&self.name, text).await
    }
}

/// What a text says; `None` of one that says nothing.
fn parse(text: &str) -> Option<SwitchState> {
    let text = text.trim();
    if let Some(why) = text.strip_prefix(PAUSED) {
        return Some(SwitchState {
            mode: Mode::On,
            paused: Some(why.to_owned()),
        });
    }
    text.parse()
        .ok()
        .map(|mode| SwitchState { mode, paused: None })
}

impl Switch for ParameterSwitch {
    type Error = AwsError;

    async fn read(&self) -> Result<SwitchState, AwsError> {
        let came_at = clock::stopwatch();
        let mut read = self.read.lock().await;
        let said = |text: &str| AwsError::saying(format!("the parameter {} {text}", self.name));
        if let Some((_, state)) = read.as_ref().filter(|(asked_at, _)| *asked_at >= came_at) {
            let state = state.clone();
            return state.ok_or_else(|| said("could not be read just now"));
        }
        let asked_at = clock::stopwatch();
        // Until it has been read.
        *read = Some((asked_at, None));
        let name = core::slice::from_ref(&self.name);
        let found = self.parameters.read(name).await?;
        let text = found.first().map(|parameter| parameter.value.as_str());
        let state = text.and_then(parse);
        let state = state.ok_or_else(|| said("says none of off, dry-run, on and paused: WHY"))?;
        *read = Some((asked_at, Some(state.clone())));
        Ok(state)
    }

    async fn pause(&self, why: &str) -> Result<(), AwsError> {
        let text = [PAUSED, why].concat();
        let text: String = text.chars().take(LONGEST).collect();
        self.put(&text).await?;
        tracing::error!(
            why,
            parameter = self.name,
            "all sends pause until the parameter says on again"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_says_one_of_four_things_and_anything_else_is_closed() {
        for (text, mode, paused) in [
            ("off", Mode::Off, None),
            ("dry-run\n", Mode::DryRun, None),
            (" on", Mode::On, None),
            (
                "paused: 403 forbidden",
                Mode::On,
                Some("403 forbidden".to_owned()),
            ),
        ] {
            assert_eq!(parse(text), Some(SwitchState { mode, paused }), "{text}");
        }
        for text in ["", "ON", "yes", "paused", "on, please"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
