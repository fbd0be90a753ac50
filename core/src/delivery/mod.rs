//! What became of a message: what its reports say, one by one and taken together.
//!
//! [`DeliveryStatus`] is what one report says, [`Leg`] where a message stands on one channel,
//! [`DeliveryState`] where it stands as a whole. [`Delivery`] takes reports together.

#[cfg(feature = "events")]
pub(crate) mod deciding;
#[cfg(feature = "events")]
pub(crate) mod law;
pub(crate) mod leg;
#[cfg(feature = "events")]
mod recipient;
#[cfg(feature = "records")]
mod record;
#[cfg(feature = "events")]
pub(crate) mod report;
pub(crate) mod state;
pub(crate) mod status;

#[cfg(feature = "events")]
pub use deciding::{DecidingReport, Origin};
#[cfg(feature = "events")]
pub use law::{Delivery, DeliveryLeg};
pub use leg::{Leg, Step};
#[cfg(feature = "events")]
pub use recipient::normalized_identity;
#[cfg(feature = "events")]
pub use report::{
    BatchCount, BatchSummary, Carrier, Correlation, DeliveryReport, Failure, ReportSubject,
};
pub use state::DeliveryState;
pub use status::DeliveryStatus;
