use core::{fmt, time::Duration};
use std::{borrow::Cow, collections::BTreeMap};

use sinch_callback::{
    AlgorithmHeader, OnMismatch, Rules, UnixSeconds, Window, limits, scheme::AnyScheme,
    secret_schedule::SecretTiming,
};
use sinch_callback_pipeline::{Endpoint, EventFilter, messages::OVERDUE_AFTER};
use sinch_callback_recovery::{BudgetLimits, sinch::Region};
use tracing_subscriber::filter::LevelFilter;

use crate::{clock::Clock, endpoints, retention::Retention, ssm_secrets::SecretsPolicy};

/// Where variables are looked up.
#[derive(Clone, Copy)]
pub struct Environment(fn(&str) -> Option<String>);

/// A variable with which a function cannot start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: found {found}, expected {expected}")]
pub struct InvalidConfig {
    /// The variable.
    pub variable: &'static str,
    /// What it holds.
    pub found: Found,
    /// What it has to hold.
    pub expected: Cow<'static, str>,
}

/// What a variable was found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is not set, or empty.
    Nothing,
    /// This text.
    Text(String),
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

/// What both functions need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shared {
    /// What is logged.
    pub log_level: LevelFilter,
    /// Namespace of the metrics.
    pub metrics_namespace: String,
    /// The function's name, a dimension of the metrics.
    pub function_name: String,
    /// Where now comes from.
    pub clock: Clock,
}

/// What the receiver needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceiverConfig {
    /// What both functions need.
    pub shared: Shared,
    /// The secrets of the Conversation and the SMS API's callbacks, which are taken at every path that no
    /// endpoint has; nothing is, where there are none.
    pub secrets: Option<SecretsPolicy>,
    /// What is taken at a path of its own, each with its secrets.
    pub endpoints: Vec<(Endpoint, SecretsPolicy)>,
    /// The queue that takes callbacks.
    pub queue_url: String,
    /// What is accepted.
    pub rules: Rules,
}

/// What the processor needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessorConfig {
    /// What both functions need.
    pub shared: Shared,
    /// The table of states and logs.
    pub table_name: String,
    /// The bus that takes events.
    pub event_bus_name: String,
    /// Which events it is given.
    pub events: EventFilter,
    /// The queue that callbacks come from.
    pub queue_url: String,
    /// Its dead letters.
    pub dead_letter_queue_url: String,
    /// Whether the bodies of all callbacks are kept, and not only of what is not understood.
    pub archives: bool,
    /// The queue that makes the recovery function look at an intent; `None` where there is none.
    pub recovery_queue_url: Option<String>,
    /// For how long a submitted message may be silent before that is told; `None` for ever.
    pub overdue_after: Option<Duration>,
    /// For how long the table keeps what.
    pub retention: Retention,
}

/// What the watcher needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WatcherConfig {
    /// What all functions need.
    pub shared: Shared,
    /// The table of states and logs.
    pub table_name: String,
    /// The bus that takes events.
    pub event_bus_name: String,
    /// The queue whose callbacks are applied.
    pub queue_url: String,
    /// The function that receives them.
    pub receiver_name: String,
    /// For how long no callback may come before they have stopped.
    pub stopped_after: Duration,
    /// For how long the table keeps what.
    pub retention: Retention,
}

/// What the recovery function needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoveryConfig {
    /// What all functions need.
    pub shared: Shared,
    /// The table of states and logs of the receiver's stack.
    pub table_name: String,
    /// Its bus, that takes events.
    pub event_bus_name: String,
    /// Its queue, whose callbacks are applied.
    pub queue_url: String,
    /// Its function that receives them.
    pub receiver_name: String,
    /// For how long no callback may come before they have stopped.
    pub stopped_after: Duration,
    /// The table of intents.
    pub recovery_table_name: String,
    /// The queue that makes it look at an intent.
    pub intent_queue_url: String,
    /// The parameter that says whether anything is sent.
    pub switch_parameter: String,
    /// The project at Sinch.
    pub project_id: String,
    /// The app there.
    pub app_id: String,
    /// Where the app lives.
    pub sinch_region: Region,
    /// Called in place of Sinch.
    pub sinch_url: Option<String>,
    /// The parameter with the access key.
    pub access_key_parameter: String,
    /// What Sinch calls channel properties.
    pub channel_properties: BTreeMap<String, String>,
    /// The address that e-mails come from; `None` for no e-mails.
    pub email_from: Option<String>,
    /// The configuration set whose events tell what became of an e-mail.
    pub email_configuration_set: String,
    /// How much may be sent.
    pub limits: BudgetLimits,
    /// For how long the tables keep what.
    pub retention: Retention,
}

