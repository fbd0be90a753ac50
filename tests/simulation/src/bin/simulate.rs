//! Runs simulated worlds, and looks what breaks in them.

use std::{collections::BTreeSet, path::PathBuf, process::ExitCode, sync::Mutex, thread};

use clap::Parser;
use sinch_callback_simulation::{
    Found, Report, Safeguard, World, progress::progress, run, runtime, search,
    silence::SilenceSafeguard, table::Table,
};

/// Simulates Sinch, a network, edges, receivers, a queue, processors, a log and an attacker around
/// the real core and pipeline, and stops at the first promise that breaks.
#[derive(Debug, Parser)]
#[command(after_help = "\
Examples:
  simulate --callbacks 1000000           worlds until Sinch has reported a million events
  simulate --safeguards                  take away each safeguard, and see its promise break
  simulate --without nonce-grammar       one safeguard less: tells the story of what follows
  simulate --seed 42 --story             one world, told line by line

Exit status: 0 when all promises hold (with --safeguards: when each missing one is noticed), 1 when \
not, 2 for a wrong call.")]
struct Args {
    /// Run worlds until Sinch has reported this many events in them
    #[arg(long, default_value_t = 100_000, value_name = "N")]
    callbacks: u64,
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
    /// Print for machines
    #[arg(long)]
    json: bool,
}

