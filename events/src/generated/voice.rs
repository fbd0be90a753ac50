//! The callbacks of the Voice API, version 1.
//!
//! Made by scripts/make-events from events/types; not to be edited.

use alloc::{boxed::Box, string::String, vec::Vec};

use crate::{
    json::{number::Number, value::Object},
    unlisted::Unlisted,
};

/// A call has come in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct IncomingCall {
    /// The call.
    pub callid: Option<String>,
    /// Where the call can be managed.
    pub call_resource_url: Option<String>,
    /// The conference that it belongs to.
    pub conference_id: Option<String>,
    /// When it came in.
    pub timestamp: Option<String>,
    /// The version of the API.
    pub version: Option<i64>,
    /// What whoever placed the call gave it.
    pub custom: Option<String>,
    /// What a minute costs.
    pub user_rate: Option<VoicePrice>,
    /// Who calls.
    pub cli: Option<String>,
    /// Who is called.
    pub to: Option<VoiceDestination>,
    /// Where the call is to go.
    pub domain: Option<VoiceDomain>,
    /// The app.
    pub application_key: Option<String>,
    /// Where the call comes from.
    pub origination_type: Option<VoiceDomain>,
    /// Its duration in seconds.
    pub duration: Option<i64>,
    /// The number that it was redirected from.
    pub rdnis: Option<String>,
    /// The headers that whoever placed the call gave it.
    pub call_headers: Option<Vec<CallHeader>>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(IncomingCall {
    callid: "callid",
    call_resource_url: "callResourceUrl",
    conference_id: "conferenceId",
    timestamp: "timestamp",
    version: "version",
    custom: "custom",
    user_rate: "userRate",
    cli: "cli",
    to: "to",
    domain: "domain",
    application_key: "applicationKey",
    origination_type: "originationType",
    duration: "duration",
    rdnis: "rdnis",
    call_headers: "callHeaders",
});

/// A call was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AnsweredCall {
    /// The call.
    pub callid: Option<String>,
    /// Where the call can be managed.
    pub call_resource_url: Option<String>,
    /// The conference that it belongs to.
    pub conference_id: Option<String>,
    /// When it was answered.
    pub timestamp: Option<String>,
    /// The version of the API.
    pub version: Option<i64>,
    /// What whoever placed the call gave it.
    pub custom: Option<String>,
    /// Whether a machine answered.
    pub amd: Option<MachineDetection>,
    /// The app.
    pub application_key: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(AnsweredCall {
    callid: "callid",
    call_resource_url: "callResourceUrl",
    conference_id: "conferenceId",
    timestamp: "timestamp",
    version: "version",
    custom: "custom",
    amd: "amd",
    application_key: "applicationKey",
});

/// A call has ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DisconnectedCall {
    /// The call.
    pub callid: Option<String>,
    /// The conference that it belonged to.
    pub conference_id: Option<String>,
    /// When it ended.
    pub timestamp: Option<String>,
    /// Why it ended.
    pub reason: Option<DisconnectReason>,
    /// How it went.
    pub result: Option<CallResult>,
    /// The version of the API.
    pub version: Option<i64>,
    /// What whoever placed the call gave it.
    pub custom: Option<String>,
    /// What it has cost.
    pub debit: Option<VoicePrice>,
    /// What a minute costs.
    pub user_rate: Option<VoicePrice>,
    /// Who was called.
    pub to: Option<VoiceDestination>,
    /// Its duration in seconds.
    pub duration: Option<i64>,
    /// Who called.
    pub from: Option<String>,
    /// The headers that whoever placed the call gave it.
    pub call_headers: Option<Vec<CallHeader>>,
    /// The app.
    pub application_key: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(DisconnectedCall {
    callid: "callid",
    conference_id: "conferenceId",
    timestamp: "timestamp",
    reason: "reason",
    result: "result",
    version: "version",
    custom: "custom",
    debit: "debit",
    user_rate: "userRate",
    to: "to",
    duration: "duration",
    from: "from",
    call_headers: "callHeaders",
    application_key: "applicationKey",
});

/// A menu was used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct PromptInput {
    /// The call.
    pub callid: Option<String>,
    /// The conference that it belongs to.
    pub conference_id: Option<String>,
    /// When it was used.
    pub timestamp: Option<String>,
    /// What was entered.
    pub menu_result: Option<MenuResult>,
    /// The version of the API.
    pub version: Option<i64>,
    /// What whoever placed the call gave it.
    pub custom: Option<String>,
    /// The app.
    pub application_key: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(PromptInput {
    callid: "callid",
    conference_id: "conferenceId",
    timestamp: "timestamp",
    menu_result: "menuResult",
    version: "version",
    custom: "custom",
    application_key: "applicationKey",
});