/// What the processor's program is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The processor.
    Processor,
    /// The watcher.
    Watcher,
    /// The recovery function.
    Recovery,
}

impl Role {
    /// Reads `FUNCTION`: `watcher`, `recovery`, or nothing.
    ///
    /// # Errors
    /// [`InvalidConfig`] for anything else.
    pub fn read(environment: Environment) -> Result<Self, InvalidConfig> {
        environment.parsed(
            "FUNCTION",
            Self::Processor,
            "watcher, recovery, or nothing for the processor",
            |text| match text {
                "watcher" => Some(Self::Watcher),
                "recovery" => Some(Self::Recovery),
                _ => None,
            },
        )
    }
}

const SECONDS_OF_A_DAY: u64 = 86_400;
/// For how long no callback may come, while five messages or more have waited as long, before it is told
/// that they stopped. Our own choice.
const STOPPED_AFTER: Duration = Duration::from_secs(600);
const PARAMETER: &str = "the name of an SSM parameter";
const TABLE: &str = "the name of a DynamoDB table";
const BUS: &str = "the name of an EventBridge bus";
const QUEUE: &str = "the URL of an SQS FIFO queue";

fn seconds(text: &str) -> Option<Duration> {
    text.parse().ok().map(Duration::from_secs)
}

impl Environment {
    /// The process's environment. A text that is not UTF-8 counts as not set.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the host reads its environment"
    )]
    pub fn of_process() -> Self {
        Self(|name| std::env::var(name).ok())
    }

    /// A variable's text; `None` where it is not set, or empty.
    #[must_use]
    pub fn text(self, name: &str) -> Option<String> {
        (self.0)(name).filter(|text| !text.is_empty())
    }

    fn required(
        self,
        variable: &'static str,
        expected: &'static str,
    ) -> Result<String, InvalidConfig> {
        self.text(variable).ok_or(InvalidConfig {
            variable,
            found: Found::Nothing,
            expected: expected.into(),
        })
    }

    /// What a variable's text stands for, or the default where it is not set.
    fn parsed<T>(
        self,
        variable: &'static str,
        default: T,
        expected: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, InvalidConfig> {
        let Some(text) = self.text(variable) else {
            return Ok(default);
        };
        parse(&text).ok_or(InvalidConfig {
            variable,
            found: Found::Text(text),
            expected: expected.into(),
        })
    }

    fn endpoints(self) -> Result<Vec<(Endpoint, Vec<String>)>, InvalidConfig> {
        let variable = "ENDPOINTS";
        let Some(text) = self.text(variable) else {
            return Ok(Vec::new());
        };
        endpoints::read(&text).map_err(|reason| InvalidConfig {
            variable,
            expected: format!("a JSON list of endpoints ({reason})").into(),
            found: Found::Text(text),
        })
    }

    fn shared(self) -> Result<Shared, InvalidConfig> {
        Ok(Shared {
            log_level: self.parsed(
                "LOG_LEVEL",
                LevelFilter::INFO,
                "off, error, warn, info or debug",
                |text| match text {
                    "off" | "error" | "warn" | "info" | "debug" => text.parse().ok(),
                    _ => None,
                },
            )?,
            metrics_namespace: self
                .text("METRICS_NAMESPACE")
                .unwrap_or_else(|| "SinchCallback".into()),
            function_name: self
                .text("AWS_LAMBDA_FUNCTION_NAME")
                .unwrap_or_else(|| "sinch-callback".into()),
            clock: self.parsed(
                "CLOCK_AT",
                Clock::System,
                "a moment in Unix seconds (for tests only)",
                |text| Some(Clock::FixedAt(UnixSeconds::new(text.parse().ok()?))),
            )?,
        })
    }
}

