//! Delivery report codes of the SMS API from 400 on, and its statuses.
//!
//! Source:
//! <https://developers.sinch.com/docs/sms/api-reference/sms/delivery-reports/delivery-report-error-codes>.
//! What a row asks for is our reading, with its reason above.

use super::{
    permanence::Permanence::{self, Permanent, Temporary, Unknown},
    remedy::Remedy::{
        self, CheckConfiguration, FixRequest, Nothing, RetryLater, TryAnotherChannel,
    },
};

/// Code, permanence, remedy, meaning.
pub(super) type Row = (u16, Permanence, Remedy, &'static str);

pub(super) const CODES: &[Row] = &[
    // "SMSC rejected message. Retrying is likely to cause the same error", of both: the route or the
    // message, and nothing about the recipient.
    (402, Permanent, TryAnotherChannel, "message unroutable"),
    (408, Permanent, TryAnotherChannel, "rejected by the SMSC"),
    // "An unexpected error", at Sinch.
    (403, Temporary, RetryLater, "internal error"),
    // "Message can be retried."
    (404, Temporary, RetryLater, "temporary delivery failure"),
    // The body names a parameter that this recipient has no value for.
    (
        405,
        Permanent,
        FixRequest,
        "a parameter has no value for this recipient",
    ),
    // The time that we gave it was over before it reached the SMSC.
    (406, Temporary, RetryLater, "expired before it was sent"),
    // Our own doing; the same message would have gone through.
    (407, Unknown, Nothing, "cancelled by us"),
    // The account has no sender for this destination.
    (410, Permanent, CheckConfiguration, "no default originator"),
    // Longer than the account allows.
    (411, Permanent, FixRequest, "too many message parts"),
    // The account may not send there, or not at all.
    (412, Permanent, CheckConfiguration, "region not provisioned"),
    (413, Permanent, CheckConfiguration, "account blocked"),
    // MMS: the address of the media is unusable.
    (414, Permanent, FixRequest, "media address not usable"),
    // MMS: "reached MMSC but was rejected", "but it is not supported".
    (415, Permanent, TryAnotherChannel, "rejected by the gateway"),
    (
        416,
        Permanent,
        TryAnotherChannel,
        "not supported by the network",
    ),
    // MMS: network or subscriber "cannot be reached"; for how long is not said.
    (417, Unknown, TryAnotherChannel, "destination not reachable"),
    // MMS: the handset does not know the content.
    (
        418,
        Permanent,
        FixRequest,
        "content not recognized by the handset",
    ),
];

/// What a status tells whose code tells nothing.
#[cfg(feature = "events")]
pub(super) const STATUSES: &[(&str, Permanence, Remedy)] = &[
    // An invalid number, or a subscriber who opted out, by Sinch's description: about the person.
    ("Deleted", Permanent, Remedy::DropRecipient),
    // The time that it had was over.
    ("Expired", Temporary, RetryLater),
    // Our own doing.
    ("Cancelled", Unknown, Nothing),
];
