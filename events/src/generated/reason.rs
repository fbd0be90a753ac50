//! Why something of the Conversation API failed.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::string::String;

use crate::{json::value::Object, unlisted::Unlisted};

/// Why something failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Reason {
    /// The reason.
    pub code: Option<ReasonCode>,
    /// For people.
    pub description: Option<String>,
    /// The reason in more detail.
    pub sub_code: Option<ReasonSubCode>,
    /// The channel's own code.
    pub channel_code: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Reason {
    code: "code",
    description: "description",
    sub_code: "sub_code",
    channel_code: "channel_code",
});

/// Why something failed. What it means for a delivery, `sinch-callback` knows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReasonCode {
    /// `UNKNOWN`.
    Unknown,
    /// `INTERNAL_ERROR`.
    InternalError,
    /// `RATE_LIMITED`.
    RateLimited,
    /// `RECIPIENT_INVALID_CHANNEL_IDENTITY`.
    RecipientInvalidChannelIdentity,
    /// `RECIPIENT_NOT_REACHABLE`.
    RecipientNotReachable,
    /// `RECIPIENT_NOT_OPTED_IN`.
    RecipientNotOptedIn,
    /// `OUTSIDE_ALLOWED_SENDING_WINDOW`.
    OutsideAllowedSendingWindow,
    /// `CHANNEL_FAILURE`.
    ChannelFailure,
    /// `CHANNEL_BAD_CONFIGURATION`.
    ChannelBadConfiguration,
    /// `CHANNEL_CONFIGURATION_MISSING`.
    ChannelConfigurationMissing,
    /// `MEDIA_TYPE_UNSUPPORTED`.
    MediaTypeUnsupported,
    /// `MEDIA_TOO_LARGE`.
    MediaTooLarge,
    /// `MEDIA_NOT_REACHABLE`.
    MediaNotReachable,
    /// `NO_CHANNELS_LEFT`.
    NoChannelsLeft,
    /// `TEMPLATE_NOT_FOUND`.
    TemplateNotFound,
    /// `TEMPLATE_INSUFFICIENT_PARAMETERS`.
    TemplateInsufficientParameters,
    /// `TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION`.
    TemplateNonExistingLanguageOrVersion,
    /// `DELIVERY_TIMED_OUT`.
    DeliveryTimedOut,
    /// `DELIVERY_REJECTED_DUE_TO_POLICY`.
    DeliveryRejectedDueToPolicy,
    /// `CONTACT_NOT_FOUND`.
    ContactNotFound,
    /// `BAD_REQUEST`.
    BadRequest,
    /// `UNKNOWN_APP`.
    UnknownApp,
    /// `NO_CHANNEL_IDENTITY_FOR_CONTACT`.
    NoChannelIdentityForContact,
    /// `CHANNEL_REJECT`.
    ChannelReject,
    /// `NO_PERMISSION`.
    NoPermission,
    /// `NO_PROFILE_AVAILABLE`.
    NoProfileAvailable,
    /// `UNSUPPORTED_OPERATION`.
    UnsupportedOperation,
    /// `INACTIVE_CREDENTIAL`.
    InactiveCredential,
    /// `MESSAGE_EXPIRED`.
    MessageExpired,
    /// `MESSAGE_SPLIT_REQUIRED`.
    MessageSplitRequired,
    /// `DELIVERY_REPORT_TIME_OUT`.
    DeliveryReportTimeOut,
    /// `UNSUPPORTED_CONTENT`.
    UnsupportedContent,
    /// `REJECTED_BY_CHANNEL`.
    RejectedByChannel,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ReasonCode {
    Unknown: "UNKNOWN",
    InternalError: "INTERNAL_ERROR",
    RateLimited: "RATE_LIMITED",
    RecipientInvalidChannelIdentity: "RECIPIENT_INVALID_CHANNEL_IDENTITY",
    RecipientNotReachable: "RECIPIENT_NOT_REACHABLE",
    RecipientNotOptedIn: "RECIPIENT_NOT_OPTED_IN",
    OutsideAllowedSendingWindow: "OUTSIDE_ALLOWED_SENDING_WINDOW",
    ChannelFailure: "CHANNEL_FAILURE",
    ChannelBadConfiguration: "CHANNEL_BAD_CONFIGURATION",
    ChannelConfigurationMissing: "CHANNEL_CONFIGURATION_MISSING",
    MediaTypeUnsupported: "MEDIA_TYPE_UNSUPPORTED",
    MediaTooLarge: "MEDIA_TOO_LARGE",
    MediaNotReachable: "MEDIA_NOT_REACHABLE",
    NoChannelsLeft: "NO_CHANNELS_LEFT",
    TemplateNotFound: "TEMPLATE_NOT_FOUND",
    TemplateInsufficientParameters: "TEMPLATE_INSUFFICIENT_PARAMETERS",
    TemplateNonExistingLanguageOrVersion: "TEMPLATE_NON_EXISTING_LANGUAGE_OR_VERSION",
    DeliveryTimedOut: "DELIVERY_TIMED_OUT",
    DeliveryRejectedDueToPolicy: "DELIVERY_REJECTED_DUE_TO_POLICY",
    ContactNotFound: "CONTACT_NOT_FOUND",
    BadRequest: "BAD_REQUEST",
    UnknownApp: "UNKNOWN_APP",
    NoChannelIdentityForContact: "NO_CHANNEL_IDENTITY_FOR_CONTACT",
    ChannelReject: "CHANNEL_REJECT",
    NoPermission: "NO_PERMISSION",
    NoProfileAvailable: "NO_PROFILE_AVAILABLE",
    UnsupportedOperation: "UNSUPPORTED_OPERATION",
    InactiveCredential: "INACTIVE_CREDENTIAL",
    MessageExpired: "MESSAGE_EXPIRED",
    MessageSplitRequired: "MESSAGE_SPLIT_REQUIRED",
    DeliveryReportTimeOut: "DELIVERY_REPORT_TIME_OUT",
    UnsupportedContent: "UNSUPPORTED_CONTENT",
    RejectedByChannel: "REJECTED_BY_CHANNEL",
});

/// Why something failed, in more detail.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReasonSubCode {
    /// `UNSPECIFIED_SUB_CODE`. Not said.
    UnspecifiedSubCode,
    /// `ATTACHMENT_REJECTED`.
    AttachmentRejected,
    /// `MEDIA_TYPE_UNDETERMINED`.
    MediaTypeUndetermined,
    /// `INACTIVE_SENDER`.
    InactiveSender,
    /// `UNDELIVERABLE_DESTINATION`.
    UndeliverableDestination,
    /// `CHANNEL_POLICY_VIOLATION`.
    ChannelPolicyViolation,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(ReasonSubCode {
    UnspecifiedSubCode: "UNSPECIFIED_SUB_CODE",
    AttachmentRejected: "ATTACHMENT_REJECTED",
    MediaTypeUndetermined: "MEDIA_TYPE_UNDETERMINED",
    InactiveSender: "INACTIVE_SENDER",
    UndeliverableDestination: "UNDELIVERABLE_DESTINATION",
    ChannelPolicyViolation: "CHANNEL_POLICY_VIOLATION",
});
