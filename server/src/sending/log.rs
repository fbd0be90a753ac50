use sinch_callback_recovery::{Call, CallAnswer, ports::Sender};

/// Sends nothing: it writes each call into the log, and says that it was accepted under the attempt's
/// name. For trying a plan out; no receipt will ever come.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSender;

impl Sender for LogSender {
    async fn send(&self, call: &Call) -> CallAnswer {
        let attempt = call.attempt.to_string();
        tracing::info!(
            attempt,
            channel = call.channel.as_str(),
            to = call.identity.masked(),
            characters = call.content.text.chars().count(),
            "a message would be sent now"
        );
        CallAnswer::Accepted(attempt)
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use sinch_callback_recovery::{Channel, Content};

    use super::*;

    #[tokio::test]
    async fn a_call_is_accepted_under_its_own_name() {
        let call = Call {
            attempt: "01ARZ3NDEKTSV4RRFFQ69G5FAV~1".parse().unwrap(),
            channel: Channel::Sms,
            identity: "+15550100".into(),
            content: Content::text("Hello"),
            metadata: String::new(),
            ttl: Duration::from_secs(1),
        };
        let answer = LogSender.send(&call).await;
        assert_eq!(
            answer,
            CallAnswer::Accepted("01ARZ3NDEKTSV4RRFFQ69G5FAV~1".into())
        );
    }
}
