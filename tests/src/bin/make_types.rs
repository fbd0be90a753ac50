//! Writes what TypeScript knows of core's names: `make-types [--check] FILE`.
//!
//! With `--check` it writes nothing, and fails where the file says something else.

use std::{error::Error, fmt::Write as _, fs, process::ExitCode};

use sinch_callback::{
    Answer, AnswerKind, DeliveryStatus, Permanence, Rejection, RejectionClass, Remedy,
    ReportSubject, Unrecognized,
    scheme::{SchemeName, Unsigned},
};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["--check", file] if fs::read_to_string(file)? != names()? => {
            eprintln!("{file} is not what core says: scripts/make-types");
            return Ok(ExitCode::FAILURE);
        }
        ["--check", _] => {}
        [file] => fs::write(file, names()?)?,
        _ => return Err("usage: make-types [--check] FILE".into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The file.
fn names() -> Result<String, std::fmt::Error> {
    let mut file = String::from("// Written by scripts/make-types, out of core.\n");
    answers(&mut file)?;
    let codes = AnswerKind::ALL.iter().flat_map(|kind| Answer::codes(*kind));
    union(
        &mut file,
        "AnswerCode",
        "The stable code of an answer.",
        quoted(codes),
    )?;
    union(
        &mut file,
        "AnswerKind",
        "What an answer counts as.",
        of(AnswerKind::NAMES),
    )?;
    union(
        &mut file,
        "RejectionCode",
        "What is wrong with a callback.",
        of(Rejection::CODES),
    )?;
    union(
        &mut file,
        "RejectionClass",
        "What kind of refusal it is.",
        of(RejectionClass::NAMES),
    )?;
    let statuses = RejectionClass::ALL
        .iter()
        .map(|class| class.http_status().to_string());
    union(
        &mut file,
        "RejectionStatus",
        "What a refused callback is answered.",
        statuses,
    )?;
    let what = "Why a body, or a part of it, is not understood.";
    union(
        &mut file,
        "UnrecognizedReason",
        what,
        of(Unrecognized::NAMES),
    )?;
    union(
        &mut file,
        "ReportSubject",
        "What a delivery report is about.",
        of(ReportSubject::NAMES),
    )?;
    union(
        &mut file,
        "DeliveryStatus",
        "What has happened to a message.",
        of(DeliveryStatus::NAMES),
    )?;
    let what = "Whether the same message would fail again.";
    union(&mut file, "Permanence", what, of(Permanence::NAMES))?;
    union(
        &mut file,
        "Remedy",
        "What a failure asks for.",
        of(Remedy::NAMES),
    )?;
    schemes(&mut file)?;
    Ok(file)
}

/// What TypeScript's types have to know of each scheme of a secret, and the names that are none.
fn schemes(file: &mut String) -> std::fmt::Result {
    writeln!(
        file,
        "\n/** The schemes by which callbacks are signed: what an authentic one is worth, whether it names a\n * key, and whether method and path are signed. */\nexport const SCHEMES = {{"
    )?;
    let of_secrets = SchemeName::ALL.iter().filter(|it| it.shares_secret());
    for scheme in of_secrets {
        let promise = match (scheme.covers_body(), scheme.signs_time()) {
            (true, true) => "timely",
            (true, false) => "untimed",
            (false, _) => "token_only",
        };
        let name = match scheme.as_str() {
            name if name.contains('-') => format!("{name:?}"),
            name => name.into(),
        };
        let (names_key, signs_path) = (scheme.names_key(), scheme.signs_path());
        writeln!(
            file,
            "  {name}: {{ promise: {promise:?}, namesKey: {names_key}, signsPath: {signs_path} }},"
        )?;
    }
    let products = format!("{:?}", Unsigned::PRODUCTS);
    writeln!(
        file,
        "}} as const;\n\n/** The products that sign nothing. */\nexport const UNSIGNED: readonly string[] = {products};\n\n/** Why no scheme is named after them. */\nexport const UNSIGNED_REASON =\n  {:?};",
        Unsigned::REASON
    )
}

/// The numbers of the answers that are always in the same words, by name. Of two with one code, the
/// second has its status behind it.
fn answers(file: &mut String) -> std::fmt::Result {
    writeln!(
        file,
        "\n/** The numbers of the answers that are always in the same words. */\nexport const ANSWERS = {{"
    )?;
    let mut codes = Vec::new();
    for answer in Answer::ALL {
        let name = answer.code().to_uppercase();
        if codes.contains(&answer.code()) {
            writeln!(file, "  {name}_{}: {},", answer.status(), answer.place())?;
        } else {
            writeln!(file, "  {name}: {},", answer.place())?;
        }
        codes.push(answer.code());
    }
    writeln!(
        file,
        "}} as const;\n\nexport type AnswerName = keyof typeof ANSWERS;"
    )
}

/// A type that is one of these, each once.
fn union(
    file: &mut String,
    name: &str,
    what: &str,
    members: impl Iterator<Item = String>,
) -> std::fmt::Result {
    write!(file, "\n/** {what} */\nexport type {name} =")?;
    let mut written = Vec::new();
    for member in members {
        if !written.contains(&member) {
            write!(file, "\n  | {member}")?;
            written.push(member);
        }
    }
    writeln!(file, ";")
}

fn of(names: &'static [&'static str]) -> impl Iterator<Item = String> {
    quoted(names.iter().copied())
}

fn quoted(names: impl Iterator<Item = &'static str>) -> impl Iterator<Item = String> {
    names.map(|name| format!("{name:?}"))
}
