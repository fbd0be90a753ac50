use core::time::Duration;
use std::sync::{Arc, Mutex, PoisonError};

use sinch_callback::UnixSeconds;
use sinch_callback_pipeline::messages::{AttemptName, Messages, OVERDUE_AFTER, Watch};
use sinch_callback_recovery::{
    Call, CallAnswer, Channel,
    ports::Sender,
    sinch::{
        AccessKey, Account, ExchangeError, HttpClient, HttpRequest, HttpResponse, SinchSender,
    },
};

use super::ses::SesSender;
use crate::{
    client::AwsError,
    clock::Clock,
    dynamodb::DeliveryTable,
    parameter_store::ParameterStore,
    signed_call::{Exchanged, SignedCalls},
    ssm::Parameters,
};

/// Sends by Sinch, and e-mails by SES.
pub(super) struct AwsSender {
    sinch: Mutex<Arc<Sinch>>,
    /// What a new one is made of, once the key has changed.
    account: Account,
    calls: Arc<PlainCalls>,
    key: KeyParameter,
    email: Option<SesSender>,
    messages: DeliveryTable,
    clock: Clock,
}

type Sinch = SinchSender<Arc<PlainCalls>, fn() -> UnixSeconds>;

/// How long a message that was sent may take to be watched: its intent waits, whose attempt is under way
/// still.
const WATCHING: Duration = Duration::from_secs(2);

impl AwsSender {
    /// A sender with this account, whose key is that of the parameter.
    ///
    /// # Errors
    /// Where the account is none.
    pub(super) fn new(
        account: Account,
        key: KeyParameter,
        calls: SignedCalls,
        email: Option<SesSender>,
        messages: DeliveryTable,
        clock: Clock,
    ) -> Result<Self, AwsError> {
        let calls = Arc::new(PlainCalls(calls));
        Ok(Self {
            sinch: Mutex::new(sinch(&calls, account.clone())?),
            account,
            calls,
            key,
            email,
            messages,
            clock,
        })
    }

    /// Whether there is an address to send e-mails from.
    pub(super) const fn sends_email(&self) -> bool {
        self.email.is_some()
    }

    fn sinch(&self) -> Arc<Sinch> {
        Arc::clone(&self.sinch.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has the message be told to its attempt's intent even where its reports bear no correlation id, and
    /// be known to wait where it stays silent.
    async fn watch(&self, call: &Call, message_id: &str) {
        let now = self.clock.now();
        let watch = Watch {
            message_id: message_id.to_owned(),
            deadline: Some(now.saturating_add(OVERDUE_AFTER)),
            attempt: AttemptName::parse(&call.attempt.to_string()),
        };
        let watched = self
            .messages
            .update(message_id, move |found| watch.change(found, now));
        match tokio::time::timeout(WATCHING, watched).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, message_id, "a message that was sent is not watched");
            }
            Err(_) => tracing::warn!(message_id, "a message that was sent is not watched"),
        }
    }
}

/// Tokens expire by the system's clock, whatever clock the function has.
fn sinch(calls: &Arc<PlainCalls>, account: Account) -> Result<Arc<Sinch>, AwsError> {
    let now: fn() -> UnixSeconds = || Clock::System.now();
    let sinch = SinchSender::new(Arc::clone(calls), now, account);
    sinch.map(Arc::new).map_err(|error| AwsError::of(&error))
}

impl Sender for AwsSender {
    async fn send(&self, call: &Call) -> CallAnswer {
        if call.channel == Channel::Email {
            return match &self.email {
                Some(email) => email.send(call).await,
                None => CallAnswer::NotSent("nothing is set up to send on EMAIL".into()),
            };
        }
        let answer = self.sinch().send(call).await;
        if let CallAnswer::Accepted(message_id) = &answer {
            self.watch(call, message_id).await;
        }
        answer
    }

    /// By the key that the parameter holds by then: it may be another one.
    async fn renew(&self) {
        let renewed = match self.key.read().await {
            Ok(key) => sinch(
                &self.calls,
                Account {
                    key,
                    ..self.account.clone()
                },
            ),
            Err(error) => Err(error),
        };
        match renewed {
            Ok(renewed) => *self.sinch.lock().unwrap_or_else(PoisonError::into_inner) = renewed,
            Err(error) => {
                tracing::error!(%error, "the access key cannot be read again");
                self.sinch().renew().await;
            }
        }
    }
}

/// The parameter that holds the access key.
#[derive(Clone, Debug)]
pub(super) struct KeyParameter {
    pub(super) parameters: Parameters,
    pub(super) name: String,
}

impl KeyParameter {
    /// # Errors
    /// Where it cannot be read, or holds no access key.
    pub(super) async fn read(&self) -> Result<AccessKey, AwsError> {
        let name = core::slice::from_ref(&self.name);
        let found = self.parameters.read(name).await?;
        let key = found
            .first()
            .and_then(|found| AccessKey::parse(&found.value).ok());
        key.ok_or_else(|| {
            AwsError::saying(format!(
                "the parameter {} holds no access key: write its id, a colon, and its secret into it",
                self.name
            ))
        })
    }
}

/// Calls that bear credentials of their own.
#[derive(Debug)]
pub(super) struct PlainCalls(pub(super) SignedCalls);

impl HttpClient for PlainCalls {
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ExchangeError> {
        let mut headers = vec![("authorization", request.authorization.as_str())];
        headers.extend(request.content_type.map(|kind| ("content-type", kind)));
        let exchanged = self.0.once(
            request.method.as_str(),
            &request.url,
            &headers,
            request.body,
            request.time_limit,
        );
        match exchanged.await {
            Exchanged::Answered(status, body) => Ok(HttpResponse { status, body }),
            Exchanged::NeverLeft(why) => Err(ExchangeError::NeverLeft(why)),
            Exchanged::MayHaveLeft(why) => Err(ExchangeError::MayHaveLeft(why)),
        }
    }
}
