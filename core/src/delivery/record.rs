//! [`Delivery`] as the text that a store keeps.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use super::law::{Text, Told};
use super::{
    deciding::{DecidingReport, Origin},
    law::{Delivery, DeliveryLeg},
    report::{Carrier, Failure},
};
use crate::{key::ContentKey, time::UnixSeconds};

impl Delivery {
    /// The text from which [`Delivery::decode`] makes the same again: JSON, of which empty fields
    /// are left out.
    #[must_use]
    pub fn encode(&self) -> String {
        // Texts and numbers under fixed names have no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what [`Delivery::encode`] wrote; `None` for any other text.
    ///
    /// A store of an earlier version puts what it knows into the same form: legs, each with `channel`
    /// and `leg`, and `texts`, without the `key` of a callback. Then reports go before a leg where
    /// they say as much, and give it their identity where it has none, but the texts are kept.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

impl Serialize for Delivery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Record {
            legs: self.legs.iter().map(ReportRecord::of_leg).collect(),
            whole: self.whole.as_ref().map(ReportRecord::of),
            unknown: self.unknown.as_ref().map(ReportRecord::of),
            texts: texts(&self.texts),
            was_contradicted: self.was_contradicted,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Delivery {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let record = Record::deserialize(deserializer)?;
        let legs = record.legs.into_iter().map(ReportRecord::into_leg);
        let mut delivery = Self {
            legs: legs
                .collect::<Option<_>>()
                .ok_or_else(|| D::Error::custom("a leg has no name that is known"))?,
            whole: record.whole.map(ReportRecord::into_report),
            unknown: record.unknown.map(ReportRecord::into_report),
            was_contradicted: record.was_contradicted,
            ..Self::default()
        };
        for group in record.texts {
            group.tell(&mut delivery.texts);
        }
        Ok(delivery)
    }
}

#[derive(Serialize, Deserialize)]
struct Record<'a> {
    legs: Vec<ReportRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    whole: Option<ReportRecord<'a>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    unknown: Option<ReportRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    texts: Vec<TextsRecord<'a>>,
    #[serde(skip_serializing_if = "is_false", default)]
    was_contradicted: bool,
}

/// A text that is left out where it is empty, and may be null in what an earlier version wrote.
type Shown<'a> = Cow<'a, str>;

/// A record of texts, and of other fields.
macro_rules! record {
    ($(#[$meta:meta])* struct $name:ident { $($text:ident),+; $($rest:tt)* }) => {
        $(#[$meta])*
        #[derive(Default, Serialize, Deserialize)]
        #[serde(default)]
        struct $name<'a> {
            $(
                #[serde(skip_serializing_if = "str::is_empty", deserialize_with = "or_empty")]
                $text: Shown<'a>,
            )+
            $($rest)*
        }
    };
}

record! {
    /// A report that decides where a leg or the message stands; of a leg with its name.
    struct ReportRecord {
        leg, channel, identity, status, at, key;
        #[serde(skip_serializing_if = "is_false")]
        failed_for_good: bool,
        received: u64,
        #[serde(skip_serializing_if = "is_zero")]
        place: u32,
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<FailureRecord<'a>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        carrier: Option<CarrierRecord<'a>>,
    }
}

record! {
    struct FailureRecord {
        code, sub_code, description, channel_code, status_message, permanence, remedy;
    }
}

record! {
    struct CarrierRecord {
        channel_code, status_message, operator, encoding;
        #[serde(skip_serializing_if = "Option::is_none")]
        parts: Option<u64>,
    }
}

record! {
    /// Texts that one report brought.
    struct TextsRecord {
        conversation_id, contact_id, metadata, correlation_id, client_reference, at, key;
        #[serde(skip_serializing_if = "is_zero")]
        place: u32,
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn or_empty<'de, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<Shown<'a>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(Cow::Owned(text.unwrap_or_default()))
}

fn source(key: &str, place: u32) -> Option<(ContentKey, u32)> {
    Some((ContentKey::from_hex(key)?, place))
}

impl<'a> ReportRecord<'a> {
    fn of(report: &'a DecidingReport) -> Self {
        let (key, place) = match report.source {
            Some((key, place)) => (key.to_string(), place),
            None => (String::new(), 0),
        };
        Self {
            channel: report.channel.as_str().into(),
            identity: report.identity.as_str().into(),
            status: report.status_text.as_str().into(),
            at: report.occurred_at.as_str().into(),
            received: report.received_at.get(),
            key: key.into(),
            place,
            failure: report.failure.as_ref().map(FailureRecord::of),
            carrier: report.carrier.spoken().map(CarrierRecord::of),
            ..Self::default()
        }
    }

    fn of_leg(leg: &'a DeliveryLeg) -> Self {
        Self {
            leg: leg.leg.as_str().into(),
            failed_for_good: leg.has_failed_for_good,
            ..Self::of(&leg.deciding)
        }
    }

    fn into_report(self) -> DecidingReport {
        DecidingReport {
            source: source(&self.key, self.place),
            channel: self.channel.into_owned(),
            identity: self.identity.into_owned(),
            status_text: self.status.into_owned(),
            occurred_at: self.at.into_owned(),
            failure: self.failure.map(FailureRecord::into_failure),
            carrier: self
                .carrier
                .map(CarrierRecord::into_carrier)
                .unwrap_or_default(),
            received_at: UnixSeconds::new(self.received),
        }
    }

    fn into_leg(self) -> Option<DeliveryLeg> {
        Some(DeliveryLeg {
            leg: self.leg.parse().ok()?,
            has_failed_for_good: self.failed_for_good,
            deciding: self.into_report(),
        })
    }
}

impl<'a> FailureRecord<'a> {
    fn of(failure: &'a Failure) -> Self {
        Self {
            code: failure.code.as_str().into(),
            sub_code: failure.sub_code.as_str().into(),
            description: failure.description.as_str().into(),
            channel_code: failure.channel_code.as_str().into(),
            status_message: failure.status_message.as_str().into(),
            permanence: failure.permanence.as_str().into(),
            remedy: failure.remedy.as_str().into(),
        }
    }

    fn into_failure(self) -> Failure {
        Failure {
            permanence: self.permanence.parse().unwrap_or_default(),
            remedy: self.remedy.parse().unwrap_or_default(),
            code: self.code.into_owned(),
            sub_code: self.sub_code.into_owned(),
            description: self.description.into_owned(),
            channel_code: self.channel_code.into_owned(),
            status_message: self.status_message.into_owned(),
        }
    }
}

impl<'a> CarrierRecord<'a> {
    fn of(carrier: &'a Carrier) -> Self {
        Self {
            channel_code: carrier.channel_code.as_str().into(),
            status_message: carrier.status_message.as_str().into(),
            operator: carrier.operator.as_str().into(),
            parts: carrier.parts,
            encoding: carrier.encoding.as_str().into(),
        }
    }

    fn into_carrier(self) -> Carrier {
        Carrier {
            channel_code: self.channel_code.into_owned(),
            status_message: self.status_message.into_owned(),
            operator: self.operator.into_owned(),
            parts: self.parts,
            encoding: self.encoding.into_owned(),
        }
    }
}

/// Texts of one report stand together, so that its origin stands once.
fn texts(told: &[Option<Told>; 5]) -> Vec<TextsRecord<'_>> {
    let mut groups: Vec<(&Option<Origin>, TextsRecord<'_>)> = Vec::new();
    for (text, told) in Text::ALL.into_iter().zip(told) {
        let Some(told) = told else {
            continue;
        };
        let known = groups
            .iter_mut()
            .find(|(origin, _)| **origin == told.origin);
        if let Some((_, group)) = known {
            *group.text(text) = told.value.as_str().into();
            continue;
        }
        let mut group = TextsRecord::default();
        *group.text(text) = told.value.as_str().into();
        if let Some(origin) = &told.origin {
            group.at = origin.occurred_at.as_str().into();
            group.key = origin.content_key.to_string().into();
            group.place = origin.place;
        }
        groups.push((&told.origin, group));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

impl<'a> TextsRecord<'a> {
    const fn text(&mut self, text: Text) -> &mut Shown<'a> {
        match text {
            Text::Conversation => &mut self.conversation_id,
            Text::Contact => &mut self.contact_id,
            Text::Metadata => &mut self.metadata,
            Text::Correlation => &mut self.correlation_id,
            Text::ClientReference => &mut self.client_reference,
        }
    }

    fn tell(mut self, texts: &mut [Option<Told>; 5]) {
        let origin = source(&self.key, self.place).map(|(content_key, place)| Origin {
            occurred_at: self.at.to_string(),
            content_key,
            place,
        });
        for (told, known) in texts.iter_mut().zip(Text::ALL) {
            let value = core::mem::take(self.text(known)).into_owned();
            if !value.is_empty() {
                *told = Some(Told {
                    value,
                    origin: origin.clone(),
                });
            }
        }
    }
}
