//! The callbacks of the Numbers API, and of Imported Numbers and Hosting Orders.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::string::String;

use crate::{json::value::Object, unlisted::Unlisted};

/// What happened to a number, an order of numbers, or a hosted number. It is not timely, and only
/// `eventId` tells it from its own repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct NumbersCallback {
    /// The event.
    pub event_id: Option<String>,
    /// When it was put into the queue, UTC, with up to nine digits of a second and often without a
    /// zone.
    pub timestamp: Option<String>,
    /// The project.
    pub project_id: Option<String>,
    /// The phone number, order or brand that it is about.
    pub resource_id: Option<String>,
    /// What that is.
    pub resource_type: Option<NumbersResourceType>,
    /// What happened to it.
    pub event_type: Option<NumbersEventType>,
    /// How it ended.
    pub status: Option<NumbersStatus>,
    /// Why it failed.
    pub failure_code: Option<NumbersFailureCode>,
    /// The partner's own code, where there is one.
    pub internal_failure_code: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(NumbersCallback {
    event_id: "eventId",
    timestamp: "timestamp",
    project_id: "projectId",
    resource_id: "resourceId",
    resource_type: "resourceType",
    event_type: "eventType",
    status: "status",
    failure_code: "failureCode",
    internal_failure_code: "internalFailureCode",
});

/// What a callback of the Numbers API is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumbersResourceType {
    /// `ACTIVE_NUMBER`. A number of the project.
    ActiveNumber,
    /// `NUMBER_ORDER`. An order of numbers.
    NumberOrder,
    /// `IMPORTED_NUMBER`. A number of another provider that was imported.
    ImportedNumber,
    /// `HOSTING_ORDER_NUMBER`. A number of a hosting order.
    HostingOrderNumber,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(NumbersResourceType {
    ActiveNumber: "ACTIVE_NUMBER",
    NumberOrder: "NUMBER_ORDER",
    ImportedNumber: "IMPORTED_NUMBER",
    HostingOrderNumber: "HOSTING_ORDER_NUMBER",
});

/// What happened to a number or an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumbersEventType {
    /// `PROVISIONING_TO_SMS_PLATFORM`.
    ProvisioningToSmsPlatform,
    /// `DEPROVISIONING_FROM_SMS_PLATFORM`.
    DeprovisioningFromSmsPlatform,
    /// `PROVISIONING_TO_CAMPAIGN`.
    ProvisioningToCampaign,
    /// `DEPROVISIONING_FROM_CAMPAIGN`.
    DeprovisioningFromCampaign,
    /// `PROVISIONING_TO_VOICE_PLATFORM`.
    ProvisioningToVoicePlatform,
    /// `DEPROVISIONING_FROM_VOICE_PLATFORM`.
    DeprovisioningFromVoicePlatform,
    /// `DEPROVISIONING_TO_VOICE_PLATFORM`. Deprecated.
    DeprovisioningToVoicePlatform,
    /// `NUMBER_ORDER_PROCESSING`.
    NumberOrderProcessing,
    /// `DEPROVISIONING_TO_SMS_PLATFORM`. Of hosted numbers.
    DeprovisioningToSmsPlatform,
    /// `LINK_TO_10DLC_CAMPAIGN`. Of hosted numbers.
    LinkTo10dlcCampaign,
    /// `UNLINK_TO_10DLC_CAMPAIGN`. Of hosted numbers.
    UnlinkTo10dlcCampaign,
    /// `HOSTING_PROCESS`. Of hosted numbers.
    HostingProcess,
    /// `OSR_UPDATE`. Of hosted numbers.
    OsrUpdate,
    /// `DELETE`. Of hosted numbers.
    Delete,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(NumbersEventType {
    ProvisioningToSmsPlatform: "PROVISIONING_TO_SMS_PLATFORM",
    DeprovisioningFromSmsPlatform: "DEPROVISIONING_FROM_SMS_PLATFORM",
    ProvisioningToCampaign: "PROVISIONING_TO_CAMPAIGN",
    DeprovisioningFromCampaign: "DEPROVISIONING_FROM_CAMPAIGN",
    ProvisioningToVoicePlatform: "PROVISIONING_TO_VOICE_PLATFORM",
    DeprovisioningFromVoicePlatform: "DEPROVISIONING_FROM_VOICE_PLATFORM",
    DeprovisioningToVoicePlatform: "DEPROVISIONING_TO_VOICE_PLATFORM",
    NumberOrderProcessing: "NUMBER_ORDER_PROCESSING",
    DeprovisioningToSmsPlatform: "DEPROVISIONING_TO_SMS_PLATFORM",
    LinkTo10dlcCampaign: "LINK_TO_10DLC_CAMPAIGN",
    UnlinkTo10dlcCampaign: "UNLINK_TO_10DLC_CAMPAIGN",
    HostingProcess: "HOSTING_PROCESS",
    OsrUpdate: "OSR_UPDATE",
    Delete: "DELETE",
});

