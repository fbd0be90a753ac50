//! Webhooks of an app: where its callbacks go.

use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sinch_callback::UnixSeconds;
use zeroize::Zeroizing;

use super::{
    api::{Api, ApiError},
    http::{HttpClient, Method},
};

/// A webhook as Sinch shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// The app whose callbacks it takes.
    pub app_id: String,
    /// Where they go.
    pub target: String,
    /// Which ones.
    pub triggers: Vec<String>,
}

/// A webhook that is to be.
#[derive(Clone)]
pub struct NewWebhook {
    /// The app whose callbacks it takes.
    pub app_id: String,
    /// Where they go: at most [`NewWebhook::LONGEST_TARGET`] characters, and no other webhook's of the
    /// app.
    pub target: String,
    /// Which ones.
    pub triggers: Vec<String>,
    /// What they are signed with.
    pub secret: Zeroizing<String>,
}

impl fmt::Debug for NewWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewWebhook")
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

impl NewWebhook {
    /// Characters of the longest target, as Sinch documents it.
    pub const LONGEST_TARGET: usize = 742;
    /// Webhooks that an app may have, as Sinch documents it.
    pub const MOST: usize = 5;
    /// What a receiver of this project understands in full: reports, what it was sent, and who does not
    /// want to be sent anything.
    pub const TRIGGERS: [&str; 4] = ["MESSAGE_DELIVERY", "MESSAGE_SUBMIT", "OPT_IN", "OPT_OUT"];
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    webhooks: Vec<Webhook>,
}

/// The webhooks of a project's apps.
#[derive(Debug)]
pub struct Webhooks<C, N>(Api<C, N>);

impl<C: HttpClient, N: Fn() -> UnixSeconds + Sync> Webhooks<C, N> {
    /// Those of a project.
    #[must_use]
    pub const fn of(api: Api<C, N>) -> Self {
        Self(api)
    }

    /// Those of an app.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn list(&self, app_id: &str) -> Result<Vec<Webhook>, ApiError> {
        let body = self
            .0
            .call(Method::Get, &["apps", app_id, "webhooks"], None)
            .await?;
        let listed: Listed = serde_json::from_slice(&body).map_err(|_| ApiError::Form)?;
        Ok(listed.webhooks)
    }

    /// Makes one.
    ///
    /// # Errors
    /// [`ApiError`]. Where no answer came, it may have been made: [`list`](Self::list) tells.
    pub async fn create(&self, webhook: &NewWebhook) -> Result<Webhook, ApiError> {
        let body = json!({
            "app_id": webhook.app_id,
            "target": webhook.target,
            "target_type": "HTTP",
            "triggers": webhook.triggers,
            "secret": *webhook.secret,
        });
        let made = self
            .0
            .call(Method::Post, &["webhooks"], Some(&body))
            .await?;
        serde_json::from_slice(&made).map_err(|_| ApiError::Form)
    }

    /// Removes one.
    ///
    /// # Errors
    /// [`ApiError`]: 404 where there is none of this id.
    pub async fn delete(&self, id: &str) -> Result<(), ApiError> {
        self.0.call(Method::Delete, &["webhooks", id], None).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sinch::{
        access_key::AccessKey,
        addresses::Addresses,
        fake::{Fake, answered},
    };

    const TOKEN: &str = r#"{"access_token":"one","expires_in":3600}"#;

    fn webhooks(fake: &Fake) -> Webhooks<&Fake, fn() -> UnixSeconds> {
        let now: fn() -> UnixSeconds = || UnixSeconds::new(1_000);
        let addresses = Addresses::at("http://127.0.0.1:1").unwrap();
        let key = AccessKey::parse("key:made-up").unwrap();
        Webhooks::of(Api::new(fake, now, &addresses, key, "p").unwrap())
    }

    #[tokio::test]
    async fn a_webhook_is_made_with_its_secret_which_no_answer_shows() {
        let made = r#"{"id":"w","app_id":"a","target":"https://example.com/","triggers":["MESSAGE_DELIVERY"],"secret":"***"}"#;
        let fake = Fake::of([answered(200, TOKEN), answered(200, made)]);
        let new = NewWebhook {
            app_id: "a".into(),
            target: "https://example.com/".into(),
            triggers: vec!["MESSAGE_DELIVERY".into()],
            secret: Zeroizing::new("made-up".into()),
        };
        let webhook = webhooks(&fake).create(&new).await.unwrap();
        assert_eq!(webhook.id, "w");
        let request = &fake.asked()[1];
        assert_eq!(request.url, "http://127.0.0.1:1/v1/projects/p/webhooks");
        let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
        assert_eq!(
            body,
            json!({"app_id": "a", "target": "https://example.com/", "target_type": "HTTP",
                   "triggers": ["MESSAGE_DELIVERY"], "secret": "made-up"})
        );
        assert!(!format!("{new:?}").contains("made-up"));
    }

    #[tokio::test]
    async fn a_refused_token_is_renewed_once_and_an_error_says_what_sinch_says() {
        let fake = Fake::of([
            answered(200, TOKEN),
            answered(401, ""),
            answered(200, r#"{"access_token":"two","expires_in":3600}"#),
            answered(
                404,
                r#"{"error":{"message":"no such webhook","status":"NOT_FOUND"}}"#,
            ),
        ]);
        let error = webhooks(&fake).delete("../a").await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "answered 404: NOT_FOUND: no such webhook"
        );
        let asked = fake.asked();
        assert_eq!(*asked[3].authorization, "Bearer two");
        assert_eq!(
            asked[3].url,
            "http://127.0.0.1:1/v1/projects/p/webhooks/%2E%2E%2Fa"
        );
        let fake = Fake::of([
            answered(200, TOKEN),
            answered(401, ""),
            answered(200, TOKEN),
            answered(401, ""),
        ]);
        let error = webhooks(&fake).list("a").await.unwrap_err();
        assert_eq!(error.to_string(), "answered 401");
    }
}
