//! What to send next to reach a person, and when to send nothing.
//!
//! An [`Intent`] is what is to be said to one person, its [`Attempt`]s are the sends, a [`Plan`] says
//! which channels are tried and for how long. [`decide`](decide()) is pure and total: it reads an intent
//! and its [`Circumstances`] and names the one thing to do. The [`Engine`] does it, over the ports of a
//! host ([`ports`]); [`memory`] has them all without one.
//!
//! No clock, no randomness, no I/O: a host brings them.
//!
//! A whole story in memory, which is `examples/in_memory.rs`:
//!
//! ```
#![doc = include_str!("../examples/in_memory.rs")]
//! ```
//!
//! # What is promised
//!
//! - A call that may have sent is made once for each attempt, and no more often for each step than its
//!   plan has tries.
//! - Nothing is sent once a success is known, after a cancellation, or past `valid_until`.
//! - A call whose outcome is unknown is not made again, unless the plan says that a double is harmless
//!   or a person says so.
//! - Every end is told.
//!
//! A first message that arrives late, beside its fallback, is nobody's to exclude: it is told.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        reason = "a test may fail loudly"
    )
)]

mod attempt;
mod budget;
mod call;
mod channel;
mod circumstances;
mod consequence;
mod content;
mod decide;
mod decision;
mod engine;
mod event;
mod evidence;
mod id;
mod identity;
mod intent;
mod jitter;
mod key;
mod log;
pub mod memory;
mod plan;
mod plans;
pub mod ports;
mod quiet_hours;
mod record;
mod report;
mod request;
#[cfg(feature = "sinch")]
pub mod sinch;
mod transitions;
mod view;
mod wire;
mod zone;

pub use attempt::{Attempt, AttemptState};
pub use budget::{BudgetLimits, Reservation, Reserve};
pub use call::{Call, CallAnswer, Effects};
pub use channel::Channel;
pub use circumstances::{Callbacks, Circumstances, Gate};
pub use consequence::{Consequence, ConsequenceRow, consequence};
pub use content::Content;
pub use decide::{LOOK_AGAIN, MAX_PLANNED_AGAIN, SETTLE, decide};
pub use decision::{Decision, GiveUp, Hold, Person, Send};
pub use engine::{Accepted, Engine, Failing, Looked, PortFailure, Swept};
pub use event::{IntentEvent, IntentEventKind};
pub use evidence::Evidence;
pub use id::{AttemptName, IntentId, InvalidId};
pub use identity::Identity;
pub use intent::{End, Intent, Owed};
pub use jitter::Jitter;
pub use key::{IntentKey, InvalidIntentKey};
pub use log::{DecisionLine, DecisionLog};
pub use plan::{DoubleSend, InvalidPlan, Plan, Step, Until};
pub use plans::PlanName;
pub use quiet_hours::{InvalidMinute, MinuteOfDay, QuietHours};
pub use report::{MessageFailure, Report};
pub use request::{Request, Sent};
pub use transitions::Cancel;
pub use view::{AttemptView, IntentState, IntentSummary, IntentView};
pub use wire::{Fault, InvalidRequest, SCHEMA};
pub use zone::{UnknownZone, Zone};