/// Something that belongs to a call is ready, or failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Notification {
    /// The call.
    pub callid: Option<String>,
    /// The conference that it belongs to.
    pub conference_id: Option<String>,
    /// The version of the API.
    pub version: Option<i64>,
    /// What it is about: `recording_finished`, `recording_available`, `transcription_available`,
    /// `amd`, `amd_beep`, or another.
    pub r#type: Option<String>,
    /// What depends on the type.
    pub custom: Option<String>,
    /// Whether a machine answered.
    pub amd: Option<MachineDetection>,
    /// Where a recording or transcription can be fetched.
    pub destination: Option<String>,
    /// The app.
    pub application_key: Option<String>,
    /// The code of an error.
    pub error_code: Option<i64>,
    /// The error, for people.
    pub error_msg: Option<String>,
    /// The user whom an error is about.
    pub user: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(Notification {
    callid: "callid",
    conference_id: "conferenceId",
    version: "version",
    r#type: "type",
    custom: "custom",
    amd: "amd",
    destination: "destination",
    application_key: "applicationKey",
    error_code: "errorCode",
    error_msg: "errorMsg",
    user: "user",
});

/// An amount of money.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VoicePrice {
    /// The currency, by its ISO 4217 code.
    pub currency_id: Option<String>,
    /// The amount.
    pub amount: Option<Number>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VoicePrice {
    currency_id: "currencyId",
    amount: "amount",
});

/// Who is called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct VoiceDestination {
    /// What the endpoint is.
    pub r#type: Option<DestinationType>,
    /// A phone number, the name of an app's user, or an address.
    pub endpoint: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(VoiceDestination {
    r#type: "type",
    endpoint: "endpoint",
});

/// A header that was given to a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct CallHeader {
    /// Its name.
    pub key: Option<String>,
    /// Its value.
    pub value: Option<String>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(CallHeader {
    key: "key",
    value: "value",
});

/// Whether a machine answered a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MachineDetection {
    /// What answered.
    pub status: Option<MachineStatus>,
    /// What tells it.
    pub reason: Option<MachineReason>,
    /// How long the detection took.
    pub duration: Option<i64>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MachineDetection {
    status: "status",
    reason: "reason",
    duration: "duration",
});

/// What was entered into a menu.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct MenuResult {
    /// The menu.
    pub menu_id: Option<String>,
    /// How it was left.
    pub r#type: Option<MenuResultType>,
    /// What was entered or returned.
    pub value: Option<String>,
    /// How it was entered.
    pub input_method: Option<MenuInputMethod>,
    /// What is not described, as it was.
    pub other: Object,
}

object!(MenuResult {
    menu_id: "menuId",
    r#type: "type",
    value: "value",
    input_method: "inputMethod",
});

/// A callback of the Voice API, by its `event`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VoiceCallback {
    /// A call has come in. Sinch waits for an answer that says what to do with it.
    Ice(Box<IncomingCall>),
    /// A call was answered. Sinch waits for an answer that says how it goes on.
    Ace(Box<AnsweredCall>),
    /// A call has ended.
    Dice(Box<DisconnectedCall>),
    /// A menu was used. Sinch waits for an answer that says how the call goes on.
    Pie(Box<PromptInput>),
    /// Something that belongs to a call is ready.
    Notify(Box<Notification>),
    /// One that is not described, as it was.
    Unlisted(Object),
}

union!(VoiceCallback by "event" {
    Ice: "ice",
    Ace: "ace",
    Dice: "dice",
    Pie: "pie",
    Notify: "notify",
});

/// What an endpoint is. Sinch writes it both ways.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DestinationType {
    /// `number`. A phone number.
    Number,
    /// `Number`. A phone number.
    NumberCapitalized,
    /// `username`. A user of the app.
    Username,
    /// `Username`. A user of the app.
    UsernameCapitalized,
    /// `sip`. A SIP address.
    Sip,
    /// `Sip`. A SIP address.
    SipCapitalized,
    /// `did`. A number that is dialed into.
    Did,
    /// `Did`. A number that is dialed into.
    DidCapitalized,
    /// `Websocket`. A stream.
    Websocket,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(DestinationType {
    Number: "number",
    NumberCapitalized: "Number",
    Username: "username",
    UsernameCapitalized: "Username",
    Sip: "sip",
    SipCapitalized: "Sip",
    Did: "did",
    DidCapitalized: "Did",
    Websocket: "Websocket",
});

