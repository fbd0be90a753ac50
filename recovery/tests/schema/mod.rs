//! As much of JSON Schema as ours uses; what it does not know it refuses to judge.

use regex::Regex;
use serde_json::{Map, Value};

/// Whether a value is what a schema describes. `root` has the definitions.
pub(crate) fn fits(root: &Value, schema: &Value, value: &Value) -> bool {
    let schema = schema.as_object().expect("a schema is an object");
    schema
        .iter()
        .all(|(keyword, rule)| holds(root, schema, keyword, rule, value))
}

fn holds(
    root: &Value,
    schema: &Map<String, Value>,
    keyword: &str,
    rule: &Value,
    value: &Value,
) -> bool {
    let number = || usize::try_from(rule.as_u64().expect("a number")).expect("a size");
    let rules = || rule.as_array().expect("a list");
    let properties = || rule.as_object().expect("an object");
    let (text, list, object) = (value.as_str(), value.as_array(), value.as_object());
    match keyword {
        "$schema" | "title" | "description" | "$defs" | "format" | "then" | "else" => true,
        "$ref" => {
            let pointer = rule
                .as_str()
                .and_then(|at| at.strip_prefix('#'))
                .expect("a place");
            fits(root, root.pointer(pointer).expect("a definition"), value)
        }
        "type" => match rule.as_str().expect("a type") {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64(),
            other => panic!("type {other}"),
        },
        "const" => value == rule,
        "enum" => rules().contains(value),
        "required" => object.is_none_or(|object| {
            let mut names = rules().iter().filter_map(Value::as_str);
            names.all(|name| object.contains_key(name))
        }),
        "additionalProperties" => object.is_none_or(|object| {
            let known = schema["properties"].as_object().expect("properties");
            object.keys().all(|name| known.contains_key(name))
        }),
        "properties" => object.is_none_or(|object| {
            let mut known = properties()
                .iter()
                .filter_map(|(name, rule)| Some((rule, object.get(name)?)));
            known.all(|(rule, value)| fits(root, rule, value))
        }),
        "minProperties" => object.is_none_or(|object| object.len() >= number()),
        "items" => list.is_none_or(|list| list.iter().all(|value| fits(root, rule, value))),
        "minItems" => list.is_none_or(|list| list.len() >= number()),
        "maxItems" => list.is_none_or(|list| list.len() <= number()),
        "minLength" => text.is_none_or(|text| text.chars().count() >= number()),
        "maxLength" => text.is_none_or(|text| text.chars().count() <= number()),
        "pattern" => text.is_none_or(|text| {
            let pattern = Regex::new(rule.as_str().expect("a pattern")).expect("a pattern");
            pattern.is_match(text)
        }),
        "minimum" => value
            .as_u64()
            .is_none_or(|value| value >= rule.as_u64().expect("a number")),
        "maximum" => value
            .as_u64()
            .is_none_or(|value| value <= rule.as_u64().expect("a number")),
        "oneOf" => {
            rules()
                .iter()
                .filter(|rule| fits(root, rule, value))
                .count()
                == 1
        }
        "allOf" => rules().iter().all(|rule| fits(root, rule, value)),
        "if" => {
            let branch = if fits(root, rule, value) {
                "then"
            } else {
                "else"
            };
            schema
                .get(branch)
                .is_none_or(|rule| fits(root, rule, value))
        }
        other => panic!("keyword {other}"),
    }
}
