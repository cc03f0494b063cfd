//! `raft-sim sweep`: many seeds, a line of JSON about each.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use raft_sim::RuleName;
use raft_sim::chaos::Style;
use raft_sim::sweep::{Sweep, SweepConfig, SweepResult, SweepSummary};

use super::output::Partial;

/// Time between two lines about the progress.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// Results that may wait for a slower one before them, for each thread.
const MAX_AHEAD: u64 = 64;
/// Runs that may be tried to shrink a failure.
const SHRINK_RUNS: u64 = 4_000;
/// Failures that are told of while the sweep runs; the rest stands in the results.
const MAX_TOLD: u64 = 20;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::Long;
    use lexopt::ValueExt;
    let (mut config, mut seeds, mut jobs) = (SweepConfig::default(), None, 1_u64);
    let (mut out, mut summary_path, mut fails_fast): (Option<PathBuf>, Option<PathBuf>, bool) = (None, None, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("seeds") => seeds = Some(range(&arguments.value()?.string()?)?),
            Long("style") => config.styles = styles(&arguments.value()?.string()?)?,
            Long("shard") => config.shard = arguments.value()?.parse()?,
            Long("jobs") => jobs = arguments.value()?.parse()?,
            Long("without") => config.without.push(rule(&arguments.value()?.string()?)?),
            Long("out") => out = Some(arguments.value()?.into()),
            Long("summary") => summary_path = Some(arguments.value()?.into()),
            Long("shrink") => config.shrink_runs = SHRINK_RUNS,
            Long("coverage") => config.covers = true,
            Long("outsiders") => config.outsiders = true,
            Long("fail-fast") => fails_fast = true,
            other => return Err(other.unexpected().into()),
        }
    }
    config.seeds = seeds.ok_or("name the seeds: --seeds 0..1000")?;
    if !(1..=1_024).contains(&jobs) {
        return Err("--jobs is 1 to 1024".into());
    }
    let sweep = Sweep::new(config)?;
    let output = Output::new(out.as_deref())?;
    let start = Instant::now();
    let summary = carry_out(&sweep, jobs, output, fails_fast)?;
    eprintln!("{} trials in {:.1} s: {summary}", summary.trials, start.elapsed().as_secs_f64());
    if let Some(path) = summary_path {
        let json = serde_json::to_string_pretty(&summary)? + "\n";
        Partial::beside(&path).write(json.as_bytes()).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(if summary.failures() > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Seeds as they are written: `A..B`, without B.
pub(super) fn range(text: &str) -> Result<Range<u64>, String> {
    let ends = text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    ends.ok_or_else(|| format!("{text} are no seeds: write 0..1000 for the first thousand"))
}

/// The styles with a name, or all.
pub(super) fn styles(name: &str) -> Result<Vec<Style>, String> {
    if name == "all" {
        return Ok(Style::ALL.to_vec());
    }
    Ok(vec![style(name)?])
}

/// The style with a name.
pub(super) fn style(name: &str) -> Result<Style, String> {
    let known = || Style::ALL.iter().map(|style| style.name()).collect::<Vec<_>>().join(", ");
    Style::named(name).ok_or_else(|| format!("there is no style {name}: they are {}", known()))
}

/// The rule with a name.
pub(super) fn rule(name: &str) -> Result<RuleName, String> {
    let known = || RuleName::ALL.iter().map(|rule| rule.name()).collect::<Vec<_>>().join(", ");
    let rule = RuleName::ALL.iter().copied().find(|rule| rule.name() == name);
    rule.ok_or_else(|| format!("there is no rule {name}: they are {}", known()))
}

fn carry_out(sweep: &Sweep, jobs: u64, output: Output, fails_fast: bool) -> io::Result<SweepSummary> {
    let (next, is_stopped) = (AtomicU64::new(0), stops_at_interrupt());
    let collector = Mutex::new(Collector::new(sweep.len(), output, fails_fast));
    let lock = || collector.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::thread::scope(|scope| {
        let work = || {
            while !is_stopped.load(Ordering::Relaxed) {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= sweep.len() {
                    return;
                }
                // Nobody runs far ahead, so that what waits for its turn stays little.
                while number > lock().written + jobs * MAX_AHEAD && !is_stopped.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(1));
                }
                let (style, seed) = sweep.trial(number);
                let result = SweepResult::of(style, seed, sweep.config());
                if !lock().take(number, result) {
                    is_stopped.store(true, Ordering::Relaxed);
                }
            }
        };
        (1..jobs).for_each(|_| drop(scope.spawn(work)));
        work();
    });
    if INTERRUPTED.load(Ordering::Relaxed) {
        return Err(io::Error::other("interrupted; nothing was written"));
    }
    collector.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).finish()
}

/// Ctrl-C was pressed.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// No thread takes another seed.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// A flag that Ctrl-C raises, too.
fn stops_at_interrupt() -> &'static AtomicBool {
    // There is no such key where there is no handler for it.
    #[cfg(not(target_family = "wasm"))]
    drop(ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::Relaxed);
        STOPPED.store(true, Ordering::Relaxed);
    }));
    &STOPPED
}

/// Brings results into the order of their numbers and writes them.
struct Collector {
    waiting: BTreeMap<u64, SweepResult>,
    written: u64,
    total: u64,
    fails_fast: bool,
    output: Output,
    problem: Option<io::Error>,
    summary: SweepSummary,
    told_at: Instant,
}

impl Collector {
    fn new(total: u64, output: Output, fails_fast: bool) -> Self {
        let summary = SweepSummary::default();
        let told_at = Instant::now();
        Self { waiting: BTreeMap::new(), written: 0, total, fails_fast, output, problem: None, summary, told_at }
    }

    /// Takes a result. `false`: the sweep is to stop.
    fn take(&mut self, number: u64, result: SweepResult) -> bool {
        self.waiting.insert(number, result);
        while let Some(result) = self.waiting.remove(&self.written) {
            if self.stops() {
                return false;
            }
            self.written += 1;
            self.write(&result);
        }
        if self.told_at.elapsed() > PROGRESS_EVERY {
            self.told_at = Instant::now();
            eprintln!("{} of {}, {} failed", self.written, self.total, self.summary.failures());
        }
        !self.stops()
    }

    fn stops(&self) -> bool {
        self.problem.is_some() || (self.fails_fast && self.summary.failures() > 0)
    }

    fn write(&mut self, result: &SweepResult) {
        self.problem = writeln!(self.output.writer, "{}", result.to_json()).err();
        self.summary.add(result);
        if !result.is_ok() && self.summary.failures() <= MAX_TOLD {
            eprintln!("{result}");
        }
    }

    fn finish(self) -> io::Result<SweepSummary> {
        self.problem.map_or(Ok(()), Err)?;
        self.output.finish()?;
        Ok(self.summary)
    }
}

/// Where the lines go: to the standard output, or to a file that gets its name when it is whole.
struct Output {
    writer: Box<dyn Write + Send>,
    file: Option<Partial>,
}

impl Output {
    fn new(path: Option<&Path>) -> Result<Self, String> {
        let Some(path) = path else {
            return Ok(Self { writer: Box::new(io::stdout()), file: None });
        };
        let file = Partial::beside(path);
        let created = file.create().map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { writer: Box::new(BufWriter::new(created)), file: Some(file) })
    }

    fn finish(mut self) -> io::Result<()> {
        self.writer.flush()?;
        drop(self.writer);
        self.file.map_or(Ok(()), Partial::finish)
    }
}