impl ReceiverConfig {
    /// Reads the receiver's variables.
    ///
    /// # Errors
    /// [`InvalidConfig`] for the first one that cannot be used.
    pub fn read(environment: Environment) -> Result<Self, InvalidConfig> {
        const NAMES: &str = "names of SSM parameters, separated by commas";
        const SECONDS: &str = "a number of seconds";
        let endpoints = environment.endpoints()?;
        let names = if endpoints.is_empty() {
            Some(environment.required("SECRET_PARAMETERS", NAMES)?)
        } else {
            environment.text("SECRET_PARAMETERS")
        };
        let names = names.map(|listed| {
            let names = listed.split(',').map(str::trim);
            let names: Vec<_> = names
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect();
            if names.is_empty() {
                return Err(InvalidConfig {
                    variable: "SECRET_PARAMETERS",
                    found: Found::Text(listed),
                    expected: NAMES.into(),
                });
            }
            Ok(names)
        });
        let names = names.transpose()?;
        let max_age = environment.parsed(
            "MAX_AGE_SECONDS",
            Window::LOGGED.max_age,
            "a number of seconds, or unlimited",
            |text| match text {
                "unlimited" => Some(Window::UNLIMITED),
                text => seconds(text),
            },
        )?;
        let timing = SecretTiming::REMOTE
            .with_overlap(environment.parsed(
                "SECRET_OVERLAP_SECONDS",
                SecretTiming::REMOTE.overlap,
                SECONDS,
                seconds,
            )?)
            .with_refresh(environment.parsed(
                "SECRET_REFRESH_SECONDS",
                SecretTiming::REMOTE.refresh,
                SECONDS,
                seconds,
            )?);
        let verbatim = environment.parsed("SECRET_VERBATIM", false, "true or false", |text| {
            text.parse().ok()
        })?;
        let policy = |scheme, names| SecretsPolicy {
            names,
            scheme,
            timing,
            verbatim,
        };
        let endpoints = endpoints.into_iter().map(|(endpoint, names)| {
            let policy = policy(*endpoint.scheme(), names);
            (endpoint, policy)
        });
        Ok(Self {
            shared: environment.shared()?,
            secrets: names.map(|names| policy(AnyScheme::default(), names)),
            endpoints: endpoints.collect(),
            queue_url: environment.required("QUEUE_URL", QUEUE)?,
            rules: Rules::LOGGED
                .with_window(Window::LOGGED.with_max_age(max_age))
                .with_max_body_bytes(environment.parsed(
                    "MAX_BODY_BYTES",
                    limits::AWS_MAX_BODY_BYTES,
                    "a number of bytes up to 6291456, which is what a function URL takes",
                    |text| {
                        text.parse()
                            .ok()
                            .filter(|bytes| *bytes <= limits::AWS_MAX_BODY_BYTES)
                    },
                )?)
                .with_algorithm_header(environment.parsed(
                    "REQUIRE_ALGORITHM",
                    AlgorithmHeader::Optional,
                    "true or false",
                    |text| text.parse().ok().map(AlgorithmHeader::required_if),
                )?)
                .with_on_mismatch(environment.parsed(
                    "ON_SIGNATURE_MISMATCH",
                    OnMismatch::default(),
                    "401 or 503",
                    OnMismatch::of_status,
                )?),
        })
    }
}

impl ProcessorConfig {
    /// Reads the processor's variables.
    ///
    /// # Errors
    /// [`InvalidConfig`] for the first one that cannot be used.
    pub fn read(environment: Environment) -> Result<Self, InvalidConfig> {
        Ok(Self {
            shared: environment.shared()?,
            table_name: environment.required("TABLE_NAME", TABLE)?,
            event_bus_name: environment.required("EVENT_BUS_NAME", BUS)?,
            events: environment.parsed(
                "EVENTS",
                EventFilter::default(),
                "final, all or channel",
                |name| name.parse().ok(),
            )?,
            queue_url: environment.required("QUEUE_URL", QUEUE)?,
            dead_letter_queue_url: environment.required(
                "DEAD_LETTER_QUEUE_URL",
                "the URL of the SQS FIFO queue of its dead letters",
            )?,
            archives: environment.parsed("ARCHIVE", false, "on or off", |text| match text {
                "on" => Some(true),
                "off" => Some(false),
                _ => None,
            })?,
            recovery_queue_url: environment.text("RECOVERY_QUEUE_URL"),
            overdue_after: environment.parsed(
                "OVERDUE_AFTER_SECONDS",
                Some(OVERDUE_AFTER),
                "a number of seconds from 1, or 0 for never",
                |text| seconds(text).map(|after| Some(after).filter(|after| !after.is_zero())),
            )?,
            retention: environment.retention()?,
        })
    }
}

impl WatcherConfig {
    /// Reads the watcher's variables.
    ///
    /// # Errors
    /// [`InvalidConfig`] for the first one that cannot be used.
    pub fn read(environment: Environment) -> Result<Self, InvalidConfig> {
        Ok(Self {
            shared: environment.shared()?,
            table_name: environment.required("TABLE_NAME", TABLE)?,
            event_bus_name: environment.required("EVENT_BUS_NAME", BUS)?,
            queue_url: environment.required("QUEUE_URL", QUEUE)?,
            receiver_name: environment
                .required("RECEIVER_FUNCTION", "the name of the receiving function")?,
            stopped_after: environment.stopped_after()?,
            retention: environment.retention()?,
        })
    }
}

