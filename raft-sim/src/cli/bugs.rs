//! `raft-sim bugs`: who finds planted bugs, and after how many schedules.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use raft_sim::chaos::{Bug, schedule_of};
use raft_sim::shrink::Shrinker;

use super::output::Partial;

/// Schedules that are tried unless the command line says otherwise.
const SCHEDULES: u64 = 100_000;
/// Runs that are tried to make a failure shorter.
const SHRINK_RUNS: u64 = 4_000;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::Long;
    use lexopt::ValueExt;
    let (mut schedules, mut jobs, mut bugs) = (SCHEDULES, 1_usize, Vec::new());
    let mut out: Option<PathBuf> = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("schedules") => schedules = arguments.value()?.parse()?,
            Long("jobs") => jobs = arguments.value()?.parse()?,
            Long("only") => bugs.push(bug(&arguments.value()?.string()?)?),
            Long("out") => out = Some(arguments.value()?.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    if !(1..=1_024).contains(&jobs) {
        return Err("--jobs is 1 to 1024".into());
    }
    if bugs.is_empty() {
        bugs.extend(Bug::all());
    }
    let rows = hunt_all(&bugs, schedules, jobs);
    let missed: Vec<_> = bugs.iter().zip(&rows).filter(|(_, row)| row.is_none()).map(|(bug, _)| bug.name()).collect();
    let table = table(&bugs, &rows);
    match out {
        Some(path) => {
            Partial::beside(&path).write(table.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        None => print!("{table}"),
    }
    let found = bugs.len() - missed.len();
    eprintln!("{found} of {} bugs found within {schedules} schedules; missed: {missed:?}", bugs.len());
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bug(name: &str) -> Result<Bug, String> {
    Bug::named(name).ok_or_else(|| {
        let known: Vec<_> = Bug::all().map(Bug::name).collect();
        format!("there is no bug {name}: they are {}", known.join(", "))
    })
}

/// What was found of a bug.
struct Found {
    schedule: u64,
    property: &'static str,
    actions: usize,
    shrunk: usize,
}

fn hunt_all(bugs: &[Bug], schedules: u64, jobs: usize) -> Vec<Option<Found>> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(bugs.iter().map(|_| None).collect::<Vec<_>>());
    std::thread::scope(|scope| {
        let work = || {
            while let Some(&bug) = bugs.get(next.fetch_add(1, Ordering::Relaxed)) {
                let start = Instant::now();
                let found = hunt(bug, schedules);
                let what = found.as_ref().map_or_else(
                    || "not found".into(),
                    |found| format!("{} after {} schedules", found.property, found.schedule + 1),
                );
                eprintln!("{}: {what}, {:.1} s", bug.name(), start.elapsed().as_secs_f64());
                let at = bugs.iter().position(|known| *known == bug).unwrap_or_default();
                rows.lock().unwrap_or_else(std::sync::PoisonError::into_inner)[at] = found;
            }
        };
        (1..jobs).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    rows.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn hunt(bug: Bug, schedules: u64) -> Option<Found> {
    let (schedule, failure) = (0..schedules).find_map(|schedule| Some((schedule, bug.found_by(schedule)?)))?;
    let (property, actions) = (failure.problem().property(), failure.len());
    let mut shrinker = Shrinker::new(failure);
    shrinker.advance(SHRINK_RUNS);
    Some(Found { schedule, property, actions, shrunk: shrinker.best().len() })
}

fn table(bugs: &[Bug], rows: &[Option<Found>]) -> String {
    let head = "| bug | found by | schedules | style | actions | shrunk |\n|---|---|---|---|---|---|\n";
    let lines = bugs.iter().zip(rows).map(|(bug, row)| {
        let cells = row.as_ref().map_or_else(
            || "– | – | – | – | –".into(),
            |Found { schedule, property, actions, shrunk }| {
                let (style, _) = schedule_of(*schedule);
                format!("{property} | {} | {} | {actions} | {shrunk}", schedule + 1, style.name())
            },
        );
        format!("| `{}` | {cells} |\n", bug.name())
    });
    std::iter::once(head.to_owned()).chain(lines).collect()
}