/// Where a call comes from or goes. Sinch writes it both ways.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VoiceDomain {
    /// `pstn`. The telephone network.
    Pstn,
    /// `PSTN`. The telephone network.
    PstnUppercase,
    /// `mxp`. An app.
    Mxp,
    /// `MXP`. An app.
    MxpUppercase,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(VoiceDomain {
    Pstn: "pstn",
    PstnUppercase: "PSTN",
    Mxp: "mxp",
    MxpUppercase: "MXP",
});

/// What answered a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MachineStatus {
    /// `machine`. A machine.
    Machine,
    /// `human`. A person.
    Human,
    /// `notsure`. One or the other.
    Notsure,
    /// `hangup`. It was hung up before that was clear.
    Hangup,
    /// `inprogress`. Not known yet: a notification will tell.
    Inprogress,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(MachineStatus {
    Machine: "machine",
    Human: "human",
    Notsure: "notsure",
    Hangup: "hangup",
    Inprogress: "inprogress",
});

/// What tells a machine from a person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MachineReason {
    /// `longgreeting`. A long greeting.
    Longgreeting,
    /// `initialsilence`. Silence at the beginning.
    Initialsilence,
    /// `greeting`. A greeting.
    Greeting,
    /// `beep`. A beep.
    Beep,
    /// `n/a`. Nothing.
    NA,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(MachineReason {
    Longgreeting: "longgreeting",
    Initialsilence: "initialsilence",
    Greeting: "greeting",
    Beep: "beep",
    NA: "n/a",
});

/// Why a call ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// `N/A`. Not said.
    NA,
    /// `ESTABLISHED`.
    Established,
    /// `OTHERPEERANSWERED`.
    Otherpeeranswered,
    /// `TIMEOUT`.
    Timeout,
    /// `CALLERHANGUP`.
    Callerhangup,
    /// `CALLEEHANGUP`.
    Calleehangup,
    /// `BLOCKED`.
    Blocked,
    /// `MANAGERHANGUP`.
    Managerhangup,
    /// `NOCREDITPARTNER`.
    Nocreditpartner,
    /// `CLIENTNETWORK`.
    Clientnetwork,
    /// `CONGESTION`.
    Congestion,
    /// `GENERALERROR`.
    Generalerror,
    /// `CANCEL`.
    Cancel,
    /// `USERNOTFOUND`.
    Usernotfound,
    /// `CALLBACKERROR`.
    Callbackerror,
    /// `BUSY`.
    Busy,
    /// `NOANSWER`.
    Noanswer,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(DisconnectReason {
    NA: "N/A",
    Established: "ESTABLISHED",
    Otherpeeranswered: "OTHERPEERANSWERED",
    Timeout: "TIMEOUT",
    Callerhangup: "CALLERHANGUP",
    Calleehangup: "CALLEEHANGUP",
    Blocked: "BLOCKED",
    Managerhangup: "MANAGERHANGUP",
    Nocreditpartner: "NOCREDITPARTNER",
    Clientnetwork: "CLIENTNETWORK",
    Congestion: "CONGESTION",
    Generalerror: "GENERALERROR",
    Cancel: "CANCEL",
    Usernotfound: "USERNOTFOUND",
    Callbackerror: "CALLBACKERROR",
    Busy: "BUSY",
    Noanswer: "NOANSWER",
});

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CallResult {
    /// `N/A`. Not said.
    NA,
    /// `ANSWERED`.
    Answered,
    /// `BUSY`.
    Busy,
    /// `NOANSWER`.
    Noanswer,
    /// `FAILED`.
    Failed,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(CallResult {
    NA: "N/A",
    Answered: "ANSWERED",
    Busy: "BUSY",
    Noanswer: "NOANSWER",
    Failed: "FAILED",
});

/// How a menu was left.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MenuResultType {
    /// `error`.
    Error,
    /// `return`. By an option that returns a value.
    Return,
    /// `sequence`. By digits.
    Sequence,
    /// `timeout`.
    Timeout,
    /// `hangup`.
    Hangup,
    /// `invalidinput`.
    Invalidinput,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(MenuResultType {
    Error: "error",
    Return: "return",
    Sequence: "sequence",
    Timeout: "timeout",
    Hangup: "hangup",
    Invalidinput: "invalidinput",
});

/// How something was entered into a menu.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MenuInputMethod {
    /// `dtmf`. By keys.
    Dtmf,
    /// `voice`. By speaking.
    Voice,
    /// One that is not listed.
    Unlisted(Unlisted),
}

open!(MenuInputMethod {
    Dtmf: "dtmf",
    Voice: "voice",
});
