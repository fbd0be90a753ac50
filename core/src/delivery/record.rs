//! [`Delivery`] as the text that a store keeps.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use serde_json::{Map, Value};

use super::law::{Text, Told};
use crate::{
    Carrier, ContentKey, DecidingReport, Delivery, DeliveryLeg, Failure, Leg, Origin, Permanence,
    Remedy, UnixSeconds,
};

type Object = Map<String, Value>;

impl Delivery {
    /// The text from which [`Delivery::decode`] makes the same again: JSON, of which empty fields
    /// are left out.
    #[must_use]
    pub fn encode(&self) -> String {
        let mut object = Object::new();
        let legs: Vec<Value> = self.legs.iter().map(leg).collect();
        object.insert("legs".into(), legs.into());
        if let Some(whole) = &self.whole {
            object.insert("whole".into(), deciding(whole).into());
        }
        if let Some(unknown) = &self.unknown {
            object.insert("unknown".into(), deciding(unknown).into());
        }
        let texts = texts(&self.texts);
        if !texts.is_empty() {
            object.insert("texts".into(), texts.into());
        }
        if self.was_contradicted {
            object.insert("was_contradicted".into(), true.into());
        }
        Value::Object(object).to_string()
    }

    /// Reads what [`Delivery::encode`] wrote; `None` for any other text.
    ///
    /// A store of an earlier version puts what it knows into the same form: legs, each with `channel`
    /// and `leg`, and `texts`, without the `key` of a callback. Then reports go before a leg where
    /// they say as much, and give it their identity where it has none, but the texts are kept.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let object = value.as_object()?;
        let legs = object.get("legs")?.as_array()?;
        let mut delivery = Self {
            legs: legs.iter().map(read_leg).collect::<Option<_>>()?,
            whole: object
                .get("whole")
                .and_then(Value::as_object)
                .map(read_deciding),
            unknown: object
                .get("unknown")
                .and_then(Value::as_object)
                .map(read_deciding),
            was_contradicted: flag(object, "was_contradicted"),
            ..Self::default()
        };
        let groups = object.get("texts").and_then(Value::as_array);
        for group in groups.into_iter().flatten().filter_map(Value::as_object) {
            read_texts(group, &mut delivery.texts);
        }
        Some(delivery)
    }
}

fn leg(leg: &DeliveryLeg) -> Value {
    let mut object = deciding(&leg.deciding);
    object.insert("leg".into(), leg.leg.as_str().into());
    if leg.has_failed_for_good {
        object.insert("failed_for_good".into(), true.into());
    }
    object.into()
}

fn read_leg(value: &Value) -> Option<DeliveryLeg> {
    let object = value.as_object()?;
    Some(DeliveryLeg {
        leg: Leg::parse(text(object, "leg"))?,
        deciding: read_deciding(object),
        has_failed_for_good: flag(object, "failed_for_good"),
    })
}

fn deciding(deciding: &DecidingReport) -> Object {
    let mut object = Object::new();
    put(&mut object, "channel", &deciding.channel);
    put(&mut object, "identity", &deciding.identity);
    put(&mut object, "status", &deciding.status_text);
    put(&mut object, "at", &deciding.occurred_at);
    object.insert("received".into(), deciding.received_at.get().into());
    if let Some((content_key, place)) = deciding.source {
        put_source(&mut object, content_key, place);
    }
    if let Some(failure) = &deciding.failure {
        object.insert("failure".into(), failure_object(failure).into());
    }
    if deciding.carrier != Carrier::default() {
        object.insert("carrier".into(), carrier_object(&deciding.carrier).into());
    }
    object
}

fn read_deciding(object: &Object) -> DecidingReport {
    DecidingReport {
        channel: text(object, "channel").into(),
        identity: text(object, "identity").into(),
        status_text: text(object, "status").into(),
        occurred_at: text(object, "at").into(),
        failure: object
            .get("failure")
            .and_then(Value::as_object)
            .map(read_failure),
        carrier: object
            .get("carrier")
            .and_then(Value::as_object)
            .map(read_carrier)
            .unwrap_or_default(),
        received_at: UnixSeconds::new(number(object, "received")),
        source: source(object),
    }
}

