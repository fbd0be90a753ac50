//! `verify`: the verdict on a callback that was kept in files.

mod request;

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde::Serialize;
use sinch_callback::{
    AlgorithmHeader, Answer, Authentic, Callback, Evidence, Rejection, Rules, SignedHeaders,
    UnixSeconds, Verifier, Window,
};
use sinch_callback_pipeline::SecretText;
use sinch_callback_server::{clock::Clock, secrets::text_of_file};

use self::request::{Form, Request, names_the_signature};
use crate::{
    command_error::CommandError,
    files::{self, HeaderLine},
    max_age::MaxAge,
    output,
    secrets::SecretArgs,
};

/// Verify a callback that was kept in files, and say why it fails
#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("source").required(true).args(["headers", "request"]),
    after_help = "\
Forms of --request: a raw HTTP request, the output of curl -v, a curl command, a JSON object or list \
of headers, an event of a Function URL, API Gateway or CloudFront, a HAR file with one such entry. A \
form that shows no body needs --body.

Exit code: 0 accepted, 1 rejected, 2 misuse.

Examples:
  sinch-callback verify --secret-file secret.txt --headers headers.txt --body body.json
  sinch-callback verify --secret-file secret.txt --request captured.http
  sinch-callback verify --request event.json --at 1634579356 --json
  sinch-callback verify --request curl-v.txt --body body.json --max-age unlimited"
)]
pub(crate) struct VerifyArgs {
    /// File with the request's headers, one "name: value" a line
    #[arg(long, value_name = "FILE", requires = "body")]
    headers: Option<PathBuf>,

    /// File with the request in any form that people have it in; - for standard input
    #[arg(long, value_name = "FILE")]
    request: Option<PathBuf>,

    /// File with the raw body, byte for byte; - for standard input
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,

    /// Moment to judge at; now if left out
    #[arg(long, value_name = "UNIX_SECONDS", value_parser = unix_seconds)]
    at: Option<UnixSeconds>,

    /// Greatest age, in seconds, or "unlimited"
    #[arg(long, value_name = "SECONDS", default_value_t = MaxAge::of(&Window::BARE))]
    max_age: MaxAge,

    /// Largest body, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = Rules::DEFAULT_MAX_BODY_BYTES)]
    max_body: usize,

    /// Refuse a callback that does not name its algorithm
    #[arg(long)]
    require_algorithm: bool,

    #[command(flatten)]
    secrets: SecretArgs,

    /// File with a secret that is no longer in use, to tell whether it made the signature;
    /// repeatable
    #[arg(long = "retired-secret-file", value_name = "FILE")]
    retired: Vec<PathBuf>,

    /// Print the verdict as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
enum Report {
    Accepted {
        secret_slot: u8,
        replay_key: String,
        content_key: String,
        age_secs: u64,
        kind: String,
    },
    Rejected {
        code: &'static str,
        status: u16,
        detail: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        header: Option<&'static str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        diagnosis: Vec<Cause>,
    },
}

#[derive(Serialize)]
struct Cause {
    code: &'static str,
    detail: String,
}

pub(crate) fn run(args: &VerifyArgs) -> Result<(), CommandError> {
    let verifier = Verifier::bare(args.secrets.ring()?)
        .with_window(args.window())
        .with_max_body_bytes(args.max_body)
        .with_algorithm_header(AlgorithmHeader::required_if(args.require_algorithm));
    let (headers, body) = args.callback()?;
    let now = args.at.unwrap_or_else(|| Clock::System.now());
    let result = SignedHeaders::collect(pairs(&headers))
        .and_then(|headers| verifier.authenticate(&headers, &body, now));
    let report = match result {
        Ok(authentic) => accepted(&authentic, now),
        Err(rejection) => rejected(&rejection, args.causes(&headers, &body, now)?),
    };
    if args.json {
        output::json(&report);
    } else {
        print(&report);
    }
    match report {
        Report::Accepted { .. } => Ok(()),
        Report::Rejected { .. } => Err(CommandError::No),
    }
}

/// A moment on the command line. In milliseconds it would lie far beyond the year 5000, and make of
/// every callback a stale one.
fn unix_seconds(text: &str) -> Result<UnixSeconds, String> {
    let seconds: u64 = text
        .parse()
        .map_err(|_| "expected whole seconds since 1970, as `date +%s` prints them".to_owned())?;
    if seconds >= 100_000_000_000 {
        return Err(
            "this looks like milliseconds; expected seconds: leave the last three digits out"
                .into(),
        );
    }
    Ok(UnixSeconds::new(seconds))
}

impl VerifyArgs {
    /// The headers and the body of the callback. A mistake in the files is misuse, never a verdict.
    fn callback(&self) -> Result<(Vec<HeaderLine>, Vec<u8>), CommandError> {
        let given = self.body.as_deref().map(files::read).transpose()?;
        let (path, is_request) = match (&self.request, &self.headers) {
            (Some(path), _) => (path, true),
            (None, Some(path)) => (path, false),
            (None, None) => return Err(CommandError::Misuse("give --request or --headers".into())),
        };
        let bytes = files::read(path)?;
        let at = path.display();
        let misuse = |what: String| Err(CommandError::Misuse(what));
        if let Some(body) = &given
            && names_the_signature(body)
            && !names_the_signature(&bytes)
        {
            return misuse(format!(
                "the headers stand in the file of --body, and none in {at}: the two files are swapped"
            ));
        }
        let Request {
            form,
            headers,
            body,
        } = match Request::read(&bytes) {
            Ok(request) => request,
            Err(why) => return misuse(format!("{at}: {why}")),
        };
        let has_body = body.as_ref().is_some_and(|body| !body.is_empty());
        if !is_request && (has_body || !matches!(form, Form::HeaderLines | Form::Http)) {
            return misuse(format!(
                "{at} is {form}, and --headers takes \"name: value\" lines: give it as --request"
            ));
        }
        match (given, body) {
            (Some(_), Some(_)) if has_body => misuse(format!(
                "{at} is {form} with a body of its own: leave --body out"
            )),
            (Some(body), _) | (None, Some(body)) => Ok((headers, body)),
            (None, None) => misuse(format!(
                "{at} is {form} without a body: add --body FILE with the raw body"
            )),
        }
    }

