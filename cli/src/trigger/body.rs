use serde::Deserialize;
use serde_json::{Map, Value};
use sinch_callback::{Callback, UnixSeconds, scheme::SchemeName};
use sinch_callback_server::ids;

use crate::{command_error::CommandError, moment};

/// The bodies, by the names of their kinds. `${id}` stands for a new id, `${now}` for the moment,
/// `${zoneless}` for the same without a zone, as the Numbers API writes it.
const BODIES: &str = include_str!("bodies.json");

/// A realistic body.
pub(super) struct Template {
    pub(super) name: String,
    pub(super) about: String,
    body: Value,
}

#[derive(Deserialize)]
struct Described {
    about: String,
    body: Value,
}

impl Template {
    /// All of them.
    pub(super) fn all() -> Result<Vec<Self>, CommandError> {
        let all: Map<String, Value> = read(BODIES)?;
        let template = |(name, described): (String, Value)| {
            let Described { about, body } =
                serde_json::from_value(described).map_err(unreadable)?;
            Ok(Self { name, about, body })
        };
        all.into_iter().map(template).collect()
    }

    /// How its product signs it.
    pub(super) fn scheme(&self) -> SchemeName {
        let callback = Callback::parse(self.body.to_string().as_bytes());
        let scheme = callback.ok().and_then(|callback| callback.kind.scheme());
        scheme.unwrap_or(SchemeName::Conversation)
    }

    /// The body with an id and times of its own.
    pub(super) fn body(&self, now: UnixSeconds) -> Value {
        let written = moment::readable(now).replace(' ', "T");
        let zoneless = written.trim_end_matches('Z').to_owned();
        let of_its_own = [
            ("${id}", ids::unique()),
            ("${now}", written),
            ("${zoneless}", zoneless),
        ];
        let mut body = self.body.clone();
        fill(&mut body, &of_its_own);
        body
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, CommandError> {
    serde_json::from_str(text).map_err(unreadable)
}

fn unreadable(error: serde_json::Error) -> CommandError {
    CommandError::failed("the bodies of this build cannot be read", error)
}

fn fill(value: &mut Value, texts: &[(&str, String)]) {
    match value {
        Value::String(text) => {
            for (name, own) in texts {
                *text = text.replace(name, own);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, texts)),
        Value::Object(members) => members.values_mut().for_each(|value| fill(value, texts)),
        _ => {}
    }
}

/// A field to set.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    path: String,
    value: Value,
}

impl Field {
    /// Reads `PATH=VALUE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (path, value) = text
            .split_once('=')
            .filter(|(path, _)| !path.is_empty() && path.split('.').all(|step| !step.is_empty()))
            .ok_or("expected PATH=VALUE, as in message_delivery_report.status=FAILED")?;
        Ok(Self {
            path: path.to_owned(),
            value: serde_json::from_str(value).unwrap_or_else(|_| value.into()),
        })
    }

    /// Sets it, with the objects on the way that are not there.
    pub(super) fn set(&self, body: &mut Value) -> Result<(), CommandError> {
        let mut place = body;
        for step in self.path.split('.') {
            if let Value::Array(items) = place {
                let count = items.len();
                let item = step
                    .parse()
                    .ok()
                    .and_then(|index: usize| items.get_mut(index));
                place = item.ok_or_else(|| {
                    CommandError::Misuse(format!(
                        "--field {}: \"{step}\" is no place in a list of {count}",
                        self.path
                    ))
                })?;
                continue;
            }
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            let Value::Object(members) = place else {
                return Ok(());
            };
            place = members.entry(step).or_insert(Value::Null);
        }
        *place = self.value.clone();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use sinch_callback::CallbackKind;
    use sinch_callback_events::{Callback as Typed, Members};

    use super::*;

    #[test]
    fn there_is_a_body_of_each_kind_and_none_has_a_field_that_is_not_described() {
        let mut kinds = BTreeSet::new();
        for template in Template::all().unwrap() {
            let name = &template.name;
            let body = template.body(UnixSeconds::new(1_700_000_000)).to_string();
            let callback = Callback::parse(body.as_bytes()).unwrap();
            let typed = Typed::parse(body.as_bytes()).unwrap();
            assert_eq!(typed.kind().as_str(), callback.kind.as_str(), "{name}");
            assert_eq!(typed.unlisted(), [""; 0], "{name}");
            assert_eq!(callback.unread, None, "{name}");
            assert!(!body.contains("${"), "{body}");
            let of_numbers = matches!(&**name, "numbers" | "hosting");
            assert!(of_numbers || *name == callback.kind.as_str(), "{name}");
            kinds.insert(callback.kind.as_str());
        }
        kinds.insert("unrecognized");
        assert_eq!(kinds, CallbackKind::NAMES.iter().copied().collect());
    }

    #[test]
    fn a_body_has_an_id_and_times_of_its_own() {
        let templates = Template::all().unwrap();
        let numbers = templates
            .iter()
            .find(|template| template.name == "numbers")
            .unwrap();
        let [one, other] = [0, 1].map(|_| numbers.body(UnixSeconds::new(1_634_579_353)));
        assert_eq!(one["timestamp"], "2021-10-18T17:49:13");
        assert_ne!(one["eventId"], other["eventId"]);
    }

    #[test]
    fn a_field_is_set_by_its_path() {
        let mut body = json!({"a": {"b": 1}, "list": [{"c": 1}]});
        for field in [
            "a.b=two",
            "a.n=3",
            "list.0.c=null",
            "new.deep.er=\"4\"",
            "e=",
            "e2=a=b",
        ] {
            Field::parse(field).unwrap().set(&mut body).unwrap();
        }
        assert_eq!(
            body,
            json!({"a": {"b": "two", "n": 3}, "list": [{"c": null}], "new": {"deep": {"er": "4"}}, "e": "", "e2": "a=b"})
        );
        let beyond = Field::parse("list.1.c=1").unwrap().set(&mut body);
        assert_eq!(
            beyond.unwrap_err().to_string(),
            "--field list.1.c: \"1\" is no place in a list of 1"
        );
        for misuse in ["", "a", "=1", "a..b=1", ".a=1"] {
            assert!(Field::parse(misuse).is_err(), "{misuse}");
        }
    }
}