fn failure_object(failure: &Failure) -> Object {
    let mut object = Object::new();
    put(&mut object, "code", &failure.code);
    put(&mut object, "sub_code", &failure.sub_code);
    put(&mut object, "description", &failure.description);
    put(&mut object, "channel_code", &failure.channel_code);
    put(&mut object, "status_message", &failure.status_message);
    put(&mut object, "permanence", failure.permanence.as_str());
    put(&mut object, "remedy", failure.remedy.as_str());
    object
}

fn read_failure(object: &Object) -> Failure {
    Failure {
        code: text(object, "code").into(),
        sub_code: text(object, "sub_code").into(),
        description: text(object, "description").into(),
        channel_code: text(object, "channel_code").into(),
        status_message: text(object, "status_message").into(),
        permanence: Permanence::parse(text(object, "permanence")).unwrap_or(Permanence::Unknown),
        remedy: Remedy::parse(text(object, "remedy")).unwrap_or(Remedy::Unknown),
    }
}

fn carrier_object(carrier: &Carrier) -> Object {
    let mut object = Object::new();
    put(&mut object, "channel_code", &carrier.channel_code);
    put(&mut object, "status_message", &carrier.status_message);
    put(&mut object, "operator", &carrier.operator);
    if let Some(parts) = carrier.parts {
        object.insert("parts".into(), parts.into());
    }
    put(&mut object, "encoding", &carrier.encoding);
    object
}

fn read_carrier(object: &Object) -> Carrier {
    Carrier {
        channel_code: text(object, "channel_code").into(),
        status_message: text(object, "status_message").into(),
        operator: text(object, "operator").into(),
        parts: object.get("parts").and_then(Value::as_u64),
        encoding: text(object, "encoding").into(),
    }
}

/// Texts of one report stand together, so that its origin stands once.
fn texts(told: &[Option<Told>; 5]) -> Vec<Value> {
    let mut groups: Vec<(&Option<Origin>, Object)> = Vec::new();
    for (text, told) in Text::ALL.into_iter().zip(told) {
        let Some(told) = told else {
            continue;
        };
        let known = groups
            .iter_mut()
            .find(|(origin, _)| **origin == told.origin);
        if let Some((_, object)) = known {
            put(object, text.name(), &told.value);
            continue;
        }
        let mut object = Object::new();
        put(&mut object, text.name(), &told.value);
        if let Some(origin) = &told.origin {
            put(&mut object, "at", &origin.occurred_at);
            put_source(&mut object, origin.content_key, origin.place);
        }
        groups.push((&told.origin, object));
    }
    groups
        .into_iter()
        .map(|(_, object)| object.into())
        .collect()
}

fn read_texts(group: &Object, texts: &mut [Option<Told>; 5]) {
    let origin = source(group).map(|(content_key, place)| Origin {
        occurred_at: text(group, "at").into(),
        content_key,
        place,
    });
    for (told, known) in texts.iter_mut().zip(Text::ALL) {
        let value = text(group, known.name());
        if !value.is_empty() {
            *told = Some(Told {
                value: value.into(),
                origin: origin.clone(),
            });
        }
    }
}

fn put(object: &mut Object, name: &str, value: &str) {
    if !value.is_empty() {
        object.insert(name.into(), value.into());
    }
}

fn put_source(object: &mut Object, content_key: ContentKey, place: u32) {
    put(object, "key", &content_key.to_string());
    if place > 0 {
        object.insert("place".into(), place.into());
    }
}

fn source(object: &Object) -> Option<(ContentKey, u32)> {
    let content_key = ContentKey::from_hex(text(object, "key"))?;
    Some((
        content_key,
        u32::try_from(number(object, "place")).unwrap_or(u32::MAX),
    ))
}

fn text<'a>(object: &'a Object, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn number(object: &Object, name: &str) -> u64 {
    object.get(name).and_then(Value::as_u64).unwrap_or_default()
}

fn flag(object: &Object, name: &str) -> bool {
    object
        .get(name)
        .and_then(Value::as_bool)
        .unwrap_or_default()
}