impl RecoveryConfig {
    /// Reads the recovery function's variables.
    ///
    /// # Errors
    /// [`InvalidConfig`] for the first one that cannot be used.
    pub fn read(environment: Environment) -> Result<Self, InvalidConfig> {
        let default = BudgetLimits::default();
        let limit = |variable, default| {
            environment.parsed(variable, default, "a number of sends", |text| {
                text.parse().ok()
            })
        };
        Ok(Self {
            shared: environment.shared()?,
            table_name: environment.required("TABLE_NAME", TABLE)?,
            event_bus_name: environment.required("EVENT_BUS_NAME", BUS)?,
            queue_url: environment.required("QUEUE_URL", QUEUE)?,
            receiver_name: environment
                .required("RECEIVER_FUNCTION", "the name of the receiving function")?,
            stopped_after: environment.stopped_after()?,
            recovery_table_name: environment.required("RECOVERY_TABLE_NAME", TABLE)?,
            intent_queue_url: environment
                .required("INTENT_QUEUE_URL", "the URL of an SQS queue")?,
            switch_parameter: environment.required("SWITCH_PARAMETER", PARAMETER)?,
            project_id: environment.required("PROJECT_ID", "the id of a project at Sinch")?,
            app_id: environment.required("APP_ID", "the id of an app at Sinch")?,
            sinch_region: environment.parsed(
                "SINCH_REGION",
                Region::Eu,
                "us, eu or br",
                |text| text.parse().ok(),
            )?,
            sinch_url: environment.text("SINCH_URL"),
            access_key_parameter: environment.required("ACCESS_KEY_PARAMETER", PARAMETER)?,
            channel_properties: environment.parsed(
                "CHANNEL_PROPERTIES",
                BTreeMap::new(),
                "a JSON object of texts",
                |text| serde_json::from_str(text).ok(),
            )?,
            email_from: environment.text("EMAIL_FROM"),
            email_configuration_set: if environment.text("EMAIL_FROM").is_some() {
                environment.required(
                    "EMAIL_CONFIGURATION_SET",
                    "the SES configuration set whose events tell what became of an e-mail",
                )?
            } else {
                String::new()
            },
            limits: BudgetLimits {
                per_recipient_and_day: limit(
                    "PER_RECIPIENT_AND_DAY",
                    default.per_recipient_and_day,
                )?,
                per_hour: limit("PER_HOUR", default.per_hour)?,
            },
            retention: environment.retention()?,
        })
    }
}

impl Environment {
    fn stopped_after(self) -> Result<Duration, InvalidConfig> {
        self.parsed(
            "CALLBACKS_STOPPED_SECONDS",
            STOPPED_AFTER,
            "a number of seconds, at least 60",
            |text| seconds(text).filter(|after| after.as_secs() >= 60),
        )
    }

