//! What became of a message: what its reports say, one by one and taken together.
//!
//! [`DeliveryStatus`] is what one report says, [`Leg`] where a message stands on one channel,
//! [`DeliveryState`] where it stands as a whole. [`Delivery`] takes reports together.

#[cfg(feature = "events")]
mod deciding;
#[cfg(feature = "events")]
mod instant;
#[cfg(feature = "events")]
mod law;
mod leg;
#[cfg(feature = "events")]
mod recipient;
#[cfg(feature = "records")]
mod record;
mod state;
mod status;

#[cfg(feature = "events")]
pub use deciding::{DecidingReport, Origin};
#[cfg(feature = "events")]
pub use law::{Delivery, DeliveryLeg};
pub use leg::{Leg, Step};
pub use state::DeliveryState;
pub use status::DeliveryStatus;
