//! Recovery on AWS: the engine's ports, and the function over them.

mod budgets;
mod email;
mod function;
mod hearing;
mod host;
mod intents;
mod open;
mod sender;
mod ses;
mod suppressions;
mod switch;
mod table;

pub use function::{NotDone, RecoveryFunction};
