//! The SMS API: batches, and asking what became of their recipients.

use core::time::Duration;
use std::{collections::BTreeMap, sync::Arc};

use hyper::Method;
use serde_json::{Value, json};
use sinch_callback_server::{clock, ids};

use super::{
    message::{Batch, Sent},
    request::{Asked, Told},
    scenario::Report,
    stand_in::StandIn,
};
use crate::moment::rfc3339;

/// Reports of a page, unless it is asked for another size: as Sinch documents it.
const PAGE_SIZE: usize = 30;
/// For how long finished reports are listed, unless they are asked for since another time.
const LISTED_FOR: Duration = Duration::from_secs(86_400);

impl StandIn {
    /// Answers `POST …/batches`.
    pub(super) fn send_batch(self: &Arc<Self>, asked: &Asked) -> Told {
        if asked.method != Method::POST {
            return Told::error(501, "batches are sent only");
        }
        let body = match asked.json() {
            Ok(body) => body,
            Err(told) => return told,
        };
        let text = |field: &str| body.get(field).and_then(Value::as_str).unwrap_or_default();
        let recipients = body.get("to").and_then(Value::as_array);
        let recipients = recipients.into_iter().flatten().filter_map(Value::as_str);
        let recipients: Vec<_> = recipients.collect();
        if recipients.is_empty() || text("body").is_empty() {
            return refused("syntax_constraint_violation", "to or body are missing");
        }
        let calls_back = match text("delivery_report") {
            "" | "none" => false,
            "per_recipient" => true,
            _ => {
                return refused(
                    "unsupported",
                    "the stand-in knows delivery_report none and per_recipient",
                );
            }
        };
        let batch = Batch {
            id: ids::unique(),
            client_reference: text("client_reference").to_owned(),
            calls_back,
        };
        for to in &recipients {
            let digits = to.trim_start_matches('+');
            let id = [&batch.id, ":", digits].concat();
            self.messages().add(
                id.clone(),
                Sent {
                    id: id.clone(),
                    batch: Some(batch.clone()),
                    project: String::new(),
                    app_id: String::new(),
                    conversation_id: String::new(),
                    contact_id: String::new(),
                    channel: "SMS".to_owned(),
                    identity: (*to).to_owned(),
                    correlation_id: String::new(),
                    metadata: String::new(),
                    callback_url: text("callback_url").to_owned(),
                    accepted_at_ms: clock::unix_millis(),
                    last: None,
                },
            );
            for report in &self.rule(digits, "SMS", &id).reports {
                self.call_back(&id, report.after.0, Some(report.clone()));
            }
        }
        let body = json!({
            "id": batch.id,
            "to": recipients,
            "canceled": false,
            "client_reference": batch.client_reference,
            "created_at": rfc3339(clock::unix_millis()),
        });
        Told::Reply(201, body)
    }

    /// Answers `GET …/batches/{id}/delivery_report`: how many recipients have each status, and with
    /// `type=full` who they are.
    pub(super) fn batch_report(&self, asked: &Asked, id: &str) -> Told {
        let messages = self.messages();
        let of_batch = messages.iter().filter(|sent| is_of(sent, id));
        let mut statuses: BTreeMap<(u32, String), Vec<String>> = BTreeMap::new();
        for sent in of_batch {
            let (status, code) = sent
                .last
                .as_ref()
                .map_or(("Queued".into(), 400), |(report, _)| status(report));
            let digits = sent.identity.trim_start_matches('+').to_owned();
            statuses.entry((code, status)).or_default().push(digits);
        }
        if statuses.is_empty() {
            return Told::Reply(404, Value::Null);
        }
        let is_full = asked.parameter("type") == Some("full");
        let total = statuses.values().map(Vec::len).sum::<usize>();
        let statuses = statuses.into_iter().map(|((code, status), recipients)| {
            let mut share = json!({"code": code, "status": status, "count": recipients.len()});
            if let Some(fields) = share.as_object_mut().filter(|_| is_full) {
                fields.insert("recipients".into(), recipients.into());
            }
            share
        });
        let body = json!({
            "type": "delivery_report_sms",
            "batch_id": id,
            "total_message_count": total,
            "statuses": statuses.collect::<Vec<_>>(),
        });
        Told::Reply(200, body)
    }