/// Worlds in which a missing safeguard has to show.
const SEARCHED: u64 = 20_000;
/// Seeds that are run first.
const KEPT: &str = include_str!("../../seeds.txt");

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
        one(&args, seed)
    } else {
        many(&args)
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

fn one(args: &Args, seed: u64) -> Result<bool, String> {
    let runtime = runtime();
    let mut world = World::new(seed, args.without, &runtime);
    if args.story {
        world = world.telling();
    }
    let outcome = world.run();
    if args.story {
        let callback = outcome.as_ref().err().and_then(|v| v.callback);
        print!("{}", world.into_story().about(callback));
    }
    match outcome {
        Ok(stats) => {
            println!("seed {seed}: every promise holds; {stats:?}");
            Ok(true)
        }
        Err(violation) => {
            println!("seed {seed}: {violation}");
            Ok(false)
        }
    }
}

fn many(args: &Args) -> Result<bool, String> {
    let bar = progress(args.callbacks);
    let mut report = kept(args.without)?;
    if report.violations.is_empty() {
        let more = run(
            args.first,
            args.callbacks,
            args.without,
            threads(args),
            |callbacks| bar.inc(callbacks),
        );
        report.worlds += more.worlds;
        report.stats.add(&more.stats);
        report.violations = more.violations;
    }
    bar.finish_and_clear();
    tell(args, &report);
    Ok(report.violations.is_empty())
}

/// The seeds that are kept, one after the other.
fn kept(without: Option<Safeguard>) -> Result<Report, String> {
    let runtime = runtime();
    let mut report = Report::default();
    let seeds = KEPT
        .lines()
        .filter_map(|line| line.split('#').next())
        .map(str::trim)
        .filter(|line| !line.is_empty());
    for seed in seeds {
        let seed = seed
            .parse()
            .map_err(|_| format!("seeds.txt: {seed} is no number"))?;
        report.worlds += 1;
        match World::new(seed, without, &runtime).run() {
            Ok(stats) => report.stats.add(&stats),
            Err(violation) => report.violations.push((seed, violation)),
        }
    }
    Ok(report)
}

fn tell(args: &Args, report: &Report) {
    let Report {
        worlds,
        stats,
        violations,
    } = report;
    if args.json {
        let violations: Vec<_> = violations
            .iter()
            .map(|(seed, violation)| {
                serde_json::json!({
                    "seed": seed,
                    "invariant": violation.invariant.as_str(),
                    "detail": violation.detail,
                })
            })
            .collect();
        let json = serde_json::json!({
            "worlds": worlds,
            "callbacks": stats.callbacks,
            "attempts": stats.attempts,
            "attacks": stats.attacks,
            "accepted": stats.accepted,
            "absorbed": stats.absorbed,
            "refused": stats.refused,
            "deferred": stats.deferred,
            "crashes": stats.crashes,
            "given_up": stats.given_up,
            "violations": violations,
        });
        println!("{json}");
        return;
    }
    println!(
        "{worlds} worlds: Sinch reported {} events in {} attempts and gave up on {}; the attacker \
         sent {} requests; {} answers of 200 ({} by a guard), {} of 4xx, {} of 503; {} crashes",
        stats.callbacks,
        stats.attempts,
        stats.given_up,
        stats.attacks,
        stats.accepted,
        stats.absorbed,
        stats.refused,
        stats.deferred,
        stats.crashes,
    );
    println!("figure simulated_callbacks {}", stats.callbacks);
    println!("figure violations {}", violations.len());
    let runtime = runtime();
    for (seed, violation) in violations {
        let mut world = World::new(*seed, args.without, &runtime).telling();
        // It is known how it ends.
        let _ = world.run();
        print!("\n{}", world.into_story().about(violation.callback));
        println!("seed {seed}: {violation}");
        println!(
            "again with: simulate --seed {seed} --story{}",
            flag(args.without)
        );
    }
}

fn flag(without: Option<Safeguard>) -> String {
    without.map_or_else(String::new, |safeguard| format!(" --without {safeguard}"))
}

fn safeguards(args: &Args) -> Result<bool, String> {
    let bar = progress(Safeguard::ALL.len() as u64);
    let waiting = Mutex::new(Safeguard::ALL.to_vec());
    let found: Mutex<Vec<(Safeguard, Option<Found>)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..threads(args) {
            scope.spawn(|| {
                let runtime = runtime();
                while let Some(safeguard) = waiting.lock().ok().and_then(|mut w| w.pop()) {
                    let what = search(safeguard, SEARCHED, &runtime);
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
            Some(Found {
                seed, violation, ..
            }) => println!("without {safeguard}: seed {seed}: {violation}"),
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
    println!("figure safeguards_removed {}", found.len());
    println!("figure safeguards_caught {}", caught.len());
    let rows = caught.iter().map(|safeguard| {
        let breaks = safeguard.upholds().as_str();
        [safeguard.says(), safeguard.stands_in(), breaks]
    });
    let is_current = shown(&Table::new("safeguards", rows), args)?;
    let are_missed = silence(args)?;
    Ok(is_current && are_missed && caught.len() == Safeguard::ALL.len())
}

/// The same for those of silence, in its own worlds.
fn silence(args: &Args) -> Result<bool, String> {
    let runtime = runtime();
    let mut caught = Vec::new();
    for safeguard in SilenceSafeguard::ALL {
        match safeguard.search(SEARCHED, &runtime) {
            Some((seed, broken)) => {
                println!("without {safeguard:?}: seed {seed}: {broken}");
                caught.push(safeguard);
            }
            None => println!(
                "without {safeguard:?}: nothing broke of \"{}\" in {SEARCHED} worlds",
                safeguard.promise().as_str()
            ),
        }
    }
    println!(
        "figure silence_safeguards_removed {}",
        SilenceSafeguard::ALL.len()
    );
    println!("figure silence_safeguards_caught {}", caught.len());
    let rows = caught.iter().map(|safeguard| {
        let breaks = safeguard.promise().as_str();
        [safeguard.says(), safeguard.stands_in(), breaks]
    });
    let is_current = shown(&Table::new("silence safeguards", rows), args)?;
    Ok(is_current && caught.len() == SilenceSafeguard::ALL.len())
}

/// Writes a table where it is to be written, and tells whether it is the one that a file has.
fn shown(table: &Table, args: &Args) -> Result<bool, String> {
    if let Some(path) = &args.write {
        table.write(path)?;
    }
    let check = args.check.as_ref();
    check.map_or(Ok(true), |path| table.is_in(path))
}
