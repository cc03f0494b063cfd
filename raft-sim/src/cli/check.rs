//! `raft-sim check`: whether histories of clients can be explained.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use raft_sim::judge::{DEFAULT_BUDGET, Expected, History, Level, Verdict};
use raft_sim::{ErrorCode, SimError, limits};
use serde_json::json;

use super::BAD_INPUT;

/// Exit code of a history that cannot be explained.
const VIOLATED: u8 = 1;
/// Exit code of a search that used up its budget.
const EXHAUSTED: u8 = 3;

pub(super) fn run(mut arguments: lexopt::Parser) -> Result<ExitCode, Box<dyn Error>> {
    use lexopt::Arg::{Long, Value};
    use lexopt::ValueExt;
    let mut files = Vec::new();
    let mut options =
        Options { levels: vec![Level::Linearizable], budget: DEFAULT_BUDGET, witness: false, json: false };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("level") => options.levels = arguments.value()?.parse_with(levels)?,
            Long("budget") => options.budget = arguments.value()?.parse()?,
            Long("witness") => options.witness = true,
            Long("json") => options.json = true,
            Value(path) => files.push(PathBuf::from(path)),
            other => return Err(other.unexpected().into()),
        }
    }
    if files.is_empty() {
        return Err("name the histories to check".into());
    }
    let codes: Vec<_> = files.iter().map(|file| check(file, &options)).collect();
    // What is certain counts first: a file that cannot be read says nothing, and a search that gave up says little.
    let worst = [BAD_INPUT, VIOLATED, EXHAUSTED].into_iter().find(|code| codes.contains(code));
    Ok(ExitCode::from(worst.unwrap_or_default()))
}

struct Options {
    levels: Vec<Level>,
    budget: u64,
    witness: bool,
    json: bool,
}

fn levels(name: &str) -> Result<Vec<Level>, String> {
    if name == "all" {
        return Ok(Level::ALL.to_vec());
    }
    Level::named(name).map(|level| vec![level]).map_err(|error| format!("{error}, all"))
}

/// Judges a file, prints what is to be said about it, and returns its exit code.
fn check(file: &Path, options: &Options) -> u8 {
    let name = file.display().to_string();
    let history = match read(file) {
        Ok(history) => history,
        Err(error) if options.json => {
            println!("{}", json!({ "file": name, "error": error }));
            return BAD_INPUT;
        }
        Err(error) => {
            eprintln!("{name}: {error}");
            return BAD_INPUT;
        }
    };
    let (mut code, mut reports, mut as_expected) = (0, Vec::new(), true);
    for level in &options.levels {
        let verdict = level.judge(&history, options.budget);
        code = match (&verdict, code) {
            (Verdict::Violated(_), _) | (_, VIOLATED) => VIOLATED,
            (Verdict::Exhausted { .. }, _) | (_, EXHAUSTED) => EXHAUSTED,
            _ => 0,
        };
        if options.json {
            reports.push(as_json(*level, &verdict, options));
        } else {
            println!("{name}: {}", sentence(*level, &verdict, options));
        }
        if let Some(surprise) = surprise(&history, *level, &verdict) {
            as_expected = false;
            if !options.json {
                println!("{name}: {surprise}");
            }
        }
    }
    if options.json {
        let expected = history.expected.map(|expected| if expected == Expected::Ok { "ok" } else { "illegal" });
        println!(
            "{}",
            json!({
                "file": name,
                "name": history.name,
                "operations": history.operations.len(),
                "expected": expected,
                "asExpected": as_expected,
                "levels": reports,
            })
        );
    }
    code
}

fn read(file: &Path) -> Result<History, SimError> {
    let unreadable = |error: std::io::Error| SimError::new(ErrorCode::InvalidHistory, error.to_string());
    let length = std::fs::metadata(file).map_err(unreadable)?.len();
    if length > limits::MAX_HISTORY_BYTES as u64 {
        let message = format!("the history has {length} bytes, at most {} are allowed", limits::MAX_HISTORY_BYTES);
        return Err(SimError::new(ErrorCode::TooLarge, message));
    }
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("jsonl" | "json") => History::from_jsonl(&text),
        Some("edn") => History::from_edn(&text),
        _ => History::parse(&text),
    }
}

fn sentence(level: Level, verdict: &Verdict, options: &Options) -> String {
    let name = level.name();
    match verdict {
        Verdict::Holds { witness } => {
            let mut lines = vec![format!("{name}: holds")];
            lines.extend(witness.iter().filter(|_| options.witness).map(|order| {
                let key = order.key.as_deref().unwrap_or("all keys");
                format!("order of {key}: {}", list(&order.operations))
            }));
            lines.join("\n  ")
        }
        Verdict::Violated(conflict) => {
            let mut lines = vec![format!("{name}: VIOLATED: {}", conflict.words)];
            lines.push(format!("operations: {}", list(&conflict.operations)));
            if options.witness && !conflict.prefix.is_empty() {
                lines.push(format!("longest legal order: {}", list(&conflict.prefix)));
            }
            lines.join("\n  ")
        }
        Verdict::Exhausted { steps, .. } => format!("{name}: undecided after {steps} steps; try a larger --budget"),
    }
}

/// Whether the author of a history said something else.
fn surprise(history: &History, level: Level, verdict: &Verdict) -> Option<&'static str> {
    match (history.expected?, verdict) {
        _ if level != Level::Linearizable => None,
        (Expected::Ok, Verdict::Violated(_)) => Some("NOT AS EXPECTED: the header says that it is linearizable"),
        (Expected::Illegal, Verdict::Holds { .. }) => {
            Some("NOT AS EXPECTED: the header says that it is not linearizable")
        }
        _ => None,
    }
}

fn as_json(level: Level, verdict: &Verdict, options: &Options) -> serde_json::Value {
    let level = level.name();
    match verdict {
        Verdict::Holds { witness } if options.witness => {
            let orders: Vec<_> = witness
                .iter()
                .map(|order| json!({ "key": order.key.as_deref(), "operations": order.operations }))
                .collect();
            json!({ "level": level, "verdict": "holds", "witness": orders })
        }
        Verdict::Holds { .. } => json!({ "level": level, "verdict": "holds" }),
        Verdict::Violated(conflict) => json!({
            "level": level,
            "verdict": "violated",
            "key": conflict.key.as_deref(),
            "operations": conflict.operations,
            "prefix": conflict.prefix,
            "words": conflict.words,
        }),
        Verdict::Exhausted { steps, key } => {
            json!({ "level": level, "verdict": "exhausted", "steps": steps, "key": key.as_deref() })
        }
    }
}

fn list(ids: &[u64]) -> String {
    ids.iter().map(u64::to_string).collect::<Vec<_>>().join(" ")
}
