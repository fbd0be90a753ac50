//! The Conversation API: sends, and what became of a message.

use std::sync::Arc;

use hyper::Method;
use serde_json::{Value, json};
use sinch_callback_server::{clock, ids};
use tokio::time::sleep;

use super::{
    callback,
    journal::Entry,
    message::Sent,
    poster::Callback,
    request::{Asked, Told},
    scenario::{Answer, Named, Report},
    stand_in::StandIn,
};

/// Characters of the longest `correlation_id` and `message_metadata`, as Sinch documents them.
const LONGEST: [(&str, usize); 2] = [("correlation_id", 128), ("message_metadata", 1_024)];

impl StandIn {
    /// Answers `POST …/messages:send` as the rule for its recipient says.
    pub(super) async fn send_message(self: &Arc<Self>, project: &str, asked: &Asked) -> Told {
        if asked.method != Method::POST {
            return Told::error(404, "messages are sent with POST");
        }
        let asked_for = asked.json().and_then(|body| asked_for(project, &body));
        let sent = match asked_for {
            Ok(sent) => sent,
            Err(told) => {
                self.journal.write(&Entry::Send {
                    correlation_id: "",
                    channel: "",
                    to: "",
                    status: Some(400),
                    message_ids: &[],
                    rule: "",
                });
                return told;
            }
        };
        let to = sent.identity.trim_start_matches('+');
        let key = [&sent.correlation_id, "/", to].concat();
        let rule = self.rule(to, &sent.channel, &key);
        let count = if rule.is_sent() { rule.messages } else { 0 };
        let ids: Vec<_> = (0..count).map(|_| ids::unique()).collect();
        let status = match &rule.answer {
            Answer::Status(status) => Some(*status),
            Answer::Named(_) => None,
        };
        self.journal.write(&Entry::Send {
            correlation_id: &sent.correlation_id,
            channel: &sent.channel,
            to: &sent.identity,
            status,
            message_ids: &ids,
            rule: &rule.name,
        });
        for id in &ids {
            let sent = Sent {
                id: id.clone(),
                ..sent.clone()
            };
            self.messages().add(id.clone(), sent);
            if let Some(submit) = rule.submit_after.0 {
                self.call_back(id, submit.0, None);
            }
            for report in &rule.reports {
                self.call_back(id, report.after.0, Some(report.clone()));
            }
        }
        sleep(self.hastened(rule.answer_after.0)).await;
        match &rule.answer {
            Answer::Status(200..300) => {
                let accepted = crate::moment::rfc3339(sent.accepted_at_ms);
                let id = ids.first();
                Told::Reply(200, json!({"message_id": id, "accepted_time": accepted}))
            }
            Answer::Status(status) => Told::error(*status, "as the scenario says"),
            Answer::Named(Named::Silence) => Told::Silence,
            Answer::Named(Named::Cut) => Told::Cut,
        }
    }

    /// After a while, reports on a message, or that it was submitted.
    pub(super) fn call_back(
        self: &Arc<Self>,
        id: &str,
        after: core::time::Duration,
        report: Option<Report>,
    ) {
        let (stand_in, id) = (Arc::clone(self), id.to_owned());
        tokio::spawn(async move {
            sleep(stand_in.hastened(after)).await;
            let Some(sent) = stand_in.reported(&id, report.as_ref()) else {
                return;
            };
            let copies = report.as_ref().map_or(1, |report| report.copies);
            let is_silent = sent.batch.as_ref().is_some_and(|batch| !batch.calls_back);
            if copies == 0 || is_silent {
                return;
            }
            let now_ms = clock::unix_millis();
            let (trigger, reports, body) = match &report {
                None => ("MESSAGE_SUBMIT", "", callback::submit(&sent, now_ms)),
                Some(report) => (
                    "MESSAGE_DELIVERY",
                    report.status.as_str(),
                    callback::delivery(&sent, report, now_ms),
                ),
            };
            let callback = Callback {
                trigger,
                message_id: sent.id.clone(),
                correlation_id: sent.correlation_id.clone(),
                reports: reports.to_owned(),
                body,
            };
            let targets =
                stand_in
                    .webhooks
                    .targets(&sent.project, &sent.app_id, trigger, &sent.callback_url);
            for target in &targets {
                for _ in 0..copies {
                    stand_in
                        .poster
                        .post(&callback, target, &stand_in.journal, |time| {
                            stand_in.hastened(time)
                        })
                        .await;
                }
            }
        });
    }

