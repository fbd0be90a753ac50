//! Runs simulated worlds of intents, and looks what breaks in them.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode, sync::Mutex, thread};

use clap::Parser;
use sinch_callback_simulation::{
    outcome::{Report, Safeguard, World, run, search},
    progress::progress,
    table::Table,
};

/// Simulates workers with the real engine, Sinch, a mail server, callbacks and people, and stops at the
/// first promise that breaks.
#[derive(Debug, Parser)]
#[command(
    name = "simulate-intents",
    after_help = "\
Examples:
  simulate-intents --intents 1000000        worlds until a million intents have ended
  simulate-intents --safeguards             take away each safeguard, and see its promise break
  simulate-intents --seed 42 --story        one world, told line by line

Exit status: 0 when all promises hold (with --safeguards: when each missing one is noticed), 1 when \
not, 2 for a wrong call."
)]
struct Args {
    /// Run worlds until so many intents have ended in them
    #[arg(long, default_value_t = 100_000, value_name = "N")]
    intents: u64,
    /// The first world's seed; the others follow
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    first: u64,
    /// Worlds at a time; as many as there are processors unless set
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// Take a safeguard away, and stop where a promise breaks
    #[arg(long, value_name = "NAME", value_parser = safeguard)]
    without: Option<Safeguard>,
    /// Take each safeguard away in turn, and look for a world in which its promise breaks
    #[arg(long, conflicts_with_all = ["without", "seed"])]
    safeguards: bool,
    /// With --safeguards: the table in this file has to be the one that follows from it
    #[arg(long, requires = "safeguards", value_name = "FILE")]
    check: Option<PathBuf>,
    /// With --safeguards: put the table into this file
    #[arg(
        long,
        requires = "safeguards",
        value_name = "FILE",
        conflicts_with = "check"
    )]
    write: Option<PathBuf>,
    /// Run one world
    #[arg(long, value_name = "SEED")]
    seed: Option<u64>,
    /// Tell what happens in it
    #[arg(long, requires = "seed")]
    story: bool,
}

/// Worlds in which a missing safeguard has to show.
const SEARCHED: u64 = 20_000;

fn safeguard(name: &str) -> Result<Safeguard, String> {
    Safeguard::parse(name).ok_or_else(|| {
        let names = Safeguard::ALL.map(Safeguard::as_str);
        format!("expected one of {}", names.join(", "))
    })
}

fn main() -> ExitCode {
    let args = Args::parse();
    let holds = if args.safeguards {
        safeguards(&args)
    } else if let Some(seed) = args.seed {
        Ok(one(&args, seed))
    } else {
        Ok(many(&args))
    };
    match holds {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn threads(args: &Args) -> usize {
    args.threads
        .unwrap_or_else(|| thread::available_parallelism().map_or(1, Into::into))
}

fn one(args: &Args, seed: u64) -> bool {
    let mut world = World::new(seed, args.without);
    if args.story {
        world = world.telling();
    }
    let outcome = world.run();
    if args.story {
        print!("{}", world.into_story());
    }
    match outcome {
        Ok(stats) => {
            println!("seed {seed}: every promise holds; {stats:?}");
            true
        }
        Err(violation) => {
            println!("seed {seed}: {violation}");
            false
        }
    }
}

fn many(args: &Args) -> bool {
    let bar = progress(args.intents);
    let report = run(
        args.first,
        args.intents,
        args.without,
        threads(args),
        |intents| bar.inc(intents),
    );
    bar.finish_and_clear();
    let Report {
        worlds,
        stats,
        violations,
    } = report;
    println!(
        "{worlds} worlds: {} intents, {} of them reached their person; {} calls, {} of unknown \
         outcome; {} reports; {} crashes, {} writes that came second, {} retries by a person; {} \
         events",
        stats.intents,
        stats.done,
        stats.calls,
        stats.unresolved,
        stats.reports,
        stats.crashes,
        stats.conflicts,
        stats.retries,
        stats.events,
    );
    println!("figure intents_simulated {}", stats.intents);
    println!("figure promises_broken {}", violations.len());
    println!("figure late_doubles {}", stats.late_doubles);
    for (seed, violation) in &violations {
        let without = args.without;
        let without = without.map_or_else(String::new, |name| format!(" --without {name}"));
        println!("seed {seed}: {violation}");
        println!("again with: simulate-intents --seed {seed} --story{without}");
    }
    violations.is_empty()
}

fn safeguards(args: &Args) -> Result<bool, String> {
    let bar = progress(Safeguard::ALL.len() as u64);
    let waiting = Mutex::new(Safeguard::ALL.to_vec());
    let found = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..threads(args) {
            scope.spawn(|| {
                while let Some(safeguard) = waiting.lock().ok().and_then(|mut w| w.pop()) {
                    let what = search(safeguard, SEARCHED);
                    if let Ok(mut found) = found.lock() {
                        found.push((safeguard, what));
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut found = found.into_inner().map_err(|error| error.to_string())?;
    found.sort_by_key(|(safeguard, _)| *safeguard);
    for (safeguard, found) in &found {
        match found {
            Some((seed, violation)) => println!("without {safeguard}: seed {seed}: {violation}"),
            None => println!(
                "without {safeguard}: nothing broke of \"{}\" in {SEARCHED} worlds",
                safeguard.upholds()
            ),
        }
    }
    let caught: BTreeSet<_> = found
        .iter()
        .filter(|(_, found)| found.is_some())
        .map(|(safeguard, _)| *safeguard)
        .collect();
    println!("figure outcome_safeguards_removed {}", found.len());
    println!("figure outcome_safeguards_caught {}", caught.len());
    let rows = caught.iter().map(|safeguard| {
        let breaks = safeguard.upholds().as_str();
        [safeguard.says(), safeguard.stands_in(), breaks]
    });
    let table = Table::new("outcome safeguards", rows);
    if let Some(path) = &args.write {
        table.write(path)?;
    }
    let is_current = args
        .check
        .as_ref()
        .map_or(Ok(true), |path| table.is_in(path))?;
    Ok(is_current && caught.len() == Safeguard::ALL.len())
}