    /// For how long the table keeps what.
    fn retention(self) -> Result<Retention, InvalidConfig> {
        let default = Retention::default();
        let retention = |variable, default, expected| {
            self.parsed(variable, default, expected, |text| {
                let days: u64 = text.parse().ok()?;
                let days = Some(days).filter(|days| (30..=36_500).contains(days));
                days.map(|days| days.saturating_mul(SECONDS_OF_A_DAY))
            })
        };
        let log_secs = retention(
            "LOG_RETENTION_DAYS",
            default.log_secs,
            "a number of days, at least 30: a callback may wait for 14 days in the queue, for 14 \
             among the dead letters, and be a day old when it comes",
        )?;
        let state_secs = retention(
            "STATE_RETENTION_DAYS",
            default.state_secs,
            "a number of days, at least 30; a state is kept as long as its log at least",
        )?;
        Ok(Retention {
            log_secs,
            state_secs: state_secs.max(log_secs),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least(name: &str) -> Option<String> {
        let text = match name {
            "SECRET_PARAMETERS" => "/sinch/a, /sinch/b",
            "QUEUE_URL" => "https://queue/callbacks.fifo",
            "TABLE_NAME" => "deliveries",
            "EVENT_BUS_NAME" => "bus",
            "DEAD_LETTER_QUEUE_URL" => "https://queue/dead.fifo",
            "RECEIVER_FUNCTION" => "receiver",
            _ => return None,
        };
        Some(text.into())
    }

    #[test]
    fn what_is_not_set_has_the_pipeline_s_defaults() {
        let config = ReceiverConfig::read(Environment(least)).unwrap();
        assert_eq!(config.secrets.unwrap().names, ["/sinch/a", "/sinch/b"]);
        assert!(config.endpoints.is_empty());
        let expected = Rules::LOGGED.with_max_body_bytes(6_291_456);
        assert_eq!(config.rules, expected);
        assert_eq!(config.shared.clock, Clock::System);
        let config = ProcessorConfig::read(Environment(least)).unwrap();
        let expected = Retention {
            log_secs: 90 * 86_400,
            state_secs: 400 * 86_400,
        };
        assert_eq!(config.retention, expected);
    }

    #[test]
    fn what_is_required_and_missing_is_told_with_what_is_expected() {
        let error = ReceiverConfig::read(Environment(|_| None)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "SECRET_PARAMETERS: found nothing, expected names of SSM parameters, separated by commas"
        );
        let error = ProcessorConfig::read(Environment(|_| None)).unwrap_err();
        assert_eq!(error.variable, "TABLE_NAME");
    }

    #[test]
    fn a_state_is_kept_as_long_as_its_log_at_least() {
        let config = ProcessorConfig::read(Environment(|name| match name {
            "LOG_RETENTION_DAYS" => Some("500".into()),
            name => least(name),
        }));
        assert_eq!(config.unwrap().retention.state_secs, 500 * 86_400);
    }

    #[test]
    fn an_endpoint_has_secrets_of_its_own_and_the_others_paths_may_have_none() {
        let config = ReceiverConfig::read(Environment(|name| match name {
            "ENDPOINTS" => Some(
                r#"[{"path":"/numbers","scheme":"numbers","secrets":["/sinch/numbers"]}]"#.into(),
            ),
            "SECRET_PARAMETERS" => None,
            "SECRET_OVERLAP_SECONDS" => Some("7".into()),
            name => least(name),
        }));
        let config = config.unwrap();
        assert!(config.secrets.is_none());
        let [(endpoint, secrets)] = &*config.endpoints else {
            panic!("{:?}", config.endpoints)
        };
        assert_eq!(endpoint.path(), "/numbers");
        assert_eq!(secrets.names, ["/sinch/numbers"]);
        assert_eq!(&secrets.scheme, endpoint.scheme());
        assert_eq!(secrets.timing.overlap, Duration::from_secs(7));
    }

    #[test]
    fn what_is_wrong_with_an_endpoint_is_told() {
        let error = ReceiverConfig::read(Environment(|name| match name {
            "ENDPOINTS" => Some(r#"[{"path":"/v2","scheme":"service","secrets":["/v2"]}]"#.into()),
            name => least(name),
        }));
        let told = error.unwrap_err().to_string();
        assert!(told.starts_with("ENDPOINTS: found "), "{told}");
        let reason = "(/v2: callbacks of the scheme service name a key: give its id)";
        assert!(told.ends_with(reason), "{told}");
    }

    macro_rules! wrong {
        ($config:ident, $name:literal, $value:literal) => {
            let error = $config::read(Environment(|name| match name {
                $name => Some($value.into()),
                name => least(name),
            }))
            .unwrap_err();
            assert_eq!(
                (error.variable, error.found),
                ($name, Found::Text($value.into()))
            );
        };
    }

    #[test]
    fn a_wrong_value_stops_the_start_and_is_told() {
        wrong!(ReceiverConfig, "SECRET_PARAMETERS", " , ");
        wrong!(ReceiverConfig, "ENDPOINTS", "[{}]");
        wrong!(ReceiverConfig, "MAX_AGE_SECONDS", "a day");
        wrong!(ReceiverConfig, "MAX_BODY_BYTES", "6291457");
        wrong!(ReceiverConfig, "REQUIRE_ALGORITHM", "yes");
        wrong!(ReceiverConfig, "ON_SIGNATURE_MISMATCH", "500");
        wrong!(ReceiverConfig, "SECRET_OVERLAP_SECONDS", "-1");
        wrong!(ReceiverConfig, "SECRET_REFRESH_SECONDS", "5m");
        wrong!(ReceiverConfig, "SECRET_VERBATIM", "yes");
        wrong!(ReceiverConfig, "LOG_LEVEL", "loud");
        wrong!(ReceiverConfig, "CLOCK_AT", "now");
        wrong!(ProcessorConfig, "LOG_RETENTION_DAYS", "29");
        wrong!(ProcessorConfig, "EVENTS", "none");
        wrong!(ProcessorConfig, "STATE_RETENTION_DAYS", "29");
        wrong!(ProcessorConfig, "OVERDUE_AFTER_SECONDS", "1h");
        wrong!(WatcherConfig, "CALLBACKS_STOPPED_SECONDS", "59");
        wrong!(WatcherConfig, "LOG_RETENTION_DAYS", "29");
    }
}
