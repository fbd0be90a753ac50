//! The binary as a user runs it: processes, sockets, files.

#![allow(
    unreachable_pub,
    missing_docs,
    reason = "a test binary has nothing to export and nobody to document it for"
)]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    clippy::string_slice,
    reason = "a test may fail loudly"
)]

mod admin;
mod api;
mod backup;
mod cost;
mod crash;
mod demo;
mod durability;
mod endpoints;
mod forget;
mod harness;
mod intent_world;
mod intents;
mod intents_email;
mod intents_gates;
mod intents_told;
mod notify;
mod operate;
mod pages;
mod play_sinch;
mod reconcile;
mod refusals;
mod schemes;
mod secrets;
mod sending;
mod slow;
mod stand_in;
mod tools;
mod trigger;
mod unrecognized;
mod watch;
mod webhook;