    /// Answers `GET …/batches/{id}/delivery_report/{recipient}`.
    pub(super) fn recipient_report(&self, asked: &Asked, id: &str, recipient: &str) -> Told {
        let recipient = recipient.trim_start_matches("%2B").trim_start_matches('+');
        let messages = self.messages();
        let found = messages.find(&[id, ":", recipient].concat());
        let shown = found
            .and_then(shown)
            .filter(|_| asked.method == Method::GET);
        shown.map_or(Told::Reply(404, Value::Null), |report| {
            Told::Reply(200, report)
        })
    }

    /// Answers `GET …/delivery_reports`: finished ones, a page at a time.
    pub(super) fn finished_reports(&self, asked: &Asked) -> Told {
        let number = |name: &str| asked.parameter(name).and_then(|text| text.parse().ok());
        let (page, size) = (
            number("page").unwrap_or(0),
            number("page_size").unwrap_or(PAGE_SIZE),
        );
        let ago = u64::try_from(LISTED_FOR.as_millis()).unwrap_or(u64::MAX);
        let since = asked.parameter("start_date").map_or_else(
            || rfc3339(clock::unix_millis().saturating_sub(ago)),
            |text| text.replace("%3A", ":"),
        );
        let reference = asked.parameter("client_reference");
        let messages = self.messages();
        let finished = messages.iter().filter(|sent| {
            let Some((batch, (report, at_ms))) = sent.batch.as_ref().zip(sent.last.as_ref()) else {
                return false;
            };
            !matches!(status(report).1, 400 | 401)
                && rfc3339(*at_ms) >= since
                && reference.is_none_or(|reference| reference == batch.client_reference)
        });
        let finished: Vec<_> = finished.filter_map(shown).collect();
        let on_page = finished
            .iter()
            .skip(usize::saturating_mul(page, size))
            .take(size);
        let body = json!({
            "count": finished.len(),
            "page": page,
            "page_size": size,
            "delivery_reports": on_page.collect::<Vec<_>>(),
        });
        Told::Reply(200, body)
    }
}

fn is_of(sent: &Sent, batch: &str) -> bool {
    sent.batch.as_ref().is_some_and(|of| of.id == batch)
}

/// What is reported of a recipient; `None` before anything is.
fn shown(sent: &Sent) -> Option<Value> {
    let (batch, (report, at_ms)) = sent.batch.as_ref().zip(sent.last.as_ref())?;
    Some(recipient(sent, batch, report, *at_ms))
}

/// A report on one recipient.
pub(super) fn recipient(sent: &Sent, batch: &Batch, report: &Report, at_ms: u64) -> Value {
    let (status, code) = status(report);
    json!({
        "type": "recipient_delivery_report_sms",
        "batch_id": batch.id,
        "client_reference": batch.client_reference,
        "recipient": sent.identity.trim_start_matches('+'),
        "status": status,
        "code": code,
        "at": rfc3339(at_ms),
    })
}

/// The SMS API's word and code for a status.
fn status(report: &Report) -> (String, u32) {
    let (status, code) = match report.status.as_str() {
        "QUEUED_ON_CHANNEL" => ("Dispatched", 401),
        "DELIVERED" | "READ" => ("Delivered", 0),
        "FAILED" => ("Failed", 402),
        other => (other, 0),
    };
    (status.to_owned(), report.code.parse().unwrap_or(code))
}

fn refused(code: &str, text: &str) -> Told {
    Told::Reply(400, json!({"code": code, "text": text}))
}
