//! `raft-sim explore`: every state that a small cluster can reach.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use raft_core::Rule;
use raft_sim::limits::MAX_SCENARIO_BYTES;
use raft_sim::{Bounds, Explorer, ExplorerConfig, ExplorerProgress, ReadName, Verdict};

use super::output::Partial;

/// Exit code of a search that found a broken invariant.
const VIOLATED: u8 = 1;
/// Exit code of a search that reached a limit before its end.
const EXHAUSTED: u8 = 3;
/// Most threads.
const MAX_JOBS: usize = 64;
/// States between two looks at the clock.
const SLICE: usize = 32_768;

struct Request {
    file: Option<PathBuf>,
    config: ExplorerConfig,
    jobs: usize,
    out: Option<PathBuf>,
}

pub(super) fn run(arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    let request = read(arguments)?;
    let mut explorer = Explorer::new(request.config)
        .map_err(|error| match &request.file {
            Some(file) => format!("{}: {error}", file.display()),
            None => error.to_string(),
        })?
        .with_threads(request.jobs);
    let (start, mut told) = (Instant::now(), Instant::now());
    let mut progress = explorer.progress();
    while !explorer.is_over() {
        progress = explorer.advance(SLICE);
        if told.elapsed() > Duration::from_secs(1) {
            told = Instant::now();
            let rate = progress.generated as f64 / start.elapsed().as_secs_f64();
            eprintln!(
                "depth {}: {} states, {} to go, {rate:.0} steps/s",
                progress.depth, progress.states, progress.frontier
            );
        }
    }
    report(&progress, start.elapsed());
    let Some(found) = explorer.counterexample() else {
        return Ok(match progress.verdict {
            Some(Verdict::Exhausted) => ExitCode::SUCCESS,
            _ => ExitCode::from(EXHAUSTED),
        });
    };
    for invariant in &found.invariants {
        println!("{} {}: {}", invariant.id(), invariant.name(), invariant.statement());
    }
    for (number, action) in found.scenario.script.iter().filter_map(|line| line.action.as_ref()).enumerate() {
        println!("{:>4}  {action}", number + 1);
    }
    if let Some(path) = &request.out {
        let json = serde_json::to_string_pretty(&found.scenario)? + "\n";
        Partial::beside(path).write(json.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(ExitCode::from(VIOLATED))
}

fn report(progress: &ExplorerProgress, elapsed: Duration) {
    println!("depth   states");
    for (depth, states) in progress.per_depth.iter().enumerate() {
        println!("{depth:>5}   {states}");
    }
    let seconds = elapsed.as_secs_f64();
    println!(
        "{} states ({} servers, {} messages), {} steps, {} beyond a bound",
        progress.states, progress.servers, progress.messages, progress.generated, progress.beyond
    );
    println!(
        "{seconds:.2} s, {:.0} steps/s, {:.1} bytes per state and {:.1} MB for what states are made of",
        progress.generated as f64 / seconds,
        progress.bytes as f64 / progress.states as f64,
        progress.table_bytes as f64 / 1e6
    );
    println!(
        "{}",
        match progress.verdict {
            Some(Verdict::Exhausted) => "nothing is broken in any state within the bounds",
            Some(Verdict::Violated) => "an invariant is broken:",
            Some(Verdict::DepthReached) => "nothing is broken up to this depth; there are deeper states",
            Some(Verdict::StatesReached) | None => "nothing is broken so far; the limit on states is reached",
        }
    );
}

fn read(mut arguments: lexopt::Parser) -> Result<Request, Box<dyn Error>> {
    use lexopt::Arg::{Long, Value};
    use lexopt::ValueExt;
    let mut request = Request {
        file: None,
        config: ExplorerConfig::of(3),
        jobs: std::thread::available_parallelism().map_or(1, usize::from),
        out: None,
    };
    let mut is_changed = false;
    while let Some(argument) = arguments.next()? {
        let Long(name) = argument else {
            let Value(path) = argument else { return Err(argument.unexpected().into()) };
            if request.file.is_some() || is_changed {
                return Err("name one file, before any option that changes what it says".into());
            }
            let file = PathBuf::from(path);
            request.config = document(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            request.file = Some(file);
            continue;
        };
        let (name, config) = (name.to_owned(), &mut request.config);
        is_changed = true;
        if let Some(bound) = bound(&mut config.bounds, &name) {
            *bound = arguments.value()?.parse()?;
            continue;
        }
        match name.as_str() {
            "servers" => config.servers = arguments.value()?.parse()?,
            "spares" => config.spares = arguments.value()?.parse()?,
            "depth" => config.bounds.depth = Some(arguments.value()?.parse()?),
            "slow-disks" => config.slow_disks = true,
            "no-symmetry" => config.symmetry = false,
            "keep-stale" => config.drop_stale = false,
            "without" => {
                let rule: Rule = arguments.value()?.parse()?;
                config.rules.insert(rule.into(), false);
            }
            "invariant" => config.invariants.push(arguments.value()?.string()?),
            "leases" => config.reads = ReadName::Lease,
            "jobs" => request.jobs = arguments.value()?.parse_with(jobs)?,
            "max-states" => config.bounds.states = arguments.value()?.parse()?,
            "out" => request.out = Some(arguments.value()?.into()),
            _ => return Err(format!("unknown option --{name}; see raft-sim --help").into()),
        }
    }
    Ok(request)
}

fn document(file: &Path) -> Result<ExplorerConfig, Box<dyn Error>> {
    let length = std::fs::metadata(file)?.len();
    if length > MAX_SCENARIO_BYTES as u64 {
        return Err(format!("the document has {length} bytes, at most {MAX_SCENARIO_BYTES} are allowed").into());
    }
    Ok(ExplorerConfig::parse(&std::fs::read_to_string(file)?)?)
}

fn jobs(text: &str) -> Result<usize, String> {
    let jobs = text.parse().ok().filter(|jobs| (1..=MAX_JOBS).contains(jobs));
    jobs.ok_or_else(|| format!("--jobs takes 1 to {MAX_JOBS}"))
}

/// The bound with a name, if it is one.
fn bound<'a>(bounds: &'a mut Bounds, name: &str) -> Option<&'a mut u32> {
    Some(match name {
        "timeouts" => &mut bounds.timeouts,
        "heartbeats" => &mut bounds.heartbeats,
        "proposals" => &mut bounds.proposals,
        "reads" => &mut bounds.reads,
        "crashes" => &mut bounds.crashes,
        "drops" => &mut bounds.drops,
        "duplicates" => &mut bounds.duplicates,
        "snapshots" => &mut bounds.snapshots,
        "changes" => &mut bounds.changes,
        "transfers" => &mut bounds.transfers,
        "terms" => &mut bounds.terms,
        "entries" => &mut bounds.entries,
        "messages" => &mut bounds.messages,
        _ => return None,
    })
}
