//! Webhooks: where an app's callbacks go, and what they are signed with.

use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::Method;
use serde_json::{Value, json};
use sinch_callback::{Secret, Signer};
use sinch_callback_server::ids;

use super::request::{Asked, Told};

/// Characters of the longest target, as Sinch documents it.
const LONGEST_TARGET: usize = 742;
/// Webhooks that an app may have, as Sinch documents it.
const MOST: usize = 5;

/// The webhooks of all apps.
#[derive(Default)]
pub(super) struct Webhooks {
    registered: Mutex<Vec<Webhook>>,
    /// Where callbacks of apps without a webhook go.
    others_to: Option<String>,
    others_signer: Option<Signer>,
}

struct Webhook {
    id: String,
    project: String,
    app_id: String,
    target: String,
    triggers: Vec<String>,
    signer: Option<Signer>,
}

/// Where a callback goes.
pub(super) struct Target {
    pub(super) url: String,
    /// None signs nothing, as Sinch does where a webhook has no secret.
    pub(super) signer: Option<Signer>,
}

impl Webhook {
    fn shown(&self) -> Value {
        json!({
            "id": self.id,
            "app_id": self.app_id,
            "target": self.target,
            "target_type": "HTTP",
            "triggers": self.triggers,
        })
    }
}

impl Webhooks {
    pub(super) fn sign_others_with(&mut self, secret: Secret) {
        self.others_signer = Some(Signer::new(secret));
    }

    pub(super) fn send_others_to(&mut self, url: String) {
        self.others_to = Some(url);
    }

    fn registered(&self) -> MutexGuard<'_, Vec<Webhook>> {
        self.registered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Where callbacks of this trigger go: to the message's own address, to the app's webhooks, or to
    /// where all others go.
    pub(super) fn targets(
        &self,
        project: &str,
        app_id: &str,
        trigger: &str,
        callback_url: &str,
    ) -> Vec<Target> {
        let webhooks = self.registered();
        let of_app: Vec<_> = webhooks
            .iter()
            .filter(|webhook| webhook.project == project && webhook.app_id == app_id)
            .collect();
        if !callback_url.is_empty() {
            let of_target = of_app.iter().find(|webhook| webhook.target == callback_url);
            let signer = of_target.and_then(|webhook| webhook.signer.clone());
            return vec![Target {
                url: callback_url.to_owned(),
                signer: signer.or_else(|| self.others_signer.clone()),
            }];
        }
        if of_app.is_empty() {
            let others = self.others_to.iter().map(|url| Target {
                url: url.clone(),
                signer: self.others_signer.clone(),
            });
            return others.collect();
        }
        of_app
            .into_iter()
            .filter(|webhook| webhook.triggers.iter().any(|wanted| wanted == trigger))
            .map(|webhook| Target {
                url: webhook.target.clone(),
                signer: webhook.signer.clone(),
            })
            .collect()
    }

    /// Answers `GET …/apps/{app}/webhooks`.
    pub(super) fn list(&self, asked: &Asked, project: &str, app_id: &str) -> Told {
        if asked.method != Method::GET {
            return Told::error(501, "webhooks of an app are listed only");
        }
        let webhooks = self.registered();
        let of_app = webhooks
            .iter()
            .filter(|webhook| webhook.project == project && webhook.app_id == app_id);
        let shown: Vec<_> = of_app.map(Webhook::shown).collect();
        Told::Reply(200, json!({ "webhooks": shown }))
    }

    /// Answers `POST …/webhooks`.
    pub(super) fn create(&self, asked: &Asked, project: &str) -> Told {
        if asked.method != Method::POST {
            return Told::error(501, "webhooks are listed by app");
        }
        let body = match asked.json() {
            Ok(body) => body,
            Err(told) => return told,
        };
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
        let (app_id, target) = (text("app_id"), text("target"));
        let mut webhooks = self.registered();
        let of_app = webhooks
            .iter()
            .filter(|webhook| webhook.project == project && webhook.app_id == app_id);
        let of_app: Vec<_> = of_app.map(|webhook| webhook.target.as_str()).collect();
        let wrong = if app_id.is_empty() {
            Some("app_id is missing")
        } else if !(target.starts_with("http://") || target.starts_with("https://")) {
            Some("target is no URL")
        } else if target.chars().count() > LONGEST_TARGET {
            Some("target is longer than 742 characters")
        } else if of_app.contains(&target) {
            Some("the app has a webhook with this target")
        } else if of_app.len() >= MOST {
            Some("the app has 5 webhooks")
        } else {
            None
        };
        if let Some(wrong) = wrong {
            return Told::error(400, wrong);
        }
        let webhook = match changed(
            Webhook {
                id: ids::unique(),
                project: project.to_owned(),
                app_id: app_id.to_owned(),
                target: target.to_owned(),
                triggers: Vec::new(),
                signer: None,
            },
            &body,
        ) {
            Ok(webhook) => webhook,
            Err(told) => return told,
        };
        let shown = webhook.shown();
        webhooks.push(webhook);
        Told::Reply(200, shown)
    }

    /// Answers `GET`, `PATCH` and `DELETE …/webhooks/{id}`.
    pub(super) fn one(&self, asked: &Asked, project: &str, id: &str) -> Told {
        let mut webhooks = self.registered();
        let place = webhooks
            .iter()
            .position(|webhook| webhook.project == project && webhook.id == id);
        let Some(place) = place else {
            return Told::error(404, "there is no such webhook");
        };
        if asked.method == Method::DELETE {
            webhooks.remove(place);
            return Told::Reply(200, json!({}));
        }
        if asked.method == Method::PATCH {
            let body = match asked.json() {
                Ok(body) => body,
                Err(told) => return told,
            };
            match changed(webhooks.remove(place), &body) {
                Ok(webhook) => webhooks.insert(place, webhook),
                Err(told) => return told,
            }
        }
        let shown = webhooks.get(place).map(Webhook::shown);
        Told::Reply(200, shown.unwrap_or_default())
    }
}

/// The webhook with those of its fields that a body sets.
fn changed(mut webhook: Webhook, body: &Value) -> Result<Webhook, Told> {
    if let Some(triggers) = body.get("triggers") {
        let names = triggers.as_array().into_iter().flatten();
        webhook.triggers = names.filter_map(Value::as_str).map(str::to_owned).collect();
    }
    if let Some(target) = body.get("target").and_then(Value::as_str) {
        target.clone_into(&mut webhook.target);
    }
    if let Some(secret) = body.get("secret").and_then(Value::as_str) {
        let secret = Secret::verbatim(secret)
            .map_err(|error| Told::error(400, &format!("secret: {error}")))?;
        webhook.signer = Some(Signer::new(secret));
    }
    if webhook.triggers.is_empty() {
        return Err(Told::error(400, "triggers is empty"));
    }
    Ok(webhook)
}
