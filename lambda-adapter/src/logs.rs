use sinch_callback::ContentKey;
use tracing_subscriber::{
    Layer, filter::LevelFilter, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// Of 256 contents, how many have the lines of their successes in the log by default. Our own choice: the
/// metrics are exact, the message's own log has them all, and a line is paid for by its bytes.
const SHOWN: u8 = 4;

/// Whether the success of this content has its line: the same in both functions, so that one callback
/// can be followed. Refusals, failures and the use of an old secret always have theirs.
pub(crate) fn is_sampled(content: ContentKey) -> bool {
    content.as_bytes().first().is_none_or(|byte| *byte < SHOWN)
}

/// Starts the log: JSON lines on standard output, each with its invocation's request id. No line
/// holds a secret, body, nonce or signature.
///
/// The level is that of our own lines; of libraries only warnings and errors are logged, and what a
/// library writes about a request while it debugs is nobody's business.
pub fn start_logs(level: LevelFilter) {
    let lines = fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_target(false);
    let lines_of = Targets::new()
        .with_target("sinch_callback_lambda", level)
        .with_target("receiver", level)
        .with_target("processor", level)
        // The span with the request id is theirs, of level info.
        .with_target("lambda_runtime", LevelFilter::INFO)
        .with_default(level.min(LevelFilter::WARN));
    let lines_of = if level == LevelFilter::OFF {
        Targets::new()
    } else {
        lines_of
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(lines_of))
        .init();
}
