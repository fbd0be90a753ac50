//! The callbacks of the Verification API.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{
    json::{number::Number, value::Object},
    unlisted::Unlisted,
};

/// A verification is about to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerificationRequest {
    /// The verification.
    pub id: Option<String>,
    /// How it is done.
    pub method: Option<VerificationMethod>,
    /// Whose number is verified.
    pub identity: Option<VerificationIdentity>,
    /// What it costs.
    pub price: Option<VerificationPrice>,
    /// What a minute of its call costs.
    pub rate: Option<VerificationPrice>,
    /// What the app gave as its reference.
    pub reference: Option<String>,
    /// What the app gave besides.
    pub custom: Option<String>,
    /// The languages that the recipient prefers.
    pub accept_language: Option<Vec<String>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VerificationRequest {
    id: "id",
    method: "method",
    identity: "identity",
    price: "price",
    rate: "rate",
    reference: "reference",
    custom: "custom",
    accept_language: "acceptLanguage",
});

/// A verification has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerificationResult {
    /// The verification.
    pub id: Option<String>,
    /// How it was done.
    pub method: Option<VerificationMethod>,
    /// Whose number was verified.
    pub identity: Option<VerificationIdentity>,
    /// How it ended.
    pub status: Option<VerificationStatus>,
    /// Why it ended so.
    pub reason: Option<VerificationReason>,
    /// What the app gave as its reference.
    pub reference: Option<String>,
    /// How the code came back.
    pub source: Option<VerificationSource>,
    /// What the app gave besides.
    pub custom: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VerificationResult {
    id: "id",
    method: "method",
    identity: "identity",
    status: "status",
    reason: "reason",
    reference: "reference",
    source: "source",
    custom: "custom",
});

/// What became of a verification's SMS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerificationSmsDelivered {
    /// The verification.
    pub id: Option<String>,
    /// How it is done.
    pub method: Option<VerificationMethod>,
    /// Whose number is verified.
    pub identity: Option<VerificationIdentity>,
    /// What became of the SMS.
    pub sms_result: Option<VerificationSmsResult>,
    /// What the app gave as its reference.
    pub reference: Option<String>,
    /// What the app gave besides.
    pub custom: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VerificationSmsDelivered {
    id: "id",
    method: "method",
    identity: "identity",
    sms_result: "smsResult",
    reference: "reference",
    custom: "custom",
});

/// Whose number is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerificationIdentity {
    /// What the endpoint is.
    pub r#type: Option<VerificationIdentityType>,
    /// The number, in E.164 format.
    pub endpoint: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VerificationIdentity {
    r#type: "type",
    endpoint: "endpoint",
});

/// An amount of money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VerificationPrice {
    /// The currency, by its ISO 4217 code.
    pub currency_id: Option<String>,
    /// The amount.
    pub amount: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VerificationPrice {
    currency_id: "currencyId",
    amount: "amount",
});

/// A callback of the Verification API, by its `event`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationCallback {
    /// A verification is about to begin. Sinch waits for an answer that allows or denies it.
    VerificationRequestEvent(Box<VerificationRequest>),
    /// A verification has ended.
    VerificationResultEvent(Box<VerificationResult>),
    /// What became of a verification's SMS.
    VerificationSmsDeliveredEvent(Box<VerificationSmsDelivered>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(VerificationCallback by "event" {
    VerificationRequestEvent: "VerificationRequestEvent",
    VerificationResultEvent: "VerificationResultEvent",
    VerificationSmsDeliveredEvent: "VerificationSmsDeliveredEvent",
});

/// What an endpoint is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationIdentityType {
    /// `number`. A phone number.
    Number,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VerificationIdentityType { Number: "number" });

/// How a verification is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationMethod {
    /// `sms`. By a code in an SMS.
    Sms,
    /// `flashcall`. By the number of a call that nobody answers.
    Flashcall,
    /// `callout`. By a code that a call speaks.
    Callout,
    /// `seamless`. By the mobile connection itself.
    Seamless,
    /// `whatsapp`. By a code on WhatsApp.
    Whatsapp,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VerificationMethod {
    Sms: "sms",
    Flashcall: "flashcall",
    Callout: "callout",
    Seamless: "seamless",
    Whatsapp: "whatsapp",
});

/// How a verification ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationStatus {
    /// `PENDING`. It has not ended.
    Pending,
    /// `SUCCESSFUL`.
    Successful,
    /// `FAIL`.
    Fail,
    /// `DENIED`.
    Denied,
    /// `ABORTED`.
    Aborted,
    /// `ERROR`.
    Error,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VerificationStatus {
    Pending: "PENDING",
    Successful: "SUCCESSFUL",
    Fail: "FAIL",
    Denied: "DENIED",
    Aborted: "ABORTED",
    Error: "ERROR",
});

/// Why a verification ended as it did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationReason {
    /// `Fraud`.
    Fraud,
    /// `Not enough credit`.
    NotEnoughCredit,
    /// `Blocked`.
    Blocked,
    /// `Denied by callback`.
    DeniedByCallback,
    /// `Invalid callback`.
    InvalidCallback,
    /// `Internal error`.
    InternalError,
    /// `Destination denied`.
    DestinationDenied,
    /// `Network error or number unreachable`.
    NetworkErrorOrNumberUnreachable,
    /// `Failed pending`.
    FailedPending,
    /// `SMS delivery failure`.
    SmsDeliveryFailure,
    /// `Invalid CLI`.
    InvalidCli,
    /// `Invalid code`.
    InvalidCode,
    /// `Expired`.
    Expired,
    /// `Hung up without entering valid code`.
    HungUpWithoutEnteringValidCode,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VerificationReason {
    Fraud: "Fraud",
    NotEnoughCredit: "Not enough credit",
    Blocked: "Blocked",
    DeniedByCallback: "Denied by callback",
    InvalidCallback: "Invalid callback",
    InternalError: "Internal error",
    DestinationDenied: "Destination denied",
    NetworkErrorOrNumberUnreachable: "Network error or number unreachable",
    FailedPending: "Failed pending",
    SmsDeliveryFailure: "SMS delivery failure",
    InvalidCli: "Invalid CLI",
    InvalidCode: "Invalid code",
    Expired: "Expired",
    HungUpWithoutEnteringValidCode: "Hung up without entering valid code",
});

/// How a verification's code came back.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationSource {
    /// `intercepted`. The app has read it by itself.
    Intercepted,
    /// `manual`. The person has entered it.
    Manual,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VerificationSource {
    Intercepted: "intercepted",
    Manual: "manual",
});

/// What became of a verification's SMS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerificationSmsResult {
    /// `Successful`. It was delivered.
    Successful,
    /// `Failed`. It was not.
    Failed,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VerificationSmsResult {
    Successful: "Successful",
    Failed: "Failed",
});
