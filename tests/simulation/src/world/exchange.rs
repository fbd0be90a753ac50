use std::sync::Arc;

use sinch_callback::{ReplayKey, UnixSeconds};

use crate::{edge_host::Mark, sinch::Request};

/// A callback on its way to one webhook.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) callback: usize,
    pub(super) attempts: u32,
    pub(super) settled: bool,
    pub(super) first: Option<Arc<Request>>,
}

#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) delivery: usize,
    pub(super) settled: bool,
}

/// A request that is under way.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) request: Arc<Request>,
    pub(super) callback: Option<usize>,
    /// Of Sinch's; the attacker waits for no answer.
    pub(super) attempt: Option<usize>,
    pub(super) via: Option<Via>,
    pub(super) receiver: usize,
    /// When it came to the receiver, by that one's clock.
    pub(super) received_at: UnixSeconds,
    /// Its key, once the receiver has verified it.
    pub(super) replay_key: Option<ReplayKey>,
}

/// The edge that an exchange came through, and its mark where that edge has verified it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Via {
    pub(super) edge: usize,
    pub(super) life: u64,
    pub(super) mark: Option<Mark>,
}
