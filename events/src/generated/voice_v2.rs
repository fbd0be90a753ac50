//! The callbacks of the Voice API, version 2 (a preview at Sinch).
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{json::value::Object, unlisted::Unlisted};

/// Something happened to a call. While it goes on, Sinch waits for an answer that says how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VoiceV2Callback {
    /// What happened.
    pub event: Option<VoiceV2Event>,
    /// The call as it was then.
    pub call: Option<Call>,
    /// What was entered into a menu.
    pub menu: Option<MenuInput>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VoiceV2Callback {
    event: "event",
    call: "call",
    menu: "menu",
});

/// What was entered into a menu.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MenuInput {
    /// The menu.
    pub menu_name: Option<String>,
    /// What was entered.
    pub input: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MenuInput {
    menu_name: "menuName",
    input: "input",
});

/// A call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Call {
    /// The call.
    pub call_id: Option<String>,
    /// The project.
    pub project_id: Option<String>,
    /// The service.
    pub service_id: Option<String>,
    /// The session.
    pub session_id: Option<String>,
    /// The name of this leg in the session.
    pub call_name: Option<String>,
    /// The bridge that it belongs to.
    pub bridge_name: Option<String>,
    /// The batch that it belongs to.
    pub batch_id: Option<String>,
    /// Who calls.
    pub from: Option<CallOrigin>,
    /// Who is called.
    pub to: Option<CallDestination>,
    /// When its set-up began.
    pub start_time: Option<String>,
    /// When it was last changed.
    pub update_time: Option<String>,
    /// What is called.
    pub call_type: Option<CallType>,
    /// Which way it goes.
    pub direction: Option<CallDirection>,
    /// When it was answered.
    pub answer_time: Option<String>,
    /// When it ended.
    pub end_time: Option<String>,
    /// Its duration in seconds.
    pub call_duration_seconds: Option<i64>,
    /// How far it is.
    pub call_result: Option<CallV2Result>,
    /// Why it ended.
    pub call_reason: Option<CallReason>,
    /// Where it comes from.
    pub origination_type: Option<OriginationType>,
    /// What a minute costs.
    pub call_rate: Option<Money>,
    /// Where the call can be managed.
    pub call_resource_url: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Call {
    call_id: "callId",
    project_id: "projectId",
    service_id: "serviceId",
    session_id: "sessionId",
    call_name: "callName",
    bridge_name: "bridgeName",
    batch_id: "batchId",
    from: "from",
    to: "to",
    start_time: "startTime",
    update_time: "updateTime",
    call_type: "callType",
    direction: "direction",
    answer_time: "answerTime",
    end_time: "endTime",
    call_duration_seconds: "callDurationSeconds",
    call_result: "callResult",
    call_reason: "callReason",
    origination_type: "originationType",
    call_rate: "callRate",
    call_resource_url: "callResourceUrl",
});

/// A phone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PhoneParty {
    /// The phone.
    pub phone: Option<Phone>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(PhoneParty { phone: "phone" });

/// A phone's number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Phone {
    /// The number, in E.164 format.
    pub number: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Phone { number: "number" });

/// A SIP address that calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SipOrigin {
    /// The address.
    pub sip: Option<SipFrom>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SipOrigin { sip: "sip" });

/// The address and name of who calls by SIP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SipFrom {
    /// The address.
    pub endpoint: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SipFrom {
    endpoint: "endpoint",
    display_name: "displayName",
});

/// A SIP address that is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SipParty {
    /// The address.
    pub sip: Option<SipEndpoint>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SipParty { sip: "sip" });

/// A SIP address and how it is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct SipEndpoint {
    /// The address.
    pub endpoint: Option<String>,
    /// How it is reached.
    pub transport: Option<SipTransport>,
    /// The headers that are sent with the call.
    pub call_headers: Option<Vec<CallV2Header>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(SipEndpoint {
    endpoint: "endpoint",
    transport: "transport",
    call_headers: "callHeaders",
});

