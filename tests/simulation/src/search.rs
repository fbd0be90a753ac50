use tokio::runtime::Runtime;

use crate::{Safeguard, Violation, World};

/// What a search for the consequence of a missing safeguard has found.
#[derive(Debug)]
pub struct Found {
    /// The world in which it shows.
    pub seed: u64,
    /// How it shows.
    pub violation: Violation,
    /// Worlds that were tried.
    pub worlds: u64,
}

/// Looks for a world in which the invariant breaks that this safeguard upholds, among the first
/// `worlds`; `None` where there is none.
#[must_use]
pub fn search(without: Safeguard, worlds: u64, runtime: &Runtime) -> Option<Found> {
    (1..=worlds).find_map(|seed| {
        let violation = World::new(seed, Some(without), runtime).run().err()?;
        (violation.invariant == without.upholds()).then_some(Found {
            seed,
            violation,
            worlds: seed,
        })
    })
}
