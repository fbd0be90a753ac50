//! Calls that may be made again: what they read or set up is the same afterwards.

use core::time::Duration;

use serde_json::Value;
use sinch_callback::UnixSeconds;

use super::{
    access_key::AccessKey,
    addresses::Addresses,
    answer::words,
    http::{HttpClient, HttpRequest, HttpResponse, Method},
    token::{TokenError, Tokens},
    url::{is_id, segment},
};

/// How long a call may take. Our own choice: a person waits for it.
pub(super) const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Why a call did not bring what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// There is no token to make it with.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No answer came.
    #[error(transparent)]
    Exchange(#[from] super::http::ExchangeError),
    /// It was answered with another status than the one that is success.
    #[error("answered {status}{}{}", if words.is_empty() { "" } else { ": " }, words)]
    Status {
        /// The status.
        status: u16,
        /// What Sinch says about it; may be empty.
        words: String,
    },
    /// What was answered is not of its form.
    #[error("the answer is not of the form that Sinch documents")]
    Form,
    /// The id of a project is none.
    #[error("the project id is not letters, digits and hyphens")]
    Project,
}

impl ApiError {
    /// The body of an answer that is a success.
    pub(super) fn body(answer: HttpResponse) -> Result<Vec<u8>, Self> {
        if (200..300).contains(&answer.status) {
            return Ok(answer.body);
        }
        Err(Self::Status {
            status: answer.status,
            words: words(&answer.body),
        })
    }
}

/// The Conversation API of a project.
#[derive(Debug)]
pub struct Api<C, N> {
    client: C,
    now: N,
    tokens: Tokens,
    /// The project's address.
    project: String,
}

impl<C: HttpClient, N: Fn() -> UnixSeconds + Sync> Api<C, N> {
    /// The API of a project, at the host's clock.
    ///
    /// # Errors
    /// [`ApiError::Project`].
    pub fn new(
        client: C,
        now: N,
        addresses: &Addresses,
        key: AccessKey,
        project_id: &str,
    ) -> Result<Self, ApiError> {
        if !is_id(project_id) {
            return Err(ApiError::Project);
        }
        Ok(Self {
            client,
            now,
            tokens: Tokens::new(addresses, key),
            project: [&addresses.conversation, "/v1/projects/", project_id].concat(),
        })
    }

    /// Makes a call, and once more with a new token where the one at hand was refused.
    pub(super) async fn call(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Vec<u8>, ApiError> {
        let mut url = self.project.clone();
        for name in path {
            url.push('/');
            url.push_str(&segment(name));
        }
        let mut answer = self.exchange(method, &url, body).await?;
        if answer.status == 401 {
            self.tokens.drop_token();
            answer = self.exchange(method, &url, body).await?;
        }
        ApiError::body(answer)
    }

    async fn exchange(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<HttpResponse, ApiError> {
        let token = self.tokens.token(&self.client, &self.now).await?;
        let request = HttpRequest {
            method,
            url: url.to_owned(),
            authorization: token.bearer(),
            content_type: body.map(|_| "application/json"),
            body: body.map_or_else(Vec::new, |body| {
                serde_json::to_vec(body).unwrap_or_default()
            }),
            time_limit: TIME_LIMIT,
        };
        Ok(self.client.exchange(request).await?)
    }
}
