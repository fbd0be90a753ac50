//! Replays the corpora of the fuzz targets, and mutations of them.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, builder::PossibleValuesParser};
use sinch_callback_fuzz::{DICTIONARY, TARGETS, Target, corpus, replay, survives};

/// Runs fuzz targets on their corpora and on mutations of these, and stops at the first input of which
/// something does not hold.
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  replay                                     all targets of this build
  replay verifier --mutations 1000000        more of one
  replay envelope --input crash-0badc0de     one input, as a fuzzer left it
  replay --seeds-to target/fuzz/seeds        the corpora as files, for a fuzzer

Exit status: 0 when everything holds, 1 when not, 2 for a wrong call.")]
struct Args {
    /// Which targets; all of them unless named
    #[arg(value_name = "TARGET", value_parser = PossibleValuesParser::new(TARGETS.iter().map(|target| target.name)))]
    targets: Vec<String>,
    /// Mutations of each target's corpus
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    mutations: u64,
    /// What the mutations are drawn from
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    seed: u64,
    /// Only this input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["mutations", "seeds_to"])]
    input: Option<PathBuf>,
    /// Write the corpora into a folder for each target, and a dictionary beside, and run nothing
    #[arg(long, value_name = "DIR")]
    seeds_to: Option<PathBuf>,
    /// Where an input is left of which something does not hold
    #[arg(long, default_value = "target/fuzz/failed", value_name = "DIR")]
    failed_to: PathBuf,
}

fn main() -> io::Result<ExitCode> {
    let args = Args::parse();
    let mut output = take_output()?;
    let targets = TARGETS.iter().filter(|target| {
        args.targets.is_empty() || args.targets.iter().any(|name| name == target.name)
    });
    if let Some(folder) = &args.seeds_to {
        for target in targets {
            write_seeds(target, &folder.join(target.name))?;
        }
        fs::write(folder.join("dictionary"), dictionary())?;
        return Ok(ExitCode::SUCCESS);
    }
    for target in targets {
        let name = target.name;
        if let Some(path) = &args.input {
            if !survives(target, &fs::read(path)?) {
                return Ok(ExitCode::FAILURE);
            }
            writeln!(output, "{name}: ok")?;
            continue;
        }
        match replay(target, args.mutations, args.seed) {
            Ok(replayed) => writeln!(
                output,
                "{name}: {} seeds, {} mutations, ok",
                replayed.seeds, replayed.mutations
            )?,
            Err(failure) => {
                fs::create_dir_all(&args.failed_to)?;
                let path = args.failed_to.join(name);
                fs::write(&path, &failure.input)?;
                writeln!(
                    output,
                    "{name}: FAILED at {}; {}: {}",
                    failure.name,
                    path.display(),
                    hex(&failure.input)
                )?;
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Standard output, for our own lines alone: the functions write their metrics to it.
fn take_output() -> io::Result<File> {
    let output = File::from(rustix::io::dup(rustix::stdio::stdout())?);
    rustix::stdio::dup2_stdout(File::options().write(true).open("/dev/null")?)?;
    Ok(output)
}

fn write_seeds(target: &Target, folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for seed in corpus(target) {
        fs::write(folder.join(seed.name), seed.bytes)?;
    }
    Ok(())
}

/// The tokens as libFuzzer reads them.
fn dictionary() -> String {
    let line = |token: &&str| {
        let escaped: String = token.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
        format!("\"{escaped}\"\n")
    };
    DICTIONARY.iter().map(line).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