/// How an event of the Numbers API ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumbersStatus {
    /// `SUCCEEDED`.
    Succeeded,
    /// `FAILED`.
    Failed,
    /// `IN_REVIEW`. Of orders.
    InReview,
    /// `BLOCKED`. Of orders.
    Blocked,
    /// `COMPLETED`. Of orders.
    Completed,
    /// `REJECTED`. Of orders.
    Rejected,
    /// `EXPIRED`. Of orders.
    Expired,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(NumbersStatus {
    Succeeded: "SUCCEEDED",
    Failed: "FAILED",
    InReview: "IN_REVIEW",
    Blocked: "BLOCKED",
    Completed: "COMPLETED",
    Rejected: "REJECTED",
    Expired: "EXPIRED",
});

/// Why an event of the Numbers API failed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NumbersFailureCode {
    /// `CAMPAIGN_NOT_AVAILABLE`.
    CampaignNotAvailable,
    /// `EXCEEDED_10DLC_LIMIT`.
    Exceeded10dlcLimit,
    /// `NUMBER_PROVISIONING_FAILED`.
    NumberProvisioningFailed,
    /// `PARTNER_SERVICE_UNAVAILABLE`.
    PartnerServiceUnavailable,
    /// `CAMPAIGN_PENDING_ACCEPTANCE`.
    CampaignPendingAcceptance,
    /// `MNO_SHARING_ERROR`.
    MnoSharingError,
    /// `CAMPAIGN_PROVISIONING_FAILED`.
    CampaignProvisioningFailed,
    /// `CAMPAIGN_EXPIRED`.
    CampaignExpired,
    /// `CAMPAIGN_MNO_REJECTED`.
    CampaignMnoRejected,
    /// `CAMPAIGN_MNO_SUSPENDED`.
    CampaignMnoSuspended,
    /// `CAMPAIGN_MNO_REVIEW`.
    CampaignMnoReview,
    /// `INSUFFICIENT_BALANCE`.
    InsufficientBalance,
    /// `MOCK_CAMPAIGN_NOT_ALLOWED`.
    MockCampaignNotAllowed,
    /// `TFN_NOT_ALLOWED`.
    TfnNotAllowed,
    /// `INVALID_NNID`.
    InvalidNnid,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(NumbersFailureCode {
    CampaignNotAvailable: "CAMPAIGN_NOT_AVAILABLE",
    Exceeded10dlcLimit: "EXCEEDED_10DLC_LIMIT",
    NumberProvisioningFailed: "NUMBER_PROVISIONING_FAILED",
    PartnerServiceUnavailable: "PARTNER_SERVICE_UNAVAILABLE",
    CampaignPendingAcceptance: "CAMPAIGN_PENDING_ACCEPTANCE",
    MnoSharingError: "MNO_SHARING_ERROR",
    CampaignProvisioningFailed: "CAMPAIGN_PROVISIONING_FAILED",
    CampaignExpired: "CAMPAIGN_EXPIRED",
    CampaignMnoRejected: "CAMPAIGN_MNO_REJECTED",
    CampaignMnoSuspended: "CAMPAIGN_MNO_SUSPENDED",
    CampaignMnoReview: "CAMPAIGN_MNO_REVIEW",
    InsufficientBalance: "INSUFFICIENT_BALANCE",
    MockCampaignNotAllowed: "MOCK_CAMPAIGN_NOT_ALLOWED",
    TfnNotAllowed: "TFN_NOT_ALLOWED",
    InvalidNnid: "INVALID_NNID",
});
