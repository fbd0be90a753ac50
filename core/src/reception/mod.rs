//! How a callback is received: a machine without I/O, clock or allocator, the same for every host.
//!
//! A host begins with [`Reception::begin`] and then does what each [`Next`] names: it gives the secrets,
//! asks for newer ones, asks its guard, hands the callback off, answers. Each step is a type that its
//! own methods use up, so a host that does things in another order does not compile. The machine
//! decides all that lies between: what is refused, what a mismatch means, who may release a claim,
//! and what the sender is told.
//!
//! | file | holds |
//! |---|---|
//! | `rules.rs` | [`Rules`]: what a host accepts, apart from the secrets |
//! | `next.rs` | [`Reception`], [`Next`] and its steps |
//! | `mismatch.rs` | [`OpenMismatch`]: when a mismatch is final |
//! | `settle.rs` | [`OpenHandOff`]: what becomes of a claim when a hand-off has ended |
//! | `origin.rs` | [`OriginAnswer`]: which of an origin's answers an edge lets through |
//! | `answer.rs` | [`Answer`]: everything that a callback is ever answered |

pub(crate) mod answer;
pub(crate) mod mismatch;
mod next;
mod origin;
pub(crate) mod rules;
mod settle;

pub use crate::algorithm_header::AlgorithmHeader;
pub use answer::{Answer, AnswerKind};
pub use mismatch::OpenMismatch;
pub use next::{AwaitClaim, AwaitHandOff, AwaitRefresh, AwaitSecrets, Next, Reception, Undecided};
pub use origin::{ANSWER_HEADER, Forwarded, OriginAnswer};
pub use rules::{OnMismatch, Rules};
pub use settle::{OpenHandOff, Relayed, Settle, Settled};
