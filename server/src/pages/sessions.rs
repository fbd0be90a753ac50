//! Who has logged in.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, header};
use sinch_callback::ContentKey;
use subtle::ConstantTimeEq;

use crate::{clock, ids};

/// The cookie that holds a session's id.
const COOKIE: &str = "sinch_callback_session";
/// How long a session lasts: a day's work. Our own choice.
const LASTS: Duration = Duration::from_secs(12 * 3_600);
/// Sessions at once; of more the oldest ends. Our own choice: a person has one for each browser.
const MOST: usize = 64;

/// The sessions of this process: a restart ends them all. An id is random and tells nothing of the token;
/// kept of it is a hash, so that no dump of memory lets anybody in.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<VecDeque<Session>>);

#[derive(Debug)]
struct Session {
    hash: [u8; 16],
    since: Instant,
}

fn hash(id: &str) -> [u8; 16] {
    *ContentKey::of_body(id.as_bytes()).as_bytes()
}

impl Sessions {
    fn living(&self, now: Instant) -> MutexGuard<'_, VecDeque<Session>> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|session| now.saturating_duration_since(session.since) < LASTS);
        sessions
    }

    /// Begins a session and gives the cookie that holds its id; `None` where the system has no randomness.
    pub(crate) fn begin(&self, is_secure: bool) -> Option<String> {
        self.begin_at(is_secure, clock::stopwatch())
    }

    fn begin_at(&self, is_secure: bool, now: Instant) -> Option<String> {
        let id = ids::secret()?;
        let mut sessions = self.living(now);
        if sessions.len() >= MOST {
            sessions.pop_front();
        }
        sessions.push_back(Session {
            hash: hash(&id),
            since: now,
        });
        let (age, secure) = (LASTS.as_secs(), if is_secure { "; Secure" } else { "" });
        Some(format!(
            "{COOKIE}={id}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}"
        ))
    }

    /// Whether the request is of a session.
    pub(crate) fn include(&self, headers: &HeaderMap) -> bool {
        self.include_at(headers, clock::stopwatch())
    }

    fn include_at(&self, headers: &HeaderMap, now: Instant) -> bool {
        let presented: Vec<_> = presented(headers).map(hash).collect();
        let sessions = self.living(now);
        let mut known = sessions.iter().map(|session| session.hash);
        known.any(|known| presented.iter().any(|hash| hash.ct_eq(&known).into()))
    }

    /// Ends the request's session, and gives the cookie that takes its id away.
    pub(crate) fn end(&self, headers: &HeaderMap) -> String {
        let presented: Vec<_> = presented(headers).map(hash).collect();
        self.living(clock::stopwatch())
            .retain(|session| !presented.contains(&session.hash));
        format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict")
    }
}

/// Ids that a request presents: another path or name of this host may have set one of its own.
fn presented(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, id)| id)
        .take(4)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        let cookie = HeaderValue::from_str(&format!("other=1; {pair}")).unwrap();
        [(header::COOKIE, cookie)].into_iter().collect()
    }

    #[test]
    fn a_session_lasts_until_its_time_is_up_or_it_is_ended_or_too_many_have_begun() {
        let sessions = Sessions::default();
        let now = clock::stopwatch();
        let later = |secs: u64| now.checked_add(Duration::from_secs(secs)).unwrap();
        let first = sessions.begin_at(false, now).unwrap();
        let second = sessions.begin_at(true, later(1)).unwrap();
        assert!(first.contains("; HttpOnly") && first.contains("; SameSite=Strict"));
        assert!(!first.contains("Secure") && second.ends_with("; Secure"));
        for cookie in [&first, &second] {
            assert!(sessions.include_at(&with(cookie), later(2)), "{cookie}");
        }
        for other in ["", COOKIE, &format!("{COOKIE}="), &format!("{COOKIE}=0f0f")] {
            assert!(!sessions.include_at(&with(other), later(2)), "{other}");
        }
        assert!(sessions.include_at(&with(&first), later(43_199)));
        assert!(!sessions.include_at(&with(&first), later(43_200)));
        assert!(sessions.include_at(&with(&second), later(43_200)));
        assert!(sessions.end(&with(&second)).contains("Max-Age=0"));
        assert!(!sessions.include_at(&with(&second), later(43_200)));
        let oldest = sessions.begin_at(false, later(43_300)).unwrap();
        for _ in 1..MOST {
            sessions.begin_at(false, later(43_300)).unwrap();
        }
        assert!(sessions.include_at(&with(&oldest), later(43_300)));
        sessions.begin_at(false, later(43_300)).unwrap();
        assert!(!sessions.include_at(&with(&oldest), later(43_300)));
    }

    #[test]
    fn what_is_kept_of_an_id_is_not_the_id() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(false).unwrap();
        let id = presented(&with(&cookie)).next().unwrap().to_owned();
        assert_eq!(id.len(), 64);
        assert!(!format!("{sessions:?}").contains(&id));
        assert_ne!(sessions.begin(false).unwrap(), cookie);
    }
}
