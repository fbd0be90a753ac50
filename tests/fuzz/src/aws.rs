//! What the two Lambda functions are run in.

use lambda_runtime::Context;
use sinch_callback::UnixSeconds;
use sinch_callback_lambda::{Clock, Shared};
use tokio::runtime::{Builder, Runtime};
use tracing_subscriber::filter::LevelFilter;

pub(crate) const NOW: UnixSeconds = UnixSeconds::new(1_700_000_000);
/// In milliseconds: the year 33658. No invocation runs out of time.
const DEADLINE: u64 = 1_000_000_000_000_000;

/// One for each input: nothing is left over from the one before.
pub(crate) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime without threads")
}

pub(crate) fn shared() -> Shared {
    Shared {
        log_level: LevelFilter::OFF,
        metrics_namespace: "Fuzz".into(),
        function_name: "function".into(),
        clock: Clock::FixedAt(NOW),
    }
}

pub(crate) fn context() -> Context {
    let mut context = Context::default();
    context.request_id = "request-1".into();
    context.deadline = DEADLINE;
    context
}
