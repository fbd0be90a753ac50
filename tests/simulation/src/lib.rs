//! A world in which the real core and pipeline work, with a clock of its own: Sinch, its network,
//! edges, receivers, a queue, processors, a log, and an attacker, all made from one seed.
//!
//! A referee watches every step ([`Invariant`]). Each [`Safeguard`] can be taken away, and the
//! referee must then find a violation.

mod attacker;
mod background;
mod board;
mod commit;
mod draw;
mod edge_host;
mod guard;
mod law;
mod log;
mod outbox;
mod parameter_store;
mod plan;
mod processor;
mod queue;
mod receiver;
mod referee;
mod run;
mod safeguard;
mod schedule;
mod search;
mod secrets;
mod shim;
mod sinch;
mod story;
mod world;

pub mod model;
pub mod outcome;
pub mod progress;
pub mod silence;
pub mod table;

pub use referee::{Invariant, Violation};
pub use run::{Report, run, runtime};
pub use safeguard::Safeguard;
pub use search::{Found, search};
pub use story::Story;
pub use world::{Stats, World};
