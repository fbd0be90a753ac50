//! Whatever JSON a body holds, it is given back; and what the schema describes, the types describe.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used,
    reason = "a test may fail loudly"
)]

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Map, Value as Json, json};
use sinch_callback_events::{
    Callback, Described, Malformed, Members,
    conversation::{ConversationCallback, ConversationEvent, DeliveryStatus},
    json as exact, numbers, parse,
    sms::SmsCallback,
};

const SCHEMA: &str = include_str!("../generated/callbacks.schema.json");

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::from),
            btree_map(key(), inner, 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// A key: one that is described somewhere, mostly.
fn key() -> impl Strategy<Value = String> {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let types = schema["$defs"].as_object().unwrap().values();
    let properties = types.filter_map(|described| described["properties"].as_object());
    let keys: Vec<String> = properties
        .flat_map(|of_one| of_one.keys().cloned())
        .collect();
    prop_oneof![4 => select(keys), 1 => any::<String>()]
}

/// Makes values of the schema out of random numbers.
struct Maker {
    schema: Json,
    random: std::vec::IntoIter<Index>,
}

impl Maker {
    fn pick(&mut self, of: usize) -> usize {
        self.random.next().map_or(0, |index| index.index(of))
    }

    fn value(&mut self, schema: &Json) -> Json {
        if let Some(name) = schema["$ref"].as_str() {
            let described = self
                .schema
                .pointer(name.trim_start_matches('#'))
                .unwrap()
                .clone();
            let mut value = self.value(&described);
            if let (Some(required), Some(object)) =
                (schema["properties"].as_object(), value.as_object_mut())
            {
                object.extend(
                    required
                        .iter()
                        .map(|(key, text)| (key.clone(), text["const"].clone())),
                );
            }
            return value;
        }
        let ways = schema["anyOf"].as_array();
        if let Some(names) = ways.and_then(|ways| ways[0]["enum"].as_array()) {
            let names = names.clone();
            return names[self.pick(names.len())].clone();
        }
        if let Some(ways) = ways {
            // The last leaves it open.
            let ways = ways[..ways.len() - 1].to_vec();
            let way = self.pick(ways.len());
            return self.value(&ways[way]);
        }
        match schema["type"].as_str() {
            Some("string") => {
                json!(["", "a", "2026-01-02T03:04:05Z", "\u{1f600}\"\\\n"][self.pick(4)])
            }
            Some("boolean") => json!(self.pick(2) == 1),
            Some("integer") => json!([0, -1, 402, i64::MAX][self.pick(4)]),
            Some("number") => json!([0.0, 0.25, -1e300, 7.0][self.pick(4)]),
            Some("array") => (0..self.pick(3))
                .map(|_| self.value(&schema["items"]))
                .collect(),
            Some("object") => self.object(schema),
            _ => json!({"anything": [null, 1]}),
        }
    }

    fn object(&mut self, schema: &Json) -> Json {
        let mut object = Map::new();
        if let Some(items) = schema.get("additionalProperties") {
            for name in ["WHATSAPP", "a name"].into_iter().take(self.pick(3)) {
                object.insert(name.into(), self.value(items));
            }
            return object.into();
        }
        let Some(properties) = schema["properties"].as_object().cloned() else {
            return object.into();
        };
        // Of those that exclude each other, one.
        let mut excluded = Vec::new();
        for choice in schema["allOf"].as_array().into_iter().flatten() {
            let ways = choice["oneOf"].as_array().unwrap();
            let mut keys: Vec<_> = ways
                .iter()
                .filter_map(|way| way["required"][0].as_str())
                .collect();
            keys.remove(self.pick(keys.len()));
            excluded.extend(keys);
        }
        for (key, of) in &properties {
            if !excluded.contains(&key.as_str()) && self.pick(3) > 0 {
                object.insert(key.clone(), self.value(of));
            }
        }
        object.into()
    }
}

/// A callback of one API, by the schema.
fn described() -> impl Strategy<Value = (usize, Json)> {
    (0..6_usize, vec(any::<Index>(), 400)).prop_map(|(which, random)| {
        let schema: Json = serde_json::from_str(SCHEMA).unwrap();
        let product = schema["anyOf"][which].clone();
        let random = random.into_iter();
        (which, Maker { schema, random }.value(&product))
    })
}

/// What the types of one API read and write.
fn given_back(which: usize, body: &[u8]) -> (Json, Vec<String>) {
    use sinch_callback_events::{numbers, verification, voice, voice_v2};
    fn of<T: Members>(body: &[u8]) -> (Json, Vec<String>) {
        let callback: T = parse(body).unwrap();
        let written = callback.to_value().to_string();
        (as_read(&written), callback.unlisted())
    }
    match which {
        0 => of::<ConversationCallback>(body),
        1 => of::<SmsCallback>(body),
        2 => of::<numbers::NumbersCallback>(body),
        3 => of::<voice::VoiceCallback>(body),
        4 => of::<voice_v2::VoiceV2Callback>(body),
        _ => of::<verification::VerificationCallback>(body),
    }
}

/// As serde_json reads it, whose fractions are not always the nearest.
fn as_read(body: &str) -> Json {
    serde_json::from_str(body).unwrap()
}

/// Changes something somewhere: adds a field, or puts another value in a field's place.
fn change(value: &mut Json, at: &mut std::vec::IntoIter<Index>, other: &Json) {
    let mut pick = |of: usize| at.next().map_or(0, |index| index.index(of));
    match value {
        Json::Object(object) if !object.is_empty() && pick(4) > 0 => {
            let which = pick(object.len());
            change(object.values_mut().nth(which).unwrap(), at, other);
        }
        Json::Object(object) => {
            object.insert("a field of tomorrow".into(), other.clone());
        }
        Json::Array(items) if !items.is_empty() && pick(4) > 0 => {
            let which = pick(items.len());
            change(&mut items[which], at, other);
        }
        _ => *value = other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn what_the_schema_describes_is_described_to_its_last_field((which, value) in described()) {
        let (written, unlisted) = given_back(which, value.to_string().as_bytes());
        prop_assert_eq!(written, value);
        prop_assert_eq!(unlisted, Vec::<String>::new());
    }

    #[test]
    fn what_is_changed_in_a_callback_survives(
        (which, value) in described(),
        at in vec(any::<Index>(), 16),
        other in any_json(),
    ) {
        let mut value = value;
        change(&mut value, &mut at.into_iter(), &other);
        if value.is_object() {
            let body = value.to_string();
            let (written, _) = given_back(which, body.as_bytes());
            prop_assert_eq!(written, as_read(&body));
            let callback = Callback::parse(body.as_bytes()).unwrap();
            prop_assert_eq!(callback.to_value(), exact::parse(body.as_bytes()).unwrap());
        }
    }

    #[test]
    fn any_json_is_given_back_or_no_object(value in any_json()) {
        let body = value.to_string();
        match Callback::parse(body.as_bytes()) {
            Ok(callback) => {
                prop_assert_eq!(callback.to_value(), exact::parse(body.as_bytes()).unwrap());
                prop_assert_eq!(as_read(&callback.to_value().to_string()), as_read(&body));
                let _ = (callback.kind(), callback.unlisted(), callback.consent());
            }
            Err(why) => {
                prop_assert_eq!(why, Malformed::NotAnObject);
                prop_assert!(!value.is_object());
            }
        }
    }

    #[test]
    fn any_bytes_are_read_as_a_strict_reader_has_them(body in vec(any::<u8>(), 0..64)) {
        let strict: Result<Json, _> = serde_json::from_slice(&body);
        prop_assert!(strict.is_err() || exact::parse(&body).is_ok());
    }

    #[test]
    fn any_text_is_read_as_a_strict_reader_has_it(body in "[\\[\\]{}\",:0-9eE.+\\-truefalsn\\\\ud8 ]{0,24}") {
        let strict: Result<Json, _> = serde_json::from_str(&body);
        match (strict, exact::parse(body.as_bytes())) {
            (Ok(strict), Ok(ours)) => {
                prop_assert_eq!(serde_json::from_str::<Json>(&ours.to_string()).unwrap(), strict);
            }
            (Ok(_), Err(why)) => prop_assert!(false, "refused: {}", why),
            // A number beyond all fractions, or half of a surrogate pair.
            (Err(why), Ok(_)) => prop_assert!(
                why.to_string().contains("out of range") || why.to_string().contains("surrogate") || why.to_string().contains("hex escape"),
                "{}", why
            ),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    #[cfg(feature = "serde")]
    fn serde_gives_back_the_same((which, value) in described()) {
        let _ = which;
        let callback: Callback = serde_json::from_value(value.clone()).unwrap();
        prop_assert_eq!(serde_json::to_value(&callback).unwrap(), value);
    }
}

#[test]
fn numbers_stay_as_they_were_written() {
    let body =
        r#"{"eventId":"e","eventType":"DELETE","x":[1.0,1e400,-0,12345678901234567890123,0.10]}"#;
    let callback = Callback::parse(body.as_bytes()).unwrap();
    assert_eq!(callback.to_value().to_string(), body);
    let body = r#"{"batch_id":"b","statuses":[{"code":-0},{"code":1.0},{"code":402}],"type":"delivery_report_sms"}"#;
    let callback = Callback::parse(body.as_bytes()).unwrap();
    assert_eq!(callback.to_value().to_string(), body);
    assert_eq!(
        callback.unlisted(),
        ["statuses[0].code", "statuses[1].code"]
    );
}

#[test]
fn a_status_of_tomorrow_is_told_as_it_was_written() {
    let body = br#"{"message_delivery_report":{"status":"TELEPORTED"}}"#;
    let callback: ConversationCallback = parse(body).unwrap();
    let Some(ConversationEvent::MessageDelivery(report)) = &callback.event else {
        panic!("a report");
    };
    assert_eq!(report.status.as_ref().unwrap().as_str(), "TELEPORTED");
    assert_eq!(
        callback.unlisted(),
        ["message_delivery_report.status=TELEPORTED"]
    );
    assert_eq!(DeliveryStatus::from("READ"), DeliveryStatus::Read);
}

#[test]
fn null_and_absent_are_two_things() {
    let body = r#"{"event":null,"message_metadata":null,"opt_in_notification":{"identity":null}}"#;
    let callback = Callback::parse(body.as_bytes()).unwrap();
    assert_eq!(callback.kind().as_str(), "opt_in");
    assert_eq!(callback.to_value().to_string(), body);
}

#[test]
fn each_api_is_recognized_by_its_own_marks() {
    // tests/kinds.test.mjs reads the same cases.
    let cases: Vec<Json> = serde_json::from_str(include_str!("kinds.json")).unwrap();
    for case in cases {
        let callback = Callback::parse(case["body"].to_string().as_bytes()).unwrap();
        assert_eq!(callback.kind().as_str(), case["kind"], "{case}");
    }
}

#[test]
fn what_sinch_waits_for_an_answer_to_is_told() {
    let answered: Vec<_> = sinch_callback_events::Kind::ALL
        .iter()
        .filter(|kind| kind.expects_answer())
        .map(|kind| kind.as_str())
        .collect();
    assert_eq!(
        answered,
        [
            "voice_incoming_call",
            "voice_answered_call",
            "voice_prompt_input",
            "voice_v2",
            "verification_request"
        ]
    );
}

#[test]
fn a_list_with_one_odd_item_is_kept_whole() {
    let body = r#"{"statuses":[{"recipients":["4791",7]}],"type":"delivery_report_mms"}"#;
    let callback = Callback::parse(body.as_bytes()).unwrap();
    assert_eq!(callback.to_value().to_string(), body);
    assert_eq!(callback.unlisted(), ["statuses[0].recipients"]);
    let _: numbers::NumbersCallback = parse(body.as_bytes()).unwrap();
}
