//! Posts callbacks, signed, until they are taken.

use core::{net::IpAddr, time::Duration};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use hyper::Uri;
use serde_json::Value;
use sinch_callback::RetrySchedule;
use sinch_callback_server::{client::Client, clock::Clock};
use tokio::{sync::Semaphore, time::sleep};

use super::{
    journal::{Entry, Journal},
    webhook::Target,
};
use crate::signed::SignedCallback;

/// Callbacks on their way at once. Our own choice.
const AT_ONCE: usize = 64;

/// What posts callbacks.
pub(super) struct Poster {
    room: Semaphore,
    /// Clients whose connection is free, by their address.
    free: Mutex<HashMap<String, Vec<Client>>>,
}

impl Default for Poster {
    fn default() -> Self {
        Self {
            room: Semaphore::new(AT_ONCE),
            free: Mutex::default(),
        }
    }
}

/// A callback, and what it is about.
pub(super) struct Callback {
    pub(super) trigger: &'static str,
    pub(super) message_id: String,
    pub(super) correlation_id: String,
    pub(super) reports: String,
    pub(super) body: Value,
}

impl Poster {
    /// Posts a callback, and again as Sinch does where it is not taken: a 4xx other than 429 ends it.
    pub(super) async fn post(
        &self,
        callback: &Callback,
        target: &Target,
        journal: &Journal,
        hastened: impl Fn(Duration) -> Duration + Send + Sync,
    ) {
        let body = serde_json::to_vec(&callback.body).unwrap_or_default();
        for retry in 0.. {
            if retry > 0 {
                let Some(wait) = RetrySchedule::SINCH.before_retry(retry) else {
                    return;
                };
                sleep(hastened(wait)).await;
            }
            let status = self.post_once(&body, target).await;
            journal.write(&Entry::Callback {
                trigger: callback.trigger,
                message_id: &callback.message_id,
                correlation_id: &callback.correlation_id,
                reports: &callback.reports,
                status,
                retry,
            });
            let is_over = |status| matches!(status, 200..300 | 400..500) && status != 429;
            if status.is_some_and(is_over) {
                return;
            }
        }
    }

    async fn post_once(&self, body: &[u8], target: &Target) -> Option<u16> {
        if !is_loopback(&target.url) {
            tracing::warn!("a callback to an address that is not loopback is not sent");
            return None;
        }
        let body = body.to_vec();
        let signed = match &target.signer {
            Some(signer) => SignedCallback::new(signer, body, Clock::System.now()).ok()?,
            None => SignedCallback {
                headers: Vec::new(),
                body: body.into(),
            },
        };
        let _room = self.room.acquire().await.ok()?;
        let kept = self.free().get_mut(&target.url).and_then(Vec::pop);
        let mut client = match kept {
            Some(client) => client,
            None => Client::new(&target.url).ok()?,
        };
        let answer = signed.post(&mut client).await;
        self.free()
            .entry(target.url.clone())
            .or_default()
            .push(client);
        answer.ok().map(|answer| answer.status)
    }

    fn free(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<Client>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_loopback(url: &str) -> bool {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_this_machine_are_loopback() {
        for (url, is) in [
            ("http://127.0.0.1:8080/callbacks", true),
            ("http://[::1]:8080/callbacks", true),
            ("http://localhost/callbacks", true),
            ("http://localhost.example.com/", false),
            ("http://10.0.0.1/", false),
            ("not a url", false),
        ] {
            assert_eq!(is_loopback(url), is, "{url}");
        }
    }
}
