//! Sinch's API, as far as sending and asking need it: requests and answers as values, over a client
//! that the host brings ([`HttpClient`]).
//!
//! - [`SinchSender`] sends: one call, without a retry of its own;
//! - [`Tokens`] keeps the token that all calls bear;
//! - [`Webhooks`] registers where callbacks go;
//! - [`SmsReports`] asks for the reports that did not come.
//!
//! No answer's words that are passed on hold an identity or content.

mod access_key;
mod addresses;
mod answer;
mod api;
#[cfg(test)]
mod fake;
mod http;
mod send;
mod sms_reports;
mod token;
mod url;
mod webhooks;

pub use access_key::{AccessKey, InvalidAccessKey};
pub use addresses::{Addresses, InvalidBase, Region, SmsRegion};
pub use api::{Api, ApiError};
pub use http::{ExchangeError, HttpClient, HttpRequest, HttpResponse, Method};
pub use send::{Account, InvalidAccount, SinchSender};
pub use sms_reports::{ReportPage, SmsReports};
pub use token::{Token, TokenError, Tokens};
pub use webhooks::{NewWebhook, Webhook, Webhooks};
