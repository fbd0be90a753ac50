use tracing_subscriber::{filter::LevelFilter, fmt};

/// Starts the log: JSON lines on standard output, each with its invocation's request id. No line
/// holds a secret, body, nonce or signature.
pub fn start_logs(level: LevelFilter) {
    fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false)
        .with_max_level(level)
        .init();
}
