//! Reason codes of the Conversation API.
//!
//! Source of the codes and of what each says, unless a row names another:
//! <https://developers.sinch.com/docs/conversation/api-reference/conversation/webhooks>, under
//! `reason.code` and `reason.sub_code`. What a row asks for is our reading, with its reason above the
//! rows that share it. What is said of the channel asks for another channel; nothing that this API
//! says is about the person as such, so no row drops the recipient. Where a code leaves open
//! whether the message may yet arrive, the remedy is the one that cannot send it twice on the same
//! channel.

use super::{
    permanence::Permanence::{self, Permanent, Temporary, Unknown},
    remedy::Remedy::{self, CheckConfiguration, FixRequest, RetryLater, TryAnotherChannel},
};

/// Code, permanence, remedy.
pub(super) type Row = (&'static str, Permanence, Remedy);

pub(super) const REASONS: &[Row] = &[
    // Sinch's own trouble, or ours of going too fast: the message was not the cause.
    ("INTERNAL_ERROR", Temporary, RetryLater),
    ("RATE_LIMITED", Temporary, RetryLater),
    // The channel did not accept it, after Sinch's own retries of what was transient.
    ("CHANNEL_FAILURE", Unknown, RetryLater),
    // "On the channel": it was not possible to reach the contact there.
    ("RECIPIENT_NOT_REACHABLE", Unknown, TryAnotherChannel),
    // "Has not opted in on the channel": sending again there fails until they do.
    ("RECIPIENT_NOT_OPTED_IN", Permanent, TryAnotherChannel),
    // The identity on this channel is malformed; the person has others.
    (
        "RECIPIENT_INVALID_CHANNEL_IDENTITY",
        Permanent,
        TryAnotherChannel,
    ),
    // The window opens when the person writes, not with time.
    (
        "OUTSIDE_ALLOWED_SENDING_WINDOW",
        Permanent,
        TryAnotherChannel,
    ),
    // Every channel that was asked for has been tried; each leg has its own reason.
    ("NO_CHANNELS_LEFT", Unknown, TryAnotherChannel),
    // Time ran out on this channel, as it need not the next time.
    ("DELIVERY_TIMED_OUT", Temporary, TryAnotherChannel),
    ("MESSAGE_EXPIRED", Temporary, TryAnotherChannel),
    // No receipt came: it may have arrived, so not the same channel again.
    ("DELIVERY_REPORT_TIME_OUT", Unknown, TryAnotherChannel),
    // The contact has no identity on the channels asked for.
    (
        "NO_CHANNEL_IDENTITY_FOR_CONTACT",
        Permanent,
        TryAnotherChannel,
    ),
    // "Permanently rejecting", by its description; the second name is in Sinch's published skill
    // (github.com/sinch/skills, triggers/message-delivery.md) alone.
    ("CHANNEL_REJECT", Permanent, TryAnotherChannel),
    ("REJECTED_BY_CHANNEL", Permanent, TryAnotherChannel),
    // The channel has no profile of this user.
    ("NO_PROFILE_AVAILABLE", Unknown, TryAnotherChannel),
    // The content is not what the channel takes; the third name is in Sinch's published skill alone.
    ("MEDIA_TYPE_UNSUPPORTED", Permanent, FixRequest),
    ("MEDIA_TOO_LARGE", Permanent, FixRequest),
    ("UNSUPPORTED_CONTENT", Permanent, FixRequest),
    ("MESSAGE_SPLIT_REQUIRED", Permanent, FixRequest),
    ("UNSUPPORTED_OPERATION", Permanent, FixRequest),
    ("DELIVERY_REJECTED_DUE_TO_POLICY", Permanent, FixRequest),
    // The link did not answer: it may be wrong, or its server may have been down.
    ("MEDIA_NOT_REACHABLE", Unknown, FixRequest),
    // The template, or what was filled in, is not what was registered.
    ("TEMPLATE_NOT_FOUND", Permanent, FixRequest),
    ("TEMPLATE_INSUFFICIENT_PARAMETERS", Permanent, FixRequest),
    (
        "TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION",
        Permanent,
        FixRequest,
    ),
    // The request itself is wrong.
    ("CONTACT_NOT_FOUND", Permanent, FixRequest),
    ("BAD_REQUEST", Permanent, FixRequest),
    // Set-up of the app or of its channel.
    ("CHANNEL_BAD_CONFIGURATION", Permanent, CheckConfiguration),
    (
        "CHANNEL_CONFIGURATION_MISSING",
        Permanent,
        CheckConfiguration,
    ),
    ("UNKNOWN_APP", Permanent, CheckConfiguration),
    ("NO_PERMISSION", Permanent, CheckConfiguration),
    ("INACTIVE_CREDENTIAL", Permanent, CheckConfiguration),
];

/// Sub codes that say more than the code they come with.
pub(super) const SUB_CODES: &[Row] = &[
    // The sender is not active at the channel.
    ("INACTIVE_SENDER", Permanent, CheckConfiguration),
    // The attachment, not the message around it.
    ("ATTACHMENT_REJECTED", Permanent, FixRequest),
    ("MEDIA_TYPE_UNDETERMINED", Permanent, FixRequest),
    // In Sinch's published skill alone: no delivery to this destination on the channel; content
    // against the channel's policy.
    ("UNDELIVERABLE_DESTINATION", Permanent, TryAnotherChannel),
    ("CHANNEL_POLICY_VIOLATION", Permanent, FixRequest),
];
