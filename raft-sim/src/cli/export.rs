//! `raft-sim export`: a run in the format of another tool. `raft-sim replay`: a trace, run again and compared.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raft_sim::export::{ExportError, Format, Trace};
use raft_sim::limits::{MAX_SERVERS, MAX_TRACE_BYTES, MAX_TRACE_STEPS};
use raft_sim::{ClusterConfig, Recording, Scenario, Time, Timeline};

use super::output::Partial;

/// How long a cluster without a script runs unless it is said.
const DEFAULT_MS: f64 = 1_000.0;

type Outcome<T> = Result<T, Box<dyn Error>>;

pub(super) fn export(mut arguments: lexopt::Parser) -> Outcome<ExitCode> {
    use lexopt::Arg::{Long, Value};
    use lexopt::ValueExt;
    let (mut file, mut format, mut out, mut until, mut without_rule) = (None, None, None, None, false);
    let (mut seed, mut servers): (Option<u64>, usize) = (None, 3);
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("format") => format = Some(Format::parse(&arguments.value()?.string()?)?),
            Long("out") => out = Some(PathBuf::from(arguments.value()?)),
            Long("until-ms") => {
                let ms = arguments.value()?.parse()?;
                until = Some(Time::from_ms(ms).ok_or("--until-ms is a number of milliseconds from 0 to 1e9")?);
            }
            Long("without-rule") => without_rule = true,
            Long("seed") => seed = Some(arguments.value()?.parse()?),
            Long("servers") => servers = arguments.value()?.parse()?,
            Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let format = format.ok_or("name a format: --format trace-json, or see raft-sim --help")?;
    if servers > MAX_SERVERS {
        return Err(format!("a cluster has at most {MAX_SERVERS} servers").into());
    }
    let timeline = match (file, seed) {
        (Some(file), None) => of_file(&file, until, without_rule)?,
        (None, Some(seed)) => {
            let mut timeline = Timeline::of_cluster(ClusterConfig::of(servers, seed))?;
            timeline.advance_to(until.or(Time::from_ms(DEFAULT_MS)).unwrap_or_default(), MAX_TRACE_STEPS as usize);
            timeline
        }
        _ => return Err("name the scenario or recording to export, or --seed".into()),
    };
    match out {
        Some(path) => write_file(&path, &timeline, format).map_err(|error| format!("{}: {error}", path.display()))?,
        // A refusal in the middle must not leave half a file where the output was sent.
        None => std::io::stdout().write_all(timeline.export_text(format)?.as_bytes())?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn replay(mut arguments: lexopt::Parser) -> Outcome<ExitCode> {
    let mut file = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Value(path) if file.is_none() => file = Some(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    let file = file.ok_or("name the trace to run again")?;
    let in_file = |error: &dyn Error| format!("{}: {error}", file.display());
    let json = read(&file)?;
    let trace = Trace::parse(&json).map_err(|error| in_file(&error))?;
    let report = trace.replay().map_err(|error| in_file(&error))?;
    println!("{} steps, {} of {} events agree", report.steps, report.events, trace.len());
    match report.divergence {
        None => {
            println!("the same, to the last hash");
            Ok(ExitCode::SUCCESS)
        }
        Some(divergence) => {
            println!("{divergence}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// The run of a scenario, a recording or the run of a trace, at the moment to export.
fn of_file(file: &Path, until: Option<Time>, without_rule: bool) -> Outcome<Timeline> {
    let in_file = |error: raft_sim::SimError| format!("{}: {error}", file.display());
    let json = read(file)?;
    if is_recording(&json) {
        if without_rule {
            return Err("a recording has its rules already; --without-rule is for scenarios".into());
        }
        let recording = Recording::parse(&json).map_err(in_file)?;
        let mut timeline = Timeline::replay(&recording).map_err(in_file)?;
        if let Some(until) = until {
            timeline.seek_time(until)?;
        }
        return Ok(timeline);
    }
    let mut scenario = Scenario::parse(&json).map_err(in_file)?;
    if without_rule {
        scenario = scenario.without_rule();
    }
    let has_script = !scenario.script.is_empty();
    let mut timeline = Timeline::new(scenario).map_err(in_file)?;
    match until {
        Some(until) => drop(timeline.advance_to(until, MAX_TRACE_STEPS as usize)),
        None if has_script => drop(timeline.run_script(MAX_TRACE_STEPS as usize)),
        None => drop(timeline.advance_to(Time::from_ms(DEFAULT_MS).unwrap_or_default(), MAX_TRACE_STEPS as usize)),
    }
    Ok(timeline)
}

fn is_recording(json: &str) -> bool {
    let fields: Result<serde_json::Map<String, serde_json::Value>, _> = serde_json::from_str(json);
    fields.is_ok_and(|fields| fields.contains_key("branches"))
}

fn read(file: &Path) -> Outcome<String> {
    let in_file = |error: std::io::Error| format!("{}: {error}", file.display());
    let size = fs::metadata(file).map_err(in_file)?.len();
    if size > MAX_TRACE_BYTES as u64 {
        return Err(format!("{}: {size} bytes are too many, at most {MAX_TRACE_BYTES} are read", file.display()).into());
    }
    Ok(fs::read_to_string(file).map_err(in_file)?)
}

fn write_file(path: &Path, timeline: &Timeline, format: Format) -> Result<(), ExportError> {
    let partial = Partial::beside(path);
    let mut file = BufWriter::new(partial.create()?);
    timeline.export(format, &mut file)?;
    file.flush()?;
    Ok(partial.finish()?)
}
