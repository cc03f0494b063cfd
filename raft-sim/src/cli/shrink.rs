//! `raft-sim shrink`: a failing seed becomes a scenario that holds only what it needs to fail.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use raft_sim::chaos::Trial;
use raft_sim::shrink::Shrinker;

use super::output::Partial;

/// Runs that are tried unless the command line says otherwise.
const BUDGET: u64 = 20_000;
/// Time between two lines about the progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::Long;
    use lexopt::ValueExt;
    let (mut style, mut seed, mut without, mut budget) = (None, None, Vec::new(), BUDGET);
    let mut out: Option<PathBuf> = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("style") => style = Some(super::sweep::style(&arguments.value()?.string()?)?),
            Long("seed") => seed = Some(arguments.value()?.parse()?),
            Long("without") => without.push(super::sweep::rule(&arguments.value()?.string()?)?),
            Long("budget") => budget = arguments.value()?.parse()?,
            Long("out") => out = Some(arguments.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let style = style.ok_or("name the style: --style swarm")?;
    let seed = seed.filter(|&seed: &u64| seed <= raft_sim::limits::MAX_SEED).ok_or("name the seed: --seed 42")?;
    let failure = Trial::without(style, seed, &without).failure();
    let failure = failure.ok_or_else(|| format!("nothing fails in {} seed {seed}", style.name()))?;
    let before = failure.len();
    let mut shrinker = Shrinker::new(failure);
    let mut told_at = Instant::now();
    while !shrinker.is_over() && shrinker.attempts() < budget {
        shrinker.advance(50.min(budget - shrinker.attempts()));
        if told_at.elapsed() > PROGRESS_EVERY {
            told_at = Instant::now();
            eprintln!("{} runs: {} of {before} actions", shrinker.attempts(), shrinker.best().len());
        }
    }
    let best = shrinker.best();
    let problem = best.problem();
    let json = serde_json::to_string_pretty(&best.scenario())? + "\n";
    match out {
        Some(path) => {
            Partial::beside(&path).write(json.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        None => print!("{json}"),
    }
    eprintln!("{}: {problem}", problem.property());
    eprintln!("{} actions of {before} are enough, found in {} runs", best.len(), shrinker.attempts());
    Ok(ExitCode::SUCCESS)
}