/// A stream of sound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StreamParty {
    /// The stream.
    pub stream: Option<StreamEndpoint>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(StreamParty { stream: "stream" });

/// Where sound is streamed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StreamEndpoint {
    /// The address.
    pub endpoint: Option<String>,
    /// How the sound is encoded.
    pub stream_options: Option<StreamOptions>,
    /// The headers that are sent with the call.
    pub call_headers: Option<Vec<CallV2Header>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(StreamEndpoint {
    endpoint: "endpoint",
    stream_options: "streamOptions",
    call_headers: "callHeaders",
});

/// How streamed sound is encoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct StreamOptions {
    /// The version of the protocol.
    pub version: Option<i64>,
    /// The codec.
    pub codec: Option<StreamCodec>,
    /// Samples a second: 8000, 16000, 24000, 44100, 48000 or 96000.
    pub sample_rate: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(StreamOptions {
    version: "version",
    codec: "codec",
    sample_rate: "sampleRate",
});

/// A relay that turns speech into text and back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VoiceRelayParty {
    /// The relay.
    pub voice_relay: Option<VoiceRelay>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VoiceRelayParty {
    voice_relay: "voiceRelay",
});

/// Where texts of a call are relayed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VoiceRelay {
    /// The address.
    pub endpoint: Option<String>,
    /// Whether who speaks may be interrupted.
    pub enable_interruptions: Option<bool>,
    /// The voice that speaks.
    pub tts_voice: Option<String>,
    /// The language that is recognized.
    pub stt_language: Option<String>,
    /// The headers that are sent with the call.
    pub call_headers: Option<Vec<CallV2Header>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VoiceRelay {
    endpoint: "endpoint",
    enable_interruptions: "enableInterruptions",
    tts_voice: "ttsVoice",
    stt_language: "sttLanguage",
    call_headers: "callHeaders",
});

/// A header that was given to a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CallV2Header {
    /// Its name.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CallV2Header {
    key: "key",
    value: "value",
});

/// An amount of money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Money {
    /// The currency, by its ISO 4217 code.
    pub currency_code: Option<String>,
    /// The amount, in decimal digits.
    pub amount: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Money {
    currency_code: "currencyCode",
    amount: "amount",
});

/// Who calls, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallOrigin {
    /// A phone.
    Phone(Box<PhoneParty>),
    /// A SIP address.
    Sip(Box<SipOrigin>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(CallOrigin by "type" {
    Phone: "PHONE",
    Sip: "SIP",
});

/// Who is called, by its `type`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallDestination {
    /// A phone.
    Phone(Box<PhoneParty>),
    /// A SIP address.
    Sip(Box<SipParty>),
    /// A stream of sound.
    Stream(Box<StreamParty>),
    /// A relay that turns speech into text and back.
    VoiceRelay(Box<VoiceRelayParty>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(CallDestination by "type" {
    Phone: "PHONE",
    Sip: "SIP",
    Stream: "STREAM",
    VoiceRelay: "VOICE_RELAY",
});

/// What happened to a call. A script's own events are `call.webhook.` with their name behind it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VoiceV2Event {
    /// `call.incoming`.
    CallIncoming,
    /// `call.answered`.
    CallAnswered,
    /// `call.busy`.
    CallBusy,
    /// `call.rejected`.
    CallRejected,
    /// `call.timeout`.
    CallTimeout,
    /// `call.hangup`.
    CallHangup,
    /// `call.failed`.
    CallFailed,
    /// `call.amd.human`.
    CallAmdHuman,
    /// `call.amd.machine`.
    CallAmdMachine,
    /// `call.amd.beep`.
    CallAmdBeep,
    /// `call.amd.unknown`.
    CallAmdUnknown,
    /// `call.message.finished`.
    CallMessageFinished,
    /// `call.recording.finished`.
    CallRecordingFinished,
    /// `call.recording.failed`.
    CallRecordingFailed,
    /// `call.menu`.
    CallMenu,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VoiceV2Event {
    CallIncoming: "call.incoming",
    CallAnswered: "call.answered",
    CallBusy: "call.busy",
    CallRejected: "call.rejected",
    CallTimeout: "call.timeout",
    CallHangup: "call.hangup",
    CallFailed: "call.failed",
    CallAmdHuman: "call.amd.human",
    CallAmdMachine: "call.amd.machine",
    CallAmdBeep: "call.amd.beep",
    CallAmdUnknown: "call.amd.unknown",
    CallMessageFinished: "call.message.finished",
    CallRecordingFinished: "call.recording.finished",
    CallRecordingFailed: "call.recording.failed",
    CallMenu: "call.menu",
});

/// How a SIP address is reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SipTransport {
    /// `UDP`.
    Udp,
    /// `TCP`.
    Tcp,
    /// `TLS`.
    Tls,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(SipTransport {
    Udp: "UDP",
    Tcp: "TCP",
    Tls: "TLS",
});

/// How streamed sound is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StreamCodec {
    /// `PCM`.
    Pcm,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(StreamCodec { Pcm: "PCM" });

/// What is called.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallType {
    /// `PHONE`.
    Phone,
    /// `SIP`.
    Sip,
    /// `STREAM`.
    Stream,
    /// `VOICE_RELAY`.
    VoiceRelay,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CallType {
    Phone: "PHONE",
    Sip: "SIP",
    Stream: "STREAM",
    VoiceRelay: "VOICE_RELAY",
});

