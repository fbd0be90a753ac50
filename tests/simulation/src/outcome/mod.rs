//! From intents to outcomes: the real engine in a world of its own, and a checked model of its steps.
//!
//! Workers with the real engine, stores, a kill switch, Sinch, a mail server, a network, the real pipeline
//! that applies what is reported, clients that ask, and people who meddle, all made from one seed. A
//! referee keeps its own books on what was called, made and reported at the provider, and on what people
//! asked for, and stops at the first [`Promise`] that breaks. Each [`Safeguard`] can be taken away, and
//! the referee must then find a violation.

mod message;
mod ports;
mod promise;
mod referee;
mod run;
mod safeguard;
mod setting;
mod worker;
mod world;

pub mod model;

pub use promise::Promise;
pub use referee::Violation;
pub use run::{Report, run, search};
pub use safeguard::Safeguard;
pub use world::{Stats, World};
