//! Writes random and mutated callbacks with the verdict that the core gives natively, one JSON line
//! each, for the hosts that have to agree: `parity --count N --seed N`.
//!
//! The output depends on the two numbers alone. Every third case is authentic; of the others, each
//! in turn is one kind of [`kinds`]. How often each code came up goes to the standard error; a code
//! that never did is a failure, as the hosts would then agree on nothing.

mod case;
mod damage;
mod kinds;
mod prepare;
mod random;
mod setting;
mod unsigned;

use std::{
    collections::BTreeMap,
    error::Error,
    io::{self, BufWriter, Write},
    process::ExitCode,
};

use fastrand::Rng;

use self::{kinds::case, setting::Setting};

/// Every code that a verifier gives. `body_truncated` is the host's to say.
const CODES: [&str; 9] = [
    "accepted",
    "missing_header",
    "repeated_header",
    "malformed_header",
    "unsupported_algorithm",
    "body_too_large",
    "signature_mismatch",
    "stale",
    "from_future",
];

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let (count, seed) = arguments()?;
    let mut rng = Rng::with_seed(seed);
    // Few enough for a host to keep a verifier of each.
    let settings: Vec<Setting> = (0..200).map(|_| Setting::random(&mut rng)).collect();
    let mut codes: BTreeMap<&str, u64> = CODES.map(|code| (code, 0)).into();
    let mut out = BufWriter::new(io::stdout().lock());
    for index in 0..count {
        let setting = &settings[rng.usize(..settings.len())];
        let case = case(&mut rng, setting, index);
        let expect = case.verdict();
        *codes.entry(expect.code).or_default() += 1;
        serde_json::to_writer(&mut out, &case.line(&expect))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    for (code, cases) in &codes {
        eprintln!("{code}: {cases}");
    }
    if codes.values().any(|cases| *cases == 0) {
        eprintln!("a code never came up: more cases are needed");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn arguments() -> Result<(usize, u64), Box<dyn Error>> {
    let (mut count, mut seed) = (100_000, 1);
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--count" => count = value.parse()?,
            "--seed" => seed = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    Ok((count, seed))
}

const USAGE: &str = "usage: parity [--count N] [--seed N]";
