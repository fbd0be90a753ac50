use std::{path::PathBuf, time::Duration};

use clap::Args;
use sinch_callback::{AlgorithmHeader, OnMismatch, Window, limits};
use sinch_callback_pipeline::EventFilter;
use sinch_callback_server::{
    CallbackPath, CallbackPaths, Config, EndpointConfig, ListenAddress, Notify, clock::Clock,
};

use super::{
    admin::AdminArgs,
    recovery::RecoveryArgs,
    span::{OverdueAfter, Span},
};
use crate::{command_error::CommandError, max_age::MaxAge, secrets::SecretArgs};

/// Receive callbacks on this machine and keep what they say
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  SINCH_WEBHOOK_SECRET=… sinch-callback serve
  sinch-callback serve --secret-file current.txt --secret-file previous.txt \\
      --listen 0.0.0.0:8080 --data /var/lib/sinch
  sinch-callback serve --secret-file secret.txt --recovery-mode dry-run
  sinch-callback serve --secret-file secret.txt --recovery-mode on --recovery-region eu \\
      --recovery-project-id ID --recovery-app-id ID --recovery-credentials-file key.txt \\
      --recovery-channel-property SMS_SENDER=+15550100 \\
      --recovery-stop-file /run/sinch/stop
  sinch-callback serve --endpoint /numbers=numbers:numbers.txt \\
      --endpoint /voice=application:voice.txt:669E367E-6BBA-48AB-AF15-266871C28135

Prints the addresses that it listens on, one a line. On --listen, which the world may reach through \
your TLS proxy:
  POST /callbacks                what to enter at Sinch (other paths: --path; products: --endpoint)
  GET  /healthz
