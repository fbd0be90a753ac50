use std::{path::PathBuf, time::Duration};

use sinch_callback::{Rules, limits};
use sinch_callback_pipeline::{EventFilter, messages::OVERDUE_AFTER};

use crate::{
    clock::Clock, endpoint::EndpointConfig, paths::CallbackPaths, recovery::config::RecoveryConfig,
    secrets::files::SecretFiles,
};

/// What a receiver on one machine is set up with. The defaults are those of `serve`.
///
/// # Examples
/// ```
/// use sinch_callback_server::{CallbackPaths, Config, Notify, secrets::SecretFiles};
///
/// let secrets = SecretFiles::new(vec!["new.txt".into(), "old.txt".into()]);
/// let mut config = Config::new("data", secrets);
/// config.paths = CallbackPaths::new(vec!["/conversation".parse()?, "/sms".parse()?]);
/// config.retain_days = 90;
/// config.notify = Some(Notify {
///     url: "https://crm.example/hooks/delivery".into(),
///     secret_file: "notify.txt".into(),
///     at_once: Notify::AT_ONCE,
/// });
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Config {
    /// Folder of the store, made where it is missing.
    pub data: PathBuf,
    /// Where the webhook secrets of the Conversation and the SMS API are; no file where none of their
    /// callbacks come.
    pub secrets: SecretFiles,
    /// Paths that those callbacks go to, below where the router is nested: `/callbacks` by default.
    pub paths: CallbackPaths,
    /// Where callbacks of other schemes, or with other secrets, come; none by default.
    pub endpoints: Vec<EndpointConfig>,
    /// What a callback must be like.
    pub rules: Rules,
    /// For how many days messages, callbacks and their bodies are kept after the last word of them:
    /// [`Config::RETAIN_DAYS`] by default.
    pub retain_days: u32,
    /// How long a request's headers may take to arrive on a listener of ours: 30 s by default.
    pub header_timeout: Duration,
    /// How long a request's body may take to arrive, and a peer may take nothing of an answer: 10 s by
    /// default.
    pub body_timeout: Duration,
    /// Which changes are told where somebody is notified: each change of a message's state by default.
    pub events: EventFilter,
    /// For how long a message that Sinch tells was submitted may be silent before that is told; `None`
    /// for ever. An hour by default.
    pub overdue_after: Option<Duration>,
    /// For how long no callback may come, while messages wait for theirs, before that is told:
    /// [`Config::CALLBACKS_STOPPED_AFTER`] by default.
    pub callbacks_stopped_after: Duration,
    /// Who is notified; nobody by default.
    pub notify: Option<Notify>,
    /// How intents are acted upon: not at all by default.
    pub recovery: RecoveryConfig,
    /// Where now comes from: the system by default.
    pub clock: Clock,
}

/// Who is notified of events, by a webhook signed as Sinch signs its own.
#[derive(Clone, Debug)]
pub struct Notify {
    /// Where events are posted.
    pub url: String,
    /// File of the secret to sign them with. One of its own: signed with the webhook's, they would pass
    /// for Sinch's callbacks.
    pub secret_file: PathBuf,
    /// How many may be on their way at once; those about one message never are.
    pub at_once: u16,
}

impl Notify {
    /// How many in `serve` unless set otherwise. Our own choice.
    pub const AT_ONCE: u16 = 128;
}

impl Config {
    /// For how many days records are kept unless set otherwise. Our own choice: a year, and a month to
    /// ask about it.
    pub const RETAIN_DAYS: u32 = 400;
    /// How long a request's headers may take unless set otherwise. Our own choice.
    pub const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
    /// How long a request's body may take unless set otherwise. Our own choice.
    pub const BODY_TIMEOUT: Duration = Duration::from_secs(10);
    /// For how long a submitted message may be silent unless set otherwise.
    pub const OVERDUE_AFTER: Duration = OVERDUE_AFTER;
    /// For how long no callback may come unless set otherwise. Our own choice: the channel takes a message
    /// within seconds and says so, and ten minutes without a word of five messages is no chance.
    pub const CALLBACKS_STOPPED_AFTER: Duration = Duration::from_secs(600);
    /// Which changes are told unless set otherwise.
    pub const EVENTS: EventFilter = EventFilter::All;

    /// A receiver with its store in `data`, everything else as by default.
    pub fn new(data: impl Into<PathBuf>, secrets: SecretFiles) -> Self {
        Self {
            data: data.into(),
            secrets,
            paths: CallbackPaths::default(),
            endpoints: Vec::new(),
            rules: Rules::LOGGED.with_max_body_bytes(limits::SERVE_MAX_BODY_BYTES),
            retain_days: Self::RETAIN_DAYS,
            header_timeout: Self::HEADER_TIMEOUT,
            body_timeout: Self::BODY_TIMEOUT,
            events: Self::EVENTS,
            overdue_after: Some(Self::OVERDUE_AFTER),
            callbacks_stopped_after: Self::CALLBACKS_STOPPED_AFTER,
            notify: None,
            recovery: RecoveryConfig::default(),
            clock: Clock::System,
        }
    }
}