    /// The message, of which this report is kept.
    fn reported(&self, id: &str, report: Option<&Report>) -> Option<Sent> {
        let mut messages = self.messages();
        let sent = messages.find_mut(id)?;
        if let Some(report) = report {
            sent.report(report);
        }
        Some(sent.clone())
    }

    /// Answers `GET …/messages/{id}`.
    pub(super) fn message(&self, asked: &Asked, id: &str) -> Told {
        if asked.method != Method::GET {
            return Told::error(501, "messages are read only");
        }
        let messages = self.messages();
        let Some(sent) = messages.find(id).filter(|sent| sent.batch.is_none()) else {
            return Told::error(404, "there is no such message");
        };
        let last = sent.last.as_ref();
        let status = last.map_or("QUEUED_ON_CHANNEL", |(report, _)| &report.status);
        let body = json!({
            "id": sent.id,
            "direction": "TO_CONTACT",
            "conversation_id": sent.conversation_id,
            "contact_id": sent.contact_id,
            "metadata": sent.metadata,
            "accept_time": crate::moment::rfc3339(sent.accepted_at_ms),
            "channel_identity": {
                "channel": sent.channel,
                "identity": sent.identity,
                "app_id": sent.app_id,
            },
            "message_status": status,
        });
        Told::Reply(200, body)
    }
}

/// The message that a body asks for.
fn asked_for(project: &str, body: &Value) -> Result<Sent, Told> {
    let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
    let wrong = |what: &str| Err(Told::error(400, what));
    if text("app_id").is_empty() {
        return wrong("app_id is missing");
    }
    if !body.get("message").is_some_and(Value::is_object) {
        return wrong("message is missing");
    }
    for (field, longest) in LONGEST {
        if text(field).chars().count() > longest {
            return wrong(&format!("{field} is longer than {longest} characters"));
        }
    }
    let ttl = text("ttl");
    let is_duration = |ttl: &str| {
        ttl.strip_suffix('s')
            .is_some_and(|number| number.parse::<f64>().is_ok())
    };
    if !ttl.is_empty() && !is_duration(ttl) {
        return wrong("ttl is no duration");
    }
    let identities = body.pointer("/recipient/identified_by/channel_identities");
    let identities = identities.and_then(Value::as_array);
    let identity = |channel: &str| {
        let fitting = identities.into_iter().flatten().find(|identity| {
            channel.is_empty() || identity.get("channel").and_then(Value::as_str) == Some(channel)
        })?;
        let channel = fitting.get("channel").and_then(Value::as_str)?;
        let identity = fitting.get("identity").and_then(Value::as_str)?;
        Some((channel.to_owned(), identity.to_owned()))
    };
    let first = body
        .pointer("/channel_priority_order/0")
        .and_then(Value::as_str);
    let contact = body
        .pointer("/recipient/contact_id")
        .and_then(Value::as_str);
    let (channel, identity) = match (contact, identity(first.unwrap_or_default())) {
        (_, Some(found)) => found,
        (Some(contact), None) => (first.unwrap_or("SMS").to_owned(), contact.to_owned()),
        (None, None) => return wrong("recipient names nobody on the first channel of the order"),
    };
    Ok(Sent {
        id: String::new(),
        batch: None,
        project: project.to_owned(),
        app_id: text("app_id").to_owned(),
        conversation_id: ids::unique(),
        contact_id: contact.map_or_else(ids::unique, str::to_owned),
        channel,
        identity,
        correlation_id: text("correlation_id").to_owned(),
        metadata: text("message_metadata").to_owned(),
        callback_url: text("callback_url").to_owned(),
        accepted_at_ms: clock::unix_millis(),
        last: None,
    })
}
