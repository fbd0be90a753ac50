use std::collections::HashMap;

use sinch_callback::ContentKey;

use crate::{
    edge_host::EdgeHost, guard::Guard, log::Told, parameter_store::Store, processor::ProcessorHost,
    receiver::ReceiverHost,
};

/// An environment at the edge.
pub(super) struct EdgeSite {
    pub(super) edge: EdgeHost,
    pub(super) store: Store,
    pub(super) life: u64,
}

/// A receiver's host.
pub(super) struct ReceiverSite {
    pub(super) host: ReceiverHost,
    pub(super) guard: Guard,
    /// Events that a first commit has left to a second one, which there is only without a safeguard.
    pub(super) left: Vec<(ContentKey, Vec<Told>)>,
    pub(super) store: Store,
}

/// A processor's host.
pub(super) struct ProcessorSite {
    pub(super) host: ProcessorHost,
    pub(super) life: u64,
    pub(super) under_way: HashMap<u64, ContentKey>,
    /// Where an attempt on a large callback began, and how far it has come.
    pub(super) reached: HashMap<u64, (usize, usize)>,
}