/// Which way a call goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallDirection {
    /// `INBOUND`. To the service.
    Inbound,
    /// `OUTBOUND`. From the service.
    Outbound,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CallDirection {
    Inbound: "INBOUND",
    Outbound: "OUTBOUND",
});

/// How far a call is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallV2Result {
    /// `QUEUED`.
    Queued,
    /// `INITIATED`.
    Initiated,
    /// `IN_PROGRESS`.
    InProgress,
    /// `COMPLETED`.
    Completed,
    /// `REJECTED`.
    Rejected,
    /// `NO_ANSWER`.
    NoAnswer,
    /// `CANCEL`.
    Cancel,
    /// `BUSY`.
    Busy,
    /// `FAILED`.
    Failed,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CallV2Result {
    Queued: "QUEUED",
    Initiated: "INITIATED",
    InProgress: "IN_PROGRESS",
    Completed: "COMPLETED",
    Rejected: "REJECTED",
    NoAnswer: "NO_ANSWER",
    Cancel: "CANCEL",
    Busy: "BUSY",
    Failed: "FAILED",
});

/// Why a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallReason {
    /// `OK`.
    Ok,
    /// `NOT_AVAILABLE`.
    NotAvailable,
    /// `CALLER_HANGUP`.
    CallerHangup,
    /// `CALLEE_HANGUP`.
    CalleeHangup,
    /// `MANAGER_HANGUP`.
    ManagerHangup,
    /// `DID_NOT_FOUND`.
    DidNotFound,
    /// `INVALID_SCRIPT`.
    InvalidScript,
    /// `UNKNOWN_PRODUCT`.
    UnknownProduct,
    /// `NO_MORE_ROUTES`.
    NoMoreRoutes,
    /// `ERROR`.
    Error,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CallReason {
    Ok: "OK",
    NotAvailable: "NOT_AVAILABLE",
    CallerHangup: "CALLER_HANGUP",
    CalleeHangup: "CALLEE_HANGUP",
    ManagerHangup: "MANAGER_HANGUP",
    DidNotFound: "DID_NOT_FOUND",
    InvalidScript: "INVALID_SCRIPT",
    UnknownProduct: "UNKNOWN_PRODUCT",
    NoMoreRoutes: "NO_MORE_ROUTES",
    Error: "ERROR",
});

/// Where a call comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OriginationType {
    /// `PHONE`.
    Phone,
    /// `SIP`.
    Sip,
    /// `SERVER`.
    Server,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(OriginationType {
    Phone: "PHONE",
    Sip: "SIP",
    Server: "SERVER",
});
