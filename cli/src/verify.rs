//! `verify`: the verdict on a callback that was kept in files.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use sinch_callback::{
    AlgorithmHeader, Answer, Evidence, Rules, UnixSeconds, Window,
    scheme::{self, AnyScheme, SchemeName, SchemeVerifier},
};
use sinch_callback_inspect::{
    Cause, Form, HeaderLine, Report, Request, RequestLine, Unreadable, accepted, causes_of,
    names_the_signature, pairs, rejected, without_cause,
};
use sinch_callback_pipeline::SecretText;
use sinch_callback_server::{clock::Clock, secrets::text_of_file};

use crate::{
    command_error::CommandError, files, max_age::MaxAge, output, scheme::SchemeArgs,
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

Without --scheme it is guessed by the header that carries the proof. The verdict says what an authentic \
callback of the scheme is worth, and what its signature does not cover.

Exit code: 0 accepted, 1 rejected, 2 misuse.

Examples:
  sinch-callback verify --secret-file secret.txt --headers headers.txt --body body.json
  sinch-callback verify --secret-file secret.txt --request captured.http
  sinch-callback verify --request event.json --at 1634579356 --json
  sinch-callback verify --request curl-v.txt --body body.json --max-age unlimited
  sinch-callback verify --secret-file voice-secret.txt --request voice.http \\
      --key 669E367E-6BBA-48AB-AF15-266871C28135
  sinch-callback verify --secret-file numbers-secret.txt --request numbers.http --scheme numbers"
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
    scheme: SchemeArgs,

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

pub(crate) fn run(args: &VerifyArgs) -> Result<(), CommandError> {
    let rules = Rules::BARE
        .with_window(args.window())
        .with_max_body_bytes(args.max_body)
        .with_algorithm_header(AlgorithmHeader::required_if(args.require_algorithm));
    let Captured {
        headers,
        line,
        body,
    } = args.callback()?;
    let guessed = || SchemeName::guess(pairs(&headers), &body);
    let name = args.scheme.scheme.or_else(guessed);
    let scheme = args.scheme.of(name.unwrap_or(SchemeName::Conversation))?;
    let line = line.as_ref();
    let request = args.scheme.request(
        &scheme,
        line.map(|line| line.method.as_str()),
        line.map(|line| line.target.as_str()),
    )?;
    let verifier = SchemeVerifier::of(scheme, args.secrets.keys(&scheme)?, rules);
    let now = args.at.unwrap_or_else(|| Clock::System.now());
    let report = match verifier.authenticate(request, pairs(&headers), &body, now) {
        Ok(authentic) => accepted(&scheme, &authentic, now),
        Err(rejection) => rejected(
            &scheme,
            &rejection,
            args.causes(&scheme, request, &headers, &body, now)?,
        ),
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

/// A callback as it was captured.
struct Captured {
    headers: Vec<HeaderLine>,
    line: Option<RequestLine>,
    body: Vec<u8>,
}

impl VerifyArgs {
    /// The callback. A mistake in the files is misuse, never a verdict.
    fn callback(&self) -> Result<Captured, CommandError> {
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
            line,
            body,
        } = match Request::read(&bytes) {
            Ok(request) => request,
            Err(why) => return misuse(format!("{at}: {why}{}", remedy(&why))),
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
            (Some(body), _) | (None, Some(body)) => Ok(Captured {
                headers,
                line,
                body,
            }),
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
        scheme: &AnyScheme,
        request: scheme::Request<'_>,
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
        Ok(causes_of(scheme, request, headers, &evidence))
    }
}

/// What to do about it on the command line, where more than the words for it can be said.
fn remedy(why: &Unreadable) -> String {
    match why {
        Unreadable::BodyInFile { file, .. } => format!(" (--body {file})"),
        _ => String::new(),
    }
}

fn print(report: &Report) {
    match report {
        Report::Accepted {
            scheme,
            worth,
            not_covered,
            secret_slot,
            replay_key,
            content_key,
            age_secs,
            kind,
            expects_answer,
            ..
        } => {
            let signed = match age_secs {
                Some(age) => format!("signed {age} s ago"),
                None => "signed nobody knows when".into(),
            };
            output::line(&format!("accepted: {kind}, {signed}"));
            output::line(&format!("  scheme       {scheme} ({})", scheme.products()));
            output::line(&format!("  promise      {worth}"));
            output::line(&format!("  not covered  {not_covered}"));
            output::line(&format!("  secret slot  {secret_slot}"));
            output::line(&format!("  replay key   {replay_key}"));
            if let Some(content_key) = content_key {
                output::line(&format!("  content key  {content_key}"));
            }
            if *expects_answer {
                let refused = Answer::ANSWER_EXPECTED;
                output::line(&format!(
                    "  Sinch waits for an answer to this one: a host that queues callbacks refuses it ({} {})",
                    refused.status(),
                    refused.code(),
                ));
            }
        }
        Report::Rejected {
            scheme,
            code,
            status,
            detail,
            diagnosis,
            ..
        } => {
            output::line(&format!("rejected: {code} ({status}): {detail}"));
            if *scheme != SchemeName::Conversation {
                output::line(&format!("  scheme       {scheme} ({})", scheme.products()));
            }
            for cause in diagnosis {
                output::line(&format!("  likely cause: {}", cause.detail));
            }
            if *code == Answer::SIGNATURE_MISMATCH.code() && diagnosis.is_empty() {
                output::line(&format!("  {}", without_cause(*scheme)));
                if scheme.signs_path() {
                    output::line("  give the path of the URL that Sinch calls as --path");
                }
            }
        }
    }
}