    fn window(&self) -> Window {
        Window::BARE.with_max_age(self.max_age.get())
    }

    fn causes(
        &self,
        headers: &[HeaderLine],
        body: &[u8],
        now: UnixSeconds,
    ) -> Result<Vec<Cause>, CommandError> {
        let texts = |texts: Vec<SecretText>| texts.into_iter().map(|text| text.bytes);
        let secrets: Vec<_> = texts(self.secrets.files()?.texts()?).collect();
        let retired = self.retired.iter().map(|path| text_of_file(path));
        let retired: Vec<_> = texts(retired.collect::<Result<_, _>>()?).collect();
        let evidence = Evidence::new(body, &secrets, now)
            .with_retired_secrets(&retired)
            .with_window(self.window());
        let causes = sinch_callback::diagnose(pairs(headers), &evidence);
        Ok(causes
            .into_iter()
            .map(|cause| Cause {
                code: cause.code(),
                detail: cause.to_string(),
            })
            .collect())
    }
}

fn pairs(headers: &[HeaderLine]) -> impl Iterator<Item = (&[u8], &[u8])> {
    headers
        .iter()
        .map(|(name, value)| (name.as_slice(), value.as_slice()))
}

fn accepted(authentic: &Authentic<'_>, now: UnixSeconds) -> Report {
    let kind = Callback::parse(authentic.body()).map(|callback| callback.kind.as_str());
    Report::Accepted {
        secret_slot: authentic.secret_slot().index(),
        replay_key: authentic.replay_key().to_string(),
        content_key: authentic.content_key().to_string(),
        age_secs: authentic.age(now).as_secs(),
        kind: kind.unwrap_or("unrecognized").into(),
    }
}

fn rejected(rejection: &Rejection, diagnosis: Vec<Cause>) -> Report {
    Report::Rejected {
        code: rejection.code(),
        status: rejection.http_status(),
        detail: rejection.to_string(),
        header: rejection.header().map(sinch_callback::HeaderName::as_str),
        diagnosis,
    }
}

fn print(report: &Report) {
    match report {
        Report::Accepted {
            secret_slot,
            replay_key,
            content_key,
            age_secs,
            kind,
        } => {
            output::line(&format!("accepted: {kind}, signed {age_secs} s ago"));
            output::line(&format!("  secret slot  {secret_slot}"));
            output::line(&format!("  replay key   {replay_key}"));
            output::line(&format!("  content key  {content_key}"));
        }
        Report::Rejected {
            code,
            status,
            detail,
            diagnosis,
            ..
        } => {
            output::line(&format!("rejected: {code} ({status}): {detail}"));
            for cause in diagnosis {
                output::line(&format!("  likely cause: {}", cause.detail));
            }
            if *code == Answer::SIGNATURE_MISMATCH.code() && diagnosis.is_empty() {
                output::line(
                    "  no usual cause fits: most likely another secret (does the webhook override \
                     its callback_url?), or a body that is not the raw one",
                );
            }
        }
    }
}
