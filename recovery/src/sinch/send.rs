//! Sends of the Conversation API.

use core::time::Duration;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use sinch_callback::UnixSeconds;

use super::{
    access_key::AccessKey,
    addresses::Addresses,
    answer::words,
    http::{ExchangeError, HttpClient, HttpRequest, HttpResponse, Method},
    token::{Token, TokenError, Tokens},
    url::is_id,
};
use crate::{
    call::{Call, CallAnswer},
    channel::Channel,
    ports::Sender,
};

/// How long a call may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The longest `message_metadata`, in characters, as Sinch documents it.
const MAX_METADATA: usize = 1_024;

/// Whose messages are sent, and as whom.
#[derive(Clone, Debug)]
pub struct Account {
    /// Sinch's API.
    pub addresses: Addresses,
    /// What a token is asked for with.
    pub key: AccessKey,
    /// The project's id.
    pub project_id: String,
    /// The id of the app whose channels are used.
    pub app_id: String,
    /// What Sinch calls `channel_properties`: the sender of texts under `SMS_SENDER`, and the like.
    pub channel_properties: BTreeMap<String, String>,
    /// Where callbacks about what is sent go; without it, to the app's webhooks.
    pub callback_url: Option<String>,
}

/// An id that is none of Sinch's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} id is not letters, digits and hyphens")]
pub struct InvalidAccount(&'static str);

/// Sends by Sinch: one call to the Conversation API for each [`Call`], which bears the attempt's name as
/// its `correlation_id`.
///
/// | what comes back | answer |
/// |---|---|
/// | a 2xx with a message id | [`CallAnswer::Accepted`] |
/// | no token, no name, no connection, no TLS; 429, 501 | [`CallAnswer::NotSent`] |
/// | 401, 403, 404; the access key is refused | [`CallAnswer::AboutUs`] |
/// | another 4xx | [`CallAnswer::Refused`] |
/// | anything else: another 5xx, no answer within 10 s, a 2xx without an id | [`CallAnswer::Unresolved`] |
#[derive(Debug)]
pub struct SinchSender<C, N> {
    client: C,
    now: N,
    tokens: Tokens,
    account: Account,
    url: String,
}

impl<C: HttpClient, N: Fn() -> UnixSeconds + Sync> SinchSender<C, N> {
    /// A sender of this account, at the host's clock.
    ///
    /// # Errors
    /// [`InvalidAccount`].
    pub fn new(client: C, now: N, account: Account) -> Result<Self, InvalidAccount> {
        let ids = [("project", &account.project_id), ("app", &account.app_id)];
        if let Some((name, _)) = ids.into_iter().find(|(_, id)| !is_id(id)) {
            return Err(InvalidAccount(name));
        }
        Ok(Self {
            client,
            now,
            tokens: Tokens::new(&account.addresses, account.key.clone()),
            url: [
                &account.addresses.conversation,
                "/v1/projects/",
                &account.project_id,
                "/messages:send",
            ]
            .concat(),
            account,
        })
    }

    fn request(&self, call: &Call, token: &Token) -> HttpRequest {
        HttpRequest {
            method: Method::Post,
            url: self.url.clone(),
            authorization: token.bearer(),
            content_type: Some("application/json"),
            body: serde_json::to_vec(&self.account.body(call)).unwrap_or_default(),
            time_limit: TIME_LIMIT,
        }
    }
}

impl<C: HttpClient, N: Fn() -> UnixSeconds + Sync> Sender for SinchSender<C, N> {
    async fn send(&self, call: &Call) -> CallAnswer {
        if call.channel == Channel::Email {
            return CallAnswer::Refused("Sinch sends no e-mail".to_owned());
        }
        let token = match self.tokens.token(&self.client, &self.now).await {
            Ok(token) => token,
            Err(error @ TokenError::Refused { .. }) => {
                return CallAnswer::AboutUs(error.to_string());
            }
            Err(error @ TokenError::NotGiven(_)) => return CallAnswer::NotSent(error.to_string()),
        };
        match self.client.exchange(self.request(call, &token)).await {
            Ok(answer) => read(&answer),
            Err(error @ ExchangeError::NeverLeft(_)) => CallAnswer::NotSent(error.to_string()),
            Err(error @ ExchangeError::MayHaveLeft(_)) => CallAnswer::Unresolved(error.to_string()),
        }
    }

    async fn renew(&self) {
        self.tokens.drop_token();
    }
}

#[derive(Deserialize)]
struct Accepted {
    message_id: String,
}

fn read(answer: &HttpResponse) -> CallAnswer {
    if !(200..300).contains(&answer.status) {
        return CallAnswer::of_status(answer.status, &words(&answer.body));
    }
    let accepted = serde_json::from_slice::<Accepted>(&answer.body).ok();
    match accepted.filter(|accepted| !accepted.message_id.is_empty()) {
        Some(Accepted { message_id }) => CallAnswer::Accepted(message_id),
        None => CallAnswer::Unresolved(format!("status {} without a message id", answer.status)),
    }
}

impl Account {
    fn body(&self, call: &Call) -> Value {
        let channel = call.channel.as_str();
        let mut body = json!({
            "app_id": self.app_id,
            "recipient": {"identified_by": {"channel_identities": [
                {"channel": channel, "identity": call.identity.as_str()},
            ]}},
            "message": {"text_message": {"text": call.content.text}},
            // One channel: a step is one send, and Sinch is not to switch by itself.
            "channel_priority_order": [channel],
            "correlation_id": call.attempt.to_string(),
            // Whole seconds, at least one: a ttl of none would be Sinch's own.
            "ttl": format!("{}s", call.ttl.as_secs().max(1)),
        });
        let mut set = |field: &str, value: Value| {
            if let Some(fields) = body.as_object_mut() {
                fields.insert(field.to_owned(), value);
            }
        };
        if !self.channel_properties.is_empty() {
            set("channel_properties", json!(self.channel_properties));
        }
        if !call.metadata.is_empty() {
            let metadata: String = call.metadata.chars().take(MAX_METADATA).collect();
            set("message_metadata", metadata.into());
        }
        if let Some(url) = &self.callback_url {
            set("callback_url", url.as_str().into());
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        content::Content,
        sinch::fake::{Fake, answered},
    };

    const TOKEN: &str = r#"{"access_token":"one","expires_in":3600}"#;
    const TAKEN: &str =
        r#"{"message_id":"01EQBC1A3BEK731GY4YXEN0C2R","accepted_time":"2026-01-01T00:00:00Z"}"#;

    fn account() -> Account {
        Account {
            addresses: Addresses::of(super::super::addresses::Region::Eu),
            key: AccessKey::parse("key:made-up").unwrap(),
            project_id: "c36f3d3d-1513-2edd-ae42-11995557ff61".into(),
            app_id: "01EB37HMH1M6SV18BSNS3G135H".into(),
            channel_properties: [("SMS_SENDER".into(), "+15550199".into())].into(),
            callback_url: None,
        }
    }

    fn call() -> Call {
        Call {
            attempt: "01ARZ3NDEKTSV4RRFFQ69G5FAV~2".parse().unwrap(),
            channel: Channel::Sms,
            identity: "+15550100".into(),
            content: Content::text("Your code is 1234"),
            metadata: "shop".into(),
            ttl: Duration::from_millis(30_900),
        }
    }

    async fn sent(fake: &Fake) -> CallAnswer {
        // A reference is a client as well.
        let sender = SinchSender::new(fake, || UnixSeconds::new(1_000), account()).unwrap();
        sender.send(&call()).await
    }

    #[tokio::test]
    async fn a_call_is_one_request_that_bears_the_attempt_and_names_one_channel() {
        let fake = Fake::of([answered(200, TOKEN), answered(200, TAKEN)]);
        let answer = sent(&fake).await;
        assert_eq!(
            answer,
            CallAnswer::Accepted("01EQBC1A3BEK731GY4YXEN0C2R".into())
        );
        let asked = fake.asked();
        assert_eq!(asked.len(), 2);
        let request = &asked[1];
        assert_eq!(
            request.url,
            "https://eu.conversation.api.sinch.com/v1/projects/c36f3d3d-1513-2edd-ae42-11995557ff61/messages:send"
        );
        assert_eq!(*request.authorization, "Bearer one");
        assert_eq!(request.content_type, Some("application/json"));
        assert_eq!(request.time_limit, Duration::from_secs(10));
        assert_eq!(
            serde_json::from_slice::<Value>(&request.body).unwrap(),
            json!({
                "app_id": "01EB37HMH1M6SV18BSNS3G135H",
                "recipient": {"identified_by": {"channel_identities": [
                    {"channel": "SMS", "identity": "+15550100"}]}},
                "message": {"text_message": {"text": "Your code is 1234"}},
                "channel_priority_order": ["SMS"],
                "channel_properties": {"SMS_SENDER": "+15550199"},
                "correlation_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV~2",
                "message_metadata": "shop",
                "ttl": "30s",
            })
        );
        // Whoever logs a request tells nothing.
        assert_eq!(format!("{request:?}"), "HttpRequest { method: Post, .. }");
    }

    #[tokio::test]
    async fn each_answer_is_what_it_says_about_the_send() {
        use CallAnswer as A;
        let down = |error: fn(String) -> ExchangeError| Err(error("why".into()));
        let told = |text: &str| text.to_owned();
        for (answer, meant) in [
            (answered(429, ""), A::NotSent(told("status 429"))),
            (answered(501, ""), A::NotSent(told("status 501"))),
            (answered(401, ""), A::AboutUs(told("status 401"))),
            (answered(403, ""), A::AboutUs(told("status 403"))),
            (answered(404, ""), A::AboutUs(told("status 404"))),
            (
                answered(
                    400,
                    r#"{"error":{"code":400,"message":"no app","status":"INVALID_ARGUMENT"}}"#,
                ),
                A::Refused(told("status 400: INVALID_ARGUMENT: no app")),
            ),
            (answered(422, ""), A::Refused(told("status 422"))),
            (answered(500, ""), A::Unresolved(told("status 500"))),
            (answered(502, ""), A::Unresolved(told("status 502"))),
            (answered(503, ""), A::Unresolved(told("status 503"))),
            (answered(302, ""), A::Unresolved(told("status 302"))),
            (
                answered(200, "{}"),
                A::Unresolved(told("status 200 without a message id")),
            ),
            (
                answered(200, r#"{"message_id":""}"#),
                A::Unresolved(told("status 200 without a message id")),
            ),
            (
                down(ExchangeError::NeverLeft),
                A::NotSent(told("the request never left: why")),
            ),
            (
                down(ExchangeError::MayHaveLeft),
                A::Unresolved(told("no answer came: why")),
            ),
        ] {
            let fake = Fake::of([answered(200, TOKEN), answer]);
            assert_eq!(sent(&fake).await, meant);
            // No retry: the token, and one call.
            assert_eq!(fake.asked().len(), 2);
        }
    }

    #[tokio::test]
    async fn without_a_token_nothing_is_called() {
        let lost = || Err(ExchangeError::MayHaveLeft("cut".into()));
        for (answer, meant) in [
            (
                answered(401, ""),
                CallAnswer::AboutUs("the access key is refused with status 401".into()),
            ),
            (
                answered(500, ""),
                CallAnswer::NotSent("no token: status 500".into()),
            ),
            (
                lost(),
                CallAnswer::NotSent("no token: no answer came: cut".into()),
            ),
        ] {
            let fake = Fake::of([answer]);
            assert_eq!(sent(&fake).await, meant);
            assert_eq!(fake.asked().len(), 1);
        }
    }

    #[tokio::test]
    async fn a_token_is_used_until_the_engine_renews_it() {
        let fake = Fake::of([
            answered(200, TOKEN),
            answered(401, ""),
            answered(200, r#"{"access_token":"two","expires_in":3600}"#),
            answered(200, TAKEN),
        ]);
        let sender = SinchSender::new(&fake, || UnixSeconds::new(1_000), account()).unwrap();
        assert!(matches!(sender.send(&call()).await, CallAnswer::AboutUs(_)));
        sender.renew().await;
        assert!(matches!(
            sender.send(&call()).await,
            CallAnswer::Accepted(_)
        ));
        let bearers: Vec<_> = fake
            .asked()
            .iter()
            .map(|request| request.authorization.to_string())
            .collect();
        assert_eq!(bearers[1], "Bearer one");
        assert_eq!(bearers[3], "Bearer two");
    }

    #[tokio::test]
    async fn sinch_is_not_asked_to_send_an_e_mail() {
        let fake = Fake::of([]);
        let sender = SinchSender::new(&fake, || UnixSeconds::new(1_000), account()).unwrap();
        let call = Call {
            channel: Channel::Email,
            ..call()
        };
        assert!(matches!(sender.send(&call).await, CallAnswer::Refused(_)));
        assert!(fake.asked().is_empty());
    }

    #[test]
    fn an_id_that_would_break_out_of_the_path_is_refused() {
        for project_id in ["", "a/../b", "a?b", "a b"] {
            let account = Account {
                project_id: project_id.into(),
                ..account()
            };
            let sender = SinchSender::new(Fake::of([]), || UnixSeconds::new(1), account);
            assert_eq!(
                sender.err(),
                Some(InvalidAccount("project")),
                "{project_id}"
            );
        }
    }
}