On --admin-listen, which tells what is stored, phone numbers included:
  GET  /                         pages for a browser: search, timelines, an overview
  GET  /inspector                why a signature does not match, in the browser alone
  GET  /api/messages/{id}        a message: state, channels, log; ?masked=1 without recipients
  GET  /api/messages/{id}/timeline   what each report did, its intent, its bodies; ?reveal=1
  GET  /api/search               ?q= how an id, a reference or a recipient begins
                                 &by= message|batch|correlation|recipient|reference   &reveal=1
  GET  /api/messages             ?state= queued|unconfirmed|delivered|read|failed|switching
                                 or contradicted, overdue, arrived
                                 &reason= a reason code, or what it asks for
                                 &correlation= metadata, correlation id or client reference
                                 &channel= &prefix= the recipient's country code   &masked=1
                                 &from= &to= when first heard of, in Unix seconds
                                 &before= the last page's next_before   &limit= 1 to 500
  GET  /api/messages.csv         the same as a table, to the last row; ?reveal=1
  GET  /api/overview             ?from= &to= how those first heard of then stand, by what is counted
  GET  /api/stream               server-sent events: which messages change, once a second
  GET  /api/callbacks            callbacks that are about no message, the newest first
  GET  /api/callbacks/{key}      the body of one
  GET  /api/unrecognized         authentic callbacks that were not understood, whole or in part
  GET  /api/unrecognized/{key}   the body of one
  GET  /api/summary              counts over everything, and how far has been heard
  POST /api/watches              {\"message_id\":…,\"deadline\":\"PT10M\"}: tell me where it has not ended
  GET  /api/watches              what has to end by a moment, the next first; ?after= ?limit=
  POST /api/intents              what is to be said to whom by when (--recovery-mode)
  GET  /api/intents              ?state= waiting|sending|needs_person|done|given_up &before= &limit=
  GET  /api/intents/{key}        an intent: state, attempts, each decision with its reason
  POST /api/intents/{key}/cancel, /api/intents/{key}/retry
  GET  /api/recovery             whether anything is sent, and what holds it back
  POST /api/recovery             {\"paused\":true,\"why\":\"…\"} stops all sends, {\"paused\":false} resumes
  GET  /api/suppressions         how many are sent nothing, and why
  POST /api/suppressions/lift    {\"channel\":\"SMS\",\"identity\":\"+15550100\"}
  GET  /readyz /metrics")]
pub(crate) struct ServeArgs {
    /// Address and port to take callbacks on: 127.0.0.1:8080, localhost:8080, or :8080 for every
    /// interface, IPv6 and IPv4; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(super) listen: ListenAddress,

    /// Path that callbacks go to, with a slash at its end or without; repeat it for further paths
    #[arg(long = "path", value_name = "PATH", default_value = CallbackPaths::DEFAULT)]
    pub(super) paths: Vec<CallbackPath>,

    /// Callbacks of another product, or with another secret: PATH=SCHEME:FILE, or
    /// PATH=SCHEME:FILE:KEY for the schemes application and service. Repeat it for further ones; in the
    /// file of settings, [[endpoint]] has path, public_path, scheme, secret_files and key
    #[arg(long = "endpoint", value_name = "ENDPOINT")]
    pub(super) endpoints: Vec<EndpointConfig>,

    #[command(flatten)]
    pub(super) admin: AdminArgs,

    /// Folder of the store, made where it is missing
    #[arg(long, value_name = "DIR", default_value = "sinch-callback-data")]
    pub(super) data: PathBuf,

    /// For how many days messages, callbacks and their bodies are kept after the last word of them
    #[arg(long, value_name = "DAYS", default_value_t = Config::RETAIN_DAYS, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub(super) retain_days: u32,

    /// Greatest age of a callback, in seconds, or "unlimited". The default covers Sinch's retries
    #[arg(long, value_name = "SECONDS", default_value_t = MaxAge::of(&Window::LOGGED))]
    pub(super) max_age: MaxAge,

    /// Largest body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = limits::SERVE_MAX_BODY_BYTES)]
    pub(super) max_body: usize,

    /// Refuse callbacks that do not name their algorithm
    #[arg(long)]
    pub(super) require_algorithm: bool,

    /// What to answer where a signature matches no secret. With 503 Sinch retries: for the
    /// hours in which you are not sure of the secret
    #[arg(long, value_name = "STATUS", default_value = "401", value_parser = on_mismatch)]
    pub(super) on_signature_mismatch: OnMismatch,

    /// How long a request's headers may take to arrive, in seconds, the wait for the next request
    /// on a kept connection included
    #[arg(long, value_name = "SECONDS", default_value_t = Config::HEADER_TIMEOUT.as_secs())]
    pub(super) header_timeout: u64,

    /// How long a request's body may take to arrive, and a peer may take nothing of an answer, in
    /// seconds
    #[arg(long, value_name = "SECONDS", default_value_t = Config::BODY_TIMEOUT.as_secs())]
    pub(super) body_timeout: u64,

    #[command(flatten)]
    pub(super) secrets: SecretArgs,

    /// Address to which changes of a message's state are posted, signed as Sinch signs
    #[arg(long, value_name = "URL")]
    pub(super) notify_url: Option<String>,

    /// File with the secret to sign those with: one of its own, not the webhook's. It is read again
    /// when it changes
    #[arg(long, value_name = "FILE", requires = "notify_url")]
    pub(super) notify_secret_file: Option<PathBuf>,

    /// How many of those may be on their way at once; those about one message never are
    #[arg(long, value_name = "NUMBER", default_value_t = Notify::AT_ONCE, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) notify_at_once: u16,

    /// Which changes: "final" (a message has ended, or an end told before was wrong), "all" (each
    /// change of a message's state), or "channel" (also each change on one channel)
    #[arg(long, value_name = "WHICH", default_value_t = Config::EVENTS)]
    pub(super) events: EventFilter,

    /// For how long a message may be silent after Sinch has told that it was submitted (trigger
    /// MESSAGE_SUBMIT), as PT1H, before delivery.overdue is told; "never" tells it of watched and
    /// stuck messages alone
    #[arg(long, value_name = "DURATION", default_value_t = OverdueAfter::default())]
    pub(super) overdue_after: OverdueAfter,

    /// For how long no callback may come, as PT10M, while at least five sent messages wait for theirs,
    /// before callbacks.stopped is told
    #[arg(long, value_name = "DURATION", default_value_t = Span(Config::CALLBACKS_STOPPED_AFTER))]
    pub(super) callbacks_stopped_after: Span,

    #[command(flatten)]
    pub(super) recovery: RecoveryArgs,

    /// Let the receiver's clock run so many times as fast. For demonstrations and tests
    #[arg(long, value_name = "TIMES", hide = true, conflicts_with = "clock_at", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(super) clock_speed: Option<u32>,

    /// Since when it has run so fast: by default since the start
    #[arg(
        long,
        value_name = "UNIX_SECONDS",
        hide = true,
        requires = "clock_speed"
    )]
    pub(super) clock_from: Option<u64>,

    /// Stop the receiver's clock at this moment. For tests on old callbacks: it takes replays of
    /// that time for fresh, and secrets of --secret-file however short
    #[arg(long, value_name = "UNIX_SECONDS")]
    pub(super) clock_at: Option<u64>,
}

impl ServeArgs {
    /// What the receiver is set up with.
    pub(super) fn config(&self) -> Result<Config, CommandError> {
        let secrets = if self.endpoints.is_empty() {
            self.secrets.files()?
        } else {
            self.secrets.files_if_given()?
        };
        // Published callbacks are of the past, and of short secrets.
        let secrets = secrets.of_any_length(self.clock_at.is_some());
        let mut config = Config::new(&self.data, secrets);
        let endpoints = self.endpoints.iter().cloned();
        config.endpoints = endpoints.map(|it| self.secrets.as_said(it)).collect();
        config.paths = CallbackPaths::new(self.paths.clone());
        config.rules.window.max_age = self.max_age.get();
        config.rules.max_body_bytes = self.max_body;
        config.rules.on_mismatch = self.on_signature_mismatch;
        config.rules.algorithm_header = AlgorithmHeader::required_if(self.require_algorithm);
        config.retain_days = self.retain_days;
        config.header_timeout = Duration::from_secs(self.header_timeout);
        config.body_timeout = Duration::from_secs(self.body_timeout);
        config.events = self.events;
        config.overdue_after = self.overdue_after.get();
        config.callbacks_stopped_after = self.callbacks_stopped_after.0;
        config.notify = self.notify()?;
        config.recovery = self.recovery.config()?;
        config.clock = match self.clock_speed {
            Some(speed) => Clock::Fast {
                from: Clock::new(self.clock_from).now(),
                speed,
            },
            None => Clock::new(self.clock_at),
        };
        Ok(config)
    }

    fn notify(&self) -> Result<Option<Notify>, CommandError> {
        let Some(url) = self.notify_url.clone() else {
            return Ok(None);
        };
        let Some(secret_file) = self.notify_secret_file.clone() else {
            return Err(CommandError::Misuse(
                "--notify-url needs --notify-secret-file: a secret of its own to sign events with, as `openssl rand -hex 32` makes one. Signed with the webhook's, they would pass for Sinch's own callbacks".into(),
            ));
        };
        Ok(Some(Notify {
            url,
            secret_file,
            at_once: self.notify_at_once,
        }))
    }
}

fn on_mismatch(text: &str) -> Result<OnMismatch, String> {
    OnMismatch::of_status(text).ok_or_else(|| "expected 401 or 503".into())
}
