use sinch_callback_server::with_causes;
use std::{error::Error, process::ExitCode};

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The arguments, the files they name or the environment are not usable: exit code 2.
    #[error("{0}")]
    Misuse(String),
    /// It was tried and did not work: exit code 1.
    #[error("{context}")]
    Failed {
        context: String,
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// It worked, and the answer is no: exit code 1. Everything has been said already.
    #[error("")]
    No,
}

impl CommandError {
    pub(crate) fn failed(
        context: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Failed {
            context: context.into(),
            source: source.into(),
        }
    }

    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Misuse(_) => 2,
            Self::Failed { .. } | Self::No => 1,
        })
    }

    /// The error and its causes on one line; empty where there is nothing to add.
    pub(crate) fn line(&self) -> String {
        with_causes(self)
    }
}
