use std::io::{self, IsTerminal};

use clap::{Args, ValueEnum};
use tracing_subscriber::{EnvFilter, fmt};

/// What is logged, on standard error. No log line holds a secret, body, nonce or signature.
#[derive(Args, Debug)]
pub(crate) struct LogArgs {
    /// What to log: error, warn, info, debug, or a filter as tracing understands it
    #[arg(
        long = "log",
        global = true,
        help_heading = "Logging",
        value_name = "LEVEL",
        default_value = "info"
    )]
    filter: EnvFilter,

    /// How to write the log
    #[arg(
        long = "log-format",
        global = true,
        help_heading = "Logging",
        value_name = "FORMAT",
        default_value = "text"
    )]
    format: LogFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Changes what is logged while the process runs.
pub(crate) type Refilter = Box<dyn Fn(EnvFilter) + Send + Sync>;

impl LogArgs {
    pub(crate) fn start(&self) -> Refilter {
        let logs = fmt()
            .with_env_filter(self.filter.clone())
            .with_ansi(io::stderr().is_terminal())
            .with_target(false)
            .with_writer(io::stderr);
        // A reload fails only where the subscriber is gone, and with it whoever reads the log.
        match self.format {
            LogFormat::Text => {
                let logs = logs.with_filter_reloading();
                let handle = logs.reload_handle();
                logs.init();
                Box::new(move |filter| drop(handle.reload(filter)))
            }
            LogFormat::Json => {
                let logs = logs.json().with_filter_reloading();
                let handle = logs.reload_handle();
                logs.init();
                Box::new(move |filter| drop(handle.reload(filter)))
            }
        }
    }
}
