//! Up to when we have heard what Sinch had to say: silence is counted in listening time.
//!
//! That nothing has been reported on a message means something only where we would have heard it.
//! [`Listening::heard_until`] says up to which moment that is so, across a queue that lags and outages
//! of our own; [`CallbacksStopped`] notices that no callbacks come although they should. Both are
//! pure: hosts bring the moments, and keep [`Listening`] across restarts.

mod callbacks_stopped;
mod event;
mod heard;
mod turn;

pub use callbacks_stopped::{CallbacksStopped, LastCallback, SENDS};
pub use event::CallbacksEvent;
pub use heard::{Listening, Outage, SETTLING};
pub use turn::Turn;
