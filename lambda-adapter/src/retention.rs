/// For how long items are kept, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Callbacks with their bodies: from when they were received.
    pub log_secs: u64,
    /// A message with its log: from when its last report was received.
    pub state_secs: u64,
}

impl Default for Retention {
    /// 90 days, and 400: a year with its bookkeeping. Our own choice, and the template's.
    fn default() -> Self {
        Self {
            log_secs: 7_776_000,
            state_secs: 34_560_000,
        }
    }
}
