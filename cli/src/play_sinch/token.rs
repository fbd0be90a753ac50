//! Tokens: given for the access key, and known until they expire.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base64ct::{Base64, Encoding};
use hyper::Method;
use serde_json::json;
use sinch_callback_server::{clock::Clock, ids};

use super::{
    journal::{Entry, Journal},
    request::{Asked, Told},
};

/// The tokens that were given.
#[derive(Default)]
pub(super) struct Tokens {
    /// What `Authorization` says who may have one; without it, whoever asks.
    wanted: Option<String>,
    lifetime_secs: u64,
    /// How many of the next ones are forgotten at once.
    forgotten: AtomicU32,
    /// When each expires.
    given: Mutex<HashMap<String, u64>>,
}

impl Tokens {
    /// Gives tokens for this key alone, if there is one, and for so many seconds; the first of them are
    /// `forgotten`.
    pub(super) fn restrict(&mut self, key: Option<Vec<u8>>, lifetime_secs: u64, forgotten: u32) {
        self.forgotten = forgotten.into();
        self.wanted = key.map(|key| format!("Basic {}", Base64::encode_string(&key)));
        self.lifetime_secs = lifetime_secs;
    }

    /// Answers `POST /oauth2/token`.
    pub(super) fn give(&self, asked: &Asked, journal: &Journal) -> Told {
        let refused = |status: u16, error: &str| (status, json!({ "error": error }));
        let (status, body) = if asked.method != Method::POST {
            refused(405, "method_not_allowed")
        } else if !is_known(asked, self.wanted.as_deref()) {
            refused(401, "invalid_client")
        } else if asked.body.as_ref() != b"grant_type=client_credentials" {
            refused(400, "unsupported_grant_type")
        } else {
            let token = ids::unique();
            let expires_at = Clock::System.now().get().saturating_add(self.lifetime_secs);
            let less = |left: u32| left.checked_sub(1);
            let is_forgotten = self.forgotten.fetch_update(Relaxed, Relaxed, less).is_ok();
            if !is_forgotten {
                let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
                given.insert(token.clone(), expires_at);
            }
            let body = json!({
                "access_token": token,
                "expires_in": self.lifetime_secs,
                "scope": "",
                "token_type": "bearer",
            });
            (200, body)
        };
        journal.write(&Entry::Token { status });
        Told::Reply(status, body)
    }

    /// Whether a call may be made with this header: any, where no key is asked for.
    pub(super) fn know(&self, authorization: &str) -> bool {
        if self.wanted.is_none() {
            return authorization.starts_with("Bearer ") || authorization.starts_with("Basic ");
        }
        if self.wanted.as_deref() == Some(authorization) {
            return true;
        }
        let now = Clock::System.now().get();
        let given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        authorization
            .strip_prefix("Bearer ")
            .and_then(|token| given.get(token))
            .is_some_and(|expires_at| now < *expires_at)
    }
}

fn is_known(asked: &Asked, wanted: Option<&str>) -> bool {
    match wanted {
        Some(wanted) => asked.authorization == wanted,
        None => asked.authorization.starts_with("Basic "),
    }
}
