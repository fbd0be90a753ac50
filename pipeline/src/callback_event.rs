use std::borrow::Cow;

use serde::Serialize;
use sinch_callback::{BatchSummary, Callback, ContentKey, UnixSeconds, Unrecognized};

/// What others are told of a callback that is about no message that can be named: it was kept, and
/// somebody should look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallbackEvent<'a> {
    /// `{content key}::{type}`. Always of the same content.
    pub id: String,
    /// `delivery.unrecognized`, or `delivery.batch` for a report that counts the recipients of a
    /// batch and names none.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The callback, as it is listed.
    pub content_key: String,
    /// Why it is told: `Unrecognized::as_str`.
    pub why: &'static str,
    /// The same in words.
    pub detail: &'static str,
    /// What it counts of a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchView<'a>>,
    /// When the callback was received, in Unix seconds.
    pub received_at: u64,
}

/// How many recipients of a batch are where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchView<'a> {
    /// The batch.
    pub batch_id: Cow<'a, str>,
    /// `client_reference` of the batch.
    pub client_reference: Cow<'a, str>,
    /// How many recipients it has.
    pub total_message_count: Option<u64>,
    /// How many of them are where.
    pub statuses: Vec<BatchCountView<'a>>,
}

/// How many recipients of a batch have one status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct BatchCountView<'a> {
    /// The code.
    pub code: Cow<'a, str>,
    /// The status as Sinch wrote it.
    pub status: Cow<'a, str>,
    /// How many recipients.
    pub count: Option<u64>,
}

/// Why a callback, or a part of it, moves no message though it was delivered: what is listed.
fn unread(content: Result<&Callback, Unrecognized>) -> Option<Unrecognized> {
    match content {
        Ok(callback) => callback.unread,
        Err(unrecognized) => Some(unrecognized),
    }
}

impl<'a> CallbackEvent<'a> {
    /// What is told of this callback as a whole.
    pub(crate) fn of(
        content: Result<&'a Callback, Unrecognized>,
        content_key: ContentKey,
        received_at: UnixSeconds,
    ) -> Vec<Self> {
        let Some(why) = unread(content) else {
            return Vec::new();
        };
        let event = |kind: &'static str, batch: Option<BatchView<'a>>| Self {
            id: format!("{content_key}::{kind}"),
            kind,
            content_key: content_key.to_string(),
            why: why.as_str(),
            detail: why.detail(),
            batch,
            received_at: received_at.get(),
        };
        let summary = content.ok().and_then(|callback| callback.summary.as_ref());
        let of_batch = summary.map(|summary| event("delivery.batch", Some(BatchView::of(summary))));
        // A summary has been read, and its counts are all that there is to it.
        let of_callback = (why != Unrecognized::NamesNobody || summary.is_none())
            .then(|| event("delivery.unrecognized", None));
        of_callback.into_iter().chain(of_batch).collect()
    }
}

impl<'a> BatchView<'a> {
    /// What a report says of its batch.
    #[must_use]
    pub fn of(summary: &'a BatchSummary) -> Self {
        Self {
            batch_id: summary.batch_id.as_str().into(),
            client_reference: summary.client_reference.as_str().into(),
            total_message_count: summary.total,
            statuses: summary
                .counts
                .iter()
                .map(|count| BatchCountView {
                    code: count.code.as_str().into(),
                    status: count.status_text.as_str().into(),
                    count: count.count,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn told(body: &str) -> Vec<Value> {
        let callback = Callback::parse(body.as_bytes());
        let content = callback.as_ref().map_err(|reason| *reason);
        let key = ContentKey::from_bytes([0x2a; 16]);
        CallbackEvent::of(content, key, UnixSeconds::new(9))
            .iter()
            .map(|event| serde_json::to_value(event).unwrap())
            .collect()
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_reason() {
        let key = "2a".repeat(16);
        assert_eq!(
            told("{}"),
            [json!({
                "id": format!("{key}::delivery.unrecognized"),
                "type": "delivery.unrecognized",
                "content_key": key,
                "why": "unknown_kind",
                "detail": Unrecognized::UnknownKind.detail(),
                "received_at": 9,
            })]
        );
        assert_eq!(told(r#"{"opt_in_notification":{}}"#), [Value::Null; 0]);
    }

    #[test]
    fn a_summary_is_told_with_its_counts_and_a_lost_share_beside_what_is_known() {
        let summary = told(
            r#"{"type":"delivery_report_sms","batch_id":"b","client_reference":"camp","total_message_count":3,"statuses":[{"code":402,"status":"Aborted","count":1},{"code":0,"status":"Delivered","count":2}]}"#,
        );
        assert_eq!(summary.len(), 1);
        assert_eq!(summary[0]["type"], "delivery.batch");
        assert_eq!(summary[0]["why"], "names_nobody");
        assert_eq!(
            summary[0]["batch"],
            json!({"batch_id": "b", "client_reference": "camp", "total_message_count": 3, "statuses": [
                {"code": "402", "status": "Aborted", "count": 1},
                {"code": "0", "status": "Delivered", "count": 2},
            ]})
        );
        let share = told(
            r#"{"type":"delivery_report_sms","batch_id":"b","statuses":[{"status":"Delivered","recipients":["4791",{}]}]}"#,
        );
        assert_eq!(share.len(), 1);
        assert_eq!(share[0]["type"], "delivery.unrecognized");
        assert_eq!(share[0]["why"], "unreadable_share");
    }
}
