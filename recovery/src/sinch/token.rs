//! The token that every call bears: asked for once, kept, renewed before it expires.

use core::{fmt, time::Duration};
use std::sync::{Mutex as StdMutex, MutexGuard, PoisonError};

use futures_util::lock::Mutex;
use serde::Deserialize;
use sinch_callback::UnixSeconds;
use zeroize::Zeroizing;

use super::{
    access_key::AccessKey,
    addresses::Addresses,
    answer::words,
    http::{HttpClient, HttpRequest, HttpResponse, Method},
};

/// How long asking for a token may take. Our own choice: a call begins within 5 s of the write that
/// allows it, and a token is asked for in between.
const TIME_LIMIT: Duration = Duration::from_secs(4);

/// A token, and for how long it holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    text: Zeroizing<String>,
    renew_at: UnixSeconds,
    expires_at: UnixSeconds,
}

#[derive(Deserialize)]
struct Given {
    access_token: String,
    expires_in: u64,
}

impl Token {
    /// How long before it expires a token is renewed, at the most; a short one after nine tenths of its
    /// life. Our own choice: Sinch's hold for an hour.
    pub const RENEWED_BEFORE: Duration = Duration::from_secs(300);

    /// The token of an answer that was received now.
    fn read(answer: &HttpResponse, asked_at: UnixSeconds) -> Result<Self, TokenError> {
        match answer.status {
            200 => {}
            400 | 401 | 403 | 404 => {
                return Err(TokenError::Refused {
                    status: answer.status,
                    words: words(&answer.body),
                });
            }
            status => return Err(TokenError::NotGiven(format!("status {status}"))),
        }
        let given: Given = serde_json::from_slice(&answer.body)
            .map_err(|_| TokenError::NotGiven("the answer holds no token".to_owned()))?;
        if !given
            .access_token
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
        {
            return Err(TokenError::NotGiven(
                "the token is no header's value".to_owned(),
            ));
        }
        let lifetime = Duration::from_secs(given.expires_in);
        let before = Self::RENEWED_BEFORE.min(lifetime.checked_div(10).unwrap_or_default());
        Ok(Self {
            text: Zeroizing::new(given.access_token),
            renew_at: asked_at.saturating_add(lifetime.saturating_sub(before)),
            expires_at: asked_at.saturating_add(lifetime),
        })
    }

    /// What may be done with it now.
    fn state(&self, now: UnixSeconds) -> State {
        if now >= self.expires_at {
            State::Expired
        } else if now >= self.renew_at {
            State::Renewable
        } else {
            State::Good
        }
    }

    /// The value of `authorization` by it.
    pub(super) fn bearer(&self) -> Zeroizing<String> {
        Zeroizing::new(["Bearer ", &self.text].concat())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Good,
    /// It still holds, and whoever comes first asks for the next one.
    Renewable,
    Expired,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The access key is not accepted: asking again does not help.
    #[error("the access key is refused with status {status}{}", behind(words))]
    Refused {
        /// The status.
        status: u16,
        /// What Sinch says about it; may be empty.
        words: String,
    },
    /// None was given this time.
    #[error("no token: {0}")]
    NotGiven(String),
}

fn behind(words: &str) -> String {
    if words.is_empty() {
        String::new()
    } else {
        [": ", words].concat()
    }
}

/// The token of an access key. One call at a time asks for it, and the others wait; while the former one
/// holds, they go on with that.
#[derive(Debug)]
pub struct Tokens {
    url: String,
    key: AccessKey,
    kept: StdMutex<Option<Token>>,
    renewing: Mutex<()>,
}

impl Tokens {
    /// No token yet.
    #[must_use]
    pub fn new(addresses: &Addresses, key: AccessKey) -> Self {
        Self {
            url: [&addresses.auth, "/oauth2/token"].concat(),
            key,
            kept: StdMutex::default(),
            renewing: Mutex::default(),
        }
    }

    /// A token that holds at `now`, asked for where none is at hand.
    ///
    /// # Errors
    /// [`TokenError`]. An early renewal that fails is none: the former token still holds.
    pub async fn token<C: HttpClient>(
        &self,
        client: &C,
        now: impl Fn() -> UnixSeconds + Sync,
    ) -> Result<Token, TokenError> {
        match self.at_hand(now()) {
            (Some(token), State::Good) => return Ok(token),
            (Some(token), State::Renewable) => {
                let Some(_turn) = self.renewing.try_lock() else {
                    return Ok(token);
                };
                return Ok(self.ask(client, now()).await.unwrap_or(token));
            }
            _ => {}
        }
        let _turn = self.renewing.lock().await;
        // Whoever had the turn before has brought one.
        if let (Some(token), State::Good | State::Renewable) = self.at_hand(now()) {
            return Ok(token);
        }
        self.ask(client, now()).await
    }

    /// Drops the token at hand, because it was refused: it may have been withdrawn. The next call asks
    /// for another.
    pub fn drop_token(&self) {
        *self.kept() = None;
    }

    fn at_hand(&self, now: UnixSeconds) -> (Option<Token>, State) {
        let kept = self.kept().clone();
        let state = kept
            .as_ref()
            .map_or(State::Expired, |token| token.state(now));
        (kept, state)
    }

