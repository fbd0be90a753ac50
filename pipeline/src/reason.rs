use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sinch_callback::{Carrier, Failure};

/// Why a message failed or switched: the one shape that API, events, `status` and both stores have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reason<'a> {
    /// The reason's code: a name in the Conversation API, a number in the SMS API.
    pub code: Cow<'a, str>,
    /// The more precise code.
    pub sub_code: Cow<'a, str>,
    /// The description for a person.
    pub description: Cow<'a, str>,
    /// The channel's own code.
    pub channel_code: Cow<'a, str>,
    /// The carrier's own words.
    pub status_message: Cow<'a, str>,
    /// Whether the same message would fail again: `Permanence::as_str`.
    pub permanence: Cow<'a, str>,
    /// What it asks for: `Remedy::as_str`.
    pub remedy: Cow<'a, str>,
}

impl<'a> Reason<'a> {
    /// The reason of a failure.
    #[must_use]
    pub fn of(failure: &'a Failure) -> Self {
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

    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Reason<'static> {
        Reason {
            code: owned(self.code),
            sub_code: owned(self.sub_code),
            description: owned(self.description),
            channel_code: owned(self.channel_code),
            status_message: owned(self.status_message),
            permanence: owned(self.permanence),
            remedy: owned(self.remedy),
        }
    }
}

/// What the carrier said of a message, whatever became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CarrierWords<'a> {
    /// The channel's own code.
    pub channel_code: Cow<'a, str>,
    /// The carrier's own words.
    pub status_message: Cow<'a, str>,
    /// The operator's number or name.
    pub operator: Cow<'a, str>,
    /// How many parts an SMS was sent in.
    pub parts: Option<u64>,
    /// The encoding that an SMS was sent in.
    pub encoding: Cow<'a, str>,
}

impl<'a> CarrierWords<'a> {
    /// What a report's carrier said; `None` where it said nothing.
    #[must_use]
    pub fn of(carrier: &'a Carrier) -> Option<Self> {
        (*carrier != Carrier::default()).then(|| Self {
            channel_code: carrier.channel_code.as_str().into(),
            status_message: carrier.status_message.as_str().into(),
            operator: carrier.operator.as_str().into(),
            parts: carrier.parts,
            encoding: carrier.encoding.as_str().into(),
        })
    }

    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> CarrierWords<'static> {
        CarrierWords {
            channel_code: owned(self.channel_code),
            status_message: owned(self.status_message),
            operator: owned(self.operator),
            parts: self.parts,
            encoding: owned(self.encoding),
        }
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}
