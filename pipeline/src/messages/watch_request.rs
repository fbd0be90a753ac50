use core::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use sinch_callback::UnixSeconds;

use super::watch::Watch;
use crate::deadline::Deadline;

/// What is wrong with a request for a watch, by its field, in words.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidWatch(String);

/// How far ahead a deadline may lie. Our own choice: no receipt comes after so long, and the message has
/// to be kept until then.
const FARTHEST: Duration = Duration::from_secs(30 * 86_400);

/// The longest id. Sinch's have 26 characters, and an SMS recipient's a colon and up to 15 digits more.
const LONGEST_ID: usize = 128;

/// What is asked: only that a field has another name, or another type, is told by serde.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    message_id: Option<Value>,
    deadline: Option<Value>,
}

impl Watch {
    /// Reads a request: JSON as `{"message_id":"01…","deadline":"PT10M"}`, whose deadline is a duration
    /// from now or an instant, within 30 days.
    ///
    /// # Errors
    /// [`InvalidWatch`], which names the field.
    pub fn parse(body: &[u8], now: UnixSeconds) -> Result<Self, InvalidWatch> {
        let invalid = |words: String| InvalidWatch(words);
        let asked: Asked = serde_json::from_slice(body).map_err(|error| {
            invalid(format!(
                r#"expected {{"message_id":"…","deadline":"PT10M"}}: {error}"#
            ))
        })?;
        let text = |name: &str, value: Option<Value>| match value {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(invalid(format!("{name}: expected a text"))),
            None => Err(invalid(format!("{name}: missing"))),
        };
        let message_id = text("message_id", asked.message_id)?;
        let is_id = (1..=LONGEST_ID).contains(&message_id.len())
            && message_id.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_id {
            return Err(invalid(format!(
                "message_id: expected 1 to {LONGEST_ID} visible ASCII characters"
            )));
        }
        let deadline: Deadline = text("deadline", asked.deadline)?
            .parse()
            .map_err(|error| invalid(format!("deadline: {error}")))?;
        let moment = deadline.moment(now);
        if moment <= now {
            return Err(invalid(
                "deadline: expected a moment that is still to come".into(),
            ));
        }
        if moment > now.saturating_add(FARTHEST) {
            let days = FARTHEST.as_secs() / 86_400;
            return Err(invalid(format!(
                "deadline: expected a moment within {days} days"
            )));
        }
        Ok(Self {
            message_id,
            deadline: Some(moment),
            attempt: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = UnixSeconds::new(1_795_600_800);

    #[test]
    fn a_deadline_is_a_duration_from_now_or_an_instant() {
        for (deadline, seconds) in [
            ("PT10M", 1_795_601_400),
            ("2026-11-25T10:00:01Z", 1_795_600_801),
            ("P30D", 1_798_192_800),
        ] {
            let body = format!(r#"{{"message_id":"01BATCH:4791","deadline":"{deadline}"}}"#);
            let asked = Watch {
                message_id: "01BATCH:4791".into(),
                deadline: Some(UnixSeconds::new(seconds)),
                attempt: None,
            };
            assert_eq!(Watch::parse(body.as_bytes(), NOW), Ok(asked), "{deadline}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_by_the_field() {
        let long = "m".repeat(LONGEST_ID + 1);
        for (id, deadline, field) in [
            (r#""m""#, r#""2026-11-25T10:00:00Z""#, "deadline"),
            (r#""m""#, r#""P30DT1S""#, "deadline"),
            (r#""m""#, r#""PT0S""#, "deadline"),
            (r#""m""#, r#""soon""#, "deadline"),
            (r#""m""#, "600", "deadline"),
            (r#""m""#, "null", "deadline"),
            (r#""""#, r#""PT1M""#, "message_id"),
            (r#""m 1""#, r#""PT1M""#, "message_id"),
            ("7", r#""PT1M""#, "message_id"),
            ("null", r#""PT1M""#, "message_id"),
            (&format!("\"{long}\""), r#""PT1M""#, "message_id"),
        ] {
            let body = format!(r#"{{"message_id":{id},"deadline":{deadline}}}"#);
            let wrong = Watch::parse(body.as_bytes(), NOW).unwrap_err().to_string();
            assert!(wrong.starts_with(&format!("{field}: ")), "{body} {wrong}");
        }
        let unknown = Watch::parse(br#"{"message":"m","deadline":"PT1M"}"#, NOW);
        let unknown = unknown.unwrap_err().to_string();
        assert!(unknown.contains("`message`"), "{unknown}");
        for body in ["", "[]", "{", "7"] {
            assert!(Watch::parse(body.as_bytes(), NOW).is_err(), "{body}");
        }
    }
}