    async fn ask<C: HttpClient>(&self, client: &C, now: UnixSeconds) -> Result<Token, TokenError> {
        let request = HttpRequest {
            method: Method::Post,
            url: self.url.clone(),
            authorization: self.key.basic(),
            content_type: Some("application/x-www-form-urlencoded"),
            body: b"grant_type=client_credentials".to_vec(),
            time_limit: TIME_LIMIT,
        };
        let answer = client.exchange(request).await;
        let answer = answer.map_err(|error| TokenError::NotGiven(error.to_string()))?;
        let token = Token::read(&answer, now)?;
        *self.kept() = Some(token.clone());
        Ok(token)
    }

    fn kept(&self) -> MutexGuard<'_, Option<Token>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinch::{
        fake::{Fake, answered},
        http::ExchangeError,
    };

    const GIVEN: &str = r#"{"access_token":"one","token_type":"bearer","expires_in":3600}"#;
    const NEXT: &str = r#"{"access_token":"two","token_type":"bearer","expires_in":3600}"#;

    fn tokens() -> Tokens {
        let addresses = Addresses::at("http://127.0.0.1:1").unwrap();
        Tokens::new(&addresses, AccessKey::parse("key:made-up").unwrap())
    }

    async fn bearer(tokens: &Tokens, fake: &Fake, now: u64) -> Result<String, TokenError> {
        let token = tokens.token(fake, || UnixSeconds::new(now)).await?;
        Ok(token.bearer().to_string())
    }

    #[tokio::test]
    async fn a_token_is_asked_for_once_and_renewed_before_it_expires() {
        let (tokens, fake) = (
            tokens(),
            Fake::of([answered(200, GIVEN), answered(200, NEXT)]),
        );
        assert_eq!(bearer(&tokens, &fake, 1_000).await.unwrap(), "Bearer one");
        assert_eq!(
            bearer(&tokens, &fake, 1_000 + 3_299).await.unwrap(),
            "Bearer one"
        );
        let asked = fake.asked();
        assert_eq!(asked.len(), 1);
        assert_eq!(asked[0].url, "http://127.0.0.1:1/oauth2/token");
        assert_eq!(*asked[0].authorization, "Basic a2V5Om1hZGUtdXA=");
        assert_eq!(asked[0].body, b"grant_type=client_credentials");
        assert_eq!(
            bearer(&tokens, &fake, 1_000 + 3_300).await.unwrap(),
            "Bearer two"
        );
        assert_eq!(fake.asked().len(), 2);
    }

    #[tokio::test]
    async fn an_early_renewal_that_fails_leaves_the_former_token_until_it_expires() {
        let down = || Err(ExchangeError::NeverLeft("refused".into()));
        let (tokens, fake) = (tokens(), Fake::of([answered(200, GIVEN), down(), down()]));
        bearer(&tokens, &fake, 1_000).await.unwrap();
        assert_eq!(
            bearer(&tokens, &fake, 1_000 + 3_599).await.unwrap(),
            "Bearer one"
        );
        let error = bearer(&tokens, &fake, 1_000 + 3_600).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "no token: the request never left: refused"
        );
    }

    #[tokio::test]
    async fn many_who_need_a_token_at_once_ask_for_one() {
        let (tokens, fake) = (tokens(), Fake::of([answered(200, GIVEN)]).slow());
        let calls = (0..20).map(|_| bearer(&tokens, &fake, 1_000));
        for call in futures_util::future::join_all(calls).await {
            assert_eq!(call.unwrap(), "Bearer one");
        }
        assert_eq!(fake.asked().len(), 1);
    }

    #[tokio::test]
    async fn while_one_renews_early_the_others_go_on_with_the_former() {
        let (tokens, fake) = (
            tokens(),
            Fake::of([answered(200, GIVEN), answered(200, NEXT)]),
        );
        bearer(&tokens, &fake, 1_000).await.unwrap();
        let fake = fake.slow();
        let calls = (0..20).map(|_| bearer(&tokens, &fake, 1_000 + 3_400));
        let calls = futures_util::future::join_all(calls).await;
        let former = calls
            .iter()
            .filter(|call| call.as_deref() == Ok("Bearer one"))
            .count();
        assert_eq!(former, 19);
        assert_eq!(fake.asked().len(), 2);
    }

    #[tokio::test]
    async fn a_token_that_was_refused_is_not_used_again() {
        let (tokens, fake) = (
            tokens(),
            Fake::of([answered(200, GIVEN), answered(200, NEXT)]),
        );
        bearer(&tokens, &fake, 1_000).await.unwrap();
        tokens.drop_token();
        assert_eq!(bearer(&tokens, &fake, 1_001).await.unwrap(), "Bearer two");
    }

    #[tokio::test]
    async fn a_key_that_is_refused_is_told_apart_from_a_server_that_is_down() {
        for (answer, told) in [
            (
                answered(401, r#"{"error":"invalid_client"}"#),
                "the access key is refused with status 401: invalid_client",
            ),
            (answered(503, ""), "no token: status 503"),
            (answered(200, "{}"), "no token: the answer holds no token"),
            (
                answered(200, r#"{"access_token":"a\nb","expires_in":1}"#),
                "no token: the token is no header's value",
            ),
        ] {
            let (tokens, fake) = (tokens(), Fake::of([answer]));
            let error = bearer(&tokens, &fake, 1_000).await.unwrap_err();
            assert_eq!(error.to_string(), told);
        }
    }
}
